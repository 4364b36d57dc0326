"""Titles: what a person reads where a record or a member is linked. They follow the referring form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from ..access.members import department, member
from ..field_type import DEPARTMENT, PERSON
from .compiled import CompiledForm
from .results import Titles
from .tables import stored

BESIDE = {PERSON: member, DEPARTMENT: department}
"""The tables of what is named without being a record."""


def titles_of(gate, form: CompiledForm, records: Iterable[Mapping[str, Any]], people: Iterable[int | None] = ()) -> Titles:
    """The titles of everything that these records' values link to: one statement for each form linked to."""
    wanted: dict[str, set[int]] = defaultdict(set)
    wanted[PERSON].update(person for person in people if person is not None)
    for values in records:
        for target, linked in _links(form, values):
            wanted[target].add(linked)
    return read_titles(gate, wanted)


def read_titles(gate, wanted: Mapping[str, set[int]]) -> Titles:
    found: dict[tuple[str, int], str] = {}
    for target, ids in wanted.items():
        if not ids:
            continue
        statement = NAMES[target] if target in NAMES else title_statement(gate.compiled.form(target))
        for row in gate.connection.execute(statement, {"ids": sorted(ids)}):
            found[target, row.id] = str(row.title) if row.title is not None else f"#{row.id}"
    return found


def title_statement(form: CompiledForm) -> sa.Select:
    key = ("titles",)
    if key not in form.statements:
        here = form.table.c.id.in_(sa.bindparam("ids", expanding=True))
        form.statements[key] = sa.select(form.table.c.id, title_column(form).label("title")).where(here)
    return form.statements[key]


def title_column(form: CompiledForm) -> sa.ColumnElement:
    """The column that names a record; empty where the form has none."""
    field = form.form.by_key.get(form.form.title)
    return form.column(field.key) if field is not None and stored(field) else sa.null()


def _names(table: sa.Table) -> sa.Select:
    here = table.c.id.in_(sa.bindparam("ids", expanding=True))
    return sa.select(table.c.id, table.c.name.label("title")).where(here)


NAMES = {target: _names(table) for target, table in BESIDE.items()}


def _links(form: CompiledForm, values: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for key, target in form.pointing[""]:
        if values.get(key) is not None:
            yield target, values[key]
    for rows_key in form.rows:
        linking = form.pointing[f"{rows_key}."]
        for line in (values.get(rows_key) or ()) if linking else ():
            yield from ((target, line[key]) for key, target in linking if line.get(key) is not None)
