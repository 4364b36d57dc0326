"""`formloom check`: whether a workspace keeps what the product promises."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from ..db import Workspace
from ..definition import store
from ..records.attachments import lost_contents
from ..records.compiled import version
from ..records.soundness import unsound_records
from .notices import notice
from .outbox import DEAD, DELIVERED, WAITING, now, outbox


def check(workspace: Workspace) -> list[str]:
    """What is wrong, in words; nothing when all is well. Changes nothing, and holds nobody up."""
    with workspace.reading() as connection:
        if workspace.dialect == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        return list(findings(workspace, connection))


def findings(workspace: Workspace, connection: sa.Connection) -> Iterator[str]:
    """What is wrong in the transaction at hand."""
    if workspace.dialect == "sqlite":
        yield from _sqlite(connection)
    for version_id in store.running(connection).values():
        yield from unsound_records(connection, version(workspace, connection, version_id), now())
    yield from _outbox(connection)
    yield from lost_contents(workspace, connection)


def _sqlite(connection: sa.Connection) -> Iterator[str]:
    """The file itself; PostgreSQL keeps its own watch."""
    for row in connection.exec_driver_sql("PRAGMA integrity_check"):
        if row[0] != "ok":
            yield f"the database file: {row[0]}"
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"the database file: row {row[1]} of {row[0]} refers to nothing in {row[2]}"


def _outbox(connection: sa.Connection) -> Iterator[str]:
    known = sa.select(outbox.c.key).where(outbox.c.state.not_in([WAITING, DELIVERED, DEAD]))
    for key in connection.scalars(known):
        yield f"outbox {key}: in no known state"
    told = sa.select(notice.c.key, notice.c.member_id)
    there = {tuple(row) for row in connection.execute(told)}
    delivered = sa.select(outbox.c.key, outbox.c.payload).where(outbox.c.kind == "notify", outbox.c.state == DELIVERED)
    for row in connection.execute(delivered):
        for member_id in row.payload["member_ids"]:
            if (row.key, member_id) not in there:
                yield f"outbox {row.key}: delivered, and member {member_id} was not told"
