"""Record ids: what a database column holds, what a path may name, and many of them as one parameter."""

from __future__ import annotations

import sqlalchemy as sa
from werkzeug.routing import IntegerConverter

from .dialects import Named, say

LARGEST_ID = 2**31 - 1  # PostgreSQL's INTEGER


def storable(record_id: int) -> bool:
    """Whether there can be a record of this id at all."""
    return 0 < record_id <= LARGEST_ID


class IdConverter(IntegerConverter):
    """`<int:id>` in a route: a number that no record can have leads nowhere."""

    def __init__(self, map, **limits):
        super().__init__(map, **({"max": LARGEST_ID} | limits))


class Ids(sa.types.TypeDecorator):
    """A list of ids as one parameter."""

    impl = sa.JSON
    cache_ok = True

    def load_dialect_impl(self, dialect):
        return dialect.type_descriptor(sa.ARRAY(sa.Integer) if dialect.name == "postgresql" else sa.JSON())


class among(Named):
    """column, ids"""

    type = sa.Boolean()

    def self_group(self, against=None):
        return self  # SQLAlchemy would write "... = 1" on SQLite, which leaves the index aside


say(among, sqlite="{} IN (SELECT value FROM json_each({}))".format, postgresql="{} = ANY ({})".format)


def one_of(column: sa.ColumnElement, name: str = "ids") -> sa.ColumnElement[bool]:
    """That a column holds one of the ids given under a name: the same SQL however many they are."""
    return among(column, sa.bindparam(name, type_=Ids()))
