"""Numbers, money, days and moments as a language writes them.

Babel is asked for separators and patterns when a `Formats` is made, and never again: formatting a
number takes about a microsecond, a tenth of what Babel needs.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import parse_pattern
from babel.numbers import get_currency_symbol

from .relative import Relative

LOCALES = {"en": "en_GB", "zh": "zh_CN"}
UNITS = tuple(Decimal(1).scaleb(-places) for places in range(7))
HUNDRED = Decimal(100)


class Formats:
    """One language's way of writing, in one time zone. Get it from `formats_for`."""

    def __init__(self, language: str, zone: str = "UTC"):
        locale = Locale.parse(LOCALES[language])
        self.language = language
        self.zone = datetime.timezone.utc if zone == "UTC" else ZoneInfo(zone)
        self._locale = locale
        symbols = locale.number_symbols["latn"]
        self.decimal, self.group = symbols["decimal"], symbols["group"]
        self._usual = (self.decimal, self.group) == (".", ",")
        self._others = str.maketrans({".": self.decimal, ",": self.group})
        self._number = _number_shape(self.decimal, self.group)
        self._percent = _around(locale.percent_formats[None].pattern)
        self._money = _around(locale.currency_formats["standard"].pattern)
        self._symbols: dict[str, str] = {}
        self._months = dict(locale.months["format"]["abbreviated"])
        self._date = _date_shape(locale.date_formats["medium"].pattern)
        self._day = _date_shape(locale.datetime_skeletons["MMMd"].pattern)
        self._month = _date_shape(locale.datetime_skeletons["yMMMM"].pattern)
        self._month_names = dict(locale.months["format"]["wide"])
        self._moment = locale.datetime_formats["medium"]
        self._relative = Relative(locale)

    def number(self, value: Decimal | int, scale: int | None = None) -> str:
        """Rounded half up to `scale` places; None: as many places as it has."""
        if scale is None:
            text = f"{value:,f}"
            if "." in text:
                text = text.rstrip("0").rstrip(".")
        else:
            text = f"{Decimal(value).quantize(UNITS[scale], ROUND_HALF_UP):,f}"
        if text[0] == "-" and not text.strip("-0.,"):
            text = text[1:]
        return text if self._usual else text.translate(self._others)

    def percent(self, value: Decimal, scale: int | None = None) -> str:
        before, after = self._percent
        return before + self.number(value * HUNDRED, scale) + after

    def money(self, value: Decimal, currency: str, scale: int = 2) -> str:
        before, after = self._money
        symbol = self.symbol(currency)
        digits = self.number(value, scale)
        sign, digits = ("-", digits[1:]) if digits[0] == "-" else ("", digits)
        return sign + before.replace("¤", symbol) + digits + after.replace("¤", symbol)

    def symbol(self, currency: str) -> str:
        """A currency's sign: € of EUR."""
        found = self._symbols.get(currency)
        if found is None:
            found = self._symbols[currency] = get_currency_symbol(currency, self._locale)
        return found

    def date(self, value: datetime.date) -> str:
        """24 Nov 2026; 2026年11月24日."""
        return self._date.format(d=value, month=self._months[value.month])

    def short_date(self, value: datetime.date, today: datetime.date | None = None) -> str:
        """Without the year, where it is this year's."""
        if value.year != (today or self.today()).year:
            return self.date(value)
        return self._day.format(d=value, month=self._months[value.month])

    def month(self, value: datetime.date) -> str:
        """November 2026; 2026年11月."""
        return self._month.format(d=value, month=self._month_names[value.month])

    def time(self, value: datetime.datetime) -> str:
        """Hours and minutes of a moment (naive UTC), here."""
        return _clock(self.local(value))

    def moment(self, value: datetime.datetime) -> str:
        """A moment (naive UTC), here: 24 Nov 2026, 09:12."""
        local = self.local(value)
        return self._moment.format(_clock(local), self.date(local))

    def relative(self, value: datetime.datetime, now: datetime.datetime | None = None) -> str:
        """How long before or after now (both naive UTC): 2 days ago; 2天前."""
        seconds = (value - (now or utc_now())).total_seconds()
        return self._relative.say(seconds)

    def local(self, value: datetime.datetime) -> datetime.datetime:
        """Naive UTC -> naive here; the ends of the calendar stay as they are."""
        try:
            return value.replace(tzinfo=datetime.timezone.utc).astimezone(self.zone).replace(tzinfo=None)
        except OverflowError:
            return value

    def today(self) -> datetime.date:
        return self.local(utc_now()).date()

    def plain_number(self, text: str, suffix: str = "") -> str:
        """What a person typed, as plain digits with a point ("1,234.50" -> "1234.50").

        Text that is not clearly such a number comes back as it was, for the field type to refuse.
        """
        typed = unicodedata.normalize("NFKC", text).replace("\N{MINUS SIGN}", "-").strip()
        found = self._number.fullmatch(typed.removesuffix(suffix).strip() if suffix else typed)
        if not found:
            return text
        sign, whole, fraction = found.group("sign", "whole", "fraction")
        digits = whole.replace(self.group, "").replace(" ", "") or "0"
        return f"{'-' if sign == '-' else ''}{digits}{'.' + fraction if fraction else ''}"


@lru_cache(maxsize=256)
def formats_for(language: str, zone: str = "UTC") -> Formats:
    return Formats(language, zone)


def utc_now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)


def _clock(local: datetime.datetime) -> str:
    return f"{local.hour:02d}:{local.minute:02d}"


def _number_shape(decimal: str, group: str) -> re.Pattern[str]:
    """Digits, in threes if they are grouped at all: "1,5" is no number, and not fifteen."""
    point, comma = re.escape(decimal), f"[{re.escape(group)} ]"
    whole = rf"[0-9]{{1,3}}(?:{comma}[0-9]{{3}})+|[0-9]+"
    return re.compile(rf"(?P<sign>[-+]?)(?=\S*[0-9])(?P<whole>{whole}|)(?:{point}(?P<fraction>[0-9]*))?", re.ASCII)


def _around(pattern: str) -> tuple[str, str]:
    """What stands before and after the digits: "¤#,##0.00" -> ("¤", "")."""
    before, after = re.split(r"[#0,.]+", pattern.split(";")[0], maxsplit=1)
    return before, after


def _date_shape(pattern: str) -> str:
    """A CLDR date pattern as one for str.format, of `d` and `month`."""
    shape = parse_pattern(pattern).format
    for code, part in {"y": "{d.year}", "MMMM": "{month}", "MMM": "{month}", "M": "{d.month}", "d": "{d.day}"}.items():
        shape = shape.replace(f"%({code})s", part)
    return shape
