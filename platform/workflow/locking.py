"""Locks taken ahead: what effects will adjust and what counts towards roll-ups, in the one order of all commands.

Two commands whose effects name the same records the other way round would else wait for each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from ..definition.flow import Effect
from ..records.compiled import CompiledForm
from ..records.draft import Draft
from ..records.write import lock
from ..registry import actions


def hold_ahead(change, effects: Sequence[Effect]) -> None:
    """Lock what the present draft's effects and roll-ups reach, where they reach more than one form."""
    if not _worth_it(change.form, effects):
        return
    wanted: dict[str, set[int]] = defaultdict(set)
    for effect in effects:
        for form_key, record_id in actions[effect.type].targets(effect.settings, change):
            wanted[form_key].add(record_id)
    for form_key, record_id in _counted_towards(change.draft):
        wanted[form_key].add(record_id)
    for form_key in change.compiled.lock_order:
        if missing := {i for i in wanted[form_key] if (form_key, i) not in change.held}:
            fresh = lock(change.connection, change.compiled.form(form_key), missing)
            change.held.update({(form_key, record_id): draft for record_id, draft in fresh.items()})


def _worth_it(form: CompiledForm, effects: Sequence[Effect]) -> bool:
    def find() -> bool:
        reached = {target for effect in effects for target in actions[effect.type].reaches(effect.settings, form.form)}
        summed = {rollup.form for rollup in form.compiled.watching.get(form.key, ())}
        return bool(reached) and len(reached | summed) > 1

    return form.statement(("ahead", tuple(id(effect) for effect in effects)), find)


def _counted_towards(draft: Draft) -> Iterator[tuple[str, int]]:
    """Where a record counts now; what an effect sets is locked when it is done."""
    for rollup in draft.form.compiled.watching.get(draft.form.key, ()):
        for values in draft.values.get(rollup.rows) or [] if rollup.rows else [draft.values]:
            if values.get(rollup.via) is not None:
                yield rollup.form, values[rollup.via]
