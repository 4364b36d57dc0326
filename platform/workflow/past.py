"""Records as they stood at moments of the past, replayed from their histories.

A moment is a place among all events (the id of one). Moments are asked for in the order in which they came, so each
history is read and replayed once. Formulas and roll-ups, of which history does not tell, are worked out anew from
what counted then; a look-up nobody told of is empty, and links, people and their roles are those of today.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from marshmallow import ValidationError

from ..access.actor import SYSTEM
from ..definition.dependencies import standing_on
from ..definition.rollups import Rollup
from ..records import form_history, history
from ..records.batches import ids_linking
from ..records.compiled import Compiled, CompiledForm
from ..records.conversion import convert
from ..records.derive import UNTOLD, WORKED_OUT, derivation_needs, derive
from ..records.draft import Draft, Linked, Surroundings, opened
from ..records.links import Needs, needs_of_paths, reached, values_at
from ..records.replay import Replay, merged
from ..records.values import revived
from ..rules.typing import paths
from .deltas import Counted

Record = tuple[str, int]
Versions = Callable[[int], Compiled]
GONE = "deleted"
MOST_COUNTED = 500  # records that are looked at for one roll-up
AFTER = 0.5  # what an event caused elsewhere stands between it and here


@dataclass(frozen=True)
class When:
    """Right before a place among all events, under the version that was live then."""

    place: float
    version_id: int
    at: datetime


class Told:
    """One record's history, replayed as far as the last moment that was asked for."""

    def __init__(self, events: list[sa.Row], befell: list[sa.Row], versions: Versions, place: Callable[[sa.Row], float]):
        self.replay = Replay(versions)
        self.first = events[0] if events else None
        self.last: sa.Row | None = None
        self.came_at: Any = None  # to its status
        self.applied = 0
        self._waiting = iter(merged(events, befell))
        self._next = next(self._waiting, None)
        self._place = place

    def until(self, when: When) -> Told | None:
        """As it stood then; None where it was not there, or no longer."""
        while self._next is not None and self._came(self._next, when):
            self._take(self._next)
            self._next = next(self._waiting, None)
        return None if self.last is None or self.last.kind == GONE else self

    def _came(self, row: Any, when: When) -> bool:
        return row.version_id <= when.version_id if "facts" in row._mapping else self._place(row) < when.place

    def _take(self, row: Any) -> None:
        before = self.replay.status
        if "facts" in row._mapping:
            self.replay.take_of_form(row)
        else:
            self.replay.take(row)
            self.last = row
        self.applied += 1
        self.came_at = row.at if self.replay.status != before else self.came_at


class Past:
    """All records of an app at a moment, as a version of it (or its draft) has them."""

    def __init__(self, connection: sa.Connection, live: Compiled, versions: Versions):
        self.connection = connection
        self.live = live
        self.versions = versions
        self._told: dict[Record, Told] = {}
        self._befell: dict[str, list[sa.Row]] = {}
        self._kept: dict[tuple, tuple[int, Draft]] = {}
        self._counted: dict[tuple, list[int]] = {}
        self._causes: dict[tuple, int] = {}
        self._under_way: set[tuple] = set()

    def read(self, form_key: str, ids: Iterable[int]) -> dict[int, list[sa.Row]]:
        """The events of records, oldest first, remembered for what is asked of them."""
        event, missing = history.event, sorted(set(ids) - {one for key, one in self._told if key == form_key})
        found: dict[int, list[sa.Row]] = {record_id: [] for record_id in missing}
        here = (event.c.app_key == self.live.app.key, event.c.form_key == form_key, event.c.record_id.in_(missing))
        for row in self.connection.execute(sa.select(event).where(*here).order_by(event.c.id)):
            found[row.record_id].append(row)
            if row.transition:
                self._causes.setdefault((form_key, row.record_id, row.transition, row.at), row.id)
        for record_id, rows in found.items():
            self._told[form_key, record_id] = Told(rows, self._form_events(form_key), self.versions, self.place)
        return found

    def draft(self, compiled: Compiled, record: Record, when: When, wanted: frozenset[str]) -> Draft | None:
        """A record as rules of a compiled version would have seen it; None where it was not there. wanted: the fields
        that must be right; what costs more than reading is only worked out for these.
        """
        self.read(record[0], [record[1]])
        told = self._told[record].until(when)
        if told is None or record[0] not in compiled.forms:
            return None
        form = compiled.form(record[0])
        wanted = standing_under(form, wanted)
        key = (id(compiled), *record, wanted)
        kept = self._kept.get(key)
        if kept is not None and kept[0] == told.applied:
            return kept[1]
        made = _draft(form, record[1], told, self._shown_then(when, record[0]))
        if key[:3] not in self._under_way:  # what counts towards a record reads it itself
            self._under_way.add(key[:3])
            self._work_out(made, when, wanted)
            self._under_way.remove(key[:3])
            if not wanted & form.rollups.keys():
                self._kept[key] = (told.applied, made)
        return made

    def _work_out(self, draft: Draft, when: When, wanted: frozenset[str]) -> None:
        form = draft.form
        for key in wanted & form.rollups.keys():
            draft.values[key] = self._sum(form.compiled, form.rollups[key], draft.id, when)
        draft.remember()
        if any(key in form.rows or form.form.by_key[key].type in WORKED_OUT for key in wanted):
            around = Surroundings(SYSTEM, form.app, when.at)
            derive(self.connection, form.compiled, [draft], around, self.linked(draft, derivation_needs(form), when))
        draft.remember()

    def linked(self, draft: Draft, needs: Needs, when: When, into: Linked | None = None) -> Linked:
        """What a draft's links led to then, of all that is needed past them."""
        linked: Linked = {} if into is None else into
        compiled = draft.form.compiled
        for target, (links, keys) in reached(draft.form, needs).items():
            form = compiled.form(target)
            firsts = frozenset(key.partition(".")[0] for key in keys)
            for record_id in {one for link in links for one in values_at(draft, link)}:
                beyond = self.draft(compiled, (target, record_id), when, firsts)
                values = dict.fromkeys(firsts) if beyond is None else {key: _read(beyond, key) for key in firsts}
                if beyond is not None:
                    self.linked(beyond, needs_of_paths(form, keys), when, linked)
                linked.setdefault((target, record_id), {}).update(opened(form, "", values, linked))
        return linked

    def _sum(self, compiled: Compiled, rollup: Rollup, record_id: int, when: When) -> Decimal:
        amount, around = Decimal(0), Surroundings(SYSTEM, compiled.app, when.at)
        source = compiled.form(rollup.source)
        wanted = source.statement(("counted by", rollup.form, rollup.key), lambda: _counted_by(source, rollup))
        for counting in self._counting(rollup, record_id):
            counted = self.draft(compiled, (rollup.source, counting), when, wanted)
            towards = Counted(counted, around).towards(rollup) if counted else ()
            amount += sum((one for target, one in towards if target == record_id), Decimal(0))
        return amount

    def _counting(self, rollup: Rollup, record_id: int) -> list[int]:
        """The records that link to one today, deleted ones too."""
        key = (rollup.source, rollup.rows, rollup.via, record_id)
        if key not in self._counted:
            form = self.live.forms.get(rollup.source)
            self._counted[key] = ids_linking(self.connection, form, rollup, record_id, MOST_COUNTED) if form else []
            self.read(rollup.source, self._counted[key])
        return self._counted[key]

    def place(self, row: sa.Row) -> float:
        """Where an event stands among the others; what another's transition caused, right behind that one."""
        cause = row.cause
        found = self._causes.get((cause["form"], cause["id"], cause["transition"], row.at)) if cause else None
        return row.id if found is None else min(row.id, found + AFTER / 2)

    def _form_events(self, form_key: str) -> list[sa.Row]:
        if form_key not in self._befell:
            self._befell[form_key] = form_history.of_form(self.connection, self.live.app.key, form_key)
        return self._befell[form_key]

    def _shown_then(self, when: When, form_key: str) -> Mapping[str, Any]:
        forms = self.versions(when.version_id).forms
        return forms[form_key].shown if form_key in forms else {}


def standing_under(form: CompiledForm, wanted: frozenset[str]) -> frozenset[str]:
    """These fields with all of the form that they are worked out from; line items stand for their columns."""

    def find() -> frozenset[str]:
        found, coming = set(), [key for key in wanted if key in form.form.by_key]
        while coming:
            key = coming.pop()
            if key not in found:
                found.add(key)
                paths = [path for path in form.form.paths if path.partition(".")[0] == key]
                read = {one.partition(".")[0] for path in paths for one in standing_on(form.app, form.form, path)}
                coming += [one for one in read if one in form.form.by_key]
        return frozenset(found)

    return form.statement(("standing under", wanted), find)


def _counted_by(form: CompiledForm, rollup: Rollup) -> frozenset[str]:
    """The fields of a source that tell whether, where and how much it counts."""
    scope, _name = form.scope_of(rollup.rows or None)
    read = paths(rollup.where, scope) if isinstance(rollup.where, dict) else ()
    keys = {rollup.via, rollup.field, *(path.removeprefix("header.").partition(".")[0] for path in read)}
    return frozenset(keys & form.form.by_key.keys() | ({rollup.rows} if rollup.rows else set()))


def _draft(form: CompiledForm, record_id: int, told: Told, then: Mapping[str, Any]) -> Draft:
    replay, first = told.replay, told.first
    values = {field.key: _value(form, field.key, replay.values.get(field.key), then) for field in form.stored_fields}
    values |= {key: list(_lines(form, key, replay, then)) for key in form.rows}
    return Draft(
        form, values, id=record_id, status=replay.status or "", created_by=first.actor_id, created_at=first.at, status_since=told.came_at
    )


def _lines(form: CompiledForm, key: str, replay: Replay, then: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    places = ((place, line) for place, line in replay.values.items() if place.startswith(f"{key}.") and line)
    for place, line in sorted(places, key=lambda one: (one[1].get("#") or 0, int(one[0].partition(".")[2]))):
        found = {column.key: _value(form, f"{key}.{column.key}", line.get(column.key), then) for column in form.stored_columns[key]}
        if key in form.line_statuses:
            found["status"] = line.get("status") or form.line_statuses[key].start.key
        yield {"id": int(place.partition(".")[2])} | found


def _value(form: CompiledForm, path: str, raw: Any, then: Mapping[str, Any]) -> Any:
    """What history tells of a field, as one of the form holds it, whose type may be another."""
    field_type, field = form.shown[path]
    if raw is None or form.form.field_at(path).type in UNTOLD:
        return None
    before = then.get(path)
    if before is not None and before[0].name != field_type.name:
        raw = convert(before, form.shown[path], raw)
    try:
        return None if raw is None else revived(form, path, raw)
    except (ValidationError, TypeError, ValueError):
        return None


def _read(draft: Draft, key: str) -> Any:
    own = {"id": draft.id, "status": draft.status, "created_by": draft.created_by, "created_at": draft.created_at}
    return draft.values[key] if key in draft.values else own.get(key)
