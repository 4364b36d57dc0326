"""Numbers, money, days and moments as English and Chinese write them."""

from __future__ import annotations

import datetime
from decimal import ROUND_HALF_UP, Decimal

import pytest
from formloom.platform.formats import formats_for
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime.datetime(2026, 11, 24, 9, 12)
EN, ZH = formats_for("en"), formats_for("zh")


@pytest.mark.parametrize(
    ("value", "scale", "said"),
    [
        ("1234567.5", 2, "1,234,567.50"),
        ("0.125", 2, "0.13"),
        ("-0.125", 2, "-0.13"),
        ("0.5", 0, "1"),
        ("-0.004", 2, "0.00"),
        ("-0", None, "0"),
        ("1E+3", None, "1,000"),
        ("12.500000", None, "12.5"),
        ("-9223372036854.775807", 6, "-9,223,372,036,854.775807"),
    ],
)
@pytest.mark.parametrize("formats", [EN, ZH], ids=["en", "zh"])
def test_numbers_are_grouped_and_rounded_half_up(formats, value, scale, said):
    assert formats.number(Decimal(value), scale) == said


def test_whole_numbers_need_no_decimal():
    assert EN.number(1234) == EN.number(1234, 0) == "1,234"
    assert EN.number(1234, 2) == "1,234.00"


def test_percents_say_their_sign():
    assert EN.percent(Decimal("0.05")) == "5%"
    assert ZH.percent(Decimal("0.1255"), 1) == "12.6%"


def test_money_says_its_currency():
    assert EN.money(Decimal("1234.5"), "EUR") == "€1,234.50"
    assert EN.money(Decimal("-1234.5"), "USD") == "-US$1,234.50"
    assert ZH.money(Decimal("1234.567"), "CNY", 3) == "¥1,234.567"
    assert EN.symbol("EUR") == "€"


def test_days_and_moments():
    assert EN.date(NOW.date()) == "24 Nov 2026"
    assert ZH.date(NOW.date()) == "2026年11月24日"
    assert EN.short_date(NOW.date(), NOW.date()) == "24 Nov"
    assert ZH.short_date(NOW.date(), NOW.date()) == "11月24日"
    assert EN.short_date(datetime.date(2025, 1, 2), NOW.date()) == "2 Jan 2025"
    assert EN.moment(NOW) == "24 Nov 2026, 09:12"
    assert ZH.moment(NOW) == "2026年11月24日 09:12"


def test_moments_are_told_where_the_reader_is():
    there = formats_for("zh", "Asia/Shanghai")
    assert there.moment(datetime.datetime(2026, 12, 31, 20, 5)) == "2027年1月1日 04:05"
    assert there.time(NOW) == "17:12"
    assert there.moment(datetime.datetime.max).startswith("9999年12月31日")


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (0, "just now", "刚刚"),
        (-59, "just now", "刚刚"),
        (-60, "1 minute ago", "1分钟前"),
        (-7199, "1 hour ago", "1小时前"),
        (-2 * 86400, "2 days ago", "2天前"),
        (-14 * 86400, "2 weeks ago", "2周前"),
        (-90 * 86400, "3 months ago", "3个月前"),
        (-800 * 86400, "2 years ago", "2年前"),
        (3 * 86400, "in 3 days", "3天后"),
    ],
)
def test_how_long_ago(seconds, english, chinese):
    then = NOW + datetime.timedelta(seconds=seconds)
    assert EN.relative(then, NOW) == english
    assert ZH.relative(then, NOW) == chinese


@given(value=st.decimals(-9_223_372_036_854, 9_223_372_036_854, places=6), scale=st.integers(0, 6))
def test_what_is_written_reads_back_as_the_rounded_number(value, scale):
    rounded = value.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
    for formats in (EN, ZH):
        assert Decimal(formats.plain_number(formats.number(value, scale))) == rounded


@pytest.mark.parametrize("typed", ["1,5", "1,23,456", "1.2.3", "1e5", "-", ".", "", "five", "1,2345", "0x10", "1_000"])
def test_what_is_not_clearly_a_number_is_left_for_the_field_to_refuse(typed):
    assert EN.plain_number(typed) == typed
