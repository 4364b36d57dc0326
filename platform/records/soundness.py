"""Whether records and their history agree: chains whole, replay gives the tables, formulas and roll-ups hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ..access.actor import SYSTEM
from . import form_history, history, search_index
from .batches import ids_after
from .compiled import Compiled, CompiledForm
from .derive import UNTOLD, derive
from .draft import Draft, Surroundings
from .replay import Replay, Versions, final
from .sums import wrong_sums
from .tables import column_name
from .values import line_told, to_json

BATCH = 500
OF_LINES = ("#", "status")  # what a line has beside its columns: its place, its status


def unsound_records(connection: sa.Connection, compiled: Compiled, versions: Versions, now: datetime) -> Iterator[str]:
    """What is wrong with an app's records, in words."""
    for form in compiled.forms.values():
        befell = form_history.of_form(connection, form.app.key, form.key)
        yield from form_history.broken_links(befell)
        last = 0
        while ids := ids_after(connection, form, last, BATCH):
            yield from _batch(connection, form, ids, Replayed(befell, versions), now)
            last = ids[-1]
        yield from _sums(connection, form)
        yield from _without_record(connection, form, befell)
        yield from _dangling(connection, form)


class Replayed:
    """Replays records of one form."""

    def __init__(self, befell: list[sa.Row], versions: Versions):
        self.befell = befell
        self.forgotten = form_history.forgotten_paths(befell)
        self.versions = versions

    def __call__(self, events: list[sa.Row]) -> Replay:
        return Replay(self.versions).run(events, self.befell)


def _batch(connection: sa.Connection, form: CompiledForm, ids: list[int], replayed: Replayed, now: datetime) -> Iterator[str]:
    drafts = _drafts(connection, form, ids)
    events = _events(connection, form, ids)
    for draft in drafts:
        told = events.get(draft.id, [])
        yield from history.broken_links(told, replayed.forgotten)
        for wrong in _against_history(draft, told, replayed(told)):
            yield f"{_name(form, draft.id)}: {wrong}"
    for record_id in search_index.unsound(connection, form, {draft.id: draft.values for draft in drafts}):
        yield f"{_name(form, record_id)}: is not indexed as it is; `formloom index` mends that"
    yield from _formulas(connection, form, drafts, now)


def _name(form: CompiledForm, record_id: int) -> str:
    return f"{form.app.key}/{form.key}/{record_id}"


def _drafts(connection: sa.Connection, form: CompiledForm, ids: list[int]) -> list[Draft]:
    """Records as their tables hold them, deleted ones too, without a lock."""
    table = form.table
    lines = {key: _lines(connection, form, key, ids) for key in form.rows}
    drafts = []
    for row in connection.execute(sa.select(table).where(table.c.id.in_(ids)).order_by(table.c.id)).mappings():
        own_form = form.compiled.form(form.key, row["flow_id"])
        values = {field.key: row[column_name(field.key)] for field in form.stored_fields}
        values |= {key: found.get(row["id"], []) for key, found in lines.items()}
        own = {name: row[name] for name in ("id", "status", "rev", "seq", "head", "created_by", "created_at")}
        draft = Draft(own_form, values, status_since=row["status_since"], **own)
        draft.remember()
        drafts.append(draft)
    return drafts


def _lines(connection: sa.Connection, form: CompiledForm, key: str, ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    table = form.rows[key]
    found = defaultdict(list)
    statement = sa.select(table).where(table.c.record_id.in_(ids)).order_by(table.c.position, table.c.id)
    for row in connection.execute(statement).mappings():
        columns = {column.key: row[column_name(column.key)] for column in form.stored_columns[key]}
        columns |= {"status": row["status"]} if key in form.line_statuses else {}
        found[row["record_id"]].append({"id": row["id"], "#": row["position"]} | columns)
    return found


def _events(connection: sa.Connection, form: CompiledForm, ids: list[int]) -> dict[int, list[sa.Row]]:
    event = history.event
    here = (event.c.app_key == form.app.key, event.c.form_key == form.key, event.c.record_id.in_(ids))
    found = defaultdict(list)
    for row in connection.execute(sa.select(event).where(*here).order_by(event.c.record_id, event.c.seq)):
        found[row.record_id].append(row)
    return found


def _against_history(draft: Draft, events: list[sa.Row], told: Replay) -> Iterator[str]:
    yield from told.jumps
    if draft.status != told.status:
        yield f"stands at {draft.status}, its history ends at {told.status}"
    if draft.status not in draft.form.steps[1:]:
        yield f"stands at {draft.status}, which its flow does not have"
    if (draft.seq, draft.head) != (len(events), events[-1].hash if events else ""):
        yield f"counts {draft.seq} events, its history has {len(events)}, or its head is another"
    kept, said = _kept(draft, told), _said(draft.form, told)
    _silent(draft, kept, said)
    for path in sorted(kept.keys() | said.keys()):
        if kept.get(path) != said.get(path):
            yield f"{path} is {kept.get(path)!r}, its history says {said.get(path)!r}"


def _kept(draft: Draft, told: Replay) -> dict[str, Any]:
    """What the tables hold of what history tells of."""
    form, found = draft.form, {}
    for field in form.stored_fields:
        if _telling(field, field.key, told):
            found[field.key] = to_json(form, field.key, draft.values[field.key])
    for key in form.rows:
        for line in draft.values[key]:
            place, cells = f"{key}.{line['id']}", line_told(form, key, line)
            columns = {*_told_columns(form, place, told), "status"}
            found[place] = {"#": line["#"]} | {name: cell for name, cell in cells.items() if name in columns}
    return final(found)


def _silent(draft: Draft, kept: Mapping[str, Any], said: Mapping[str, Any]) -> None:
    """Lines that were there before their statuses came have one of which their history says nothing; of statuses
    that went again it alone speaks.
    """
    for key in draft.form.rows:
        for line in draft.values[key]:
            here, there = kept.get(f"{key}.{line['id']}", {}), said.get(f"{key}.{line['id']}", {})
            if not {"status"} <= here.keys() & there.keys():
                here.pop("status", None)
                there.pop("status", None)


def _said(form: CompiledForm, told: Replay) -> dict[str, Any]:
    """What history tells of the fields that there are now."""
    keys = {field.key for field in form.stored_fields if _telling(field, field.key, told)}
    found = {path: value for path, value in told.values.items() if path in keys}
    for place, line in told.values.items():
        if place.partition(".")[0] in form.rows and "." in place:
            columns = {*_told_columns(form, place, told), *OF_LINES}
            found[place] = {name: cell for name, cell in line.items() if name in columns}
    return final(found)


def _told_columns(form: CompiledForm, place: str, told: Replay) -> set[str]:
    columns = form.stored_columns[place.partition(".")[0]]
    return {column.key for column in columns if _telling(column, f"{place}.{column.key}", told)}


def _telling(field, place: str, told: Replay) -> bool:
    """Not of formulas; of look-ups only once an event spoke of them, since a version may have brought them later."""
    if place in told.untold:
        return False
    return field.type not in UNTOLD and (field.type != "lookup" or _spoken(place, field.key, told))


def _spoken(place: str, key: str, told: Replay) -> bool:
    line = place.rpartition(".")[0]
    return place in told.spoken or (line in told.values and key in told.values[line])


def _formulas(connection: sa.Connection, form: CompiledForm, drafts: list[Draft], now: datetime) -> Iterator[str]:
    derive(connection, form.compiled, drafts, Surroundings(SYSTEM, form.app, now), {})
    for draft in drafts:
        for path, kept, worked_out in _derived(draft):
            if kept != worked_out:
                yield f"{_name(form, draft.id)}: {path} is {kept}, worked out anew it is {worked_out}"


def _sums(connection: sa.Connection, form: CompiledForm) -> Iterator[str]:
    for key, rollup in form.rollups.items():
        for wrong in wrong_sums(connection, form.compiled, rollup):
            yield f"{_name(form, wrong.id)}: {key} is {wrong.kept}, what counts towards it makes {wrong.due}"


def _derived(draft: Draft) -> Iterator[tuple[str, Any, Any]]:
    """(path, value kept, value worked out anew) of every stored formula."""
    for field in draft.form.stored_fields:
        if field.type == "formula":
            yield field.key, draft.before[field.key], draft.values[field.key]
    for key, columns in draft.form.stored_columns.items():
        for kept, worked_out in zip(draft.before[key], draft.values[key], strict=False):
            for column in columns:
                if column.type == "formula":
                    yield f"{key}.{kept['id']}.{column.key}", kept[column.key], worked_out[column.key]


def _without_record(connection: sa.Connection, form: CompiledForm, befell: list[sa.Row]) -> Iterator[str]:
    """Histories of nothing, but for those from before the whole form was purged."""
    event = history.event
    purged = max((row.version_id for row in befell if row.kind == form_history.PURGED and "" in row.facts), default=0)
    missing = ~sa.exists().where(form.table.c.id == event.c.record_id)
    here = (event.c.app_key == form.app.key, event.c.form_key == form.key, event.c.version_id > purged, missing)
    for record_id in connection.scalars(sa.select(event.c.record_id).where(*here).distinct()):
        yield f"{_name(form, record_id)}: has a history and no record"


def _dangling(connection: sa.Connection, form: CompiledForm) -> Iterator[str]:
    """Links of living records to what is gone."""
    for field in form.stored_fields:
        if field.type == "link":
            here = (form.table.c.deleted_at.is_(None), _gone(form, field, form.column(field.key)))
            for record_id in connection.scalars(sa.select(form.table.c.id).where(*here)):
                yield f"{_name(form, record_id)}: {field.key} links to what is gone"
    for key, columns in form.stored_columns.items():
        for column in columns:
            if column.type == "link":
                lines = form.rows[key]
                alive = sa.exists().where(form.table.c.id == lines.c.record_id, form.table.c.deleted_at.is_(None))
                gone = _gone(form, column, lines.c[column_name(column.key)])
                for record_id in connection.scalars(sa.select(lines.c.record_id).where(alive, gone)):
                    yield f"{_name(form, record_id)}: {key}.{column.key} links to what is gone"


def _gone(form: CompiledForm, field, column: sa.ColumnElement) -> sa.ColumnElement[bool]:
    target = form.compiled.form(field.settings["form"]).table.alias("target")
    return sa.and_(column.is_not(None), ~sa.exists().where(target.c.id == column, target.c.deleted_at.is_(None)))
