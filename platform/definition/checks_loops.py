"""Checks of effects that come back to where they began: through other records, by the transitions that they let them take."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from .. import registry
from .findings import Finding, named, warning
from .flow import Transition
from .model import App, Form

Step = tuple[str, str]
"""(form key, transition key)"""


def loop_findings(app: App) -> Iterator[Finding]:
    """Circles of transitions that carry each other out, each told once with its way."""
    ways = {(form.key, one.key): _carried(app, form, one) for form in app.forms for one in form.transitions}
    told: set[Step] = set()
    for start in ways:
        circle = _circle(ways, start)
        if circle and not told.intersection(circle):
            told.update(circle)
            said = " → ".join(_said(app, step) for step in (*circle, start))
            yield warning(f"forms[{start[0]}].transitions[{start[1]}].effects", _("Its effects come back to itself: %(circle)s.", circle=said))


def carried_out(app: App, form: Form) -> frozenset[str]:
    """The transitions that effects, of any form, let records of this one take."""
    steps = (step for other in app.forms for one in other.transitions for step in _named(app, other, one))
    return frozenset(key for form_key, key in steps if form_key == form.key)


def _named(app: App, form: Form, one: Transition) -> Iterator[Step]:
    for effect in one.effects:
        settings = one.settings_of(effect)
        if effect.type in registry.actions and hasattr(registry.actions[effect.type], "target_form"):
            target = registry.actions[effect.type].target_form(settings, form)
            for key in (settings.get("transition"), (settings.get("lines") or {}).get("transition")):
                if key and target in app.form_by_key:
                    yield target, key


def _carried(app: App, form: Form, one: Transition) -> list[Step]:
    """What it carries out elsewhere: by name, and what new records do by themselves at once."""
    found = list(_named(app, form, one))
    for effect in one.effects:
        made = app.form_by_key.get(effect.settings.get("form")) if effect.type in ("create", "move") else None
        if made is not None and effect.settings.get("when") is None:
            statuses = app.statuses(made)
            start = effect.settings.get("status") or (statuses.start.key if statuses else None)
            found += [(made.key, t.key) for t in made.flow() if t.automatic and not t.guards and t.wait is None and start in t.sources]
    return found


def _circle(ways: dict[Step, list[Step]], start: Step) -> list[Step]:
    """The shortest way from a step back to it."""
    trails, seen = [[start]], {start}
    while trails:
        trail = trails.pop(0)
        for step in ways.get(trail[-1], ()):
            if step == start:
                return trail
            if step not in seen:
                seen.add(step)
                trails.append([*trail, step])
    return []


def _said(app: App, step: Step) -> str:
    form = app.form_by_key[step[0]]
    one = form.transition_by_key.get(step[1])
    return f"{named(form.label)} “{named(one.label) if one else step[1]}”"
