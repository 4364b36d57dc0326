"""Drafts into tables: the rows, the lines, and one event for each record, in a fixed number of statements."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from ..access.actor import Actor
from ..errors import Conflict
from ..fields import serial
from ..records import write
from ..records.compiled import Compiled, CompiledForm
from ..records.draft import Draft, Surroundings
from ..records.files import claim_files
from ..records.history import VOIDED, Happening, chained, covers
from .deltas import Deltas
from .differences import differences, line_differences, same
from .timers import Kept
from .voiding import void

Cause = Mapping[str, Any]
"""The transition of another record that changed this one: {"form", "id", "transition"}."""

NUMBER = re.compile(r"\bux_|UNIQUE constraint failed: \w+\.f_")
"""How PostgreSQL and SQLite name the unique index of a field; only serial numbers have one."""


class Saving:
    """Writes drafts and gathers their event rows in `events`."""

    def __init__(self, connection: sa.Connection, compiled: Compiled, actor: Actor, now: datetime):
        self.connection = connection
        self.compiled = compiled
        self.actor = actor
        self.now = now
        self.events: list[dict[str, Any]] = []
        self.deltas = Deltas(compiled)
        self.written: dict[tuple[str, int], bool] = {}  # (form key, id): whether it is new
        self.saved: dict[tuple[str, int], Kept] = {}

    def insert(
        self, drafts: list[Draft], kind: str, at: list[datetime | None] | None = None, cause: Cause | None = None
    ) -> None:
        """New records of one form: numbers, headers, lines, events."""
        if not drafts:
            return
        form = drafts[0].form
        self._number(form, drafts)
        moments = [moment or self.now for moment in at or [None] * len(drafts)]
        rows = [self._new_row(draft, moment) for draft, moment in zip(drafts, moments, strict=True)]
        for draft, record_id in zip(drafts, write.insert_records(self.connection, form, rows), strict=True):
            draft.id = record_id
            claim_files(self.connection, draft)
        self.written |= {(form.key, draft.id): True for draft in drafts}
        for key in form.rows:
            places = [(draft, place) for draft in drafts for place in _new_lines(draft, key)]
            self._insert_lines(form, key, places, [draft.created_at for draft, _place in places])
        for draft in drafts:
            self._tell(draft, kind, None, None, cause)
            self._count(draft, fresh=True)
            self._keep(draft, kind)
        heads = [({"b_id": d.id, "b_rev": d.rev, "seq": d.seq, "head": d.head}, {}) for d in drafts]
        write.update_records(self.connection, form, heads, ())
        for draft in drafts:
            draft.remember()

    def update(
        self,
        drafts: list[Draft],
        kind: str,
        transition: str | None = None,
        bump: bool = True,
        notes: Mapping[str, str] | None = None,
        touch: bool = True,
        causes: Mapping[int, Cause | None] = MappingProxyType({}),
        erased: Sequence[str] = (),
        **columns: Any,
    ) -> None:
        """Changed records of one form, under their locks; `notes` are told with the event.

        bump: it counts as a new rev.  touch: it counts as changed, now and by the actor.  causes: by record id, the
        transitions of others that changed them.  erased: the paths of which the event tells no value.
        """
        if not drafts:
            return
        form = drafts[0].form
        self._number(form, drafts)
        for key in form.rows:
            self._update_lines(form, key, drafts)
        voided = void(self.connection, drafts, transition) if bump and kind != "voted" else {}
        for draft in drafts:
            claim_files(self.connection, draft)
            also = {VOIDED: str(voided[draft.id])} if draft.id in voided else {}
            told = {**(notes or {}), **also}
            self._tell(draft, kind, transition, draft.from_status, causes.get(draft.id), told, erased)
        keys = _changed_keys(drafts)
        rows = [(self._own(draft, bump, touch) | columns, draft.values) for draft in drafts]
        if write.update_records(self.connection, form, rows, keys) != len(rows):
            raise Conflict
        for draft in drafts:
            self._count(draft, gone=columns.get("deleted_at", draft.deleted))
            self.written.setdefault((form.key, draft.id), False)
            draft.rev += bump
            draft.status_since = self.now if draft.status != draft.from_status else draft.status_since
            draft.remember()
            self._keep(draft, kind)

    def rework(self, drafts: list[Draft]) -> None:
        """Records of one form whose derived values moved with other records: no event and no rev tell of that,
        but where a show rule then emptied what was entered, which is a change like another.
        """
        emptied = {draft.id: draft for draft in drafts if differences(draft)}
        self.update(list(emptied.values()), "adjusted", bump=False)
        moved = [draft for draft in drafts if draft.id not in emptied]
        if not moved:
            return
        form = moved[0].form
        for key in form.rows:
            self._update_lines(form, key, moved)
        rows = [({"b_id": draft.id, "b_rev": draft.rev, "derived_at": self.now}, draft.values) for draft in moved]
        write.update_records(self.connection, form, rows, _changed_keys(moved))
        for draft in moved:
            self._count(draft, gone=draft.deleted)
            self.written.setdefault((form.key, draft.id), False)
            draft.remember()
            self._keep(draft, "derived")

    def _keep(self, draft: Draft, kind: str) -> None:
        """Remember what was saved, for its timers; history that is brought in stays quiet about what is past."""
        key = (draft.form.key, draft.id)
        quiet = kind == "loaded" or (key in self.saved and self.saved[key].quiet)
        self.saved[key] = Kept(draft, gone=bool(draft.deleted), quiet=quiet)

    def _count(self, draft: Draft, fresh: bool = False, gone: Any = False) -> None:
        """Tell the roll-ups that a record counts towards what it was and is; deleted ones count nowhere."""
        if draft.form.key in self.compiled.watching:
            around = Surroundings(self.actor, self.compiled.app, self.now)
            self.deltas.note(draft, around, was=not fresh and not draft.deleted, stays=not gone)
        draft.deleted = bool(gone)

    def _new_row(self, draft: Draft, moment: datetime) -> write.Put:
        draft.rev = 1
        draft.created_by = draft.created_by or self.actor.author
        draft.created_at = draft.status_since = moment
        own = {"status": draft.status, "rev": 1, "created_at": moment, "created_by": draft.created_by}
        own |= {"updated_at": moment, "updated_by": self.actor.author, "status_since": moment}
        return own, draft.values

    def _own(self, draft: Draft, bump: bool, touch: bool) -> dict[str, Any]:
        row = {"b_id": draft.id, "b_rev": draft.rev, "rev": draft.rev + bump, "seq": draft.seq, "head": draft.head}
        row |= {"status": draft.status} | ({"updated_at": self.now, "updated_by": self.actor.author} if touch else {})
        row["status_since"] = self.now if draft.status != draft.from_status else draft.status_since
        return row

    def _number(self, form: CompiledForm, drafts: list[Draft]) -> None:
        """Give serial numbers to what is new, last before it is written so that their counter is held briefly."""
        for path, field in form.form.serials.items():
            rows, _dot, key = path.rpartition(".")
            waiting = [new for draft in drafts for new in _new_ones(draft, rows) if new.get(key) is None]
            if not waiting:
                continue
            pattern, day = serial.parse(field.settings["pattern"]), self.compiled.app.day(self.now)
            numbers = write.take_numbers(self.connection, form, path, pattern.period(day), len(waiting))
            for new, number in zip(waiting, numbers, strict=True):
                new[key] = pattern.render(day, number)

    def _insert_lines(self, form: CompiledForm, key: str, places: list[tuple[Draft, int]], since: list[datetime]) -> None:
        rows = [({"record_id": d.id, "position": index + 1}, d.values[key][index]) for d, index in places]
        if key in form.line_statuses:
            for (own, line), moment in zip(rows, since, strict=True):
                own |= {"status": line["status"], "status_since": moment}
        ids = write.insert_lines(self.connection, form, key, rows)
        for (draft, index), line_id in zip(places, ids, strict=True):
            draft.values[key][index]["id"] = line_id

    def _update_lines(self, form: CompiledForm, key: str, drafts: list[Draft]) -> None:
        changed, moved, gone = [], [], []
        for draft in drafts:
            before = {line["id"]: (place, line) for place, line in enumerate(draft.before.get(key) or [])}
            after = draft.values.get(key) or []
            for place, line in enumerate(after):
                was = before.get(line.get("id"))
                if "id" in line and not same(form, key, (place, line), was):
                    changed.append(({"b_id": line["id"], "position": place + 1}, line))
                    if was is not None and line.get("status") != was[1].get("status"):
                        moved.append({"b_id": line["id"], "status": line["status"], "status_since": self.now})
            gone += before.keys() - {line.get("id") for line in after}
        write.update_lines(self.connection, form, key, changed, [c.key for c in form.stored_columns[key]])
        write.move_lines(self.connection, form, key, moved)
        write.delete_lines(self.connection, form, key, sorted(gone))
        places = [(draft, place) for draft in drafts for place in _new_lines(draft, key)]
        self._insert_lines(form, key, places, [self.now] * len(places))

    def _tell(
        self,
        draft: Draft,
        kind: str,
        transition: str | None,
        from_status: str | None,
        cause: Cause | None,
        notes: Mapping[str, str] | None = None,
        erased: Sequence[str] = (),
    ) -> None:
        draft.seq += 1
        happening = Happening(
            app_key=self.compiled.app.key,
            form_key=draft.form.key,
            record_id=draft.id,
            seq=draft.seq,
            at=self.now,
            actor_id=self.actor.author,
            kind=kind,
            transition=transition,
            from_status=from_status,
            to_status=draft.status,
            version_id=self.compiled.version_id,
            changes=_told(draft, erased) | {name: (None, text) for name, text in (notes or {}).items()},
            cause=cause,
        )
        row = chained(happening, draft.head)
        draft.head = row["hash"]
        self.events.append(row)


def changed(draft: Draft) -> bool:
    """Whether anything of a record is other than it was; a live look-up is none of it."""
    return bool(_changed_keys([draft])) or any(
        _new_lines(draft, key) or line_differences(draft, key) for key in draft.form.rows
    )


def _told(draft: Draft, erased: Sequence[str]) -> dict[str, tuple[Any, Any]]:
    """The differences; of what is erased, that it is."""
    told = {path: pair for path, pair in differences(draft).items() if not any(covers(one, path) for one in erased)}
    return told | dict.fromkeys(erased, (None, None))


def _new_lines(draft: Draft, key: str) -> list[int]:
    return [place for place, line in enumerate(draft.values.get(key) or []) if "id" not in line]


def _new_ones(draft: Draft, rows: str) -> list[Any]:
    """The values of a record that is new, or of its new lines."""
    if not rows:
        return [draft.values] if draft.id is None else []
    return [draft.values[rows][place] for place in _new_lines(draft, rows)]


def _changed_keys(drafts: list[Draft]) -> list[str]:
    keys = [field.key for field in drafts[0].form.stored_fields]
    return [key for key in keys if any(draft.values.get(key) != draft.before.get(key) for draft in drafts)]


def number_taken(error: sa.exc.IntegrityError) -> bool:
    """Whether it is a serial number's unique index that refused a record."""
    return bool(NUMBER.search(str(error.orig)))
