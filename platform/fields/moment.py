"""A point in time, kept in UTC and shown in the reader's time zone."""

from __future__ import annotations

import datetime
import re

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from marshmallow import Schema
from wtforms.widgets import DateTimeLocalInput

from ..field_type import FieldType, refusal
from ..registry import fields
from ..rules.types import Type

ISO = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2})(:[0-9]{2})?(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})?",
    re.ASCII,
)


@fields.register
class Moment(FieldType):
    name = "moment"
    label = {"en": "Date and time", "zh": "日期时间"}
    icon = "calendar-clock"
    group = "numbers"
    kind = "moment"
    compared = "moment"
    line_type = "datetime-local"
    widget = DateTimeLocalInput()

    class Options(Schema):
        """A moment has no settings."""

    examples_good = (
        ({}, "2026-11-24T09:12:00Z"),
        ({}, "2026-11-24T09:12:33.25Z"),
        ({}, "2026-11-24T17:12:00+08:00"),
        ({}, "0001-01-01T00:00:00Z"),
        ({}, None),
    )
    examples_bad = (
        ({}, "2026-11-24"),
        ({}, "2026-11-24T09:12:00"),
        ({}, "2026-11-24T25:00:00Z"),
        ({}, "2026-02-30T09:12:00Z"),
        ({}, "0001-01-01T00:00:00+08:00"),
        ({}, "2026-11-24T09:12:00+99:00"),
        ({}, 1764000000),
        ({}, True),
        ({}, datetime.date(2026, 11, 24)),
    )

    def rule_type(self, field, app):
        return Type("moment", label=field.label)

    def column(self, field, app):
        return sa.DateTime()

    def take(self, raw, field):
        if isinstance(raw, datetime.datetime):
            return raw if raw.tzinfo is None else utc(raw)
        found = read(raw)
        if found.tzinfo is None:
            raise refusal(_("This needs a time zone; write it like 2026-11-24T09:12:00Z."))
        return utc(found)

    def dump(self, value, field):
        return value.isoformat() + "Z"

    def parse(self, text, field, formats):
        """A time without a zone is meant in the reader's own."""
        if not text.strip():
            return None
        found = read(text)
        return utc(found if found.tzinfo else found.replace(tzinfo=formats.zone))

    def entered(self, value, field, formats):
        if value is None:
            return ""
        local = formats.local(value)
        return local.isoformat(timespec="seconds" if local.second else "minutes")

    def display(self, value, field, formats, titles=None):
        return "" if value is None else formats.moment(value)


def read(raw) -> datetime.datetime:
    """ISO text as a datetime, with a zone if it names one."""
    found = ISO.fullmatch(raw.strip()) if isinstance(raw, str) else None
    if not found:
        raise refusal(_("This is not a date and time; write it like 2026-11-24T09:12:00Z."))
    minute, second, fraction, zone = found.groups()
    text = minute + (second or ":00") + (f".{fraction[1:]:0<6}" if fraction else "")
    try:
        return datetime.datetime.fromisoformat(text + (zone or "").replace("Z", "+00:00"))
    except ValueError:
        raise refusal(_("There is no such day or time.")) from None


def utc(aware: datetime.datetime) -> datetime.datetime:
    """The same moment, naive in UTC."""
    try:
        return aware.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    except OverflowError:
        raise refusal(_("There is no such day or time.")) from None
