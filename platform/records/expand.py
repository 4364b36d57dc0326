"""Brings a workspace's database to what an app needs, by adding only: tables, columns, indexes.

Each step is a short transaction of its own, so that a publish that stops halfway has harmed nothing
and the next one goes on from there. Columns are never dropped, renamed or changed in type.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Container, Mapping

import sqlalchemy as sa
from flask_babel import gettext as _

from .. import registry
from ..db import Workspace, metadata
from ..definition.model import App, Field, Form
from ..errors import Busy
from . import history, search_index
from .indexes import add_indexes
from .search_index import searchable
from .tables import Columns, column_name, form_tables, stored, table_name

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


Place = tuple[str, str]
"""(form key, path) of a field."""


def columns_of(
    connection: sa.Connection, app: App, running: Mapping[Place, str], anew: Container[Place] = ()
) -> dict[str, dict[str, str]]:
    """Where a version of an app keeps its fields: a column never holds values of two kinds.

    A field stays in the column where the live version has it (`running`), if that is of its kind; else it gets the
    first that is, or is still free. What is worked out `anew` leaves its column, so that the live version goes on
    seeing its own values: it has two, and takes them in turn.
    """
    held = {(row.table_name, row.column_name): row.kind for row in connection.execute(sa.select(held_column))}
    found: dict[str, dict[str, str]] = {}
    for form in app.forms:
        for path in form.paths:
            field = form.field_at(path)
            if stored(field):
                rows_key, dot, _key = path.rpartition(".")
                table = table_name(app.key, form.key, *([rows_key] if dot else []))
                first, kind = column_name(field.key), kind_of(field, app)
                name = present = running.get((form.key, path))
                if held.get((table, present)) != kind or (form.key, path) in anew:
                    name = _column(first, kind, lambda name, table=table: held.get((table, name)), present)
                if name != first:
                    found.setdefault(form.key, {})[path] = name
    return found


def has_held(connection: sa.Connection, table: str, column: str) -> bool:
    """Whether a version ever kept anything in a column."""
    here = (held_column.c.table_name == table, held_column.c.column_name == column)
    return connection.scalar(sa.select(held_column.c.kind).where(*here)) is not None


def unused_columns(connection: sa.Connection, table: str, key: str, used: str) -> list[str]:
    """The other columns that a field has had."""
    held = connection.scalars(sa.select(held_column.c.column_name).where(held_column.c.table_name == table))
    return [name for name in held if key_of(name) == key and name != used]


def key_of(column: str) -> str:
    """The key of the field that a column was made for."""
    return column.removeprefix("f_").partition("__")[0]


def _column(first: str, kind: str, made_for: Callable[[str], str | None], left: str | None) -> str:
    names = itertools.chain([first], (f"{first}__{number}" for number in itertools.count(2)))
    return next(name for name in names if name != left and made_for(name) in (None, kind))


def kind_of(field: Field, app: App) -> str:
    """What a stored value means: the kind of its values, for a link where it leads, and who writes it."""
    shown_type, shown = registry.source(field, app)
    kind = shown_type.meaning(shown)
    return f"{kind} {field.type}" if registry.fields[field.type].computed else kind


def expand(workspace: Workspace, app: App, columns: Columns) -> None:
    """Add what is missing for an app; doing it again changes nothing."""
    tables = form_tables(app, columns)
    for form in app.forms:
        add_indexes(app, form, tables[form.key], workspace.dialect)
        _expand_table(workspace, app, form, tables[form.key].table, form.fields)
        for rows in form.rows:
            _expand_table(workspace, app, form, tables[form.key].rows[rows.key], rows.fields)
        if searchable(form, app):
            step(workspace, lambda connection, key=form.key: search_index.create(connection, app.key, key))


def _expand_table(workspace: Workspace, app: App, form: Form, table: sa.Table, members: tuple[Field, ...]) -> None:
    kinds = {table.c[column_name(f.key)].name: kind_of(f, app) for f in members if stored(f)}
    step(workspace, lambda connection: _table_and_columns(connection, app, form, table, kinds))
    with workspace.reading() as connection:
        present = _sound_indexes(connection, table)
    for index in sorted(table.indexes, key=lambda index: index.name):
        if not present.get(index.name):
            _add_index(workspace, index, broken=index.name in present)


def _table_and_columns(connection: sa.Connection, app: App, form: Form, table: sa.Table, kinds: Mapping[str, str]) -> None:
    inspector = sa.inspect(connection)
    if not inspector.has_table(table.name):
        table.create(connection)
        _number_on(connection, app, form, table)
        added = set(kinds)
    else:
        present = {column["name"] for column in inspector.get_columns(table.name)}
        missing = [column for column in table.columns if column.name not in present]
        for column in sorted(missing, key=lambda column: column.name):
            connection.execute(sa.DDL(_add_column(connection, column)))
        added = {column.name for column in missing}
    held = [{"table_name": table.name, "column_name": name, "kind": kinds[name]} for name in sorted(added & set(kinds))]
    if held:
        connection.execute(sa.insert(held_column), held)


def _number_on(connection: sa.Connection, app: App, form: Form, table: sa.Table) -> None:
    """Records of a form that was purged have a history still: new ones take later numbers."""
    last = history.last_record(connection, app.key, form.key) if "status" in table.c else None
    if last and connection.dialect.name == "sqlite":
        sequence = sa.table("sqlite_sequence", sa.column("name"), sa.column("seq"))
        connection.execute(sa.insert(sequence).values(name=table.name, seq=last))
    elif last:
        named = sa.func.pg_get_serial_sequence(table.name, "id")
        connection.execute(sa.select(sa.func.setval(named, last)))


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
        step(workspace, lambda connection: index.create(connection, checkfirst=True))
        return
    with workspace.write.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if broken:
            connection.execute(sa.DDL(f'DROP INDEX CONCURRENTLY IF EXISTS "{index.name}"'))
        index.dialect_options["postgresql"]["concurrently"] = True
        connection.execute(sa.schema.CreateIndex(index, if_not_exists=True))


def step(workspace: Workspace, work: Callable[[sa.Connection], None]) -> None:
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
