"""Plain SQL that changes users' tables: private to the commands, which hold the lock and the transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from .. import quick
from ..access.actor import SYSTEM, Actor
from ..db import metadata
from ..ids import one_of, storable
from . import search_index
from .compiled import CompiledForm
from .draft import Draft
from .tables import column_name
from .visibility import Sight, viewer

counter = sa.Table(
    "counter",
    metadata,
    sa.Column("app_key", sa.Text, primary_key=True),
    sa.Column("form_key", sa.Text, primary_key=True),
    sa.Column("field_key", sa.Text, primary_key=True),
    sa.Column("period", sa.Text, primary_key=True),
    sa.Column("n", sa.BigInteger, nullable=False),
)
INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def _take(insert) -> sa.Insert:
    raised = counter.c.n + insert.excluded.n
    on_conflict = insert.on_conflict_do_update(index_elements=list(counter.primary_key), set_={"n": raised})
    return on_conflict.returning(counter.c.n)


TAKE = {name: quick.Quick(_take(insert(counter))) for name, insert in INSERT.items()}
LAST_ID = quick.Quick(sa.select(sa.literal_column("last_insert_rowid()").label("id")))
OWN = ("id", "status", "rev", "seq", "head", "created_by", "created_at", "status_since")


def lock(
    connection: sa.Connection,
    form: CompiledForm,
    ids: Iterable[int],
    actor: Actor = SYSTEM,
    bound: Mapping[str, Any] | None = None,
    deleted: bool = False,
    locking: bool = True,
) -> dict[int, Draft]:
    """Records as drafts with their lines, locked until the transaction ends, in the order of their ids.

    Each draft's flags tell which of the actor's row scopes hold it. Without `locking` they are only read.
    """
    sight = Sight(form, actor, connection.dialect.name)
    statement = _lock_statement(form, sight, deleted, locking)
    rows = quick.rows(connection, statement, {**(bound or {}), "ids": sorted(filter(storable, set(ids)))})
    drafts = {row.id: _draft(form, row, len(sight.grants)) for row in rows}
    for key in form.rows:
        for record_id, lines in _lines(connection, form, key, list(drafts)).items():
            drafts[record_id].values[key] = lines
    for draft in drafts.values():
        draft.deleted = deleted
        draft.remember()
    return drafts


def _lock_statement(form: CompiledForm, sight: Sight, deleted: bool, locking: bool) -> sa.Select:
    key = ("lock", viewer(form, sight.actor), deleted, locking)
    if key not in form.statements:
        table = form.table
        here = one_of(table.c.id)
        gone = table.c.deleted_at.is_not(None) if deleted else table.c.deleted_at.is_(None)
        own = [*(table.c[name] for name in OWN), table.c.flow_id]
        columns = own + [form.column(f.key) for f in form.stored_fields] + sight.flags
        statement = sa.select(*columns).where(here, gone).order_by(table.c.id)
        form.statements[key] = statement.with_for_update(of=table, key_share=True) if locking else statement
    return form.statements[key]


def _draft(form: CompiledForm, row, grants: int) -> Draft:
    values = {f.key: getattr(row, column_name(f.key)) for f in form.stored_fields}
    values |= {key: [] for key in form.rows}
    flags = tuple(bool(getattr(row, f"s{index}")) for index in range(grants))
    own = form if row.flow_id is None else form.compiled.form(form.key, row.flow_id)
    return Draft(own, values, flags=flags, **{name: getattr(row, name) for name in OWN})


def _lines(connection, form: CompiledForm, key: str, ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    table = form.rows[key]
    statement = form.statements.get(("lines of", key))
    if statement is None:
        columns = [table.c[column_name(c.key)] for c in form.stored_columns[key]]
        columns += [table.c.status] if key in form.line_statuses else []
        statement = sa.select(table.c.id, table.c.record_id, *columns).where(one_of(table.c.record_id))
        statement = form.statements["lines of", key] = statement.order_by(table.c.position, table.c.id)
    names = [(c.key, column_name(c.key)) for c in form.stored_columns[key]]
    names += [("status", "status")] if key in form.line_statuses else []
    found = defaultdict(list)
    for row in quick.rows(connection, statement, {"ids": ids}):
        found[row.record_id].append({"id": row.id} | {name: getattr(row, label) for name, label in names})
    return found


Put = tuple[Mapping[str, Any], Mapping[str, Any]]
"""A row to write: its own columns by name ("status", "position"), and values by field key."""


def insert_records(connection: sa.Connection, form: CompiledForm, rows: Sequence[Put]) -> list[int]:
    """Insert header rows; the new ids in the same order."""
    ids = _insert(connection, form, form.table, rows, [field.key for field in form.stored_fields])
    if form.searchable:
        search_index.put(connection, form, zip(ids, (values for _own, values in rows), strict=True))
    return ids


def insert_lines(connection: sa.Connection, form: CompiledForm, key: str, rows: Sequence[Put]) -> list[int]:
    """Insert lines (own columns: record_id, position, a status); the new ids in the same order."""
    return _insert(connection, form, form.rows[key], rows, [column.key for column in form.stored_columns[key]])


def _insert(connection, form: CompiledForm, table: sa.Table, rows: Sequence[Put], keys: Sequence[str]) -> list[int]:
    if not rows:
        return []

    if connection.dialect.name == "sqlite":
        return _insert_alone(connection, form, table, _named(rows, keys))

    def build():
        return sa.insert(table).returning(table.c.id, sort_by_parameter_order=True)

    named = _named(rows, keys)
    statement = form.statement(("insert", table.name, *named[0]), build)
    if len(named) == 1:
        return [quick.rows(connection, statement, named[0])[0].id]
    return list(connection.execute(statement, named).scalars())


def _insert_alone(connection, form: CompiledForm, table: sa.Table, named: list[dict[str, Any]]) -> list[int]:
    """SQLite would return ids row by row; its one writer gets them without a gap, so the last tells them all."""
    quick.write(connection, form.statement(("insert", table.name, *named[0]), lambda: sa.insert(table)), named)
    last = LAST_ID.first(connection).id
    return list(range(last - len(named) + 1, last + 1))


def update_records(connection: sa.Connection, form: CompiledForm, rows: Sequence[Put], keys: Sequence[str]) -> int:
    """Update the fields `keys` of header rows; own columns are the same in each, with b_id and the b_rev expected.

    The values must be whole records'. Returns how many of them still stood as expected.
    """
    if not set(keys).isdisjoint(form.searchable):
        search_index.put(connection, form, ((own["b_id"], values) for own, values in rows))
    return _update(connection, form, form.table, rows, keys, ("b_id", "b_rev"))


def update_lines(connection: sa.Connection, form: CompiledForm, key: str, rows: Sequence[Put], keys: Sequence[str]) -> None:
    """Update the columns `keys` of lines; own columns hold b_id."""
    if rows:
        _update(connection, form, form.rows[key], rows, keys, ("b_id",))


def move_lines(connection: sa.Connection, form: CompiledForm, key: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Set the status of lines: each row has b_id, status and status_since."""
    if rows:
        _update(connection, form, form.rows[key], [(row, {}) for row in rows], (), ("b_id",))


def _update(connection, form: CompiledForm, table: sa.Table, rows: Sequence[Put], keys: Sequence[str], known: tuple) -> int:
    named = _named(rows, keys)
    names = tuple(name for name in named[0] if name not in known)

    def build():
        here = [table.c[name[2:]] == sa.bindparam(name) for name in known]
        return sa.update(table).where(*here).values({name: sa.bindparam(name) for name in names})

    return quick.write(connection, form.statement(("update", table.name, names), build), named)


def _named(rows: Sequence[Put], keys: Sequence[str]) -> list[dict[str, Any]]:
    labels = [(key, column_name(key)) for key in keys]
    return [{**own, **{label: values.get(key) for key, label in labels}} for own, values in rows]


def delete_lines(connection: sa.Connection, form: CompiledForm, key: str, ids: Sequence[int]) -> None:
    if ids:
        table = form.rows[key]
        connection.execute(sa.delete(table).where(table.c.id.in_(list(ids))))


def linking_forms(form: CompiledForm) -> list[tuple[CompiledForm, str, str]]:
    """(form, rows key or "", field key) of every field of the app that links to a form."""
    found = []
    for other in form.compiled.forms.values():
        found += [(other, "", f.key) for f in other.stored_fields if _links_to(f, form.key)]
        for key, columns in other.stored_columns.items():
            found += [(other, key, c.key) for c in columns if _links_to(c, form.key)]
    return found


def _links_to(field, form_key: str) -> bool:
    return field.type == "link" and field.settings.get("form") == form_key


def referring_forms(connection: sa.Connection, form: CompiledForm, record_id: int) -> list[str]:
    """The keys of the forms that have a record, not deleted, which links to this one: one statement.

    First it waits for all that are about to link to it (PostgreSQL; see choosing.py), and keeps others from it.
    """
    sources = linking_forms(form)
    if not sources:
        return []
    connection.execute(sa.select(form.table.c.id).where(form.table.c.id == record_id).with_for_update())
    arms = [sa.exists(_referring(other, rows_key, key)) for other, rows_key, key in sources]
    row = connection.execute(sa.select(*arms), {"id": record_id}).one()
    return sorted({other.key for (other, _rows, _key), found in zip(sources, row, strict=True) if found})


def _referring(other: CompiledForm, rows_key: str, key: str) -> sa.Select:
    alive = other.table.c.deleted_at.is_(None)
    record_id = sa.bindparam("id", type_=sa.Integer)
    if not rows_key:
        return sa.select(other.table.c.id).where(other.column(key) == record_id, alive)
    lines = other.rows[rows_key]
    joined = lines.join(other.table, other.table.c.id == lines.c.record_id)
    return sa.select(lines.c.id).select_from(joined).where(lines.c[column_name(key)] == record_id, alive)


def numbers_in_use(connection: sa.Connection, form: CompiledForm, path: str, numbers: Iterable[str]) -> set[str]:
    """Which of these serial numbers a record has, or a line, be it deleted."""
    rows, _dot, key = path.rpartition(".")
    column = form.rows[rows].c[column_name(key)] if rows else form.column(path)
    return set(connection.execute(sa.select(column).where(column.in_(sorted(numbers)))).scalars())


def take_numbers(connection: sa.Connection, form: CompiledForm, path: str, period: str, count: int) -> range:
    """The next `count` numbers of a serial field in a period, with the counter's row held until the end."""
    values = _counter(form, path, period) | {"n": count}
    last = TAKE[connection.dialect.name].first(connection, **values).n
    return range(last - count + 1, last + 1)


def raise_number(connection: sa.Connection, form: CompiledForm, path: str, period: str, number: int) -> None:
    """Let the counter of a period stand at no less than a number that was brought in."""
    insert = INSERT[connection.dialect.name](counter).values(_counter(form, path, period) | {"n": number})
    raised = insert.on_conflict_do_update(
        index_elements=list(counter.primary_key), set_={"n": number}, where=counter.c.n < number
    )
    connection.execute(raised)


def _counter(form: CompiledForm, path: str, period: str) -> dict[str, str]:
    return {"app_key": form.app.key, "form_key": form.key, "field_key": path, "period": period}
