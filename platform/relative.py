"""How long ago, or how long until, in words."""

from __future__ import annotations

import datetime

from babel import Locale
from babel.dates import format_timedelta

NOW = {"en": "just now", "zh": "刚刚"}
SECONDS = (
    ("year", 365 * 86400),
    ("month", 30 * 86400),
    ("week", 7 * 86400),
    ("day", 86400),
    ("hour", 3600),
    ("minute", 60),
)


class Relative:
    """The words of one language, learnt from Babel once."""

    def __init__(self, locale: Locale):
        self._now = NOW[locale.language]
        self._words = {
            (unit, sign, single): _learn(locale, unit, length, sign, single)
            for unit, length in SECONDS
            for sign in (-1, 1)
            for single in (True, False)
        }

    def say(self, seconds: float) -> str:
        """Seconds from now, negative before it; the largest unit that is full, rounded down."""
        distance = abs(seconds)
        for unit, length in SECONDS:
            count = int(distance // length)
            if count:
                return self._words[unit, 1 if seconds > 0 else -1, count == 1].format(count)
        return self._now


def _learn(locale: Locale, unit: str, length: int, sign: int, single: bool) -> str:
    """`{} days ago`, from what Babel says of one or of two."""
    count = 1 if single else 2
    span = datetime.timedelta(seconds=sign * count * length)
    said = format_timedelta(span, granularity=unit, threshold=1, add_direction=True, locale=locale)
    return said.replace(str(count), "{}")
