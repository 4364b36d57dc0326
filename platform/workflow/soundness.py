"""`formloom check`: whether a workspace keeps what the product promises."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from ..db import Workspace
from ..definition import store
from ..records import checkpoints
from ..records.attachments import lost_contents
from ..records.batches import ids_after
from ..records.compiled import Compiled, CompiledForm, version
from ..records.soundness import unsound_records
from ..records.write import lock
from . import timers
from .notices import notice
from .outbox import DEAD, DELIVERED, WAITING, now, outbox

BATCH = 500


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
    def versions(version_id: int) -> Compiled:
        return version(workspace, connection, version_id)

    for version_id in store.running(connection).values():
        compiled = versions(version_id)
        yield from unsound_records(connection, compiled, versions, now())
        for form in compiled.forms.values():
            yield from _timers(connection, form)
    yield from checkpoints.contradicted(connection)
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


def _timers(connection: sa.Connection, form: CompiledForm) -> Iterator[str]:
    """Records wait for what they should, and nothing waits that is gone; not while a new version sets timers anew."""
    here = (outbox.c.kind == "retime", outbox.c.state == WAITING)
    coming = connection.execute(sa.select(outbox.c.payload).where(*here)).all()
    if any((row.payload["app"], row.payload["form"]) == (form.app.key, form.key) for row in coming):
        return
    last, seen = 0, set()
    waiting = timers.timed(form) or form.key in form.compiled.flows or timers.left(connection, form.app.key, form.key)
    while waiting and (ids := ids_after(connection, form, last, BATCH)):
        there, last = timers.of_records(connection, form.app.key, form.key, ids), ids[-1]
        for draft in lock(connection, form, ids, locking=False).values():
            wanted = {what for what, found in timers.wanted(draft) if found}
            if wanted != (kept := there.pop(draft.id, {}).keys()):
                yield f"{form.app.key}/{form.key}/{draft.id}: waits for {sorted(kept)}, should for {sorted(wanted)}"
        seen |= there.keys()
    for record_id in sorted(seen):
        yield f"{form.app.key}/{form.key}/{record_id}: is gone, and timers wait for it"
