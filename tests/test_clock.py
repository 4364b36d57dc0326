"""The company's clock: working hours and days, beside a plain loop over every minute."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from formloom.platform.definition.clock import Clock
from formloom.platform.definition.model import Calendar
from hypothesis import given, settings
from hypothesis import strategies as st

MINUTE = timedelta(minutes=1)
ZONES = ("UTC", "Europe/Berlin", "Asia/Shanghai", "America/New_York", "Pacific/Auckland", "Asia/Kathmandu")
START = datetime(2026, 3, 20)
GOLDEN_WEEK = Calendar(holidays=("2026-10-01", "2026-10-02", "2026-10-05", "2026-10-06", "2026-10-07"), workdays=("2026-10-10",))

days_off = st.lists(st.dates(date(2026, 3, 15), date(2026, 4, 20)), max_size=8, unique=True)
calendars = st.builds(
    lambda weekdays, opens, closes, holidays, workdays: Calendar(
        tuple(sorted(weekdays)), f"{opens:02}:30", f"{closes:02}:15", tuple(map(str, holidays)), tuple(map(str, workdays))
    ),
    st.sets(st.integers(1, 7), min_size=1), st.integers(5, 11), st.integers(12, 22), days_off, days_off,
)  # fmt: skip
clocks = st.builds(Clock, st.sampled_from(ZONES), calendars)
moments = st.integers(0, 20 * 24 * 60).map(lambda minutes: START + minutes * MINUTE)


def works_at(clock: Clock, moment: datetime) -> bool:
    """Read off the wall clock and the calendar, minute by minute."""
    wall, calendar = clock.local(moment), clock.calendar
    day = str(wall.date())
    open_day = day in calendar.workdays or (wall.isoweekday() in calendar.weekdays and day not in calendar.holidays)
    return open_day and calendar.opens <= f"{wall:%H:%M}" < calendar.closes


def worked_minutes(clock: Clock, start: datetime, end: datetime) -> int:
    return sum(works_at(clock, start + n * MINUTE) for n in range(int((end - start) / MINUTE)))


@settings(max_examples=40, deadline=None)
@given(clocks, moments, st.integers(0, 10 * 24 * 60))
def test_hours_worked_between_two_moments_are_those_of_a_plain_loop(clock, start, minutes):
    end = start + minutes * MINUTE
    assert clock.elapsed(start, end) == worked_minutes(clock, start, end) * MINUTE
    assert clock.elapsed(end, start) == -clock.elapsed(start, end)


@settings(max_examples=40, deadline=None)
@given(clocks, moments, st.integers(1, 40))
def test_hours_added_are_worked_and_no_moment_before_has_as_many(clock, start, hours):
    end = clock.later(start, hours=hours, working=True)
    assert clock.elapsed(start, end) == timedelta(hours=hours)
    assert works_at(clock, end - MINUTE)
    back = clock.later(end, hours=-hours, working=True)
    assert clock.elapsed(back, end) == timedelta(hours=hours)
    assert works_at(clock, back)


@settings(max_examples=60, deadline=None)
@given(clocks, moments, st.integers(1, 15))
def test_days_added_are_as_many_days_worked(clock, start, days):
    wall = clock.local(start)
    day, left = wall.date(), days
    while left:
        day += timedelta(days=1)
        left -= works_at(clock, clock.moment(datetime.combine(day, time(11, 45))))
    assert clock.local(clock.later(start, days=days, working=True)) == datetime.combine(day, wall.time())


def test_the_same_time_of_day_across_a_change_of_the_clocks():
    berlin = Clock("Europe/Berlin")
    noon = berlin.moment(datetime(2026, 3, 28, 12))
    assert berlin.later(noon, days=1) - noon == timedelta(hours=23)
    assert berlin.later(noon, hours=24) - noon == timedelta(hours=24)
    assert berlin.start_of(date(2026, 3, 30)) - berlin.start_of(date(2026, 3, 29)) == timedelta(hours=23)


def test_a_working_day_that_the_change_falls_into_is_an_hour_shorter():
    night = Clock("Europe/Berlin", Calendar(weekdays=(7,), opens="01:00", closes="05:00"))
    before, after = datetime(2026, 3, 28, 20), datetime(2026, 3, 29, 20)
    assert night.elapsed(before, after) == timedelta(hours=3)


def test_holidays_and_days_worked_instead():
    clock = Clock("Asia/Shanghai", GOLDEN_WEEK)
    wednesday = clock.moment(datetime(2026, 9, 30, 17))
    assert clock.local(clock.later(wednesday, days=1, working=True)) == datetime(2026, 10, 8, 17)
    assert clock.local(clock.later(wednesday, hours=2, working=True)) == datetime(2026, 10, 8, 10)
    friday = clock.moment(datetime(2026, 10, 9, 12))
    assert clock.local(clock.later(friday, days=1, working=True)) == datetime(2026, 10, 10, 12)


def test_a_day_s_work_ends_at_closing_time_and_goes_back_to_opening_time():
    clock = Clock("UTC", Calendar())
    monday, friday = datetime(2026, 3, 23, 9), datetime(2026, 3, 20, 18)
    assert clock.later(monday, hours=9, working=True) == datetime(2026, 3, 23, 18)
    assert clock.later(monday + timedelta(hours=1), hours=-1, working=True) == monday
    assert clock.later(monday, hours=-1, working=True) == friday - timedelta(hours=1)
    assert clock.later(datetime(2026, 3, 21, 3), hours=1, working=True) == datetime(2026, 3, 23, 10)


def test_over_the_turn_of_the_year():
    clock = Clock("Pacific/Auckland", Calendar())
    eve = clock.moment(datetime(2026, 12, 31, 17))
    assert clock.local(clock.later(eve, hours=2, working=True)) == datetime(2027, 1, 1, 10)
    assert clock.elapsed(eve, clock.later(eve, hours=3000, working=True)) == timedelta(hours=3000)
    assert clock.local(clock.later(clock.moment(datetime(2027, 1, 1, 10)), hours=-2, working=True)) == datetime(2026, 12, 31, 17)


@pytest.mark.parametrize("days, hours", [(3650, 0), (-3650, 0), (0, 100_000), (0, -100_000), (4_000_000, 0), (0, 9**9)])
def test_time_ends_somewhere_and_nothing_falls_over(days, hours):
    for clock in (Clock("UTC", Calendar()), Clock("Asia/Kathmandu")):
        found = clock.later(datetime(2026, 1, 5, 12), days, hours, working=True)
        assert found is None or isinstance(found, datetime)


def test_who_never_works_is_never_done():
    everything = tuple(str(date(2026, 1, 1) + timedelta(days=n)) for n in range(366 * 3))
    closed = Clock("UTC", Calendar(weekdays=(1,), holidays=everything))
    later = closed.later(datetime(2026, 1, 5, 12), hours=5, working=True)
    assert later.year == 2029
    assert closed.later(datetime(9999, 12, 30), hours=5, working=True) is None
