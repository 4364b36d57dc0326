"""What imports brought in: which record came from which row, by which run, and as what.

An item is a record with the row it came from and its values as last imported; a step is what one run
did to it. So a second run changes nothing, and a run can be undone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from ..db import Json, metadata
from ..errors import NotFound, Refused

run = sa.Table(
    "import_run",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("app_key", sa.Text, nullable=False),
    sa.Column("mapping", sa.Text, nullable=False),
    sa.Column("by_id", sa.Integer),  # a member; None: the operator
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("undone_at", sa.DateTime),
    sqlite_autoincrement=True,
)
item = sa.Table(
    "import_item",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("app_key", sa.Text, nullable=False),
    sa.Column("mapping", sa.Text, nullable=False),
    sa.Column("load", sa.Text, nullable=False),
    sa.Column("source_id", sa.Text, nullable=False),
    sa.Column("into", sa.Text, nullable=False),
    sa.Column("record_id", sa.Integer, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("values", Json, nullable=False),
    sa.Column("rev", sa.Integer, nullable=False),
    sa.Column("removed", sa.Boolean, nullable=False),
    sa.UniqueConstraint("app_key", "mapping", "load", "source_id"),
)
step = sa.Table(
    "import_step",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("run_id", sa.ForeignKey("import_run.id"), nullable=False, index=True),
    sa.Column("item_id", sa.ForeignKey("import_item.id"), nullable=False, index=True),
    sa.Column("line", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),  # created, changed, restored
    sa.Column("before", Json),
    sa.Column("after", Json),
    sa.Column("undone", sa.Boolean, nullable=False),
)


@dataclass(frozen=True)
class Entry:
    """A record that a run created, from a line of a load's sheet."""

    load: str
    source_id: str
    into: str
    line: int
    record_id: int
    status: str
    values: Mapping[str, Any]
    rev: int


def start_run(connection: sa.Connection, app_key: str, mapping: str, by: int | None, at: datetime) -> int:
    values = {"app_key": app_key, "mapping": mapping, "by_id": by, "at": at}
    return connection.execute(sa.insert(run).values(values)).inserted_primary_key[0]


def forget_idle_run(connection: sa.Connection, run_id: int) -> bool:
    """Takes a run away that changed nothing; whether it did."""
    if connection.scalar(sa.select(sa.func.count()).where(step.c.run_id == run_id)):
        return False
    connection.execute(sa.delete(run).where(run.c.id == run_id))
    return True


def items(connection: sa.Connection, app_key: str, mapping: str) -> dict[tuple[str, str], sa.Row]:
    """(load, id in its sheet) -> item."""
    rows = connection.execute(sa.select(item).where(item.c.app_key == app_key, item.c.mapping == mapping))
    return {(row.load, row.source_id): row for row in rows}


def note_created(connection: sa.Connection, run_id: int, app_key: str, mapping: str, entries: Iterable[Entry]) -> None:
    for entry in entries:
        note(connection, run_id, app_key, mapping, entry, "created", None, None)


def note(connection: sa.Connection, run_id: int, app_key: str, mapping: str, entry: Entry, kind: str, before: Any, after: Any) -> None:
    """One record that a run made or changed, which no run of this mapping knew before."""
    values = {name: getattr(entry, name) for name in ("load", "source_id", "into", "record_id", "status", "values", "rev")}
    values |= {"app_key": app_key, "mapping": mapping, "removed": False}
    item_id = connection.execute(sa.insert(item).values(values)).inserted_primary_key[0]
    told = {} if kind == "created" else {"before": before, "after": after}
    note_step(connection, run_id, item_id, entry.line, kind, **told)


def note_step(connection: sa.Connection, run_id: int, item_id: int, line: int, kind: str, before=None, after=None) -> None:
    values = {"run_id": run_id, "item_id": item_id, "line": line, "kind": kind}
    connection.execute(sa.insert(step).values(values | {"before": before, "after": after, "undone": False}))


def update_item(connection: sa.Connection, item_id: int, **values: Any) -> None:
    connection.execute(sa.update(item).where(item.c.id == item_id).values(values))


def undoable(connection: sa.Connection, run_id: int) -> sa.Row:
    """The run, if it can be undone now: the last one of its mapping that still counts."""
    found = connection.execute(sa.select(run).where(run.c.id == run_id)).first()
    if found is None:
        raise NotFound(_("There is no import with the number %(number)d.", number=run_id))
    if found.undone_at is not None:
        raise Refused(_("Import %(number)d is undone already.", number=run_id))
    same = (run.c.app_key == found.app_key, run.c.mapping == found.mapping, run.c.undone_at.is_(None))
    last = connection.scalar(sa.select(sa.func.max(run.c.id)).where(*same))
    if last != run_id:
        raise Refused(_("Import %(last)d came after this one: undo that first.", last=last))
    return found


def open_steps(connection: sa.Connection, run_id: int, lines: Collection[int] | None = None) -> list[sa.Row]:
    """What a run did and is not undone yet, with its item, the last first; of some lines of its sheet, or of all."""
    columns = [item.c[name] for name in ("load", "source_id", "into", "record_id", "values", "rev", "removed")]
    joined = sa.select(step, *columns).join(item, item.c.id == step.c.item_id)
    mine = [step.c.line.in_(lines)] if lines is not None else []
    return list(connection.execute(joined.where(step.c.run_id == run_id, ~step.c.undone, *mine).order_by(step.c.id.desc())))


def close_step(connection: sa.Connection, step_id: int) -> None:
    connection.execute(sa.update(step).where(step.c.id == step_id).values(undone=True))


def close_run(connection: sa.Connection, run_id: int, at: datetime) -> None:
    connection.execute(sa.update(run).where(run.c.id == run_id).values(undone_at=at))
