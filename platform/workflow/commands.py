"""THE COMMANDS: the only door to a change of users' records.

Each opens one transaction: hold the app's live version, lock the record, judge rights and rules, change,
derive, write history and outbox, commit. A serialisation failure or a busy database is tried again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from ..access.actor import Actor
from ..db import Workspace, unavailable
from ..errors import Busy, Conflict, Invalid, Problem
from ..records.compiled import open_app
from ..records.draft import Draft
from ..records.query import Gate
from .change import Change
from .editing import create, delete, edit, restore
from .erasing import erase
from .foresight import Foreseen, Touched, foreseen, readings, touched
from .holding import held
from .judge import Option, guard_needs, line_guard_needs, line_options, options
from .loading import Loaded, amend, load
from .performing import advance, perform
from .preview import Preview, preview
from .reminding import remind, set_anew
from .requests import once
from .saving import number_taken
from .voting import Saying, withdraw

TRIES = 3


@dataclass(frozen=True)
class Saved:
    """What a command leaves: the record as it now stands."""

    form: str
    id: int
    rev: int
    status: str


@dataclass(frozen=True)
class Available:
    """What can be done now and what cannot: with the record, and with each line by (rows key, id)."""

    record: list[Option]
    lines: Mapping[tuple[str, int], list[Option]]


class Commands:
    """What one actor does to the records of one app; without `keep`, what would come of it, and nothing is left behind."""

    def __init__(self, workspace: Workspace, actor: Actor, app_key: str, now: datetime | None = None, keep: bool = True):
        self.workspace = workspace
        self.keep = keep
        self.actor = actor
        self.app_key = app_key
        self._now = now

    def create(self, form: str, values: Mapping[str, Any], key: str | None = None) -> Saved:
        """A new record at the start status."""
        return self._do(key, ["create", form, values], lambda change: create(change, form, values))

    def edit(self, form: str, id: int, changes: Mapping, base: Mapping, key: str | None = None) -> Saved:
        """Change fields; `base` holds, for each of them, the value that the person started from."""
        return self._do(key, ["edit", form, id, changes, base], lambda change: edit(change, form, id, changes, base))

    def perform(
        self,
        form: str,
        id: int,
        transition: str,
        input: Mapping[str, Any] | None = None,
        base: Mapping[str, Any] | None = None,
        rev: int | None = None,
        status: str | None = None,
        key: str | None = None,
        row: int | None = None,
        opinion: str | None = None,
        signature: Any = None,
        copies: Sequence[int] = (),
    ) -> Saved:
        """Take a transition, or vote for it where it needs approval; the deciding vote takes it. One of lines is
        taken by the line whose id is `row`. opinion, signature, copies: see `voting.Saying`.

        `status` (of that line) and `rev` are what the person saw; a record that moved on is a conflict.
        """
        body = ["perform", form, id, transition, input, base, rev, status, row] + ([opinion] if opinion is not None else [])
        signed = signature if isinstance(signature, str) else signature is not None  # each upload has a number of its own
        body += [{"signature": signed, "copies": list(copies)}] if signed or copies else []

        def work(change: Change) -> Draft:
            return perform(change, form, id, transition, input or {}, base or {}, rev, status, row, Saying(opinion, signature, copies))

        return self._do(key, body, work)

    def withdraw(self, form: str, id: int, transition: str, key: str | None = None) -> Saved:
        """Take back one's vote for a transition."""
        return self._do(key, ["withdraw", form, id, transition], lambda change: withdraw(change, form, id, transition))

    def delete(self, form: str, id: int, key: str | None = None) -> Saved:
        """Take a record away; it can be restored. Refused while others link to it."""
        return self._do(key, ["delete", form, id], lambda change: delete(change, form, id))

    def restore(self, form: str, id: int, key: str | None = None) -> Saved:
        """Bring a deleted record back as it was."""
        return self._do(key, ["restore", form, id], lambda change: restore(change, form, id))

    def advance(self, form: str, id: int) -> Saved | None:
        """Let a record take the automatic transitions that are due; None where it no longer exists."""
        draft = self._alone(lambda change: advance(change, form, id))
        return saved(draft) if draft else None

    def remind(self, form: str, id: int, reminder: str, timer: int) -> None:
        """Send a reminder of a record, whose timer the worker found due."""
        self._alone(lambda change: remind(change, form, id, reminder, timer))

    def set_timers(self, form: str, after: int) -> None:
        """Set the timers of the next records of a form as the live version has them."""
        self._alone(lambda change: set_anew(change, form, after))

    def load(
        self, form: str, records: Sequence[Loaded], key: str | None = None, note: Callable | None = None
    ) -> list[Saved | Invalid]:
        """Bring history in, each record in its status, judged alone; no guards, no effects.

        `note(connection, outcomes)` may write down in the same transaction where each came from.
        """
        return self._transact(lambda connection: self._load(connection, form, records, key, note))

    def amend(self, form: str, id: int, changes: Mapping, base: Mapping, key: str | None = None) -> Saved:
        """Change a record that was loaded, in any status, by the right to load."""
        return self._do(key, ["amend", form, id, changes, base], lambda change: amend(change, form, id, changes, base))

    def unload(self, form: str, id: int, key: str | None = None) -> Saved:
        """Take a loaded record away again, by the right to load."""
        return self._do(key, ["unload", form, id], lambda change: delete(change, form, id, loading=True))

    def erase(self, form: str, id: int, fields: Sequence[str], copies: bool = False) -> Saved:
        """Take personal values out of a record and its history for good; by an admin. See erasing.py."""
        body = ["erase", form, id, list(fields), copies]
        return self._do(None, body, lambda change: erase(change, form, id, fields, copies))

    def available(self, form: str, id: int, gate: Gate | None = None) -> list[Option]:
        """Every transition out of the record's status: allowed, or why not and who can lift it."""
        return self.available_with_lines(form, id, gate).record

    def available_with_lines(self, form: str, id: int, gate: Gate | None = None) -> Available:
        """The same of the record and of each of its lines, as of one moment: the gate's, else now."""
        if gate is not None:
            return _available(Change(gate.connection, gate.compiled, self.actor, gate.now, locking=False), form, id)
        with self.workspace.reading() as connection:
            return _available(self._change(connection, writing=False), form, id)

    def preview(self, form: str, id: int | None, values: Mapping[str, Any]) -> Preview:
        """What the record would be with these values; nothing is written."""
        with self.workspace.reading() as connection:
            return preview(self._change(connection, writing=False), form, id, values)

    def effects(
        self, form: str, id: int, transition: str, input: Mapping[str, Any] | None = None, row: int | None = None
    ) -> list[Foreseen]:
        """What taking a transition would change, as far as the actor reads it; raises whatever would refuse it.

        It is carried out in a transaction that leaves nothing behind.
        """

        def tried(connection: sa.Connection) -> tuple[list[Touched], dict]:
            change = self._change(connection)
            perform(change, form, id, transition, input or {}, {}, None, None, row)
            change.finish()
            records = touched(change, (form, id))
            return records, readings(Gate(connection, change.compiled, self.actor, change.now), records)

        records, after = self._transact(tried, keep=False)
        with self.workspace.reading() as connection:
            gate = Gate(connection, open_app(self.workspace, connection, self.app_key), self.actor, self._now)
            return foreseen(records, readings(gate, records), after)

    # transactions

    def _do(self, key: str | None, body: Any, work: Callable[[Change], Draft]) -> Saved:
        return self._transact(lambda connection: self._once(connection, key, body, work))

    def _once(self, connection: sa.Connection, key: str | None, body: Any, work: Callable[[Change], Draft]) -> Saved:
        change = self._change(connection)

        def done() -> dict[str, Any]:
            draft = work(change)
            change.finish()
            return asdict(saved(draft))

        return Saved(**once(connection, self.actor, key, [self.app_key, body], change.now, done))

    def _change(self, connection: sa.Connection, writing: bool = True) -> Change:
        """A unit of work on the live version, which is held against a publish while writing."""
        compiled = open_app(self.workspace, connection, self.app_key, share=writing)
        now = self._now or datetime.now(timezone.utc).replace(tzinfo=None)
        return Change(connection, compiled, self.actor, now, locking=writing)

    def _transact(self, work: Callable[[sa.Connection], Any], keep: bool = True) -> Any:
        """One transaction; again when the database says that trying again may help."""
        for attempt in range(TRIES):
            try:
                with self.workspace.writing(keep and self.keep) as connection:
                    return work(connection)
            except sa.exc.OperationalError as error:
                if not _passing(error) or attempt == TRIES - 1:
                    raise unavailable(error) from error
                time.sleep(random.uniform(0.01, 0.05) * (attempt + 1))
            except sa.exc.IntegrityError as error:
                if number_taken(error):
                    raise Conflict(_("A record with this number exists already.")) from error
                if attempt == TRIES - 1:
                    raise
        raise Busy

    def _alone(self, work: Callable[[Change], Any]) -> Any:
        """Something that the worker asks for, which is the same however often it is done."""

        def done(connection: sa.Connection) -> Any:
            change = self._change(connection)
            found = work(change)
            change.finish()
            return found

        return self._transact(done)

    def _load(self, connection: sa.Connection, form_key: str, records: Sequence[Loaded], key: str | None, note) -> list:
        change = self._change(connection)
        found: list[Saved | Invalid] = []

        def done() -> dict[str, Any]:
            for outcome in load(change, form_key, records):
                found.append(outcome if isinstance(outcome, Invalid) else saved(outcome))
            change.finish()
            if note is not None:
                note(connection, found)
            return {"loaded": [asdict(s) if isinstance(s, Saved) else s.as_json() for s in found]}

        body = ["load", self.app_key, form_key, [asdict(record) for record in records]]
        answer = once(connection, self.actor, key, body, change.now, done)
        return found or [_as_before(row) for row in answer["loaded"]]


def _available(change: Change, form: str, id: int) -> Available:
    draft = held(change, form, id)
    change.about(draft)
    change.know(guard_needs(draft.form, draft.status) | line_guard_needs(draft.form))
    here = options(draft, change.data, change.around, change.rounds)
    return Available(here, line_options(draft, change.data, change.around, change.rounds))


def saved(draft: Draft) -> Saved:
    return Saved(draft.form.key, draft.id, draft.rev, draft.status)


def _passing(error: sa.exc.OperationalError) -> bool:
    """Whether trying again may help: locked, deadlocked, not serialisable."""
    state = getattr(error.orig, "sqlstate", None)
    return state in ("40001", "40P01", "55P03") or (state is None and "locked" in str(error.orig))


def _as_before(row: Mapping[str, Any]) -> Saved | Invalid:
    if "problems" not in row:
        return Saved(**row)
    return Invalid([Problem(problem["path"], problem["message"]) for problem in row["problems"]])


__all__ = ["Available", "Commands", "Foreseen", "Loaded", "Option", "Preview", "Saved"]
