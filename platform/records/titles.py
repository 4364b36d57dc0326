"""Titles: what a person reads where a record or a member is linked. They follow the referring form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from .. import quick
from ..access.members import member
from ..ids import one_of
from .compiled import CompiledForm
from .results import Titles
from .tables import stored

PERSON = "person"
PEOPLE = sa.select(member.c.id, member.c.name.label("title")).where(one_of(member.c.id))


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
        statement = PEOPLE if target == PERSON else title_statement(gate.compiled.form(target))
        for row in quick.rows(gate.connection, statement, {"ids": sorted(ids)}):
            found[target, row.id] = str(row.title) if row.title is not None else f"#{row.id}"
    return found


def title_statement(form: CompiledForm) -> sa.Select:
    key = ("titles",)
    if key not in form.statements:
        columns = (form.table.c.id, title_column(form).label("title"))
        form.statements[key] = sa.select(*columns).where(one_of(form.table.c.id))
    return form.statements[key]


def title_column(form: CompiledForm) -> sa.ColumnElement:
    """The column that names a record; empty where the form has none."""
    field = form.form.by_key.get(form.form.title)
    return form.column(field.key) if field is not None and stored(field) else sa.null()


def _links(form: CompiledForm, values: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for key, value in values.items():
        field = form.form.by_key.get(key)
        if field is None or value is None:
            continue
        if field.type == "rows":
            linking = [(column.key, target) for column in field.fields if (target := _target(form, f"{key}.{column.key}"))]
            for line in value:
                yield from ((target, line[column]) for column, target in linking if line.get(column) is not None)
        elif target := _target(form, key):
            yield target, value


def _target(form: CompiledForm, path: str) -> str | None:
    """The form key that a link points at, "person" for a person field, None for any other; look-ups as what they show."""
    field = form.shown[path][1]
    if field.type == "link":
        return field.settings["form"]
    return PERSON if field.type == "person" else None
