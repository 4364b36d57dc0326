"""`days_between` and `add_days`: dates counted in days; beyond the years 1 to 9999 is empty."""

from __future__ import annotations

import datetime
from decimal import Decimal

import sqlalchemy as sa

from .. import exact
from ..dialects import Named, clipped, say
from ..exact_sql import whole
from ..registry import operators
from ..rules.literals import fit
from ..rules.operator import Operator
from ..rules.types import DATE, NUMBER

FIRST = "date '0001-01-01'"
DAYS = 3_652_059  # from the first day of the calendar to the last
BEFORE = "0000-12-31"


@operators.register
class DaysBetween(Operator):
    """From the first date to the second."""

    name = "days_between"
    formula = "DAYS"
    sentence = {"en": "the days from {0} to {1}", "zh": "从{0}到{1}的天数"}
    weight = 25
    least = most = 2
    examples = (
        ({"days_between": [{"var": "start"}, {"var": "due"}]}, {"start": "2024-02-28", "due": "2024-03-01"}, "2"),
        ({"days_between": [{"var": "start"}, "2026-11-24"]}, {}, None),
    )
    refused = (
        {"days_between": [{"var": "start"}, 3]},
        {"days_between": [{"var": "start"}, {"var": "seen"}]},
    )

    def check(self, call):
        return call.node(NUMBER, [fit(node, DATE) for node in call.nodes("date", "text")])

    def python(self, node, first, second):
        def count(data):
            start, end = first(data), second(data)
            return None if start is None or end is None else Decimal((end - start).days)

        return count

    def sql(self, node, sql):
        return whole(days(*(sql.value(arg) for arg in node.args)))


@operators.register
class AddDays(Operator):
    """A date so many days later; a part of a day is rounded half up."""

    name = "add_days"
    formula = "ADD_DAYS"
    sentence = {"en": "{1} days after {0}", "zh": "{0}之后{1}天"}
    weight = 16
    least = most = 2
    examples = (
        ({"add_days": [{"var": "due"}, 30]}, {"due": "2026-02-01"}, "2026-03-03"),
        ({"add_days": [{"var": "due"}, {"var": "amount"}]}, {"due": "2026-02-01", "amount": "-0.5"}, "2026-01-31"),
        ({"add_days": [{"var": "due"}, 1]}, {"due": "9999-12-31"}, None),
    )
    refused = (
        {"add_days": [{"var": "due"}, "30"]},
        {"add_days": ["soon", 1]},
    )

    def check(self, call):
        return call.node(DATE, [fit(call.argument(0, "date", "text"), DATE), call.argument(1, "number")])

    def python(self, node, date, days):
        return lambda data: later(date(data), days(data))

    def sql(self, node, sql):
        return shifted(*(sql.value(arg) for arg in node.args))


class days(Named):
    """first date, second date -> an integer"""

    type = sa.Integer()


class shifted(Named):
    """date, days as an exact number"""

    type = sa.Date()


def shift_sqlite(date: str, count: str) -> str:
    later_date = f"date({date}, (exact_rounded({count}, 0) / {exact.SCALE}) || ' days')"
    return f"nullif(max({later_date}, '{BEFORE}'), '{BEFORE}')"


def shift_postgresql(date: str, count: str) -> str:
    """By the number of the day, since PostgreSQL's own calendar ends elsewhere, with an error."""
    number = f"(({date}) - {FIRST}) + round({count})"
    return f"{FIRST} + {clipped(number, -1, DAYS, least='least', greatest='greatest')}::integer"


say(
    days,
    sqlite="CAST(julianday({1}) - julianday({0}) AS INTEGER)".format,
    postgresql="({1}) - ({0})".format,
)
say(shifted, sqlite=shift_sqlite, postgresql=shift_postgresql)


def later(date: datetime.date | None, days: Decimal | None) -> datetime.date | None:
    if date is None or days is None:
        return None
    try:
        return date + datetime.timedelta(days=int(exact.quantize(days, 0)))
    except OverflowError:
        return None
