"""Checks of status lists and transitions: names, guards, effects, statuses that nothing leads to."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from .. import registry
from .checks_timing import approval_findings, endless_findings, reminder_findings, waiting_findings, who_findings
from .findings import Finding, inside, known, spoken, typed, warning
from .flow import Effect, StatusList, Transition, Who
from .model import App, Form
from .scope import record_scope


def status_findings(app: App, statuses: StatusList) -> Iterator[Finding]:
    place = f"status_lists[{statuses.key}]"
    if not any(status.kind == "start" for status in statuses.statuses):
        yield Finding(f"{place}.statuses", _("One status must be where new records start."))
    for status in statuses.statuses:
        if status.in_charge is not None:
            yield from known(f"{place}.statuses[{status.key}].in_charge", status.in_charge, app.role_by_key)


def flow_findings(app: App, form: Form, place: str) -> Iterator[Finding]:
    for transition in form.transitions:
        yield from _transition(app, form, transition, f"{place}.transitions[{transition.key}]")
    for reminder in form.reminders:
        yield from reminder_findings(app, form, reminder, f"{place}.reminders[{reminder.key}]")
    yield from endless_findings(form, f"{place}.transitions")
    statuses = app.statuses(form)
    if statuses is not None:
        reached = _reached(app, form)
        for status in statuses.statuses:
            if status.key not in reached:
                here = f"{place}.transitions"
                yield warning(here, _("Nothing leads to the status “%(name)s”.", name=status.key))


def _transition(app: App, form: Form, transition: Transition, place: str) -> Iterator[Finding]:
    steps = app.steps(form)[1:]
    scope = record_scope(app, form)
    if not transition.sources:
        yield Finding(f"{place}.sources", _("A transition needs a status that it starts from."))
    for status in transition.sources:
        yield from known(f"{place}.sources", status, steps)
    yield from known(f"{place}.target", transition.target, steps)
    yield from who_findings(app, form, transition.who, f"{place}.who")
    yield from approval_findings(transition, f"{place}.approval")
    yield from waiting_findings(app, form, transition, f"{place}.wait")
    for guard in transition.guards:
        yield from typed(f"{place}.guards[{guard.key}].rule", guard.rule, scope)
        yield from spoken(f"{place}.guards[{guard.key}].message", guard.message, scope)
        for role in guard.lift:
            yield from known(f"{place}.guards[{guard.key}].lift", role, app.role_by_key)
    yield from spoken(f"{place}.confirm", transition.confirm, scope)
    yield from _asks(form, transition, place)
    yield from _way(transition, place)
    for effect in transition.effects:
        for problem in registry.actions[effect.type].problems(effect.settings, form, app):
            yield inside(f"{place}.effects[{effect.key}].settings", problem)


def _asks(form: Form, transition: Transition, place: str) -> Iterator[Finding]:
    for ask in transition.ask:
        here = f"{place}.ask[{ask.field}]"
        yield from known(here, ask.field, form.by_key)
        field = form.by_key.get(ask.field)
        if field is not None and registry.fields[field.type].computed:
            yield Finding(here, _("Nothing is entered here, so it cannot be asked for."))
    if transition.automatic and transition.ask:
        yield Finding(f"{place}.ask", _("What happens by itself cannot ask for anything."))


def _way(transition: Transition, place: str) -> Iterator[Finding]:
    """A transition that nobody can take, or that takes itself at once."""
    if transition.automatic:
        if not transition.guards and transition.wait is None:
            yield warning(f"{place}.guards", _("This happens as soon as a record is there; give it a condition."))
        if transition.target in transition.sources:
            yield Finding(f"{place}.target", _("What happens by itself must lead to another status."))
    elif transition.who == Who():
        yield warning(f"{place}.who", _("Nobody may take this."))


def _reached(app: App, form: Form) -> set[str]:
    """The statuses that a record can come to: by transitions, or by being created there by an effect."""
    reached = {app.statuses(form).start.key, *(e.settings.get("status") for e in created_by_effects(app, form))}
    grown = True
    while grown:
        ways = {t.target for t in form.transitions if reached.intersection(t.sources)}
        grown = not ways <= reached
        reached |= ways
    return reached


def created_by_effects(app: App, form: Form) -> list[Effect]:
    """The effects, of any form, that create records of this one."""
    effects = (effect for other in app.forms for transition in other.transitions for effect in transition.effects)
    return [effect for effect in effects if effect.type == "create" and effect.settings.get("form") == form.key]
