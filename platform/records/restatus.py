"""Moves records out of statuses that a new version no longer has, with an event for each.

A publish calls this while it holds the app against every command; nothing else may.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa

from ..definition.model import App, Form
from . import history
from .tables import form_tables

BATCH = 1000
OWN = ("id", "status", "rev", "seq", "head")


def counts(connection: sa.Connection, app: App, form: Form, statuses: Collection[str]) -> dict[str, int]:
    """How many records, deleted ones too, stand at each of these statuses, where any do."""
    table = form_tables(app)[form.key].table
    found = sa.select(table.c.status, sa.func.count()).where(table.c.status.in_(statuses)).group_by(table.c.status)
    return dict(connection.execute(found).all())


def move(
    connection: sa.Connection,
    app: App,
    form: Form,
    mapping: Mapping[str, str],
    by: int | None,
    version_id: int,
    at: datetime,
) -> int:
    """Give every record at a status of the mapping its new one; how many there were."""
    table = form_tables(app)[form.key].table
    here = (table.c.status.in_(list(mapping)), table.c.id > sa.bindparam("last"))
    batch = sa.select(*(table.c[name] for name in OWN)).where(*here).order_by(table.c.id).limit(BATCH)
    moved, last = 0, 0
    while rows := connection.execute(batch, {"last": last}).all():
        events = [_event(app, form, row, mapping[row.status], by, version_id, at) for row in rows]
        history.append(connection, events)
        _update(connection, table, rows, events, at)
        moved, last = moved + len(rows), rows[-1].id
    return moved


def _event(app: App, form: Form, row, target: str, by: int | None, version_id: int, at: datetime) -> dict:
    happening = history.Happening(
        app_key=app.key,
        form_key=form.key,
        record_id=row.id,
        seq=row.seq + 1,
        at=at,
        actor_id=by,
        kind="moved",
        from_status=row.status,
        to_status=target,
        version_id=version_id,
        changes={},
    )
    return history.chained(happening, row.head)


def _update(connection: sa.Connection, table: sa.Table, rows, events, at: datetime) -> None:
    names = ("status", "rev", "seq", "head", "status_since", "updated_at")
    statement = sa.update(table).where(table.c.id == sa.bindparam("b_id"))
    values = [
        {"b_id": row.id, "status": event["to_status"], "rev": row.rev + 1, "seq": event["seq"], "head": event["hash"]}
        | {"status_since": at, "updated_at": at}
        for row, event in zip(rows, events, strict=True)
    ]
    connection.execute(statement.values({name: sa.bindparam(name) for name in names}), values)
