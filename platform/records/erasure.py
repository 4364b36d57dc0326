"""Takes values and their salts out of a record's events; the digests that the chain was made over stay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from . import history
from .compiled import CompiledForm
from .expand import unused_columns
from .history import event
from .tables import column_name, stored


def erase_events(connection: sa.Connection, app_key: str, form_key: str, record_id: int, erased: Iterable[str]) -> None:
    """`erased` as `history.covers` reads it; the caller holds the record, and writes an event that says so."""
    erase_rows(connection, history.of_record(connection, app_key, form_key, record_id), list(erased))


def erase_rows(connection: sa.Connection, rows: Iterable[sa.Row], erased: list[str]) -> int:
    """The same of some events; how many of them told of it."""
    number = 0
    for row in rows:
        changes = {path: _erased(path, change, erased) for path, change in row.changes.items()}
        if changes != row.changes:
            connection.execute(sa.update(event).where(event.c.id == row.id).values(changes=changes))
            number += 1
    return number


def _erased(path: str, change: Mapping[str, Any], erased: Iterable[str]) -> Mapping[str, Any]:
    """What is left of a change; nothing that its digest could be guessed with."""
    covering = [one for one in erased if history.covers(one, path)]
    if not covering:
        return change
    if path.count(".") != 1:
        return {"erased": True}
    columns = {one.rpartition(".")[2] for one in covering}
    if "*" in columns:
        return {"erased": True}
    if not any(columns & (change.get(name) or {}).keys() for name in ("old", "new")):
        return change
    return {"old": _bare(change.get("old"), columns), "new": _bare(change.get("new"), columns), "erased": True}


def _bare(line: Mapping[str, Any] | None, columns: set[str]) -> dict[str, Any] | None:
    return None if line is None else {name: cell for name, cell in line.items() if name not in columns}


def empty_unused(connection: sa.Connection, form: CompiledForm, record_id: int, paths: Iterable[str]) -> None:
    """Also the columns that fields had while they were of another type."""
    for path in paths:
        rows_key, dot, key = path.rpartition(".")
        known = form.rows[rows_key] if dot else form.table
        for name in unused_columns(connection, known.name, key, known.c[column_name(key)].name):
            table = sa.table(known.name, sa.column("id"), sa.column("record_id"), sa.column(name))
            owner = table.c.record_id if dot else table.c.id
            connection.execute(sa.update(table).where(owner == record_id).values({name: None}))


def copied_to(
    connection: sa.Connection, form: CompiledForm, record_id: int, paths: Iterable[str]
) -> Iterator[tuple[str, int, str]]:
    """(form, record, path) of every snapshot, also in deleted records, of some of a record's fields."""
    for other in form.compiled.forms.values():
        for path in other.form.paths:
            field = other.form.field_at(path)
            if field.type == "lookup" and stored(field) and field.settings["field"] in paths:
                via = path.rpartition(".")[0] + "." * ("." in path) + field.settings["via"]
                if other.shown[via][1].settings.get("form") == form.key:
                    yield from ((other.key, owner, path) for owner in _owners(connection, other, path, via, record_id))


def _owners(connection: sa.Connection, form: CompiledForm, path: str, via: str, record_id: int) -> list[int]:
    rows_key, dot, _key = path.rpartition(".")
    table = form.rows[rows_key] if dot else form.table
    owner = table.c.record_id if dot else table.c.id
    link, value = (table.c[column_name(name.rpartition(".")[2])] for name in (via, path))
    here = sa.select(owner).where(link == record_id, value.is_not(None)).distinct().order_by(owner)
    return list(connection.scalars(here))
