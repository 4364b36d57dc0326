"""Spans of days that filters speak of: this week, last month, the next seven days; told anew at each question."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from ..platform.formats import Formats

Span = tuple[date | None, date | None]
"""First and last day; None where it is open."""

MONTHS = 12


def shifted(day: date, days: int) -> date:
    """So many days later, within the calendar."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min


def month(day: date, further: int = 0, months: int = 1) -> Span:
    """The first and the last day of so many months, which begin `further` months after that of the day."""
    at = day.year * MONTHS + day.month - 1 + further
    return _first(at), shifted(_first(at + months), -1)


def quarter(day: date, further: int = 0) -> Span:
    return month(day, further * 3 - (day.month - 1) % 3, 3)


def year(day: date, further: int = 0) -> Span:
    return month(day, further * MONTHS - (day.month - 1), MONTHS)


def week(day: date, further: int = 0) -> Span:
    """From Monday."""
    first = shifted(day, 7 * further - day.weekday())
    return first, shifted(first, 6)


def on(offset: int) -> Callable[[date, Any], Span]:
    """One day, so far from today."""
    return lambda today, value: (shifted(today, offset),) * 2


def of(period: Callable[[date, int], Span], further: int) -> Callable[[date, Any], Span]:
    return lambda today, value: period(today, further)


def start_of(day: date, formats: Formats) -> str:
    """The moment at which a day begins here, as it stands in a rule."""
    begin = datetime.combine(day, time(), formats.zone)
    with suppress(OverflowError):
        begin = begin.astimezone(timezone.utc)
    return begin.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _first(months: int) -> date:
    number, before = divmod(months, MONTHS)
    return date(min(max(number, date.min.year), date.max.year), before + 1, 1)
