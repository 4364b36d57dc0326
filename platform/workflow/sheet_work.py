"""The worker's share of an import: a slice at a time, so that nobody else waits; progress is written after each chunk.

Rights are those of the moment: whoever may no longer bring records in stops halfway.
"""

from __future__ import annotations

import time
from dataclasses import replace

import sqlalchemy as sa
from flask_babel import gettext as _

from ..access.actor import Actor
from ..access.members import load_actor
from ..db import Workspace
from ..errors import FormloomError
from ..language import speaking
from . import intake_log, sheet_log
from .intake_undo import Undo
from .outbox import now
from .sheet_log import CHECKED, CHECKING, DONE, RUNNING, STOPPED, UNDOING, UNDONE
from .sheet_rows import Own, SheetRows, mapping_key

SLICE = 2.0  # seconds


def advance_import(workspace: Workspace, import_id: int) -> None:
    """One slice of the work at hand; the next is an errand of its own."""
    with workspace.reading() as connection:
        row = sheet_log.one_import(connection, import_id)
        actor = load_actor(connection, row.by_id)
    if row.state not in sheet_log.AT_WORK:
        return None
    if actor is None:
        return _stop(workspace, row, "")
    language = sheet_log.Meaning.from_json(row.meaning).language
    with speaking(language):
        try:
            _slice(workspace, replace(actor, language=language), row)
        except FormloomError as error:
            _stop(workspace, row, str(error.sentence))


def _slice(workspace: Workspace, actor: Actor, row: sa.Row) -> None:
    """One chunk at least, or the next errand would be this one."""
    with workspace.reading() as connection:
        seen = _seen_before(connection, row)
    until = time.monotonic() + SLICE
    while _step(workspace, actor, row, seen):
        with workspace.reading() as connection:
            row = sheet_log.one_import(connection, row.id)
        if row.state not in sheet_log.AT_WORK:
            return
        if time.monotonic() >= until:
            with workspace.writing() as connection:
                sheet_log.go_on(connection, row)
            return


def _step(workspace: Workspace, actor: Actor, row: sa.Row, seen: dict[str, int]) -> bool:
    """The next chunk; False where there is none left."""
    if row.state == UNDOING:
        return _take_back(workspace, actor, row)
    with workspace.reading() as connection:
        chunk = sheet_log.chunk(connection, row.id, row.done)
    if chunk is None:
        return _finish(workspace, row, CHECKED if row.state == CHECKING else DONE)
    if row.state == RUNNING and row.run_id is None:
        row = _started(workspace, actor, row)
    told = SheetRows(workspace, actor, row, keep=row.state == RUNNING).chunk([tuple(one) for one in chunk.rows], seen)
    with workspace.writing() as connection:
        sheet_log.tell(connection, row.id, row.done, told)
        sheet_log.change(connection, row.id, done=row.done + 1)
    return True


def _seen_before(connection: sa.Connection, row: sa.Row) -> dict[str, int]:
    """The keys in the chunks before, with the first line of each."""
    meaning, seen = sheet_log.Meaning.from_json(row.meaning), {}
    place = next((place for place, key in meaning.columns.items() if key == meaning.key), None)
    if place is None or row.state == UNDOING:
        return seen
    for number in range(row.done):
        for line, cells in sheet_log.chunk(connection, row.id, number).rows:
            if word := cells[place].strip():
                seen.setdefault(word, line)
    return seen


def _started(workspace: Workspace, actor: Actor, row: sa.Row) -> sa.Row:
    with workspace.writing() as connection:
        run_id = intake_log.start_run(connection, row.app_key, mapping_key(row.id), actor.id, now())
        sheet_log.change(connection, row.id, run_id=run_id)
        return sheet_log.one_import(connection, row.id)


def _take_back(workspace: Workspace, actor: Actor, row: sa.Row) -> bool:
    """The next chunk from the end."""
    with workspace.reading() as connection:
        chunk = sheet_log.chunk(connection, row.id, sheet_log.chunks_of(connection, row.id) - 1 - row.done)
        lines = [line for line, what, _why in chunk.told if what in ("created", "changed")] if chunk else []
        steps = intake_log.open_steps(connection, row.run_id, lines)
    if chunk is None:
        with workspace.writing() as connection:
            intake_log.close_run(connection, row.run_id, now())
        return _finish(workspace, row, UNDONE)
    loads = sheet_log.Meaning.from_json(row.meaning).status is not None
    undo = Undo(workspace, actor, row.app_key, lambda step: Own(workspace, actor, row.app_key, step.into, loads))
    undo.take_back(steps)
    kept = {int(one.source_id): one.reason for one in undo.result.kept}
    with workspace.writing() as connection:
        sheet_log.keep_back(connection, chunk, kept, {step.line for step in steps})
        sheet_log.change(connection, row.id, done=row.done + 1)
    return True


def _finish(workspace: Workspace, row: sa.Row, state: str) -> bool:
    with workspace.writing() as connection:
        sheet_log.change(connection, row.id, state=state)
    return False


def _stop(workspace: Workspace, row: sa.Row, why: str) -> None:
    with workspace.writing() as connection:
        sheet_log.change(connection, row.id, state=STOPPED, error=why or _("Whoever brought this in is no longer a member."))
