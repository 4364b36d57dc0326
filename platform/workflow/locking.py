"""Locks taken ahead: what effects will adjust and what counts towards roll-ups, in the one order of all commands.

Two commands whose effects name the same records the other way round would else wait for each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ..definition.flow import Transition
from ..records.compiled import CompiledForm
from ..records.draft import Draft
from ..registry import actions


def hold_ahead(change, transition: Transition) -> None:
    """Lock what the present draft's effects and roll-ups reach, where they reach more than one form."""
    if not _worth_it(change.form, transition):
        return
    wanted: dict[str, set[int]] = defaultdict(set)
    for effect in transition.effects:
        for form_key, record_id in actions[effect.type].targets(transition.settings_of(effect), change):
            wanted[form_key].add(record_id)
    for form_key, record_id in _counted_towards(change.draft):
        wanted[form_key].add(record_id)
    for form_key in change.compiled.lock_order:
        change.take_hold(form_key, wanted[form_key])


def _worth_it(form: CompiledForm, transition: Transition) -> bool:
    def find() -> bool:
        reached = set().union(
            *(actions[e.type].reaches(transition.settings_of(e), form.form) for e in transition.effects)
        )
        summed = {rollup.form for rollup in form.compiled.watching.get(form.key, ())}
        return bool(reached) and len(reached | summed) > 1

    return form.statement(("ahead", transition.key), find)


def _counted_towards(draft: Draft) -> Iterator[tuple[str, int]]:
    """Where a record counts now; what an effect sets is locked when it is done."""
    for rollup in draft.form.compiled.watching.get(draft.form.key, ()):
        for values in draft.values.get(rollup.rows) or [] if rollup.rows else [draft.values]:
            if values.get(rollup.via) is not None:
                yield rollup.form, values[rollup.via]
