"""Values of several parts in one column: a JSON array of texts, the same on both databases.

Text, so that it sorts, searches and reads alike everywhere; `items` and `part` take it apart in SQL.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from .dialects import Named, say


class _Texts(sa.types.TypeDecorator):
    """By code point, as both databases then order it."""

    impl = sa.Text

    def load_dialect_impl(self, dialect):
        return dialect.type_descriptor(sa.Text(collation="C") if dialect.name == "postgresql" else sa.Text())

    def coerce_compared_value(self, op, value):
        return self


class Listed(_Texts):
    """Some texts in order, as a tuple."""

    cache_ok = True

    def process_bind_param(self, value, dialect):
        return None if value is None else _written(value)

    def process_result_value(self, value, dialect):
        return None if value is None else tuple(json.loads(value))


class Parts(_Texts):
    """Named texts, as a dict of those that are filled."""

    cache_ok = True

    def __init__(self, names: Sequence[str]):
        super().__init__()
        self.names = tuple(names)

    def process_bind_param(self, value, dialect):
        return None if value is None else _written(value.get(name, "") for name in self.names)

    def process_result_value(self, value, dialect):
        if value is None:
            return None
        return {name: text for name, text in zip(self.names, json.loads(value), strict=False) if text}


def _written(texts) -> str:
    return json.dumps(list(texts), ensure_ascii=False, separators=(",", ":"))


class part_at(Named):
    """One text of the array by its place, empty where nothing stands there."""

    type = sa.Text()


say(
    part_at,
    sqlite="nullif(json_extract({}, '$[' || {} || ']'), '')".format,
    postgresql="nullif((cast({} as json) ->> cast({} as integer)), '')".format,
)


def part(column: sa.ColumnElement, names: Sequence[str], name: str) -> sa.ColumnElement:
    """One of the `Parts` that a column holds."""
    return part_at(column, sa.literal_column(str(tuple(names).index(name))))


def items(column: sa.ColumnElement, dialect: str) -> tuple[sa.FromClause, sa.ColumnElement]:
    """(table, column) of the texts that a `Listed` column holds; none where it is empty."""
    if dialect == "postgresql":
        found: Any = sa.func.json_array_elements_text(sa.cast(column, sa.JSON))
    else:
        found = sa.func.json_each(sa.type_coerce(column, sa.Text))
    table = found.table_valued(sa.column("value", sa.Text)).alias()
    return table, table.c.value


def together(value: Mapping[str, str] | Sequence[str]) -> str:
    """All texts of a value as one, as they are searched; of a file its name alone."""
    if isinstance(value, Mapping):
        return " ".join(value.values())
    return " ".join(one.rpartition("/")[2] for one in value)


def in_one(column: sa.ColumnElement) -> sa.ColumnElement[str]:
    """The same of a column on SQLite; PostgreSQL keeps it in the search index."""
    table, text = items(column, "sqlite")
    name = sa.func.substr(text, sa.func.instr(text, "/") + 1) if isinstance(column.type, Listed) else text
    found = sa.select(sa.func.group_concat(name, " ", type_=sa.Text)).select_from(table).where(text != "")
    return found.scalar_subquery()
