"""A day of the calendar."""

from __future__ import annotations

import datetime
import re

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from marshmallow import Schema
from wtforms.widgets import DateInput

from ..field_type import FieldType, refusal
from ..registry import fields
from ..rules.types import Type

ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@fields.register
class Date(FieldType):
    name = "date"
    label = {"en": "Date", "zh": "日期"}
    icon = "calendar"
    group = "numbers"
    kind = "date"
    compared = "date"
    line_type = "date"
    widget = DateInput()

    class Options(Schema):
        """A date has no settings."""

    examples_good = (
        ({}, "2026-11-24"),
        ({}, "2024-02-29"),
        ({}, "0001-01-01"),
        ({}, "9999-12-31"),
        ({}, None),
    )
    examples_bad = (
        ({}, "24.11.2026"),
        ({}, "20261124"),
        ({}, "2026-02-30"),
        ({}, "2026-W01-1"),
        ({}, "2026-11-24T10:00:00Z"),
        ({}, 20261124),
        ({}, True),
        ({}, datetime.datetime(2026, 11, 24)),
    )

    def rule_type(self, field, app):
        return Type("date", label=field.label)

    def column(self, field, app):
        return sa.Date()

    def take(self, raw, field):
        if isinstance(raw, datetime.date) and not isinstance(raw, datetime.datetime):
            return raw
        if isinstance(raw, str) and ISO.fullmatch(raw.strip()):
            try:
                return datetime.date.fromisoformat(raw.strip())
            except ValueError:
                raise refusal(_("There is no such day.")) from None
        raise refusal(_("This is not a date; write it like 2026-11-24."))

    def dump(self, value, field):
        return value.isoformat()

    def entered(self, value, field, formats):
        return "" if value is None else value.isoformat()

    def display(self, value, field, formats, titles=None):
        return "" if value is None else formats.date(value)
