"""A member of the workspace."""

from __future__ import annotations

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from marshmallow import Schema
from wtforms.widgets import Select

from ..field_type import PERSON, FieldType, refusal
from ..registry import fields
from ..rules.types import Type

LARGEST_ID = 2**63 - 1


@fields.register
class Person(FieldType):
    name = "person"
    label = {"en": "Person", "zh": "人员"}
    icon = "user"
    group = "choice"
    kind = "person"
    asks = "picker"
    compared = "person"
    widget = Select()

    class Options(Schema):
        """A person has no settings."""

    examples_good = (({}, 3), ({}, LARGEST_ID), ({}, None))
    examples_bad = (({}, 0), ({}, -1), ({}, "3"), ({}, "Nancy"), ({}, 3.0), ({}, True), ({}, LARGEST_ID + 1))

    def rule_type(self, field, app):
        return Type("person", label=field.label)

    def column(self, field, app):
        return sa.BigInteger()

    def points_to(self, field):
        return PERSON

    def take(self, raw, field):
        if isinstance(raw, int) and not isinstance(raw, bool) and 0 < raw <= LARGEST_ID:
            return raw
        raise refusal(_("This is not a person that can be chosen."))

    def parse(self, text, field, formats):
        """An input sends the number as text."""
        text = text.strip()
        return self.load(int(text) if text.isascii() and text.isdigit() and len(text) < 20 else text, field)

    def display(self, value, field, formats, titles=None):
        return "" if value is None else (titles or {}).get((self.points_to(field), value)) or f"#{value}"
