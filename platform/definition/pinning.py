"""Flows that go on: records that keep to the transitions of an earlier version while the app has moved on.

Pinned are transitions with their approvals, and the time a status allows. Fields, labels, layout, access and
reminders are always those of the live version.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from .flow import Reminder, Status, StatusList
from .model import App, Form

ENDED = ("done", "cancelled")

Flows = Mapping[str, Mapping[int, App]]
"""Form key -> version id -> the app of that version, whose flow some records of the form follow."""


def with_retired(app: App, flows: Flows) -> App:
    """The app with the statuses that only earlier flows have, behind its own."""
    lists = dict(app.status_list_by_key)
    for form_key, earlier in flows.items():
        form = app.form_by_key[form_key]
        if form.status_list is None:
            continue
        for old in earlier.values():
            present = lists[form.status_list]
            gone = retired(old, form_key, present)
            lists[form.status_list] = replace(present, statuses=(*present.statuses, *gone))
    return replace(app, status_lists=tuple(lists.values()))


def retired(old: App, form_key: str, present: StatusList) -> Iterator[Status]:
    """The statuses of a form in an earlier version that a list lacks."""
    before = old.statuses(old.form_by_key[form_key])
    for status in before.statuses if before else ():
        if status.key not in present.by_key:
            yield replace(status, retired=True)


def following(app: App, form_key: str, old: App, running: bool) -> App:
    """The app as those records of a form see it that follow the flow of an earlier version.

    Once all of them are at their end (not `running`), nothing leads on from there.
    """
    form, before = app.form_by_key[form_key], old.form_by_key[form_key]
    mixed = _mixed(old.statuses(before), app.statuses(form))
    lists = {**app.status_list_by_key, mixed.key: mixed}
    flow = before.transitions if running else ()
    own = replace(form, status_list=mixed.key, transitions=flow, reminders=tuple(_reminders(form, mixed)))
    forms = tuple(own if other.key == form_key else other for other in app.forms)
    return replace(app, status_lists=tuple(lists.values()), forms=forms)


def _reminders(form: Form, statuses: StatusList) -> Iterator[Reminder]:
    """The form's reminders, where they are about statuses that there are."""
    for reminder in form.reminders:
        known = tuple(status for status in reminder.statuses if status in statuses.by_key)
        if known:
            yield replace(reminder, statuses=known)


def same_flow(app: App, form: Form, other: App) -> bool:
    """Whether a form's records move alike in both versions."""
    before = other.form_by_key[form.key]
    return form.transitions == before.transitions and _pace(app.statuses(form)) == _pace(other.statuses(before))


def running_statuses(statuses: StatusList | None) -> list[str]:
    """Where a record is not at its end."""
    return [status.key for status in statuses.statuses if status.kind not in ENDED] if statuses else []


def _mixed(before: StatusList, now: StatusList | None) -> StatusList:
    """The earlier list, with what the live one says of the same statuses; their time stays as it was."""
    return replace(before, statuses=tuple(_as_now(before.statuses, now)))


def _as_now(statuses: Iterable[Status], now: StatusList | None) -> Iterator[Status]:
    for status in statuses:
        present = now.by_key.get(status.key) if now else None
        if present is None or present.retired:
            yield replace(status, retired=True)
        else:
            yield replace(present, hours_allowed=status.hours_allowed, clock_stands=status.clock_stands)


def _pace(statuses: StatusList | None) -> list[tuple]:
    own = (s for s in statuses.statuses if not s.retired) if statuses else ()
    return [(s.key, s.kind, s.hours_allowed, s.clock_stands) for s in own]
