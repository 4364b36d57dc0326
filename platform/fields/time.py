"""A time of day, as the clock on the wall shows it; no zone."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _
from marshmallow import Schema
from wtforms.widgets import TimeInput

from ..field_type import FieldType, refusal
from ..registry import fields
from ..rules.types import Type
from .text import BY_CODE_POINT

CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", re.ASCII)


@fields.register
class Time(FieldType):
    """Kept as "09:30", so that it sorts and compares as text does."""

    name = "time"
    label = {"en": "Time", "zh": "时间"}
    icon = "clock"
    group = "numbers"
    kind = "time"
    compared = "time"
    line_type = "time"
    plain = True
    widget = TimeInput()

    class Options(Schema):
        """A time has no settings."""

    examples_good = (({}, "09:30"), ({}, "00:00"), ({}, "23:59"), ({}, None))
    examples_bad = (
        ({}, "24:00"), ({}, "9.30"), ({}, "09:60"), ({}, "09:30:15"), ({}, "9 am"), ({}, "٠٩:٣٠"), ({}, 930), ({}, True),
    )  # fmt: skip

    def rule_type(self, field, app):
        return Type("time", label=field.label)

    def column(self, field, app):
        return BY_CODE_POINT

    def take(self, raw, field):
        found = CLOCK.fullmatch(raw.strip()) if isinstance(raw, str) else None
        if not found:
            raise refusal(_("This is not a time; write it like 09:30."))
        return f"{int(found[1]):02}:{found[2]}"
