"""How each publish goes: its step, how far it has come, why it stopped. One that stopped is resumed or dropped."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from ..db import Json, Workspace, metadata
from ..definition.store import now
from ..errors import NotFound

RUNNING, STOPPED, DONE, DROPPED = "running", "stopped", "done", "dropped"
EXPAND, BACKFILL, FLIP = "expand", "backfill", "flip"

publication = sa.Table(
    "publication",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("app_id", sa.ForeignKey("app.id"), nullable=False, index=True),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("step", sa.String(10), nullable=False),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("error", sa.Text),
    sa.Column("document", Json, nullable=False),
    sa.Column("choices", Json, nullable=False),
    sa.Column("cursor", Json, nullable=False),
    sa.Column("replacing", sa.Integer),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("by", sa.Integer),
    sa.Column("started_at", sa.DateTime, nullable=False),
    sa.Column("touched_at", sa.DateTime, nullable=False),
    sa.Column("number", sa.Integer),
)
"""replacing: the live version's id at the start; cursor: form -> the last record that was worked out;
number: that of the version, once it is live. A `running` one that nobody works on was killed."""

Moves = Mapping[str, Mapping[str, str]]
"""Form key -> status that is gone -> the status its records move to."""


@dataclass(frozen=True)
class Choices:
    """What becomes of records that are running: moved where a mapping says so; where a form is one of those
    to `finish`, the others keep to the flow that they started with.
    """

    mapping: Moves = field(default_factory=dict)
    finish: frozenset[str] = frozenset()

    def as_json(self) -> dict[str, Any]:
        return {"mapping": {key: dict(moves) for key, moves in self.mapping.items()}, "finish": sorted(self.finish)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Choices:
        return cls(data["mapping"], frozenset(data["finish"]))


class Publication:
    """One publish at work; what it notes is kept whatever happens next."""

    def __init__(self, workspace: Workspace, row: sa.Row):
        self.workspace = workspace
        self.id = row.id
        self.started_at: datetime = row.started_at
        self.cursor: dict[str, int | None] = dict(row.cursor)
        self.done = row.done

    def at(self, step: str, total: int = 0) -> None:
        """A new step; `total` records lie before it."""
        values = {"state": RUNNING, "step": step, "error": None} | ({"total": total} if step == BACKFILL else {})
        with self.workspace.writing() as connection:
            self._write(connection, **values)

    def worked_out(self, connection: sa.Connection, form_key: str, last: int | None, number: int) -> None:
        """So many records more, the last of them being this one (None: there are no more)."""
        self.cursor[form_key] = last
        self.done += number
        self._write(connection, cursor=self.cursor, done=self.done)

    def stopped(self, error: Exception) -> None:
        """Where even that cannot be written, the row says `running` and nobody holds the app: as good as stopped."""
        with suppress(sa.exc.DBAPIError), self.workspace.writing() as connection:
            self._write(connection, state=STOPPED, error=f"{type(error).__name__}: {error}")

    def live(self, connection: sa.Connection, number: int) -> None:
        self._write(connection, state=DONE, step=FLIP, number=number)

    def _write(self, connection: sa.Connection, **values: Any) -> None:
        here = sa.update(publication).where(publication.c.id == self.id)
        connection.execute(here.values(touched_at=now(), **values))


def start(
    connection: sa.Connection,
    app_id: int,
    document: Mapping[str, Any],
    choices: Choices,
    by: int | None,
    note: str,
    replacing: int | None,
    once: bool = False,
) -> sa.Row:
    """A publish from its beginning; one of the app that stopped before is dropped. `once`: it cannot be resumed."""
    drop_open(connection, app_id)
    moment = now()
    values = {"app_id": app_id, "state": RUNNING, "step": EXPAND, "done": 0, "total": 0, "document": document}
    values |= {"choices": choices.as_json() | {"once": once}, "cursor": {}, "replacing": replacing, "note": note, "by": by}
    values |= {"started_at": moment, "touched_at": moment}
    return connection.execute(sa.insert(publication).values(values).returning(publication)).one()


def latest(connection: sa.Connection, app_id: int) -> sa.Row | None:
    """The last publish of an app, whatever became of it."""
    here = sa.select(publication).where(publication.c.app_id == app_id)
    return connection.execute(here.order_by(publication.c.id.desc()).limit(1)).first()


def stopped_one(connection: sa.Connection, app_id: int) -> sa.Row:
    """The publish of an app that can be resumed or dropped; the caller has made sure that nobody works on it."""
    row = latest(connection, app_id)
    if row is None or row.state not in (RUNNING, STOPPED) or row.choices["once"]:
        raise NotFound(_("No publish of this app has stopped halfway."))
    return row


def drop_open(connection: sa.Connection, app_id: int) -> int:
    """Give up what has stopped; what it added to tables stays until it is purged."""
    open_ones = (publication.c.app_id == app_id, publication.c.state.in_([RUNNING, STOPPED]))
    return connection.execute(sa.update(publication).where(*open_ones).values(state=DROPPED, touched_at=now())).rowcount


def unfinished(connection: sa.Connection, app_id: int) -> list[Mapping[str, Any]]:
    """The documents of all publishes that did not go live."""
    here = (publication.c.app_id == app_id, publication.c.state != DONE)
    return list(connection.scalars(sa.select(publication.c.document).where(*here)))
