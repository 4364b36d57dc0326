"""Which indexes a form's table gets: links, status, unique fields, then what the views walk, ten at most.

A view's index is (scope column, column the view fixes, sort, id): what one role sees of one view is
then a range that is read in order, however large the table. Another one holds, by status, the numbers that
views show: sums of them are read from it alone. Where there is room, what each person made, by status.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ..access.rights import scope_rule
from ..definition.model import App, Field, Form, RoleAccess, Sort, View
from ..registry import source
from .rule_parts import alternatives
from .tables import FormTables, column_name, shortened, stored

MOST = 10
MOST_SUMS = 3  # numbers in the index for sums
OWN = frozenset(("id", "status", "created_at", "created_by", "updated_at", "updated_by", "status_since"))


@dataclass(frozen=True)
class Wanted:
    """An index by its columns: (name, descending) in order."""

    columns: tuple[tuple[str, bool], ...]
    unique: bool = False


def add_indexes(app: App, form: Form, tables: FormTables, dialect: str) -> None:
    """Attach a form's indexes to its tables, which must be nobody else's."""
    for wanted in wanted_indexes(app, form):
        _attach(tables.table, wanted, dialect)
    _attach_flow(tables.table)
    for rows in form.rows:
        table = tables.rows[rows.key]
        for wanted in [_plain("record_id", "position"), *_links(rows.fields), *_serials(rows.fields)]:
            _attach(table, wanted, dialect)


def wanted_indexes(app: App, form: Form) -> list[Wanted]:
    """The indexes of a form's own table, the most needed first."""
    always = [*_links(form.fields), _plain("status", "id"), *_serials(form.fields)]
    own = [_plain("created_by", "status")] if form.status_list else []  # what a person has under way, and what came back
    found = dict.fromkeys([*always, *_of_views(app, form), *_of_sums(app, form), *own])
    return list(found)[:MOST]


def _links(members: Sequence[Field]) -> list[Wanted]:
    return [_plain(column_name(f.key)) for f in members if f.type == "link"]


def _serials(members: Sequence[Field]) -> list[Wanted]:
    return [Wanted(((column_name(f.key), False),), unique=True) for f in members if f.type == "serial"]


def _of_views(app: App, form: Form) -> Iterator[Wanted]:
    roles = [access for access in form.access if access.scope not in ("none", False)]
    scopes = [(access, _fixed(form, part)) for access in roles for part in alternatives(scope_rule(app, form, access))]
    for view in form.views:
        seen = [scope for access, scope in scopes if _shown_to(view, access)]
        for scope in sorted(dict.fromkeys(seen), key=len):
            yield from _of_view(form, view, scope)
    for scope in dict.fromkeys(scope for _access, scope in scopes if scope):
        yield _plain(*scope, "id")


def _of_sums(app: App, form: Form) -> Iterator[Wanted]:
    shown = dict.fromkeys(name for view in form.views for name in (*view.columns, view.total) if name in form.by_key)
    fields = [form.by_key[name] for name in shown]
    numbers = [column_name(f.key) for f in fields if stored(f) and source(f, app)[0].kind == "number"][:MOST_SUMS]
    if form.status_list and numbers:
        yield _plain("status", "deleted_at", *numbers)


def _shown_to(view: View, access: RoleAccess) -> bool:
    return not view.roles or access.role in view.roles


def _of_view(form: Form, view: View, scope: tuple[str, ...]) -> Iterator[Wanted]:
    order = (Sort(view.start),) if view.kind in ("calendar", "timeline") else view.sort
    sort = [(_column(form, s.field), s.descending) for s in order]
    if any(name is None for name, _descending in sort):
        return
    column = _column(form, view.by) if view.kind == "board" else None  # each of which is walked by itself
    leading = dict.fromkeys((*scope, *_fixed(form, view.where), *([column] if column else ())))
    last = sort[-1][1] if sort else True
    ordered = [(name, descending) for name, descending in [*sort, ("id", last)] if name not in leading]
    if ordered[0][1]:  # an index is read either way: all turned round serves the same
        ordered = [(name, not descending) for name, descending in ordered]
    columns = (*((name, False) for name in leading), *ordered)
    if len(columns) > 1:
        yield Wanted(columns)


def _fixed(form: Form, rule: Any) -> tuple[str, ...]:
    """The first column that a rule fixes to one value ("status is draft", "owner is who looks")."""
    if not isinstance(rule, dict):
        return ()
    for name, arguments in rule.items():
        if name == "and" and isinstance(arguments, list):
            return next((fixed for part in arguments if (fixed := _fixed(form, part))), ())
        if name == "===" and isinstance(arguments, list):
            columns = (_column(form, part.get("var")) for part in arguments if isinstance(part, dict))
            return next(((column,) for column in columns if column), ())
    return ()


def _column(form: Form, key: Any) -> str | None:
    if key in OWN:
        return key
    field = form.by_key.get(key) if isinstance(key, str) else None
    return column_name(field.key) if field is not None and stored(field) else None


def _plain(*names: str) -> Wanted:
    return Wanted(tuple((name, False) for name in names))


def _attach(table: sa.Table, wanted: Wanted, dialect: str) -> None:
    named = [(table.c[name].name, descending) for name, descending in wanted.columns]
    words = [f"{name}_desc" if descending else name for name, descending in named]
    columns = [_ordered(table.c[name], descending, dialect) for name, descending in wanted.columns]
    sa.Index(shortened("_".join(["ux" if wanted.unique else "ix", table.name, *words])), *columns, unique=wanted.unique)


def _attach_flow(table: sa.Table) -> None:
    """For the few records that follow the flow of an earlier version."""
    few = table.c.flow_id.is_not(None)
    name = shortened(f"ix_{table.name}_flow_id")
    sa.Index(name, table.c.flow_id, table.c.status, sqlite_where=few, postgresql_where=few)


def _ordered(column: sa.Column, descending: bool, dialect: str) -> Any:
    """Empty is smallest: SQLite's own order, and PostgreSQL's when it is told so."""
    if dialect == "postgresql" and column.nullable:
        return column.desc().nulls_last() if descending else column.asc().nulls_first()
    return column.desc() if descending else column
