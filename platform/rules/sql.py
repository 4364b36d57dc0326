"""Rules as SQL: filters and row scopes, for SQLite and PostgreSQL, with the answers that Python gives.

`resolve(path)` tells what a path means in the statement at hand; it returns
- for a value: a ColumnElement of the column's own type (`Exact` for numbers);
- for line items: a `Rows`, with a fresh alias of the child table, how it hangs on the outer row, and a
  `resolve` of its own for paths inside ("price", "product.on_hand");
- for a list that is known beforehand, such as a person's roles: a Python list.

What SQL can't say raises NotInSql, naming it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.sql.expression import Grouping

from ..exact import Exact
from ..structured import Listed, items
from .node import Node, Path
from .types import RuleError, Type
from .typing import check, elaborate

LONGEST = 3_000  # parts of one statement; some are said twice
HEAVIEST = 72  # SQLite's parser holds a hundred things at once, the statement around ours among them

COLUMN_TYPES = {
    "number": Exact(),
    "text": sa.Text(),
    "choice": sa.Text(),
    "flag": sa.Boolean(),
    "date": sa.Date(),
    "moment": sa.DateTime(),
    "time": sa.Text(),
    "person": sa.Integer(),
    "link": sa.Integer(),
    "empty": sa.Text(),
}


class Filled(sa.BindParameter):
    """A bound value that is never empty, so that a plain `=` will do."""

    inherit_cache = True


class NotInSql(RuleError):
    """Right as a rule, but SQL has no word for it."""


@dataclass(frozen=True)
class Rows:
    """Items in a table: which rows they are, and what paths inside one of them mean; `()` is the item itself."""

    table: sa.FromClause
    on: sa.ColumnElement[bool]
    resolve: Callable[[Path], Any]

    def where(self, condition: sa.ColumnElement[bool]) -> Rows:
        return replace(self, on=sa.and_(self.on, condition))

    def holding(self, value: Any) -> Rows:
        """The same items, each standing for a value of it."""
        return replace(self, resolve=lambda path: value)

    def exists(self, condition: sa.ColumnElement[bool] | None = None) -> sa.ColumnElement[bool]:
        rows = self if condition is None else self.where(condition)
        return sa.exists(rows._select(sa.literal_column("1")))

    def aggregate(self, expression: sa.ColumnElement) -> sa.ColumnElement:
        return self._select(expression).scalar_subquery()

    def values(self) -> sa.Select:
        """What the items stand for, to be looked for in."""
        return self._select(self.resolve(()))

    def _select(self, expression: Any) -> sa.Select:
        return sa.select(expression).select_from(self.table).where(self.on).correlate_except(self.table)


def compile_sql(rule: Any, scope: Type, resolve: Callable[[Path], Any], dialect: str) -> sa.ColumnElement:
    """The rule's value; a yes-or-no answer is never empty, so that NOT works on it."""
    node = elaborate(rule, scope)
    compiler = Compiler(resolve, dialect)
    value = compiler.truth(node) if node.type.kind == "flag" else compiler.value(node)
    return value if isinstance(value, sa.ColumnElement) else compiler.refuse(node)


def compile_where(rule: Any, scope: Type, resolve: Callable[[Path], Any], dialect: str) -> sa.ColumnElement[bool]:
    """The rule as a condition of WHERE, where empty counts as no: plain comparisons, which an index can serve."""
    return Compiler(resolve, dialect).condition(elaborate(rule, scope))


def stand_in(scope: Type) -> Callable[[Path], Any]:
    """A `resolve` for a rule that is only compiled to learn whether SQL can say it."""
    return lambda path: sa.column("x", COLUMN_TYPES[check({"var": ".".join(path)}, scope).kind])


class Effort:
    """What a statement has cost so far, and how heavy the parts are that stand inside each other."""

    def __init__(self) -> None:
        self.parts = 0
        self.weight = 0

    @contextmanager
    def on(self, node: Node) -> Iterator[None]:
        self.parts += 1
        self.weight += node.operator.weight
        if self.parts > LONGEST or self.weight > HEAVIEST:
            raise NotInSql(_("This rule is too long or too deep for a filter; make it a formula field."), node.place)
        yield
        self.weight -= node.operator.weight


class Compiler:
    """Compiles the nodes of one scope; `within` gives the compiler for the items of a list."""

    def __init__(self, resolve: Callable[[Path], Any], dialect: str, effort: Effort | None = None):
        self.resolve = resolve
        self.dialect = dialect
        self._effort = effort or Effort()

    def value(self, node: Node) -> Any:
        """A ColumnElement, or Rows or a Python list for what is a list."""
        if node.hollow or node.type.kind == "empty":
            return constant(None, node.type)
        with self._effort.on(node):
            value = node.operator.sql(node, self)
        # SQLAlchemy writes `NOT a IS NULL`, which databases read as NOT of the whole.
        return Grouping(value) if isinstance(value, sa.UnaryExpression) else value

    def truth(self, node: Node) -> sa.ColumnElement[bool]:
        """A yes-or-no answer that is never empty."""
        value = self.value(node)
        return value if node.operator.definite or node.literal and node.value is not None else definite(value)

    def condition(self, node: Node) -> sa.ColumnElement[bool]:
        """A yes-or-no answer that may be empty for no."""
        if node.hollow or node.type.kind == "empty":
            return sa.false()
        with self._effort.on(node):
            return node.operator.sql_condition(node, self)

    def rows(self, node: Node) -> Rows:
        """A list that stands in a table."""
        found = self.value(node)
        return found if isinstance(found, Rows) else self.refuse(node)

    def within(self, rows: Rows) -> Compiler:
        return Compiler(rows.resolve, self.dialect, self._effort)

    def constant(self, node: Node) -> sa.ColumnElement:
        return constant(node.value, node.type)

    def refuse(self, node: Node) -> Any:
        raise NotInSql(
            _("A filter can't say “%(name)s” here; make it a formula field.", name=node.operator.name), node.place
        )


def constant(value: Any, type: Type) -> sa.ColumnElement:
    if isinstance(value, bool):
        return sa.true() if value else sa.false()
    if value is None:
        return sa.cast(sa.null(), COLUMN_TYPES[type.kind])
    return sa.literal(value, COLUMN_TYPES[type.kind])


def never_empty(value: sa.ColumnElement) -> bool:
    return isinstance(value, Filled) or getattr(value, "nullable", True) is False


def definite(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """No instead of empty."""
    return sa.func.coalesce(condition, sa.false())


def listed(value: Any, dialect: str) -> Any:
    """A column that holds several values as items to walk over; anything else as it is."""
    if not isinstance(getattr(value, "type", None), Listed):
        return value
    table, item = items(value, dialect)
    return Rows(table, sa.true(), lambda path: item)
