"""Exact numbers: six places inside, HALF_UP, out of range is empty; empty in, empty out.

Python: Decimal. PostgreSQL: NUMERIC(19,6). SQLite: int64 x 10^6, whose products turn into REAL unseen,
so that in SQL `*`, `/`, `%` and sums are the named constructs of `exact_sql.py`.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

import sqlalchemy as sa

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
                raise TypeError("multiply exact numbers with product, quotient or remainder of exact_sql")
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
