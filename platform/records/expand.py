"""Brings a workspace's database to what an app needs, by adding only: tables, columns, indexes.

Each step is a short transaction of its own, so that a publish that stops halfway has harmed nothing
and the next one goes on from there. Columns are never dropped, renamed or changed in type.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import sqlalchemy as sa
from flask_babel import gettext as _

from .. import registry
from ..db import Workspace, metadata
from ..definition.model import App, Field
from ..errors import Busy, Problem
from . import search_index
from .indexes import add_indexes
from .search_index import searchable
from .tables import column_name, form_tables, stored, table_name

LOCK_TIMEOUT = "150ms"  # whoever waits for a table makes everybody behind him wait, so: not long
TRIES = 60
LOCK_NOT_AVAILABLE = "55P03"

held_column = sa.Table(
    "held_column",
    metadata,
    sa.Column("table_name", sa.String(63), primary_key=True),
    sa.Column("column_name", sa.String(63), primary_key=True),
    sa.Column("kind", sa.String(60), nullable=False),
)
"""What kind of values every column of users' tables was made for; columns outlive their fields."""


def changed_kinds(connection: sa.Connection, app: App) -> list[Problem]:
    """The fields whose column exists already and holds values of another kind."""
    held = {(row.table_name, row.column_name): row.kind for row in connection.execute(sa.select(held_column))}
    problems = []
    for form in app.forms:
        for path in form.paths:
            field = form.field_at(path)
            rows_key, dot, _key = path.rpartition(".")
            table = table_name(app.key, form.key, *([rows_key] if dot else []))
            was = held.get((table, column_name(field.key)))
            if was is not None and stored(field) and was != kind_of(field, app):
                place = f"forms[{form.key}].fields[{path.replace('.', '].fields[')}].type"
                sentence = _("This held values of another kind before. Remove it and add a field with a new key.")
                problems.append(Problem(place, sentence))
    return problems


def kind_of(field: Field, app: App) -> str:
    """What a stored value means: the kind of its values, and for a link where it leads."""
    shown_type, shown = registry.source(field, app)
    return shown_type.meaning(shown)


def expand(workspace: Workspace, app: App) -> None:
    """Add what is missing for an app; doing it again changes nothing."""
    tables = form_tables(app)
    for form in app.forms:
        add_indexes(app, form, tables[form.key], workspace.dialect)
        _expand_table(workspace, tables[form.key].table, _kinds(form.fields, app))
        for rows in form.rows:
            _expand_table(workspace, tables[form.key].rows[rows.key], _kinds(rows.fields, app))
        if searchable(form, app):
            _step(workspace, lambda connection, key=form.key: search_index.create(connection, app.key, key))


def _kinds(members: tuple[Field, ...], app: App) -> dict[str, str]:
    return {column_name(f.key): kind_of(f, app) for f in members if stored(f)}


def _expand_table(workspace: Workspace, table: sa.Table, kinds: Mapping[str, str]) -> None:
    _step(workspace, lambda connection: _table_and_columns(connection, table, kinds))
    with workspace.reading() as connection:
        present = _sound_indexes(connection, table)
    for index in sorted(table.indexes, key=lambda index: index.name):
        if not present.get(index.name):
            _add_index(workspace, index, broken=index.name in present)


def _table_and_columns(connection: sa.Connection, table: sa.Table, kinds: Mapping[str, str]) -> None:
    inspector = sa.inspect(connection)
    if not inspector.has_table(table.name):
        table.create(connection)
        added = set(kinds)
    else:
        present = {column["name"] for column in inspector.get_columns(table.name)}
        added = {column.name for column in table.columns if column.name not in present}
        for name in sorted(added):
            connection.execute(sa.DDL(_add_column(connection, table.c[name])))
    held = [{"table_name": table.name, "column_name": name, "kind": kinds[name]} for name in sorted(added & set(kinds))]
    if held:
        connection.execute(sa.insert(held_column), held)


def _add_column(connection: sa.Connection, column: sa.Column) -> str:
    dialect = connection.dialect
    written = sa.schema.CreateColumn(column).compile(dialect=dialect)
    table = dialect.identifier_preparer.format_table(column.table)
    return f"ALTER TABLE {table} ADD COLUMN {written}".replace("%", "%%")


def _sound_indexes(connection: sa.Connection, table: sa.Table) -> dict[str, bool]:
    """The indexes there are; False for one whose making was cut short, which PostgreSQL keeps but ignores."""
    if connection.dialect.name != "postgresql":
        return {index["name"]: True for index in sa.inspect(connection).get_indexes(table.name)}
    found = sa.text(
        "SELECT c.relname, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE i.indrelid = to_regclass(:name)"
    )
    return dict(connection.execute(found, {"name": table.name}).all())


def _add_index(workspace: Workspace, index: sa.Index, *, broken: bool) -> None:
    if workspace.dialect != "postgresql":
        _step(workspace, lambda connection: index.create(connection, checkfirst=True))
        return
    with workspace.write.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if broken:
            connection.execute(sa.DDL(f'DROP INDEX CONCURRENTLY IF EXISTS "{index.name}"'))
        index.dialect_options["postgresql"]["concurrently"] = True
        connection.execute(sa.schema.CreateIndex(index, if_not_exists=True))


def _step(workspace: Workspace, work: Callable[[sa.Connection], None]) -> None:
    """One short transaction; on PostgreSQL it gives way to whoever holds the table, and comes again."""
    for attempt in range(TRIES):
        try:
            with workspace.writing() as connection:
                if connection.dialect.name == "postgresql":
                    connection.execute(sa.DDL(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
                work(connection)
                return
        except sa.exc.OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
            time.sleep(min(0.05 * (attempt + 1), 0.5))
    raise Busy(_("Somebody has been using this table for too long; publish again in a moment."))
