"""Timers: when records do something by themselves, as rows that the commands keep beside the records.

A command that saves a record sets, in its own transaction, what that record waits for at its status; what
it waits for no longer goes. The worker hands what is due over to the outbox. A row is never handed over
twice for the same thing: that is its state, not a matter of what the clock says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from .. import db
from ..db import Workspace
from ..definition.flow import Wait
from ..definition.model import App, Form
from ..records.compiled import CompiledForm
from ..records.draft import Draft
from .outbox import Errand, put_all

WAITING, HANDED, DONE = "waiting", "handed", "done"
GO, REMIND = "go", "remind"
BATCH = 100

timer = sa.Table(
    "timer",
    db.metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("app_key", sa.Text, nullable=False),
    sa.Column("form_key", sa.Text, nullable=False),
    sa.Column("record_id", sa.Integer, nullable=False),
    sa.Column("what", sa.Text, nullable=False),  # "go:<transition>" or "remind:<reminder>"
    sa.Column("basis", sa.DateTime, nullable=False),  # what it is counted from
    sa.Column("due_at", sa.DateTime, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("handings", sa.Integer, nullable=False),
    sa.UniqueConstraint("app_key", "form_key", "record_id", "what"),
    sa.Index(
        "ix_timer_due", "due_at", "id",
        sqlite_where=sa.text(f"state = '{WAITING}'"), postgresql_where=sa.text(f"state = '{WAITING}'"),
    ),
    sqlite_autoincrement=True,
)  # fmt: skip

_due = (timer.c.state == sa.literal_column(f"'{WAITING}'"), timer.c.due_at <= sa.bindparam("now", type_=sa.DateTime))
ANY_DUE = sa.select(timer.c.id).where(*_due).limit(1)
SOME_DUE = sa.select(timer).where(*_due).order_by(timer.c.due_at, timer.c.id).limit(BATCH).with_for_update(skip_locked=True)
HAND = (
    sa.update(timer)
    .where(timer.c.id == sa.bindparam("b_id"))
    .values(state=HANDED, handings=timer.c.handings + 1)
)
SET = sa.update(timer).where(timer.c.id == sa.bindparam("b_id")).values(
    {name: sa.bindparam(name) for name in ("basis", "due_at", "state")}
)  # fmt: skip


@dataclass(frozen=True)
class Due:
    """When, and counted from what: the moment of coming to the status, or what a field says."""

    basis: datetime
    at: datetime


@dataclass(frozen=True)
class Kept:
    """A record that a command has saved. gone: deleted.  settled: what it does by itself was just tried.

    quiet: reminders whose time was over before it came here (history brought in, a new version) are not sent.
    """

    draft: Draft
    gone: bool = False
    settled: bool = False
    quiet: bool = False


def timed(form: CompiledForm) -> bool:
    """Whether records of a form ever wait for something."""
    return form.statement(("timed",), lambda: bool(waits(form.form)))


def due(app: App, wait: Wait, draft: Draft) -> Due | None:
    """When a wait of a record is over; None while its field is empty, or where time ends before."""
    basis = draft.values.get(wait.field) if wait.field else draft.status_since
    if basis is None:
        return None
    basis = basis if isinstance(basis, datetime) else app.clock.start_of(basis)
    at = app.clock.later(basis, wait.days, wait.hours, wait.working)
    return Due(basis, at) if at is not None else None


def over(draft: Draft, wait: Wait | None, now: datetime) -> bool:
    """Whether there is nothing left to wait for."""
    if wait is None:
        return True
    found = due(draft.form.app, wait, draft)
    return found is not None and found.at <= now


def wanted(draft: Draft) -> Iterator[tuple[str, Due]]:
    """What a record waits for as it stands."""
    form = draft.form.form
    for transition in form.flow():
        if transition.automatic and transition.wait and draft.status in transition.sources:
            yield f"{GO}:{transition.key}", due(draft.form.app, transition.wait, draft)
    for reminder in form.reminders:
        if draft.status in reminder.statuses:
            yield f"{REMIND}:{reminder.key}", due(draft.form.app, reminder.wait, draft)


def keep(connection: sa.Connection, records: Iterable[Kept], now: datetime, anew: bool = False) -> None:
    """Let the timers of saved records be what they wait for now: a fixed number of statements for each form.

    anew: also of those whose flow waits for nothing; another may have.
    """
    by_form: dict[str, list[Kept]] = defaultdict(list)
    for kept in records:
        if anew or timed(kept.draft.form):
            by_form[kept.draft.form.key].append(kept)
    for saved in by_form.values():
        _keep(connection, saved, now)


def _keep(connection: sa.Connection, records: list[Kept], now: datetime) -> None:
    form = records[0].draft.form
    there = of_records(connection, form.app.key, form.key, [kept.draft.id for kept in records])
    new: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for kept in records:
        rows = there.get(kept.draft.id, {})
        for what, found in () if kept.gone else wanted(kept.draft):
            row = rows.pop(what, None) if found else None
            values = _values(kept, what, found, row, now) if found else None
            if values and row is None:
                new.append(_key(form, kept.draft.id, what) | values | {"handings": 0})
            elif values:
                changed.append({"b_id": row.id} | values)
    stale = [row.id for rows in there.values() for row in rows.values()]
    if stale:
        connection.execute(sa.delete(timer).where(timer.c.id.in_(stale)))
    if changed:
        connection.execute(SET, changed)
    if new:
        connection.execute(sa.insert(timer), new)


def _values(kept: Kept, what: str, found: Due, row: sa.Row | None, now: datetime) -> dict[str, Any] | None:
    """The row as it must be; None where it is so already."""
    values = {"basis": found.basis, "due_at": found.at}
    if row is None or row.basis != found.basis:
        return values | {"state": _first_state(kept, what, found.at, now)}
    if row.state == DONE:
        return None
    if row.state == HANDED and not what.startswith(REMIND):
        return None if found.at <= now else values | {"state": WAITING}
    if row.state == WAITING and row.due_at == found.at:
        return None
    return values | {"state": WAITING}  # of a reminder whose time has come, the condition is asked again


def _first_state(kept: Kept, what: str, at: datetime, now: datetime) -> str:
    if at > now:
        return WAITING
    if what.startswith(REMIND):
        return DONE if kept.quiet else WAITING
    return HANDED if kept.settled else WAITING


def of_records(connection: sa.Connection, app_key: str, form_key: str, ids: list[int]) -> dict[int, dict[str, sa.Row]]:
    """The timers of records, by id and by what they are for."""
    here = (timer.c.app_key == app_key, timer.c.form_key == form_key, timer.c.record_id.in_(ids))
    found: dict[int, dict[str, sa.Row]] = defaultdict(dict)
    for row in connection.execute(sa.select(timer).where(*here)):
        found[row.record_id][row.what] = row
    return found


def _key(form: CompiledForm, record_id: int, what: str) -> dict[str, Any]:
    return {"app_key": form.app.key, "form_key": form.key, "record_id": record_id, "what": what}


def hand_over(workspace: Workspace, moment: datetime) -> int:
    """Put what is due into the outbox, each for a delivery of its own; how much that was.

    Rows and errands change in one transaction: whoever dies in between has done nothing, or all of it.
    """
    with workspace.reading() as connection:
        if connection.scalar(ANY_DUE, {"now": moment}) is None:
            return 0
    with workspace.writing() as connection:
        rows = connection.execute(SOME_DUE, {"now": moment}).all()
        put_all(connection, [_errand(row) for row in rows])
        if rows:
            connection.execute(HAND, [{"b_id": row.id} for row in rows])
    return len(rows)


def _errand(row: sa.Row) -> Errand:
    kind, _colon, key = row.what.partition(":")
    payload = {"app": row.app_key, "form": row.form_key, "id": row.record_id}
    payload |= {"reminder": key, "timer": row.id} if kind == REMIND else {}
    record = (row.app_key, row.form_key, row.record_id)
    return Errand("remind" if kind == REMIND else "advance", f"timer:{row.id}:{row.handings + 1}", payload, record)


def standing(connection: sa.Connection, timer_id: int) -> sa.Row | None:
    """A timer that was handed over and is not done with."""
    return connection.execute(sa.select(timer).where(timer.c.id == timer_id, timer.c.state == HANDED)).first()


def done(connection: sa.Connection, timer_id: int) -> None:
    connection.execute(sa.update(timer).where(timer.c.id == timer_id).values(state=DONE))


def left(connection: sa.Connection, app_key: str, form_key: str) -> bool:
    """Whether any record of a form has a timer."""
    here = (timer.c.app_key == app_key, timer.c.form_key == form_key)
    return connection.scalar(sa.select(timer.c.id).where(*here).limit(1)) is not None


def forget(connection: sa.Connection, app_key: str, form_key: str) -> None:
    """Drop all timers of a form that has none any more."""
    connection.execute(sa.delete(timer).where(timer.c.app_key == app_key, timer.c.form_key == form_key))


def differ(live: App, app: App, form: Form) -> bool:
    """Whether a new version of an app may give the timers of a form other times."""
    before = live.form_by_key.get(form.key)
    if before is None or (live.zone, live.calendar) != (app.zone, app.calendar):
        return before is not None
    return waits(before) != waits(form)


def waits(form: Form) -> Mapping[str, Any]:
    """All that records of a form may wait for, by name."""
    waits: dict[str, Any] = {f"{GO}:{t.key}": (t.sources, t.wait) for t in form.flow() if t.automatic and t.wait}
    return waits | {f"{REMIND}:{r.key}": (r.statuses, r.wait) for r in form.reminders}
