"""Apps, their drafts, the edits that made them, and their published versions.

The draft has a row of its own, apart from the app's: commands hold a shared lock on the app's row,
and somebody building must not wait for them, nor they for him.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from ..db import Json, metadata
from ..dialects import Named, say
from ..errors import Conflict, NotFound
from ..quick import Quick
from .schema import normal

app = sa.Table(
    "app",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.String(20), nullable=False, unique=True),
    sa.Column("live_version", sa.Integer),  # beside its number, so that no join stands under the lock
    sa.Column("live_number", sa.Integer),
    sa.Column("base", Json),  # what it was cloned from, for a later three-way merge
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("created_by", sa.Integer),
)

draft_table = sa.Table(
    "draft",
    metadata,
    sa.Column("app_id", sa.ForeignKey("app.id"), primary_key=True),
    sa.Column("document", Json, nullable=False),
    sa.Column("rev", sa.Integer, nullable=False),
)

version = sa.Table(
    "version",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("app_id", sa.ForeignKey("app.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("document", Json, nullable=False),
    sa.Column("checksum", sa.String(64), nullable=False),
    sa.Column("author", sa.Integer),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("base", sa.Integer),  # the version that was live before
    sa.Column("columns", Json),  # form -> path -> the column that holds it, where that is not its first one
    sa.Column("flows", Json),  # form -> earlier version whose flow some of its records follow -> "running" or "ended"
    sa.UniqueConstraint("app_id", "number"),
)

edit = sa.Table(
    "edit",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("app_id", sa.ForeignKey("app.id"), nullable=False),
    sa.Column("rev", sa.Integer, nullable=False),  # the draft's, once this edit was made
    sa.Column("name", sa.String(40), nullable=False),
    sa.Column("arguments", Json, nullable=False),
    sa.Column("changes", Json, nullable=False),
    sa.Column("by", sa.Integer),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("undoes", sa.Integer),
    sa.UniqueConstraint("app_id", "rev"),
)


class InTurn(Named):
    """Waits behind whoever holds an app alone, or waits to: locks of rows let later readers pass those who wait."""

    type = sa.Boolean()


class Alone(Named):
    """Waits for everybody in an app, and holds it until the end of the transaction."""

    type = sa.Boolean()


_OF_APP = "hashtextextended(current_schema() || '.' || {}, 0)"  # in SQLite writers wait for each other anyway
say(InTurn, sqlite=lambda key: "1", postgresql=lambda key: f"pg_advisory_xact_lock_shared({_OF_APP.format(key)}) IS NOT NULL")
say(Alone, sqlite=lambda key: "1", postgresql=lambda key: f"pg_advisory_xact_lock({_OF_APP.format(key)}) IS NOT NULL")
KEY = sa.bindparam("key", type_=sa.String)

_ROW = [column for column in app.c if column.name != "base"]  # which is as long as a document

RUNNING = Quick(sa.select(app.c.key, app.c.live_version).where(app.c.live_version.is_not(None)))
BY_KEY = sa.select(*_ROW).where(app.c.key == KEY)
_live = sa.select(app.c.id, app.c.key, app.c.live_version, app.c.live_number).where(app.c.key == KEY)
LIVE = Quick(_live)
LIVE_SHARED = Quick(_live.where(InTurn(KEY)).with_for_update(read=True))


@dataclass(frozen=True)
class Live:
    """The version of an app that is running."""

    app_id: int
    app_key: str
    version_id: int
    number: int


@dataclass(frozen=True)
class Frozen:
    """A published version as it is kept."""

    document: dict[str, Any]
    columns: Mapping[str, Mapping[str, str]]
    flows: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Draft:
    """What is being built; `rev` counts the edits made."""

    app_id: int
    document: dict[str, Any]
    rev: int


def now() -> datetime:
    return datetime.now(timezone.utc).replace(tzinfo=None)


def checksum(document: Mapping[str, Any]) -> str:
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def apps(connection: sa.Connection) -> list[sa.Row]:
    """Every app of the workspace by key; `live_number` is None for one that was never published."""
    return list(connection.execute(sa.select(*_ROW).order_by(app.c.key)))


def running(connection: sa.Connection) -> dict[str, int]:
    """The live version's id of every published app, by the app's key."""
    return {row.key: row.live_version for row in RUNNING.all(connection)}


def app_row(connection: sa.Connection, app_key: str) -> sa.Row:
    row = connection.execute(BY_KEY, {"key": app_key}).first()
    if row is None:
        raise NotFound
    return row


def began_as(connection: sa.Connection, app_id: int) -> dict[str, Any] | None:
    """The document that an app was cloned from."""
    return connection.scalar(sa.select(app.c.base).where(app.c.id == app_id))


def held(connection: sa.Connection, app_key: str) -> sa.Row:
    """An app in which no command runs until this transaction ends; those that run now are waited for, later ones wait."""
    connection.execute(sa.select(Alone(KEY)), {"key": app_key})
    row = connection.execute(BY_KEY.with_for_update(), {"key": app_key}).first()
    if row is None:
        raise NotFound
    return row


def live(connection: sa.Connection, app_key: str, *, share: bool = False) -> Live:
    """The running version; with `share`, no publish can replace it before the transaction ends."""
    row = (LIVE_SHARED if share else LIVE).first(connection, key=app_key)
    if row is None or row.live_version is None:
        raise NotFound
    return Live(row.id, row.key, row.live_version, row.live_number)


def shared_checksum(connection: sa.Connection, version_id: int) -> str | None:
    """The checksum of a published version that its document alone makes; None where columns or flows go beside it."""
    columns = (version.c.checksum, version.c.columns, version.c.flows)
    row = connection.execute(sa.select(*columns).where(version.c.id == version_id)).first()
    if row is None:
        raise NotFound
    return None if row.columns or row.flows else row.checksum


def checksum_of(connection: sa.Connection, version_id: int | None) -> str | None:
    """The checksum of a published version; None where there is none."""
    return connection.scalar(sa.select(version.c.checksum).where(version.c.id == version_id))


def document(connection: sa.Connection, version_id: int) -> dict[str, Any]:
    """The document of a published version."""
    found = connection.scalar(sa.select(version.c.document).where(version.c.id == version_id))
    if found is None:
        raise NotFound
    return found


def frozen(connection: sa.Connection, version_id: int) -> Frozen:
    """A published version with what goes beside its document."""
    columns = (version.c.document, version.c.columns, version.c.flows)
    row = connection.execute(sa.select(*columns).where(version.c.id == version_id)).first()
    if row is None:
        raise NotFound
    return Frozen(row.document, row.columns or {}, row.flows or {})


def versions(connection: sa.Connection, app_id: int) -> list[sa.Row]:
    """The published versions, newest first, without their documents."""
    columns = [column for column in version.c if column.name not in ("document", "columns", "flows")]
    return list(
        connection.execute(sa.select(*columns).where(version.c.app_id == app_id).order_by(version.c.number.desc()))
    )


def create_app(
    connection: sa.Connection,
    document: Mapping[str, Any],
    by: int | None,
    key: str | None = None,
    base: Mapping[str, Any] | None = None,
) -> sa.Row:
    """A new app with a draft, under its own key or the one given; Invalid or Conflict where that can't be."""
    document = normal(dict(document) | ({"key": key} if key else {}))
    if connection.execute(BY_KEY, {"key": document["key"]}).first():
        raise Conflict(_("There is an app with this key already."))
    values = {"key": document["key"], "base": base, "created_at": now(), "created_by": by}
    row = connection.execute(sa.insert(app).values(values).returning(*_ROW)).one()
    connection.execute(sa.insert(draft_table).values(app_id=row.id, document=document, rev=0))
    return row


def draft(connection: sa.Connection, app_id: int, *, lock: bool = False) -> Draft:
    """What is being built; with `lock`, for the one who changes it next."""
    statement = sa.select(draft_table).where(draft_table.c.app_id == app_id)
    row = connection.execute(statement.with_for_update() if lock else statement).first()
    if row is None:
        raise NotFound
    return Draft(row.app_id, row.document, row.rev)


def add_version(
    connection: sa.Connection,
    app_id: int,
    document: Mapping[str, Any],
    by: int | None,
    note: str = "",
    replacing: int | None = None,
    columns: Mapping[str, Mapping[str, str]] | None = None,
) -> Live:
    """A new version in place of the live one, from the end of this transaction on.

    Waits for every running command; Conflict where another version than `replacing` is live.
    """
    row = held(connection, connection.scalar(sa.select(app.c.key).where(app.c.id == app_id)))
    if row.live_version != replacing:
        raise Conflict(_("Somebody else has published this app meanwhile."))
    last = connection.scalar(sa.select(sa.func.max(version.c.number)).where(version.c.app_id == app_id))
    number = (last or 0) + 1
    values = {"app_id": app_id, "number": number, "document": document, "checksum": checksum(document)}
    values |= {"author": by, "note": note, "at": now(), "base": row.live_version, "columns": columns or None}
    version_id = connection.execute(sa.insert(version).values(values).returning(version.c.id)).scalar_one()
    here = sa.update(app).where(app.c.id == app_id)
    connection.execute(here.values(live_version=version_id, live_number=number))
    return Live(app_id, row.key, version_id, number)


def note_flows(connection: sa.Connection, version_id: int, flows: Mapping[str, Mapping[str, str]]) -> None:
    """Say which earlier flows some records still follow; before anybody has seen the version."""
    connection.execute(sa.update(version).where(version.c.id == version_id).values(flows=flows or None))


def number_of(connection: sa.Connection, version_id: int) -> int:
    """The number that people know a version by."""
    return connection.scalar(sa.select(version.c.number).where(version.c.id == version_id))
