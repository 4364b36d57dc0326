"""Time where the company is: days and hours added to a moment, the hours worked between two.

Moments are naive UTC. Wall clocks count, so that a day later is the same time of day across a change of
the clocks. What is worked in a local year is laid out once and then found by bisection.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from .flow import Calendar

DAY, HOUR, NOTHING = timedelta(days=1), timedelta(hours=1), timedelta(0)
MOST_YEARS = 100  # looked through for working time


@dataclass(frozen=True)
class WorkedYear:
    """The stretches worked in one local year, and how much was worked before each and in all."""

    starts: Sequence[datetime]
    ends: Sequence[datetime]
    before: Sequence[timedelta]
    total: timedelta

    def until(self, moment: datetime) -> timedelta:
        """How much of the year's work lies before a moment of it."""
        place = bisect_right(self.starts, moment) - 1
        if place < 0:
            return NOTHING
        return self.before[place] + min(moment, self.ends[place]) - self.starts[place]

    def first(self, worked: timedelta) -> datetime:
        """When so much has been worked, at the earliest: at closing time, not at the next opening."""
        place = bisect_left(self.before, worked) - 1
        return self.starts[place] + (worked - self.before[place])

    def last(self, worked: timedelta) -> datetime:
        """When so much has been worked, at the latest: at opening time, not at the closing before."""
        place = bisect_right(self.before, worked) - 1
        return self.starts[place] + (worked - self.before[place])


class Clock:
    """The zone's wall clock and, where there is a calendar, its working hours."""

    def __init__(self, zone: str, calendar: Calendar | None = None):
        self.zone = ZoneInfo(zone)
        self.calendar = calendar
        self._years: dict[int, WorkedYear] = {}
        if calendar is not None:
            self._holidays = frozenset(map(date.fromisoformat, calendar.holidays))
            self._workdays = frozenset(map(date.fromisoformat, calendar.workdays))
            self._opens, self._closes = time.fromisoformat(calendar.opens), time.fromisoformat(calendar.closes)

    def local(self, moment: datetime) -> datetime:
        """What the wall clock shows, without a zone."""
        return moment.replace(tzinfo=timezone.utc).astimezone(self.zone).replace(tzinfo=None)

    def moment(self, local: datetime) -> datetime:
        """When the wall clock shows this, the first time that it does."""
        return local.replace(tzinfo=self.zone).astimezone(timezone.utc).replace(tzinfo=None)

    def start_of(self, day: date) -> datetime:
        return self.moment(datetime.combine(day, time()))

    def worked_on(self, day: date) -> bool:
        if day in self._workdays:
            return True
        return day.isoweekday() in self.calendar.weekdays and day not in self._holidays

    @property
    def day_length(self) -> timedelta:
        """How much a day's work is; the whole day without a calendar."""
        if self.calendar is None:
            return DAY
        return datetime.combine(date.min, self._closes) - datetime.combine(date.min, self._opens)

    def later(self, moment: datetime, days: int = 0, hours: int = 0, working: bool = False) -> datetime | None:
        """So many days and then hours later, earlier if negative; None where time ends before.

        `working`: on the calendar, if there is one. A day later is the same time of the next day worked.
        """
        working = working and self.calendar is not None
        try:
            if days:
                local = self.local(moment)
                day = self._day(local.date(), days) if working else local.date() + days * DAY
                moment = self.moment(datetime.combine(day, local.time())) if day else None
            if moment is None or not hours:
                return moment
            return self._worked(moment, hours * HOUR) if working else moment + hours * HOUR
        except (OverflowError, ValueError):
            return None

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """The time from one moment to another: worked if there is a calendar, else all of it."""
        if self.calendar is None:
            return end - start
        if end < start:
            return -self.elapsed(end, start)
        first, last = self.local(start).year, self.local(end).year
        whole = sum((self._year(year).total for year in range(first, last)), NOTHING)
        return whole + self._year(last).until(end) - self._year(first).until(start)

    def _day(self, day: date, days: int) -> date | None:
        """The nth day worked after (or before) one."""
        step = DAY if days > 0 else -DAY
        left = abs(days)
        for _turn in range(7 * abs(days) + 366 * MOST_YEARS):
            day += step
            left -= self.worked_on(day)
            if not left:
                return day
        return None

    def _worked(self, moment: datetime, amount: timedelta) -> datetime | None:
        year = self.local(moment).year
        place = self._year(year).until(moment) + amount
        for _turn in range(MOST_YEARS):
            worked = self._year(year)
            if amount > NOTHING:
                if place <= worked.total:
                    return worked.first(place)
                place, year = place - worked.total, year + 1
            elif place >= NOTHING and worked.total:
                return worked.last(place)
            else:
                year -= 1
                place += self._year(year).total
        return None

    def _year(self, year: int) -> WorkedYear:
        if year not in self._years:
            self._years[year] = self._laid_out(year)
        return self._years[year]

    def _laid_out(self, year: int) -> WorkedYear:
        starts, ends, before, total = [], [], [], NOTHING
        first = date(year, 1, 1)
        for day in (first + n * DAY for n in range((date(year, 12, 31) - first).days + 1)):
            if not self.worked_on(day):
                continue
            start, end = (self.moment(datetime.combine(day, at)) for at in (self._opens, self._closes))
            if start < end:
                starts.append(start)
                ends.append(end)
                before.append(total)
                total += end - start
        return WorkedYear(starts, ends, before, total)
