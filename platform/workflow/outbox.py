"""What is to happen after a command: rows written in the command's own transaction.

The worker (`jobs/`) delivers them at least once, in order for each record; a key makes a delivery
recognisable, so that whoever receives it twice can tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from .. import db
from ..quick import Quick

WAITING, DELIVERED, DEAD = "waiting", "delivered", "dead"
_delivered = {f"{name}_where": sa.text(f"state = '{DELIVERED}'") for name in ("sqlite", "postgresql")}
_waiting = {f"{name}_where": sa.text(f"state = '{WAITING}'") for name in ("sqlite", "postgresql")}

outbox = sa.Table(
    "outbox",
    db.metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.String(200), nullable=False, unique=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("payload", db.Json, nullable=False),
    sa.Column("app_key", sa.Text),
    sa.Column("form_key", sa.Text),
    sa.Column("record_id", sa.Integer),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("due_at", sa.DateTime, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("lease", sa.String(32)),
    sa.Column("leased_until", sa.DateTime),
    sa.Column("error", sa.Text),
    sa.Column("finished_at", sa.DateTime),
    sa.Index("ix_outbox_due", "due_at", "id", **_waiting),
    sa.Index("ix_outbox_record", "app_key", "form_key", "record_id", "id", **_waiting),
    sa.Index("ix_outbox_delivered", "finished_at", **_delivered),
    sqlite_autoincrement=True,
)

INSERT = {
    "sqlite": Quick(sqlite.insert(outbox).inline().on_conflict_do_nothing(index_elements=["key"])),
    "postgresql": Quick(postgresql.insert(outbox).inline().on_conflict_do_nothing(index_elements=["key"])),
}


@dataclass(frozen=True)
class Errand:
    """One thing to deliver. record: (app, form, id) whose errands are delivered in their order."""

    kind: str
    key: str
    payload: Mapping[str, Any]
    record: tuple[str, str, int] | None = None
    due_at: datetime | None = None


def now() -> datetime:
    return datetime.now(timezone.utc).replace(tzinfo=None)


def put(
    connection: sa.Connection,
    kind: str,
    key: str,
    payload: Mapping[str, Any],
    record: tuple[str, str, int] | None = None,
    due_at: datetime | None = None,
) -> None:
    put_all(connection, [Errand(kind, key, payload, record, due_at)])


def put_all(connection: sa.Connection, errands: Iterable[Errand]) -> None:
    """Write errands in the caller's transaction; one whose key is there already is the same one."""
    moment = now()
    rows = [_row(errand, moment) for errand in errands]
    if rows:
        INSERT[connection.dialect.name].write(connection, rows)


def _row(errand: Errand, moment: datetime) -> dict[str, Any]:
    app_key, form_key, record_id = errand.record or (None, None, None)
    return {
        "key": errand.key,
        "kind": errand.kind,
        "payload": dict(errand.payload),
        "app_key": app_key,
        "form_key": form_key,
        "record_id": record_id,
        "created_at": moment,
        "due_at": errand.due_at or moment,
        "state": WAITING,
        "attempts": 0,
    }
