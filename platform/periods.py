"""Days, weeks, months, quarters and years in SQL: a period is told by its first day, a week begins on Monday.

A moment falls on a day where the company is. SQLite knows no time zones; there that is a Python function.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from .dialects import Named, say

FIRST, LAST = date.min.isoformat(), date.max.isoformat()


class InDays(Named):
    type = sa.Date()


class day_of(InDays):
    """moment, time zone"""


class week_of(InDays):
    """date"""


class month_of(InDays):
    """date"""


class quarter_of(InDays):
    """date"""


class year_of(InDays):
    """date"""


PERIODS: dict[str, Callable[[sa.ColumnElement], sa.ColumnElement]] = {
    "day": lambda day: day, "week": week_of, "month": month_of, "quarter": quarter_of, "year": year_of,
}  # fmt: skip


def _truncated(period: str) -> Callable[[str], str]:
    return lambda day: f"date_trunc('{period}', ({day})::timestamp)::date"


def _local(moment: str, zone: str) -> str:
    day = f"(({moment}) AT TIME ZONE 'UTC' AT TIME ZONE ({zone})::text)::date"
    return f"least(greatest({day}, date '{FIRST}'), date '{LAST}')"


QUARTER = "substr('{}', (substr({}, 6, 2) - 1) * 2 + 1, 2)".format

say(day_of, sqlite="day_in({}, {})".format, postgresql=lambda m, z: f"CASE WHEN ({m}) IS NOT NULL THEN {_local(m, z)} END")
say(week_of, sqlite="date({}, '-6 days', 'weekday 1')".format, postgresql=_truncated("week"))
say(month_of, sqlite="(substr({}, 1, 8) || '01')".format, postgresql=_truncated("month"))
say(
    quarter_of,
    sqlite=lambda day: f"(substr({day}, 1, 5) || {QUARTER('010101040404070707101010', day)} || '-01')",
    postgresql=_truncated("quarter"),
)
say(year_of, sqlite="(substr({}, 1, 5) || '01-01')".format, postgresql=_truncated("year"))


def day_in(moment: datetime, zone: str) -> date:
    """The day that a moment (naive UTC) falls on in a time zone; the calendar has a first and a last."""
    try:
        return moment.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(zone)).date()
    except OverflowError:
        return date.min if moment.year == date.min.year else date.max


@lru_cache(maxsize=100_000)
def day_of_hour(hour: str, zone: str) -> str | None:
    """The day that all of an hour ("2026-11-24 09") falls on; None where midnight is inside it."""
    first, last = (day_in(datetime.fromisoformat(hour + rest), zone) for rest in (":00:00", ":59:59.999999"))
    return first.isoformat() if first == last else None


def set_up_sqlite(connection) -> None:
    """Registers what the constructs call on a sqlite3 connection."""

    def call(moment, zone):
        if moment is None:
            return None
        return day_of_hour(moment[:13], zone) or day_in(datetime.fromisoformat(moment), zone).isoformat()

    connection.create_function("day_in", 2, call, deterministic=True)
