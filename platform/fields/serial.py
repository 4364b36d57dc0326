"""A number given once, from a pattern like `SO-{yyyy}{mm}-{n:4}`."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from functools import lru_cache

from flask_babel import lazy_gettext as _
from marshmallow import Schema, ValidationError, validates
from marshmallow import fields as option

from ..field_type import refusal
from ..registry import fields
from .text import Text

PIECE = re.compile(r"\{(yyyy|yy|mm|dd|n(?::([1-9]))?)\}", re.ASCII)
DATES = ("yyyy", "yy", "mm", "dd")
ORDER = {"pattern": "SO-{yyyy}{mm}-{n:4}"}


@dataclass(frozen=True)
class Pattern:
    """A parsed pattern: what stands before and after the number, its least width, its date parts."""

    before: str
    after: str
    width: int
    dates: str

    def period(self, day: datetime.date) -> str:
        """What the counter runs in: the date parts that the pattern uses ("202611"; "" for ever)."""
        return _dated(self.dates, day)

    def render(self, day: datetime.date, number: int) -> str:
        return f"{_dated(self.before, day)}{number:0{self.width}d}{_dated(self.after, day)}"

    def read(self, text: str, day: datetime.date) -> int | None:
        """The number in a serial of that day's period; None if the text is not one of them."""
        before, after = _dated(self.before, day), _dated(self.after, day)
        digits = text[len(before) : len(text) - len(after)]
        fits = text.startswith(before) and text.endswith(after) and digits.isascii() and digits.isdigit()
        number = int(digits) if fits and len(digits) < 16 else None
        return number if number is not None and self.render(day, number) == text else None


@lru_cache(maxsize=1000)
def parse(pattern: str) -> Pattern:
    """Raises ValidationError with a sentence where the pattern can't give numbers."""
    pieces = [found.group(1) for found in PIECE.finditer(pattern)]
    if PIECE.sub("", pattern).count("{") or PIECE.sub("", pattern).count("}"):
        raise refusal(_("Only {yyyy}, {yy}, {mm}, {dd} and {n:4} may stand in braces."))
    if sum(piece.startswith("n") for piece in pieces) != 1:
        raise refusal(_("The pattern needs the number once, like {n:4}."))
    dates = [piece for piece in DATES if piece in pieces]
    if (dates and not {"yyyy", "yy"} & set(dates)) or ("dd" in dates and "mm" not in dates):
        raise refusal(_("A pattern with a month needs the year, and one with a day the month."))
    found = next(m for m in PIECE.finditer(pattern) if m.group(1).startswith("n"))
    period = "".join(f"{{{piece}}}" for piece in dates)
    return Pattern(pattern[: found.start()], pattern[found.end() :], int(found.group(2) or 1), period)


def _dated(text: str, day: datetime.date) -> str:
    parts = {"{yyyy}": f"{day.year:04d}", "{yy}": f"{day.year % 100:02d}", "{mm}": f"{day.month:02d}"}
    for piece, digits in (parts | {"{dd}": f"{day.day:02d}"}).items():
        text = text.replace(piece, digits)
    return text


@fields.register
class Serial(Text):
    name = "serial"
    label = {"en": "Serial number", "zh": "编号"}
    icon = "list-ordered"
    group = "connected"
    computed = True

    class Options(Schema):
        pattern = option.String(
            required=True, metadata={"label": {"en": "Pattern, like SO-{yyyy}{mm}-{n:4}", "zh": "编号格式，如 SO-{yyyy}{mm}-{n:4}"}, "start": "{n:4}"}
        )

        @validates("pattern")
        def _usable(self, value, **kwargs):
            if len(value) > 60:
                raise ValidationError(
                    [_("At most %(most)s characters; these are %(given)s.", most=60, given=len(value))]
                )
            parse(value)

    examples_good = ((ORDER, "SO-202611-0412"), ({"pattern": "{n}"}, "17"), (ORDER, None))
    examples_bad = ((ORDER, 412), (ORDER, "SO\n1"), (ORDER, "x" * 256))
