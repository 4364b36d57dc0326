"""Checks of status lists and transitions: names, guards, effects, statuses that nothing leads to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask_babel import gettext as _

from .. import registry
from .checks_effects import rows_of
from .checks_loops import carried_out
from .checks_timing import approval_findings, endless_findings, reminder_findings, waiting_findings, who_findings
from .checks_ways import way_findings
from .findings import Finding, inside, known, named, spoken, typed, warning
from .flow import STAYS, Effect, StatusList, Transition, Who
from .model import App, Field, Form
from .scope import line_scope, record_scope


def status_findings(app: App, statuses: StatusList) -> Iterator[Finding]:
    place = f"status_lists[{statuses.key}]"
    if not any(status.kind == "start" for status in statuses.statuses):
        yield Finding(f"{place}.statuses", _("One status must be where new records start."))
    for status in statuses.statuses:
        if status.in_charge is not None:
            yield from known(f"{place}.statuses[{status.key}].in_charge", status.in_charge, app.role_by_key)


def flow_findings(app: App, form: Form, place: str) -> Iterator[Finding]:
    for transition in form.transitions:
        here = f"{place}.transitions[{transition.key}]"
        if transition.rows is None or rows_of(form, transition.rows) is not None:
            yield from _transition(app, form, transition, here)
        else:
            yield Finding(f"{here}.rows", _("“%(name)s” is not line items of this form.", name=transition.rows))
    for reminder in form.reminders:
        yield from reminder_findings(app, form, reminder, f"{place}.reminders[{reminder.key}]")
    yield from endless_findings(form, f"{place}.transitions")
    yield from way_findings(app, form, place, carried_out(app, form))
    statuses = app.statuses(form)
    if statuses is not None:
        reached = _grown({statuses.start.key, *_created_at(app, form)}, form.flow())
        yield from _unreached(form, statuses, reached)
    for rows in form.rows:
        statuses = app.line_statuses(rows)
        if statuses is not None:
            yield from _unreached(form, statuses, _grown({statuses.start.key}, form.flow(rows.key)))


def _transition(app: App, form: Form, transition: Transition, place: str) -> Iterator[Finding]:
    rows = rows_of(form, transition.rows)
    statuses = app.line_statuses(rows) if rows else None
    if rows and statuses is None:
        yield Finding(f"{place}.rows", _("These line items follow no status list."))
        return
    for name in ("approval", "wait"):
        if rows and getattr(transition, name) is not None:
            yield Finding(f"{place}.{name}", _("A line cannot have this."))
    steps = statuses.by_key if statuses else app.steps(form)[1:]
    scope = line_scope(app, form, rows) if rows else record_scope(app, form)
    if not transition.sources:
        yield Finding(f"{place}.sources", _("A transition needs a status that it starts from."))
    for status in transition.sources:
        yield from known(f"{place}.sources", status, steps)
    yield from known(f"{place}.target", transition.target, (STAYS, *steps))
    yield from who_findings(app, form, transition.who, f"{place}.who", transition.rows)
    yield from approval_findings(transition, f"{place}.approval")
    yield from waiting_findings(app, form, transition, f"{place}.wait")
    for guard in transition.guards:
        yield from typed(f"{place}.guards[{guard.key}].rule", guard.rule, scope)
        yield from spoken(f"{place}.guards[{guard.key}].message", guard.message, scope)
        for role in guard.lift:
            yield from known(f"{place}.guards[{guard.key}].lift", role, app.role_by_key)
    yield from spoken(f"{place}.confirm", transition.confirm, scope)
    yield from _asks(rows or form, transition, place)
    yield from _way(app, form, transition, place)
    for effect in transition.effects:
        for problem in registry.actions[effect.type].problems(transition.settings_of(effect), form, app):
            yield inside(f"{place}.effects[{effect.key}].settings", problem)


def _asks(form: Form | Field, transition: Transition, place: str) -> Iterator[Finding]:
    for ask in transition.ask:
        here = f"{place}.ask[{ask.field}]"
        field = form.field_at(ask.field) if isinstance(form, Form) else form.by_key.get(ask.field)
        if field is None:
            yield from known(here, ask.field, ())
        if field is not None and registry.fields[field.type].computed:
            yield Finding(here, _("Nothing is entered here, so it cannot be asked for."))
    if transition.automatic and transition.ask:
        yield Finding(f"{place}.ask", _("What happens by itself cannot ask for anything."))


def _way(app: App, form: Form, transition: Transition, place: str) -> Iterator[Finding]:
    """A transition that nobody can take, or that takes itself at once."""
    if transition.automatic:
        if not transition.guards and transition.wait is None:
            yield warning(f"{place}.guards", _("This happens as soon as a record is there; give it a condition."))
        if transition.target in (STAYS, *transition.sources):
            yield Finding(f"{place}.target", _("What happens by itself must lead to another status."))
    elif transition.who == Who() and transition.key not in carried_out(app, form):
        yield warning(f"{place}.who", _("Nobody may take this."))


def _unreached(form: Form, statuses: StatusList, reached: set[str | None]) -> Iterator[Finding]:
    for status in statuses.statuses:
        if status.key not in reached:
            words = _("%(form)s: nothing leads to “%(status)s”.", form=named(form.label), status=named(status.label))
            yield warning(f"status_lists[{statuses.key}].statuses[{status.key}]", words)


def _created_at(app: App, form: Form) -> set[str]:
    """The statuses at which effects create records."""
    return {effect.settings.get("status") for effect in created_by_effects(app, form)}


def _grown(reached: set[str | None], flow: Iterable[Transition]) -> set[str | None]:
    """The statuses that can be come to from others by transitions."""
    grown = True
    while grown:
        ways = {t.target for t in flow if reached.intersection(t.sources)}
        grown = not ways <= reached
        reached = reached | ways
    return reached


def created_by_effects(app: App, form: Form) -> list[Effect]:
    """The effects, of any form, that create records of this one."""
    effects = (effect for other in app.forms for transition in other.transitions for effect in transition.effects)
    return [effect for effect in effects if effect.type in ("create", "move") and effect.settings.get("form") == form.key]
