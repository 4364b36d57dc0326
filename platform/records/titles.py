"""Titles: what a person reads where a record or a member is linked. They follow the referring form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from .. import quick
from ..access.links import link_labels
from ..access.members import department, member
from ..field_type import DEPARTMENT, PERSON
from ..ids import one_of
from .compiled import CompiledForm
from .keyset import in_order
from .results import Titles
from .tables import column_name, stored

BESIDE = {PERSON: member, DEPARTMENT: department}
"""The tables of what is named without being a record."""

NAMES = {
    target: sa.select(table.c.id, table.c.name.label("title")).where(one_of(table.c.id)) for target, table in BESIDE.items()
}


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
    if target in BESIDE:
        table = BESIDE[target]
        return sa.select(table.c.name).where(table.c.id == link).scalar_subquery()
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
    """What the values at a path are ids of, be it a look-up of a link: a form, PERSON, DEPARTMENT, or None."""
    if path not in form.shown:
        return None
    field_type, field = form.shown[path]
    return field_type.points_to(field)


def read_titles(gate, wanted: Mapping[str, set[int]]) -> Titles:
    found: dict[tuple[str, int], str] = {}
    for target, ids in wanted.items():
        if not ids:
            continue
        statement = NAMES[target] if target in NAMES else title_statement(gate.compiled.form(target))
        for row in quick.rows(gate.connection, statement, {"ids": sorted(ids)}):
            found[target, row.id] = str(row.title) if row.title is not None else f"#{row.id}"
    return found | _links_named(gate.connection, wanted.get(PERSON, ()))


def _links_named(connection: sa.Connection, people: Iterable[int]) -> Titles:
    """Links that did something stand among people under a negative number."""
    ids = [-number for number in people if number < 0]
    labels = link_labels(connection, ids) if ids else {}
    return {(PERSON, -link): _("link “%(label)s”", label=label) for link, label in labels.items()}


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
    for key, target in form.pointing[""]:
        if values.get(key) is not None:
            yield target, values[key]
    for rows_key in form.rows:
        linking = form.pointing[f"{rows_key}."]
        for line in (values.get(rows_key) or ()) if linking else ():
            yield from ((target, line[key]) for key, target in linking if line.get(key) is not None)
