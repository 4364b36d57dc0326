"""Yes or no."""

from __future__ import annotations

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from marshmallow import Schema
from wtforms.widgets import html_params

from ..field_type import FieldType, refusal
from ..registry import fields
from ..rules.types import Type

WORDS = {True: {"en": "Yes", "zh": "是"}, False: {"en": "No", "zh": "否"}}


class Box:
    """A check box after a hidden "false", so that an unchecked box is told from one never sent."""

    def __call__(self, field, **attributes):
        checked = {"checked": True} if field.typed == "true" else {}
        attributes = {"id": field.id} | attributes | checked
        box = html_params(type="checkbox", name=field.name, value="true", **attributes)
        return Markup(f"<input {html_params(type='hidden', name=field.name, value='false')}><input {box}>")


@fields.register
class Flag(FieldType):
    name = "flag"
    label = {"en": "Yes or no", "zh": "是否"}
    icon = "square-check"
    group = "choice"
    kind = "flag"
    asks = "box"
    compared = "flag"
    widget = Box()

    class Options(Schema):
        """A flag has no settings."""

    examples_good = (({}, True), ({}, False), ({}, None))
    examples_bad = (({}, "true"), ({}, "yes"), ({}, 1), ({}, 0), ({}, []))

    def rule_type(self, field, app):
        return Type("flag", label=field.label)

    def column(self, field, app):
        return sa.Boolean()

    def take(self, raw, field):
        if raw is True or raw is False:
            return raw
        raise refusal(_("This must be yes or no."))

    def parse(self, text, field, formats):
        return self.load({"true": True, "false": False}.get(text, text), field)

    def entered(self, value, field, formats):
        """An empty flag stands unchecked."""
        return "true" if value else "false"

    def display(self, value, field, formats, titles=None):
        return "" if value is None else WORDS[bool(value)][formats.language]
