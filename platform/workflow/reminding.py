"""What timers are for: a reminder that a record sends, and the timers of the records there are, set anew."""

from __future__ import annotations

from dataclasses import asdict

import sqlalchemy as sa

from ..definition.flow import Reminder
from ..definition.model import App
from ..definition.placeholders import placeholders
from ..records.batches import ids_after
from ..records.compiled import CompiledForm
from ..records.draft import Draft
from ..records.links import Needs, needs_of
from ..records.write import lock
from . import timers
from .change import Change
from .outbox import Errand, put_all
from .timers import Kept

BATCH = 500


def remind(change: Change, form_key: str, record_id: int, key: str, timer_id: int) -> Draft | None:
    """Send a reminder whose time has come, if the record still stands where it counts; once, however often asked."""
    if form_key not in change.compiled.forms:
        return None
    draft = change.hold(form_key, record_id)
    reminder = next((r for r in change.compiled.form(form_key).form.reminders if r.key == key), None)
    if draft is None or reminder is None or draft.status not in reminder.statuses:
        return None
    row, due = timers.standing(change.connection, timer_id), timers.due(change.compiled.app, reminder.wait, draft)
    if row is None or due is None or due.basis != row.basis:
        return None
    change.about(draft)
    change.know(reminder_needs(draft.form, reminder))
    if draft.form.rule(reminder.when, draft.form.scope)(change.data) is not True:
        return None
    change.notify(asdict(reminder.to), reminder.message)
    change.tell(f"remind:{row.id}:{row.handings}")
    timers.done(change.connection, timer_id)
    return draft


def reminder_needs(form: CompiledForm, reminder: Reminder) -> Needs:
    """What a reminder's condition and message read past links."""

    def find() -> Needs:
        read = [({"var": path}, form.scope, "") for path in placeholders(reminder.message)]
        return needs_of(form, [(reminder.when, form.scope, ""), *read])

    return form.statement(("reminder", reminder.key), find)


def set_anew(change: Change, form_key: str, after: int) -> None:
    """The timers of the next batch of a form's records; the batch after it is an errand of its own."""
    if form_key not in change.compiled.forms:
        return
    form = change.compiled.form(form_key)
    ids = ids_after(change.connection, form, after, BATCH)
    drafts = lock(change.connection, form, ids)
    timers.keep(change.connection, [Kept(draft, quiet=True) for draft in drafts.values()], change.now, anew=True)
    if len(ids) == BATCH:
        change.errands.append(_retiming(change.compiled.app.key, form_key, change.compiled.version_id, ids[-1]))


def after_publish(connection: sa.Connection, live: App, app: App, version_id: int, moved: set[str]) -> None:
    """Let the timers of existing records follow a new version: in batches, after it went live.

    moved: forms of which records came to another status, or to another flow, or follow an earlier one.
    """
    for form in live.forms:
        successor = app.form_by_key.get(form.key)
        if successor is None or not (timers.waits(successor) or form.key in moved):
            timers.forget(connection, app.key, form.key)
        elif form.key in moved or timers.differ(live, app, successor):
            put_all(connection, [_retiming(app.key, form.key, version_id, 0)])


def _retiming(app_key: str, form_key: str, version_id: int, after: int) -> Errand:
    key = f"retime:{app_key}:{form_key}:{version_id}:{after}"
    return Errand("retime", key, {"app": app_key, "form": form_key, "after": after})
