"""Exact arithmetic in SQL: the same answers as `exact.py` gives, on both databases.

SQLite counts in integers of a millionth, and what leaves int64 turns into REAL unseen; so there they are
Python functions on every connection. (Limits around plain SQL would also exhaust SQLite's parser soon.)
"""

from __future__ import annotations

import sqlalchemy as sa

from . import exact
from .dialects import Named, clipped, say
from .exact import SCALE, SCALED_RANGE, Exact, scaled, unscaled

BEYOND = exact.RANGE + exact.UNITS[exact.PLACES]


class addition(Named):
    """left, right"""

    type = Exact()


class difference(Named):
    """left, right"""

    type = Exact()


class product(Named):
    """left, right"""

    type = Exact()


class quotient(Named):
    """left, right"""

    type = Exact()


class remainder(Named):
    """left, right"""

    type = Exact()


class rounded(Named):
    """value, places"""

    type = Exact()


class total(Named):
    """The aggregate; of nothing it is 0."""

    type = Exact()


class whole(Named):
    """An integer of the database as an exact number."""

    type = Exact()


class plain(Named):
    """The digits as text, as `exact.text` gives them."""

    type = sa.Text()


def _sqlite(expression: str) -> str:
    return clipped(expression, -SCALED_RANGE - 1, SCALED_RANGE + 1, least="min", greatest="max")


def _postgresql(expression: str) -> str:
    return clipped(expression, -BEYOND, BEYOND, least="least", greatest="greatest")


say(addition, sqlite="exact_sum({}, {})".format, postgresql=lambda a, b: _postgresql(f"({a}) + ({b})"))
say(difference, sqlite="exact_difference({}, {})".format, postgresql=lambda a, b: _postgresql(f"({a}) - ({b})"))
say(product, sqlite="exact_product({}, {})".format, postgresql=lambda a, b: _postgresql(f"round(({a}) * ({b}), 6)"))
say(
    quotient,
    sqlite="exact_quotient({}, {})".format,
    postgresql=lambda a, b: _postgresql(f"round(div(({a}) * 10000000, nullif({b}, 0)) * 0.0000001, 6)"),
)
say(remainder, sqlite="exact_remainder({}, {})".format, postgresql="mod({}, nullif({}, 0))".format)
say(rounded, sqlite="exact_rounded({}, {})".format, postgresql=lambda a, n: _postgresql(f"round({a}, {n})"))
say(
    total,
    sqlite=lambda a: f"exact_total(sum(({a}) >> 32), sum(({a}) & 4294967295))",
    postgresql=lambda a: _postgresql(f"coalesce(sum({a}), 0)"),
)
say(whole, sqlite=lambda a: _sqlite(f"({a}) * {SCALE}"), postgresql=lambda a: _postgresql(f"({a})::numeric"))
say(plain, sqlite="exact_plain({})".format, postgresql="trim_scale({})::text".format)


def _on_integers(operation):
    """An operation on Decimals as SQLite calls it: integers and None in, integer or None out."""

    def call(left, right):
        if left is None or right is None:
            return None
        result = operation(unscaled(left), unscaled(right))
        return None if result is None else scaled(result)

    return call


def _rounded(value, places):
    result = None if value is None else exact.quantize(unscaled(value), places)
    return None if result is None else scaled(result)


def _total(high, low):
    result = 0 if high is None else (high << 32) + low
    return result if -SCALED_RANGE <= result <= SCALED_RANGE else None


def set_up_sqlite(connection) -> None:
    """Registers the functions that the constructs call on a sqlite3 connection."""
    for name, count, function in (
        ("exact_sum", 2, _on_integers(exact.add)),
        ("exact_difference", 2, _on_integers(exact.subtract)),
        ("exact_product", 2, _on_integers(exact.multiply)),
        ("exact_quotient", 2, _on_integers(exact.divide)),
        ("exact_remainder", 2, _on_integers(exact.modulo)),
        ("exact_rounded", 2, _rounded),
        ("exact_total", 2, _total),
        ("exact_plain", 1, lambda value: None if value is None else exact.text(unscaled(value))),
    ):
        connection.create_function(name, count, function, deterministic=True)
