"""The one order in which commands lock records: a form after those whose commands reach into it."""

from __future__ import annotations

from collections.abc import Iterator

from ..registry import actions
from .model import App, Form
from .order import in_order
from .rollups import rollups_of


def lock_order(app: App) -> tuple[str, ...]:
    """Every form's key; roll-ups and effects reach from a form into those that its records link to."""
    reached: dict[str, set[str]] = {form.key: set() for form in app.forms}
    for rollup in rollups_of(app):
        reached[rollup.form].add(rollup.source)
    for form in app.forms:
        for target in _targets(form):
            reached.get(target, set()).add(form.key)
    return tuple(in_order(sorted(reached), lambda key: sorted(reached.get(key, ()))))


def _targets(form: Form) -> Iterator[str]:
    for transition in form.transitions:
        for effect in transition.effects:
            if effect.type in actions:
                yield from actions[effect.type].reaches(effect.settings, form)
