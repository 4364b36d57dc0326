"""Checks of approvals, of what happens by itself in time, and of reminders."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from .. import registry
from .findings import Finding, known, spoken, typed, warning
from .flow import Reminder, Transition, Wait, Who
from .model import App, Form
from .scope import record_scope


def approval_findings(transition: Transition, place: str) -> Iterator[Finding]:
    approval, who = transition.approval, transition.who
    if approval is None:
        return
    if transition.automatic:
        yield Finding(place, _("What happens by itself needs nobody's approval."))
    people = len(who.fields) + who.creator + who.head
    by_creator = approval.not_self and who.creator
    if approval.kind == "some" and not who.roles and people - by_creator < approval.count:
        yield Finding(f"{place}.count", _("No more than %(n)s people are named here.", n=people - by_creator))
    if by_creator and (approval.kind == "in_turn" or who == Who(creator=True)):
        yield Finding(f"{place}.not_self", _("The creator is asked here, and may not approve."))
    if approval.kind == "in_turn" and len(who.roles) + people < 2:
        yield warning(f"{place}.kind", _("In turn means several, one after the other; only one is named."))


def wait_findings(app: App, form: Form, wait: Wait, place: str) -> Iterator[Finding]:
    if wait.field:
        field = form.by_key.get(wait.field)
        kind = registry.source(field, app)[0].kind if field is not None else ""
        if field is None or kind not in ("date", "moment") or not registry.fields[field.type].stored(field):
            yield Finding(f"{place}.field", _("“%(name)s” is not a date or moment that the record keeps.", name=wait.field))
    elif wait.days * 24 + wait.hours < 0:
        yield Finding(place, _("Before the record came to its status nothing can happen; choose a date to count back from."))
    elif not wait.days and not wait.hours:
        yield warning(place, _("This waits for nothing."))
    if wait.working and app.calendar is None:
        yield warning(f"{place}.working", _("The app has no working calendar, so this counts round the clock."))


def waiting_findings(app: App, form: Form, transition: Transition, place: str) -> Iterator[Finding]:
    if transition.wait is None:
        return
    if not transition.automatic:
        yield Finding(place, _("Only what happens by itself can wait."))
    yield from wait_findings(app, form, transition.wait, place)


def reminder_findings(app: App, form: Form, reminder: Reminder, place: str) -> Iterator[Finding]:
    if not reminder.statuses:
        yield Finding(f"{place}.statuses", _("A reminder needs a status at which it is sent."))
    for status in reminder.statuses:
        yield from known(f"{place}.statuses", status, app.steps(form)[1:])
    yield from wait_findings(app, form, reminder.wait, f"{place}.wait")
    yield from who_findings(app, form, reminder.to, f"{place}.to")
    if reminder.to == Who():
        yield Finding(f"{place}.to", _("Say whom to remind."))
    scope = record_scope(app, form)
    yield from typed(f"{place}.when", reminder.when, scope)
    yield from spoken(f"{place}.message", reminder.message, scope)


def who_findings(app: App, form: Form, who: Who, place: str, rows_key: str | None = None) -> Iterator[Finding]:
    for role in who.roles:
        yield from known(f"{place}.roles", role, app.role_by_key)
    for key in who.fields:
        field = form.field_from(rows_key, key)
        if field is None or registry.source(field, app)[0].kind != "person":
            yield Finding(f"{place}.fields", _("“%(name)s” is not a field that names a person.", name=key))


def endless_findings(form: Form, place: str) -> Iterator[Finding]:
    """Circles of what happens by itself at once: each is told at the first of its transitions. There is none through
    two whose guards say the opposite of each other.
    """
    at_once = [t for t in form.transitions if t.automatic and t.rows is None and not _takes_time(t.wait)]
    for transition in at_once:
        ways: dict[str, set[str]] = {}
        for other in at_once:
            for source in other.sources if not _opposed(transition, other) else ():
                ways.setdefault(source, set()).add(other.target)
        back = _reached(ways, transition.target).intersection(transition.sources)
        if back:
            circle = f"{min(back)} → {transition.target} → … → {min(back)}"
            yield warning(f"{place}[{transition.key}]", _("This may go round for ever, by itself and at once: %(circle)s.", circle=circle))
            return


def _opposed(one: Transition, other: Transition) -> bool:
    """Whether what one needs is what the other must not find."""
    pairs = [(a.rule, b.rule) for a in one.guards for b in other.guards]
    return any(a == {"!": [b]} or b == {"!": [a]} for a, b in pairs)


def _takes_time(wait: Wait | None) -> bool:
    return wait is not None and not wait.field and wait.days * 24 + wait.hours > 0


def _reached(ways: dict[str, set[str]], start: str) -> set[str]:
    reached, waiting = set(), [start]
    while waiting:
        status = waiting.pop()
        if status not in reached:
            reached.add(status)
            waiting += ways.get(status, ())
    return reached
