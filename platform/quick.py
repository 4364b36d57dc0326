"""Statements that are kept and run again and again: compiled once, then run by the driver itself.

SQLAlchemy's own execution costs 100 to 350 microseconds a statement, this 20 to 50. Rows are named
tuples with the columns' Python values.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa

_kept: WeakKeyDictionary[sa.Executable, dict[str, Prepared] | None] = WeakKeyDictionary()  # None: never to be


def rows(connection: sa.Connection, statement: sa.Executable, values: Mapping[str, Any] | None = None) -> list[Any]:
    """What a kept statement selects. Prepared at its second use: much of what people make up is asked once."""
    values = values or {}
    if statement not in _kept:
        _kept[statement] = {}
    elif (kept := _kept[statement]) is not None:
        try:
            return _prepared(kept, connection, statement, values).all(connection, values)
        except Varying:
            _kept[statement] = None
    return list(connection.execute(statement, values))


def write(connection: sa.Connection, statement: sa.Executable, named: Sequence[Mapping[str, Any]]) -> int:
    """Runs a kept statement for each of these parameters, all with the same names; how many rows it changed."""
    prepared = _prepared(_kept.setdefault(statement, {}), connection, statement, named[0])
    return prepared.write(connection, named)


class Quick:
    """A statement of ours, the same in every workspace; what varies in it has a name."""

    def __init__(self, statement: sa.Executable):
        self.statement = statement
        self._prepared: dict[str, Prepared] = {}

    def all(self, connection: sa.Connection, **values: Any) -> list[Any]:
        """Every row that it selects or returns, for parameters by name."""
        return _prepared(self._prepared, connection, self.statement, values).all(connection, values)

    def first(self, connection: sa.Connection, **values: Any) -> Any | None:
        return next(iter(self.all(connection, **values)), None)

    def write(self, connection: sa.Connection, named: Sequence[Mapping[str, Any]]) -> int:
        """Once for each of these parameters; how many rows it changed."""
        return _prepared(self._prepared, connection, self.statement, named[0]).write(connection, named)


def _prepared(kept: dict[str, Prepared], connection, statement: sa.Executable, values: Mapping[str, Any]) -> Prepared:
    name = connection.dialect.name
    found = kept.get(name)
    if found is None:
        found = kept[name] = Prepared(statement, connection.dialect, values)
    return found


class Varying(TypeError):
    """A list among the parameters makes the SQL another one each time; `ids.one_of` does not."""


class Prepared:
    """The SQL of one dialect, with what turns values into the driver's and back.

    It holds nothing of the statement, which may go when nobody keeps it any more.
    """

    def __init__(self, statement: sa.Executable, dialect: sa.Dialect, values: Mapping[str, Any]):
        compiled = statement.compile(dialect=dialect, column_keys=list(values))
        if any(bind.expanding and bind.required for bind in compiled.bind_names):
            raise Varying
        state = compiled.construct_expanded_state(dict(values))
        self.dialect = dialect
        self.sql = state.statement
        self.names = state.positiontup
        self.fixed = {name: value for name, value in state.parameters.items() if name not in values}
        self.processors = {
            name: processor
            for bind, name in compiled.bind_names.items()
            if not bind.expanding and (processor := bind.type.dialect_impl(dialect).bind_processor(dialect))
        } | dict(state.processors)
        columns = getattr(statement, "selected_columns", None) or getattr(statement, "exported_columns", None)
        self.types = [column.type.dialect_impl(dialect) for column in columns or ()]
        self.row = _row_of(columns.keys() if columns else ())
        self.reads: list[tuple[int, Any]] | None = None

    def all(self, connection: sa.Connection, values: Mapping[str, Any]) -> list[Any]:
        cursor = self.run(connection, [values])
        found = cursor.fetchall()
        if self.reads is None:
            self.reads = self._reads(cursor.description)
        cursor.close()
        return [self.row._make(row) for row in (map(self._read, found) if self.reads else found)]

    def write(self, connection: sa.Connection, named: Sequence[Mapping[str, Any]]) -> int:
        cursor = self.run(connection, named)
        changed = cursor.rowcount
        cursor.close()
        return changed

    def run(self, connection: sa.Connection, named: Sequence[Mapping[str, Any]]) -> Any:
        """The driver's cursor, after the statement ran for each of these parameters; a first one begins a transaction."""
        if not connection.in_transaction():
            connection.begin()
        cursor = connection.connection.cursor()
        try:
            if len(named) == 1:
                cursor.execute(self.sql, self._bind(named[0]))
            else:
                cursor.executemany(self.sql, [self._bind(values) for values in named])
            return cursor
        except self.dialect.dbapi.Error as error:
            raise _known(connection, self.sql, error) from error

    def _bind(self, values: Mapping[str, Any]) -> Any:
        ready = {**self.fixed, **values}
        for name, processor in self.processors.items():
            ready[name] = processor(ready[name])
        return ready if self.names is None else [ready[name] for name in self.names]

    def _reads(self, description: Sequence[Sequence[Any]]) -> list[tuple[int, Any]]:
        """(place, function) of the columns whose values the driver gives otherwise."""
        kinds = [kind[1] for kind in description]
        found = [impl.result_processor(self.dialect, kind) for impl, kind in zip(self.types, kinds, strict=True)]
        return [(place, read) for place, read in enumerate(found) if read]

    def _read(self, row: Sequence[Any]) -> list[Any]:
        values = list(row)
        for place, read in self.reads:
            values[place] = read(values[place])
        return values


def _row_of(names: Iterable[str]) -> type:
    """A named tuple that can be read as SQLAlchemy's rows can."""
    plain = namedtuple("Row", names, rename=True)
    return type("Row", (plain,), {"__slots__": (), "_mapping": property(plain._asdict)})


def _known(connection: sa.Connection, sql: str, error: Exception) -> Exception:
    """The driver's error as SQLAlchemy tells it.

    A lost connection is asked once more by SQLAlchemy itself, which then lets go of it and of all that are as old,
    each when it comes back to the pool.
    """
    lost = connection.dialect.is_disconnect(error, connection.connection.dbapi_connection, None)
    if lost:
        with suppress(sa.exc.DBAPIError):
            connection.exec_driver_sql("SELECT 1")
    base = connection.dialect.dbapi.Error
    return sa.exc.DBAPIError.instance(sql, {}, error, base, connection_invalidated=lost, dialect=connection.dialect)
