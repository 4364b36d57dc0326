"""`days_between` and `add_days`: dates counted in days; beyond the years 1 to 9999 is empty."""

from __future__ import annotations

import datetime
from decimal import Decimal

from .. import exact
from ..registry import operators
from ..rules.literals import fit
from ..rules.operator import Operator
from ..rules.types import DATE, NUMBER


@operators.register
class DaysBetween(Operator):
    """From the first date to the second."""

    name = "days_between"
    least = most = 2

    def check(self, call):
        return call.node(NUMBER, [fit(node, DATE) for node in call.nodes("date", "text")])

    def python(self, node, first, second):
        def count(data):
            start, end = first(data), second(data)
            return None if start is None or end is None else Decimal((end - start).days)

        return count


@operators.register
class AddDays(Operator):
    """A date so many days later; a part of a day is rounded half up."""

    name = "add_days"
    least = most = 2

    def check(self, call):
        return call.node(DATE, [fit(call.argument(0, "date", "text"), DATE), call.argument(1, "number")])

    def python(self, node, date, days):
        return lambda data: later(date(data), days(data))


def later(date: datetime.date | None, days: Decimal | None) -> datetime.date | None:
    if date is None or days is None:
        return None
    try:
        return date + datetime.timedelta(days=int(exact.quantize(days, 0)))
    except OverflowError:
        return None
