"""Roll-ups brought up to date, the last thing before a command's commit.

Forms come in the order in which their records count towards each other, records in the order of their ids:
the one order in which every command locks them. What a roll-up's change moves in its own record, stored
formulas and through them the roll-ups of further forms, follows in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..definition.dependencies import standing_on
from ..exact import add
from ..records.compiled import CompiledForm
from ..records.derive import derive
from ..records.draft import Draft
from ..records.sums import sums_of
from .deltas import Amounts


def settle(change) -> list[Draft]:
    """Apply what is due; returns the records whose roll-ups moved."""
    settled: dict[tuple[str, int], Draft] = {}
    deltas = change.saving.deltas
    while (form_key := deltas.next()) is not None:
        form, due = change.compiled.form(form_key), deltas.take(form_key)
        drafts = _held(change, form, due)
        _add(change, form, drafts, due)
        if _stood_on(form):
            derive(change.connection, change.compiled, drafts, change.around, change.linked)
        change.saving.rework(drafts)
        settled |= {(form_key, draft.id): draft for draft in drafts}
    return list(settled.values())


def _held(change, form: CompiledForm, due: Mapping[int, Amounts]) -> list[Draft]:
    """The records under their locks: as the command has them already, else as they stand, be they deleted."""
    for deleted in (False, True):
        change.take_hold(form.key, due, deleted)
    return [draft for record_id in sorted(due) if (draft := change.held.get((form.key, record_id))) is not None]


def _add(change, form: CompiledForm, drafts: list[Draft], due: Mapping[int, Amounts]) -> None:
    """By difference; anew where the sum was out of range."""
    for key in sorted({key for amounts in due.values() for key in amounts}):
        moved = [draft for draft in drafts if key in due[draft.id]]
        lost = [draft.id for draft in moved if draft.values.get(key) is None]
        rollup = form.rollups[key]
        anew = sums_of(change.connection, change.compiled, rollup, lost) if lost else {}
        for draft in moved:
            draft.values[key] = anew[draft.id] if draft.id in anew else add(draft.values[key], due[draft.id][key])


def _stood_on(form: CompiledForm) -> bool:
    """Whether anything of a form is worked out from its roll-ups."""

    def find() -> bool:
        reads = (read for path in form.form.paths for read in standing_on(form.app, form.form, path))
        return any(read in form.rollups for read in reads)

    return form.statement("stood on", find)
