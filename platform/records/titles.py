"""Titles: what a person reads where a record or a member is linked. They follow the referring form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from .. import quick
from ..access.members import member
from ..ids import one_of
from .compiled import CompiledForm
from .keyset import in_order
from .results import Titles
from .tables import column_name, stored

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


def title_selects(sight, names: Iterable[str], page: sa.Select, order: Sequence[bool]) -> sa.Select:
    """A page with a column `title_<field>` for each field that links; order: which of `k0`, `k1` ... fall."""
    targets = {name: target for name in names if (target := linked_form(sight.form, name))}
    if not targets:
        return page
    rows = page.subquery("page")
    titles = [_title_of(sight.form, target, rows.c[column_name(name)]).label(f"title_{name}") for name, target in targets.items()]
    return sa.select(rows, *titles).order_by(*(in_order(rows.c[f"k{i}"], falls) for i, falls in enumerate(order)))


def _title_of(form: CompiledForm, target: str, link: sa.ColumnElement) -> sa.ScalarSelect:
    if target == PERSON:
        return sa.select(member.c.name).where(member.c.id == link).scalar_subquery()
    beyond = form.compiled.form(target)
    table = beyond.table.alias()
    title = title_column(beyond)
    named = sa.null() if isinstance(title, sa.sql.elements.Null) else table.c[title.name]
    return sa.select(named).where(table.c.id == link).scalar_subquery()


def titles_in(form: CompiledForm, names: Iterable[str], rows: Iterable[tuple[Any, Container[str]]]) -> Titles:
    """The titles that a page brought along, each row's without those of its hidden fields."""
    targets = [(name, column_name(name), target) for name in names if (target := linked_form(form, name))]
    found: dict[tuple[str, int], str] = {}
    for row, hidden in rows if targets else ():
        for name, column, target in targets:
            linked = getattr(row, column)
            if linked is not None and name not in hidden:
                title = getattr(row, f"title_{name}")
                found[target, linked] = str(title) if title is not None else f"#{linked}"
    return found


def linked_form(form: CompiledForm, path: str) -> str | None:
    """The form that the values at a path lead to, be it a look-up of a link; "person" for people, or None."""
    if path not in form.shown:
        return None
    field = form.shown[path][1]
    if field.type == "link":
        return field.settings["form"]
    return PERSON if field.type == "person" else None


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
        if key not in form.shown or value is None:
            continue
        if key in form.rows:
            columns = ((c.key, linked_form(form, f"{key}.{c.key}")) for c in form.form.by_key[key].fields)
            linking = [(column, target) for column, target in columns if target]
            for line in value:
                yield from ((target, line[column]) for column, target in linking if line.get(column) is not None)
        elif target := linked_form(form, key):
            yield target, value
