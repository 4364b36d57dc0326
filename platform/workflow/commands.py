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

from ..access.actor import SYSTEM, Actor
from ..access.rights import WRITABLE
from ..db import Workspace
from ..definition.model import NEW, Transition, say
from ..errors import Busy, Conflict, FormloomError, Invalid, NotFound, Problem, Refused
from ..records import write
from ..records.choosing import unknown_links
from ..records.compiled import CompiledForm, open_app
from ..records.draft import Draft
from ..records.visibility import modes_at
from .change import Change
from .entry import taken
from .judge import Option, guard_needs, judged, options, unmet
from .loading import Loaded, amend, load
from .merge import merge
from .preview import Preview, preview
from .requests import once
from .saving import number_taken
from .validation import failed_checks, missing

TRIES = 3
MOST_AUTOMATIC = 10


@dataclass(frozen=True)
class Saved:
    """What a command leaves: the record as it now stands."""

    form: str
    id: int
    rev: int
    status: str


class Commands:
    """What one actor does to the records of one app."""

    def __init__(self, workspace: Workspace, actor: Actor, app_key: str, now: datetime | None = None):
        self.workspace = workspace
        self.actor = actor
        self.app_key = app_key
        self._now = now

    def create(self, form: str, values: Mapping[str, Any], key: str | None = None) -> Saved:
        """A new record at the start status."""
        return self._do(key, ["create", form, values], lambda change: self._create(change, form, values))

    def edit(self, form: str, id: int, changes: Mapping, base: Mapping, key: str | None = None) -> Saved:
        """Change fields; `base` holds, for each of them, the value that the person started from."""
        return self._do(key, ["edit", form, id, changes, base], lambda change: self._edit(change, form, id, changes, base))

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
    ) -> Saved:
        """Take a transition. `status` and `rev` are what the person saw; a record that moved on is a conflict."""
        body = ["perform", form, id, transition, input, base, rev, status]
        return self._do(
            key, body, lambda change: self._perform(change, form, id, transition, input or {}, base or {}, rev, status)
        )

    def delete(self, form: str, id: int, key: str | None = None) -> Saved:
        """Take a record away; it can be restored. Refused while others link to it."""
        return self._do(key, ["delete", form, id], lambda change: self._delete(change, form, id))

    def restore(self, form: str, id: int, key: str | None = None) -> Saved:
        """Bring a deleted record back as it was."""
        return self._do(key, ["restore", form, id], lambda change: self._restore(change, form, id))

    def advance(self, form: str, id: int) -> Saved | None:
        """Let a record take the automatic transitions that are due; None where it no longer exists."""
        return self._transact(lambda connection: self._advance_alone(connection, form, id))

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
        return self._do(key, ["unload", form, id], lambda change: self._delete(change, form, id, loading=True))

    def available(self, form: str, id: int) -> list[Option]:
        """Every transition out of the record's status: allowed, or why not and who can lift it."""
        with self.workspace.reading() as connection:
            change = self._change(connection, writing=False)
            draft = self._held(change, form, id)
            change.about(draft)
            change.know(guard_needs(draft.form, draft.status))
            return options(draft, change.data, change.around)

    def preview(self, form: str, id: int | None, values: Mapping[str, Any]) -> Preview:
        """What the record would be with these values; nothing is written."""
        with self.workspace.reading() as connection:
            return preview(self._change(connection, writing=False), form, id, values)

    # transactions

    def _do(self, key: str | None, body: Any, work: Callable[[Change], Draft]) -> Saved:
        return self._transact(lambda connection: self._once(connection, key, body, work))

    def _once(self, connection: sa.Connection, key: str | None, body: Any, work: Callable[[Change], Draft]) -> Saved:
        change = self._change(connection)

        def done() -> dict[str, Any]:
            draft = work(change)
            change.finish()
            return asdict(saved(draft))

        return Saved(**once(connection, self.actor, key, body, change.now, done))

    def _change(self, connection: sa.Connection, writing: bool = True) -> Change:
        """A unit of work on the live version, which is held against a publish while writing."""
        compiled = open_app(self.workspace, connection, self.app_key, share=writing)
        now = self._now or datetime.now(timezone.utc).replace(tzinfo=None)
        return Change(connection, compiled, self.actor, now, locking=writing)

    def _transact(self, work: Callable[[sa.Connection], Any]) -> Any:
        """One transaction; again when the database says that trying again may help."""
        for attempt in range(TRIES):
            try:
                with self.workspace.writing() as connection:
                    return work(connection)
            except sa.exc.OperationalError as error:
                if not _passing(error) or attempt == TRIES - 1:
                    raise Busy from error
                time.sleep(random.uniform(0.01, 0.05) * (attempt + 1))
            except sa.exc.IntegrityError as error:
                raise number_taken(error) from error
        raise Busy

    # the verbs

    def _create(self, change: Change, form_key: str, values: Mapping[str, Any]) -> Draft:
        form = change.compiled.form(form_key)
        grants = tuple(grant for grant in form.actor_grants(self.actor) if grant.create)
        if not grants:
            raise NotFound if not form.actor_grants(self.actor) else Refused(
                _("Your roles may not create this."), tuple(g.role for g in form.grants.values() if g.create)
            )
        modes = modes_at(form, grants, (True,) * len(grants), NEW)
        given = taken(form, values, modes)
        draft = Draft(form, {key: [] for key in form.rows} | given, status=form.start_status)
        data = change.derive(draft, frozenset(given))
        self._judge(change, draft, data, modes)
        change.saving.insert([draft], "created")
        self._go_on(change, draft)
        return draft

    def _edit(self, change: Change, form_key: str, record_id: int, changes: Mapping, base: Mapping) -> Draft:
        draft = self._held(change, form_key, record_id)
        modes = held_modes(draft, self.actor)
        clashes = merge(draft, taken(draft.form, changes, modes), based(draft.form, base, changes, modes), modes)
        if clashes:
            raise Conflict(clashes=clashes, changed=_standing(draft))
        data = change.derive(draft)
        self._judge(change, draft, data, modes)
        change.saving.update([draft], "edited")
        self._go_on(change, draft)
        return draft

    def _perform(self, change: Change, form_key, record_id, key, input, base, rev, status) -> Draft:
        """1. the record as it was seen;  2. who and guards;  3. what is asked;  4. effects and the status;
        5. the record saved;  6. what then happens by itself.
        """
        draft = self._held(change, form_key, record_id)
        transition = draft.form.form.transition_by_key.get(key)
        if transition is None:
            raise NotFound
        self._still(draft, transition, rev, status)
        change.about(draft)
        change.know(guard_needs(draft.form, draft.status))
        option = judged(draft, transition, change.data, change.around)
        if not option.allowed:
            first = option.reasons[0]
            raise Refused(" ".join(reason.text for reason in option.reasons), first.lifters)
        self._ask(change, draft, transition, input, base)
        self._take(change, draft, transition)
        self._go_on(change, draft)
        return draft

    def _delete(self, change: Change, form_key: str, record_id: int, loading: bool = False) -> Draft:
        draft = self._held(change, form_key, record_id)
        held = held_grants(draft, self.actor)
        if not any(grant.load if loading else draft.status in grant.delete for grant in held):
            raise Refused(_("Your roles may not delete this at this step."))
        referring = write.referring_forms(change.connection, draft.form, record_id)
        if referring:
            names = [say(change.compiled.form(k).form.plural, self.actor.language) for k in referring]
            raise Refused(_("This is used by: %(forms)s.", forms=", ".join(names)))
        change.saving.update([draft], "deleted", deleted_at=change.now)
        return draft

    def _restore(self, change: Change, form_key: str, record_id: int) -> Draft:
        draft = self._held(change, form_key, record_id, deleted=True)
        if not any(draft.status in grant.delete for grant in held_grants(draft, self.actor)):
            raise Refused(_("Your roles may not restore this."))
        change.saving.update([draft], "restored", deleted_at=None)
        return draft

    def _advance_alone(self, connection: sa.Connection, form_key: str, record_id: int) -> Saved | None:
        change = self._change(connection)
        draft = change.hold(form_key, record_id)
        if draft is None:
            return None
        self._go_on(change, draft)
        change.finish()
        return saved(draft)

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

        body = ["load", form_key, [asdict(record) for record in records]]
        answer = once(connection, self.actor, key, body, change.now, done)
        return found or [_as_before(row) for row in answer["loaded"]]

    # steps of the verbs

    def _held(self, change: Change, form_key: str, record_id: int, deleted: bool = False) -> Draft:
        """The record under its lock; not found where no row scope of the actor holds it."""
        form = change.compiled.form(form_key)
        if not form.actor_grants(self.actor):
            raise NotFound
        draft = change.hold(form_key, record_id, deleted)
        if draft is None or not any(draft.flags):
            raise NotFound
        return draft

    def _still(self, draft: Draft, transition: Transition, rev: int | None, status: str | None) -> None:
        moved = status is not None and status != draft.status
        if moved or (rev is not None and rev != draft.rev) or draft.status not in transition.sources:
            raise Conflict(_moved(draft, self.actor.language), changed=_standing(draft))

    def _judge(self, change: Change, draft: Draft, data: Mapping, modes: Mapping[str, str]) -> None:
        """What must hold at every save: needed fields, checks, links that exist for this actor."""
        problems = missing(draft, modes, data) + failed_checks(draft, data, self.actor.language)
        problems += unknown_links(change.connection, change.compiled, [draft], self.actor, change.now)[0]
        if problems:
            raise Invalid(problems)

    def _ask(self, change: Change, draft: Draft, transition: Transition, input: Mapping, base: Mapping) -> None:
        """Take what the transition asks for, and nothing else."""
        modes = asked_modes(draft.form, transition)
        values = taken(draft.form, input, modes)
        started = {key: draft.values.get(key) for key in values} | based(draft.form, base, values, modes)
        clashes = merge(draft, values, started, modes)
        if clashes:
            raise Conflict(clashes=clashes, changed=_standing(draft))
        data = change.derive(draft)
        self._judge(change, draft, data, modes)

    def _take(self, change: Change, draft: Draft, transition: Transition) -> None:
        change.about(draft)
        change.carry_out(transition.effects)
        draft.status = transition.target
        change.derive(draft)
        change.saving.update([draft], "performed", transition.key)

    def _go_on(self, change: Change, draft: Draft) -> None:
        """The automatic transitions that are due, by the engine, no more than ten in a row."""
        actor = change.actor
        for _turn in range(MOST_AUTOMATIC):
            waiting = [t for t in draft.form.form.transitions if t.automatic and draft.status in t.sources]
            if not waiting:
                break
            change.act_as(SYSTEM)
            change.about(draft)
            change.know(guard_needs(draft.form, draft.status))
            due = next((t for t in waiting if not unmet(draft, t, change.data, "en")), None)
            if due is None:
                break
            self._take(change, draft, due)
        change.act_as(actor)


def saved(draft: Draft) -> Saved:
    return Saved(draft.form.key, draft.id, draft.rev, draft.status)


def held_grants(draft: Draft, actor: Actor) -> list:
    grants = draft.form.actor_grants(actor)
    return [grant for grant, flag in zip(grants, draft.flags, strict=True) if flag]


def held_modes(draft: Draft, actor: Actor) -> Mapping[str, str]:
    return modes_at(draft.form, draft.form.actor_grants(actor), draft.flags, draft.status)


def asked_modes(form: CompiledForm, transition: Transition) -> dict[str, str]:
    """What a transition asks for, as modes; asked line items open all their entered columns."""
    modes: dict[str, str] = {}
    for ask in transition.ask:
        modes[ask.field] = "required" if ask.required else "edit"
        key, dot, _column = ask.field.partition(".")
        if dot:
            modes.setdefault(key, "read")
        elif key in form.rows:
            modes |= {f"{key}.{c.key}": "edit" for c in form.form.by_key[key].fields}
    return modes


def based(form: CompiledForm, base: Mapping[str, Any], changes: Mapping[str, Any], modes: Mapping[str, str]) -> dict[str, Any]:
    """The values that a person started from, of the fields that they change."""
    known = {key: value for key, value in base.items() if key in changes and key in form.form.by_key}
    readable = {path: "edit" if mode in WRITABLE or path in form.rows else mode for path, mode in modes.items()}
    return taken(form, known, readable, revived)


def _moved(draft: Draft, language: str) -> str:
    statuses = draft.form.statuses
    label = say(statuses.by_key[draft.status].label, language) if statuses else draft.status
    return _("Somebody was faster: this now stands at “%(status)s”.", status=label)


def _standing(draft: Draft) -> dict[str, Any]:
    return {"status": draft.from_status, "rev": draft.rev}


def _passing(error: sa.exc.OperationalError) -> bool:
    """Whether trying again may help: locked, deadlocked, not serialisable."""
    state = getattr(error.orig, "sqlstate", None)
    return state in ("40001", "40P01", "55P03") or (state is None and "locked" in str(error.orig))


def _as_before(row: Mapping[str, Any]) -> Saved | Invalid:
    if "problems" not in row:
        return Saved(**row)
    return Invalid([Problem(problem["path"], problem["message"]) for problem in row["problems"]])


__all__ = ["Commands", "FormloomError", "Loaded", "Option", "Preview", "Saved"]
