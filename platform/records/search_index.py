"""The search index of a form: for every record the pairs of characters in each of its searchable fields.

An FTS5 table on SQLite, GIN over text[] on PostgreSQL. A word of it names the field it comes from, so what a
person may not see is not even looked at (search.py), and a change of access leaves it as it is. The commands
keep it up in their own transaction; a publish fills in what a new version makes searchable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from .. import exact
from ..bigrams import fold, pairs, tokens
from ..db import Json, metadata
from ..definition.model import App, Field, Form
from ..registry import fields, source
from ..structured import together
from .tables import column_name, shortened, stored, table_name

KINDS = ("text", "choice", "number", "date")  # of a title, which is searched whatever it is
SEARCHED = ("text", "record", "list")  # of fields whose type is searched; of several texts, each of them

search_index = sa.Table(
    "search_index",
    metadata,
    sa.Column("app_key", sa.Text, primary_key=True),
    sa.Column("form_key", sa.Text, primary_key=True),
    sa.Column("indexed", Json, nullable=False),
)
"""Which fields of every form are indexed for all its records."""


def searchable(form: Form, app: App) -> tuple[str, ...]:
    """The keys of a form's fields that are searched: texts, and what names a record."""
    return tuple(f.key for f in form.fields if stored(f) and _is_searched(f, form, app))


def _is_searched(field: Field, form: Form, app: App) -> bool:
    kind = source(field, app)[0].kind
    return kind in KINDS if field.key == form.title else kind in SEARCHED and fields[field.type].searchable


def index_table(app_key: str, form_key: str, dialect: str) -> sa.Table:
    """The index as a table. `rowid` is the record's id; on SQLite all that is indexed is a column of the table's name."""
    name = table_name(app_key, form_key, "search")
    if dialect == "sqlite":
        return sa.table(name, sa.column("rowid", sa.Integer), sa.column("grams", sa.Text), sa.column(name, sa.Text))
    words = postgresql.ARRAY(sa.Text(collation="C"))
    table = sa.Table(
        name,
        sa.MetaData(),
        sa.Column("rowid", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("grams", words, nullable=False),
        sa.Column("texts", postgresql.JSONB, nullable=False),
    )
    sa.Index(shortened(f"ix_{name}_grams"), table.c.grams, postgresql_using="gin")
    return table


def create(connection: sa.Connection, app_key: str, form_key: str) -> None:
    """Make the index of a form, unless it is there."""
    table = index_table(app_key, form_key, connection.dialect.name)
    if connection.dialect.name == "postgresql":
        table.metadata.create_all(connection)
        return
    how = "grams, detail=none, columnsize=0, tokenize='ascii'"
    connection.exec_driver_sql(f'CREATE VIRTUAL TABLE IF NOT EXISTS "{table.name}" USING fts5({how})')


def drop(connection: sa.Connection, app_key: str, form_key: str) -> None:
    """Take the index of a form away."""
    table = index_table(app_key, form_key, connection.dialect.name)
    connection.exec_driver_sql(f'DROP TABLE IF EXISTS "{table.name}"')
    here = (search_index.c.app_key == app_key, search_index.c.form_key == form_key)
    connection.execute(sa.delete(search_index).where(*here))


def text_of(value: Any) -> str:
    """A value of a searchable field, as it is searched."""
    if value is None:
        return ""
    if value.__class__ is str:
        return fold(value)
    if value.__class__ in (dict, tuple):
        return fold(together(value))
    return fold(exact.text(value) if hasattr(value, "as_tuple") else str(value))


def entry(keys: Sequence[str], values: Mapping[str, Any], dialect: str) -> dict[str, Any]:
    """What the index holds of a record with these values."""
    texts = {key: text for key in keys if (text := text_of(values.get(key)))}
    words = sorted({word for key, text in texts.items() for word in tokens(key, pairs(text))})
    return {"grams": " ".join(words)} if dialect == "sqlite" else {"grams": words, "texts": texts}


def put(connection: sa.Connection, form, records: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
    """Index records of a compiled form, in place of what stood there; their values must be whole."""
    rows = [{"rowid": i} | entry(form.searchable, values, connection.dialect.name) for i, values in records]
    if rows:
        connection.execute(form.statement(("index",), lambda: _put(connection, form)), rows)


def _put(connection: sa.Connection, form) -> Any:
    table = index_table(form.app.key, form.key, connection.dialect.name)
    if connection.dialect.name == "sqlite":
        return sa.text(f'INSERT OR REPLACE INTO "{table.name}" (rowid, grams) VALUES (:rowid, :grams)')
    insert = postgresql.insert(table)
    changed = {name: insert.excluded[name] for name in ("grams", "texts")}
    return insert.on_conflict_do_update(index_elements=["rowid"], set_=changed)


def indexed(connection: sa.Connection, app_key: str) -> dict[str, list[str]]:
    """Form key -> the fields that are indexed for all its records."""
    here = sa.select(search_index.c.form_key, search_index.c.indexed).where(search_index.c.app_key == app_key)
    return {row.form_key: row.indexed for row in connection.execute(here)}


def set_indexed(connection: sa.Connection, app_key: str, form_key: str, keys: Sequence[str]) -> None:
    here = (search_index.c.app_key == app_key, search_index.c.form_key == form_key)
    connection.execute(sa.delete(search_index).where(*here))
    connection.execute(sa.insert(search_index).values(app_key=app_key, form_key=form_key, indexed=list(keys)))


def fill(connection: sa.Connection, form, last: int, most: int, since: datetime | None = None) -> int | None:
    """Index the next records after an id, deleted ones too, holding them; the last of them, None at the end."""
    table = form.table
    here = [table.c.id > last, *([] if since is None else [table.c.updated_at >= since])]
    columns = [form.column(key) for key in form.searchable]
    found = sa.select(table.c.id, *columns).where(*here).order_by(table.c.id).limit(most)
    rows = connection.execute(found.with_for_update(key_share=True)).all()
    put(connection, form, ((row.id, {key: getattr(row, column_name(key)) for key in form.searchable}) for row in rows))
    return rows[-1].id if len(rows) == most else None


def unsound(connection: sa.Connection, form, values: Mapping[int, Mapping[str, Any]]) -> list[int]:
    """The ids among these records whose entry is not what their values make."""
    if not form.searchable:
        return []
    dialect = connection.dialect.name
    table = index_table(form.app.key, form.key, dialect)
    names = ("grams",) if dialect == "sqlite" else ("grams", "texts")
    columns = [table.c[name] for name in names]
    here = sa.select(table.c.rowid, *columns).where(table.c.rowid.in_(sorted(values)))
    found = {row.rowid: {name: getattr(row, name) for name in names} for row in connection.execute(here)}
    return [i for i, whole in values.items() if found.get(i) != entry(form.searchable, whole, dialect)]
