"""Exact numbers: six places inside, HALF_UP, out of range is empty; empty in, empty out.

Python: Decimal. PostgreSQL: NUMERIC(19,6). SQLite: int64 x 10^6, whose products turn into REAL unseen,
so that `*`, `/`, `%` and sums are the named constructs below (`product`, `quotient`, `remainder`,
`total`, `rounded`, `plain`), which are right on both. `set_up_sqlite` gives a connection what they call.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

PLACES = 6
RANGE = Decimal(9_223_372_036_854)
SCALE = 10**PLACES
SCALED_RANGE = int(RANGE) * SCALE

WIDE = Context(prec=60, rounding=ROUND_HALF_UP)
UNITS = tuple(Decimal(1).scaleb(-places) for places in range(PLACES + 1))


def quantize(value: Decimal | int | None, places: int = PLACES) -> Decimal | None:
    """Rounded half up to `places` (0-6); None when empty or out of range."""
    if value is None:
        return None
    rounded_value = WIDE.quantize(value, UNITS[places])
    return rounded_value if -RANGE <= rounded_value <= RANGE else None


def add(left, right):
    if left is None or right is None:
        return None
    result = WIDE.add(left, right)
    return result if -RANGE <= result <= RANGE else None


def subtract(left, right):
    if left is None or right is None:
        return None
    result = WIDE.subtract(left, right)
    return result if -RANGE <= result <= RANGE else None


def multiply(left, right):
    return None if left is None or right is None else quantize(WIDE.multiply(left, right))


def divide(left, right):
    return None if left is None or not right else quantize(WIDE.divide(left, right))


def modulo(left, right):
    """What is left of `left` after whole `right`s, with the sign of `left`."""
    return None if left is None or not right else WIDE.remainder(left, right)


def in_range(value: Decimal) -> Decimal | None:
    return value if -RANGE <= value <= RANGE else None


def text(value: Decimal | int | None) -> str | None:
    """The plain digits: "12.5", never "1E+2", "12.50" or "-0"."""
    if value is None:
        return None
    return format(WIDE.normalize(value), "f") if value else "0"


def scaled(value: Decimal) -> int:
    """12.5 as SQLite holds it: 12500000."""
    return int(WIDE.quantize(value, UNITS[PLACES]).scaleb(PLACES, WIDE))


def unscaled(value: int) -> Decimal:
    return Decimal(value).scaleb(-PLACES, WIDE)


class Exact(sa.types.TypeDecorator):
    """The column type of every number, money and percent."""

    impl = sa.BigInteger
    cache_ok = True

    class Comparator(sa.types.TypeDecorator.Comparator):
        """`*`, `/` and `%` of columns would be wrong by 10^6 on SQLite."""

        def operate(self, op, *other, **kwargs):
            if getattr(op, "__name__", "") in ("mul", "truediv", "floordiv", "mod"):
                raise TypeError("multiply exact numbers with exact.product, quotient or remainder")
            return super().operate(op, *other, **kwargs)

        def reverse_operate(self, op, *other, **kwargs):
            return self.operate(op, *other, **kwargs)

    comparator_factory = Comparator

    def load_dialect_impl(self, dialect):
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.Numeric(19, PLACES))
        return dialect.type_descriptor(sa.BigInteger())

    def process_bind_param(self, value, dialect):
        if value is None or dialect.name == "postgresql":
            return value
        return scaled(value if isinstance(value, Decimal) else Decimal(str(value)))

    def process_literal_param(self, value, dialect):
        return str(self.process_bind_param(value, dialect))

    def process_result_value(self, value, dialect):
        if value is None or dialect.name == "postgresql":
            return value
        return unscaled(value)


class Named(FunctionElement):
    """A construct that each database says in its own way."""

    type = Exact()
    inherit_cache = True


class bounded(Named):
    """A sum or difference, empty when it left the range."""


class product(Named):
    """left, right"""


class quotient(Named):
    """left, right"""


class remainder(Named):
    """left, right"""


class rounded(Named):
    """value, places (an int literal)"""


class total(Named):
    """The aggregate: of nothing it is empty, as SQL's own."""


class plain(Named):
    """The digits as text, as `text` gives them."""

    type = sa.Text()


class whole(Named):
    """An integer of the database as an exact number."""


class integer(Named):
    """An exact number, rounded half up, as an integer of the database."""

    type = sa.BigInteger()


def _clip(expression: str, low: str, high: str, least: str, greatest: str) -> str:
    """Empty beyond the limits, without saying the expression twice."""
    return f"nullif(nullif({greatest}({least}({expression}, {high}), {low}), {high}), {low})"


def _clip_sqlite(expression: str) -> str:
    return _clip(expression, str(-SCALED_RANGE - 1), str(SCALED_RANGE + 1), "min", "max")


def _clip_postgresql(expression: str) -> str:
    beyond = RANGE + UNITS[PLACES]
    return _clip(expression, str(-beyond), str(beyond), "least", "greatest")


def _arguments(element, compiler, **kw) -> list[str]:
    return [compiler.process(clause.self_group(), **kw) for clause in element.clauses]


def _say(construct, sqlite, postgresql) -> None:
    """Registers how each database says a construct, from the SQL of its arguments."""
    compiles(construct, "sqlite")(lambda element, compiler, **kw: sqlite(*_arguments(element, compiler, **kw)))
    compiles(construct, "postgresql")(lambda element, compiler, **kw: postgresql(*_arguments(element, compiler, **kw)))


_say(bounded, _clip_sqlite, _clip_postgresql)
_say(product, "exact_product({}, {})".format, lambda a, b: _clip_postgresql(f"round({a} * {b}, 6)"))
_say(
    quotient,
    "exact_quotient({}, {})".format,
    lambda a, b: _clip_postgresql(f"round(div({a} * 10000000, nullif({b}, 0)) * 0.0000001, 6)"),
)
_say(remainder, "exact_remainder({}, {})".format, "mod({}, nullif({}, 0))".format)
_say(rounded, "exact_rounded({}, {})".format, lambda a, n: _clip_postgresql(f"round({a}, {n})"))
_say(
    total,
    lambda a: f"exact_total(sum({a} >> 32), sum({a} & 4294967295))",
    lambda a: _clip_postgresql(f"sum({a})"),
)
_say(plain, "exact_plain({})".format, "trim_scale({})::text".format)
_say(whole, lambda a: _clip_sqlite(f"{a} * {SCALE}"), lambda a: _clip_postgresql(f"({a})::numeric"))
_say(integer, f"exact_rounded({{}}, 0) / {SCALE}".format, "round({})::bigint".format)


def _on_integers(operation):
    """An operation on Decimals as SQLite calls it: integers and None in, integer or None out."""

    def call(left, right):
        if left is None or right is None:
            return None
        result = operation(unscaled(left), unscaled(right))
        return None if result is None else scaled(result)

    return call


def _rounded(value, places):
    result = None if value is None else quantize(unscaled(value), places)
    return None if result is None else scaled(result)


def _total(high, low):
    if high is None:
        return None
    result = (high << 32) + low
    return result if -SCALED_RANGE <= result <= SCALED_RANGE else None


def set_up_sqlite(connection) -> None:
    """Registers the functions that the constructs call on a sqlite3 connection."""
    for name, count, function in (
        ("exact_product", 2, _on_integers(multiply)),
        ("exact_quotient", 2, _on_integers(divide)),
        ("exact_remainder", 2, _on_integers(modulo)),
        ("exact_rounded", 2, _rounded),
        ("exact_total", 2, _total),
        ("exact_plain", 1, lambda value: None if value is None else text(unscaled(value))),
    ):
        connection.create_function(name, count, function, deterministic=True)
