"""Whether records and their history agree: chains whole, replay gives the tables, formulas and roll-ups hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ..access.actor import SYSTEM
from . import history, search_index
from .batches import ids_after
from .compiled import Compiled, CompiledForm
from .derive import UNTOLD, derive
from .draft import Draft, Surroundings
from .sums import wrong_sums
from .tables import column_name
from .values import line_told, to_json

BATCH = 500


def unsound_records(connection: sa.Connection, compiled: Compiled, now: datetime) -> Iterator[str]:
    """What is wrong with an app's records, in words."""
    for form in compiled.forms.values():
        last = 0
        while ids := ids_after(connection, form, last, BATCH):
            yield from _batch(connection, form, ids, now)
            last = ids[-1]
        yield from _sums(connection, form)
        yield from _without_record(connection, form)
        yield from _dangling(connection, form)


def _batch(connection: sa.Connection, form: CompiledForm, ids: list[int], now: datetime) -> Iterator[str]:
    drafts = _drafts(connection, form, ids)
    events = _events(connection, form, ids)
    for draft in drafts:
        told = events.get(draft.id, [])
        yield from history.broken_links(told)
        for wrong in _against_history(draft, told):
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
        values = {field.key: row[column_name(field.key)] for field in form.stored_fields}
        values |= {key: found.get(row["id"], []) for key, found in lines.items()}
        own = {name: row[name] for name in ("id", "status", "rev", "seq", "head", "created_by", "created_at")}
        draft = Draft(form, values, status_since=row["status_since"], **own)
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


def _against_history(draft: Draft, events: list[sa.Row]) -> Iterator[str]:
    status, values = history.replay(events)
    if draft.status != status:
        yield f"stands at {draft.status}, its history ends at {status}"
    if (draft.seq, draft.head) != (len(events), events[-1].hash if events else ""):
        yield f"counts {draft.seq} events, its history has {len(events)}, or its head is another"
    spoken = {path for row in events for path in row.changes}
    there, told = _told(draft, spoken), _filled(values)
    _silent(draft, there, told)
    for path in sorted(there.keys() | told.keys()):
        if there.get(path) != told.get(path):
            yield f"{path} is {there.get(path)!r}, its history says {told.get(path)!r}"


def _told(draft: Draft, spoken: set[str]) -> dict[str, Any]:
    """What history tells of: all but formulas and roll-ups, and look-ups that a later version brought."""
    form, found = draft.form, {}
    for field in form.stored_fields:
        if field.type not in UNTOLD and (field.type != "lookup" or field.key in spoken):
            found[field.key] = to_json(form, field.key, draft.values[field.key])
    for key in form.rows:
        derived = {column.key for column in form.stored_columns[key] if column.type in UNTOLD}
        for line in draft.values[key]:
            cells = line_told(form, key, line)
            found[f"{key}.{line['id']}"] = {"#": line["#"]} | {k: v for k, v in cells.items() if k not in derived}
    return _filled(found)


def _silent(draft: Draft, there: Mapping[str, Any], told: Mapping[str, Any]) -> None:
    """Lines that were there before their statuses came have one of which their history says nothing; of statuses
    that went again it alone speaks.
    """
    for key in draft.form.rows:
        for line in draft.values[key]:
            here, said = there.get(f"{key}.{line['id']}", {}), told.get(f"{key}.{line['id']}", {})
            if not {"status"} <= here.keys() & said.keys():
                here.pop("status", None)
                said.pop("status", None)


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty, in lines too."""
    found = {}
    for path, value in values.items():
        if isinstance(value, Mapping):
            value = {name: cell for name, cell in value.items() if cell is not None}
        if value is not None:
            found[path] = value
    return found


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


def _without_record(connection: sa.Connection, form: CompiledForm) -> Iterator[str]:
    event = history.event
    missing = ~sa.exists().where(form.table.c.id == event.c.record_id)
    here = (event.c.app_key == form.app.key, event.c.form_key == form.key, missing)
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
