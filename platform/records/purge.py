"""What is left in users' tables of fields and forms that no version uses any more, and taking it away for good."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from ..db import Workspace
from ..definition.model import App
from ..fields.file import FILES
from . import attachments, erasure, history, search_index
from .compiled import Compiled
from .copies import copy
from .expand import held_column, key_of, step
from .mandates import mandate
from .tables import table_name
from .votes import vote

BATCH = 500


@dataclass(frozen=True)
class Piece:
    """A column without a field, or (column "*") a table without a form or line items; `count` values or rows.

    path: of the field; "" for a whole form.
    """

    form: str
    path: str
    table: str
    column: str
    count: int

    @property
    def whole(self) -> bool:
        return self.column == "*"


def pieces(connection: sa.Connection, live: Compiled, others: Iterable[App]) -> list[Piece]:
    """Everything that the live version does not use, lines before the forms they are part of."""
    used = {table.name: {column.name for column in table.columns} for table in _tables(live)}
    found = []
    for form_key, rows_key, table in sorted(_places([live.app, *others]), key=lambda place: (place[0], not place[1], place[1])):
        if sa.inspect(connection).has_table(table):
            found += _of_table(connection, form_key, rows_key, table, used.get(table))
    return found


def _of_table(connection, form_key: str, rows_key: str, table: str, used: set[str] | None) -> Iterator[Piece]:
    bare = sa.table(table)
    if used is None:
        number = connection.scalar(sa.select(sa.func.count()).select_from(bare))
        yield Piece(form_key, rows_key, table, "*", number)
        return
    held = sa.select(held_column.c.column_name).where(held_column.c.table_name == table)
    for name in sorted(set(connection.scalars(held)) - used):
        number = connection.scalar(sa.select(sa.func.count(sa.column(name))).select_from(bare))
        yield Piece(form_key, f"{rows_key}.{key_of(name)}" if rows_key else key_of(name), table, name, number)


def _tables(live: Compiled) -> Iterator[sa.Table]:
    for form in live.forms.values():
        yield form.table
        yield from form.rows.values()


def _places(apps: Iterable[App]) -> set[tuple[str, str, str]]:
    """(form, line items or "", table) of everything that these versions kept."""
    found = set()
    for app in apps:
        for form in app.forms:
            found.add((form.key, "", table_name(app.key, form.key)))
            found |= {(form.key, rows.key, table_name(app.key, form.key, rows.key)) for rows in form.rows}
    return found


def take_away(workspace: Workspace, app_key: str, piece: Piece) -> None:
    """Drop a column or a table; a child table has no children of its own, and goes before its parent."""
    step(workspace, lambda connection: _drop(connection, app_key, piece))


def _drop(connection: sa.Connection, app_key: str, piece: Piece) -> None:
    if piece.whole and not piece.path:
        search_index.drop(connection, app_key, piece.form)
        for kept in (vote, mandate, copy):
            connection.execute(sa.delete(kept).where(kept.c.app_key == app_key, kept.c.form_key == piece.form))
    if piece.whole or _held_files(connection, piece):
        attachments.let_go(connection, app_key, piece.form, paths=[piece.path] if piece.path else None)
    quote = connection.dialect.identifier_preparer.quote
    gone = [held_column.c.table_name == piece.table]
    if piece.whole:
        connection.execute(sa.DDL(f"DROP TABLE IF EXISTS {quote(piece.table)}"))
    else:
        gone.append(held_column.c.column_name == piece.column)
        inspector = sa.inspect(connection)
        for index in inspector.get_indexes(piece.table):
            if piece.column in index["column_names"]:
                connection.execute(sa.DDL(f"DROP INDEX {quote(index['name'])}"))
        if piece.column in {column["name"] for column in inspector.get_columns(piece.table)}:
            connection.execute(sa.DDL(f"ALTER TABLE {quote(piece.table)} DROP COLUMN {quote(piece.column)}"))
    connection.execute(sa.delete(held_column).where(*gone))


def _held_files(connection: sa.Connection, piece: Piece) -> bool:
    """A column of a former type goes without the files that its field has now."""
    here = (held_column.c.table_name == piece.table, held_column.c.column_name == piece.column)
    return connection.scalar(sa.select(held_column.c.kind).where(*here)) == FILES


def forget(connection: sa.Connection, app_key: str, form_key: str, erased: list[str]) -> int:
    """Take values out of the histories of all records of a form; how many events told of them."""
    event, last, number = history.event, 0, 0
    here = (event.c.app_key == app_key, event.c.form_key == form_key, event.c.id > sa.bindparam("last"))
    batch = sa.select(event.c.id, event.c.changes).where(*here).order_by(event.c.id).limit(BATCH)
    while rows := connection.execute(batch, {"last": last}).all():
        number += erasure.erase_rows(connection, rows, erased)
        last = rows[-1].id
    return number
