"""One of several named options."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from markupsafe import escape
from marshmallow import Schema, ValidationError, validates
from marshmallow import fields as option
from marshmallow.validate import Length, OneOf, Regexp
from wtforms.widgets import Select

from ..definition.flow import COLOURS
from ..definition.model import say
from ..field_type import FieldType, refusal
from ..registry import fields
from ..rules.types import Type
from .text import BY_CODE_POINT, characters

TIERS = {
    "options": [{"key": "gold", "label": {"en": "Gold", "zh": "金牌"}}, {"key": "plain", "label": {"en": "Plain"}}]
}


FIRST_OPTIONS = [
    {"key": "first", "label": {"en": "First choice", "zh": "选项一"}},
    {"key": "second", "label": {"en": "Second choice", "zh": "选项二"}},
]


class Option(Schema):
    """One option to choose."""

    key = option.String(
        required=True,
        validate=[Regexp(r"[a-z0-9]+(_[a-z0-9]+)*\Z"), Length(max=20)],
        metadata={"label": {"en": "Key", "zh": "标识"}},
    )
    label = option.Dict(
        keys=option.String(), values=option.String(), required=True, metadata={"label": {"en": "Label", "zh": "名称"}}
    )
    colour = option.String(validate=OneOf(COLOURS), metadata={"label": {"en": "Colour", "zh": "颜色"}})


@fields.register
class Choice(FieldType):
    name = "choice"
    label = {"en": "Choice", "zh": "选项"}
    icon = "list"
    group = "choice"
    kind = "choice"
    asks = "choice"
    compared = "choice"
    widget = Select()

    class Options(Schema):
        options = option.List(
            option.Nested(Option),
            required=True,
            validate=Length(min=1, max=500),
            metadata={"label": {"en": "Options", "zh": "选项"}, "start": FIRST_OPTIONS},
        )

        @validates("options")
        def _keys_differ(self, value, **kwargs):
            keys = [chosen["key"] for chosen in value if "key" in chosen]
            if len(set(keys)) < len(keys):
                raise ValidationError([_("Two options have the same key.")])

    examples_good = ((TIERS, "gold"), (TIERS, None))
    examples_bad = ((TIERS, "silver"), (TIERS, "Gold"), (TIERS, 1), (TIERS, True), (TIERS, ["gold"]))

    def rule_type(self, field, app):
        return Type(
            "choice", options={o["key"]: o["label"] for o in field.settings.get("options", ())}, label=field.label
        )

    def column(self, field, app):
        return BY_CODE_POINT

    def take(self, raw, field):
        if isinstance(raw, str) and raw in labels(field):
            return raw
        raise refusal(_("This is not one of the options."))

    def retake(self, raw, field):
        """An option that is no longer offered stays what it was."""
        return characters(raw)

    def choices(self, field, language):
        return [(key, say(label, language)) for key, label in labels(field).items()]

    def display(self, value, field, formats, titles=None):
        """The option's label; the key of an option that is no longer offered."""
        if value is None:
            return ""
        label = labels(field).get(value)
        return say(label, formats.language) if label else str(value)

    def drawer(self, field, formats):
        drawn = badges(field, formats)
        return lambda value, titles, address: drawn.get(value) or str(escape(value))


def badges(field, formats) -> dict[str, str]:
    """By key, a badge where the option has a colour of its own, else its words."""
    found = {}
    for one in field.settings.get("options", ()):
        label, colour = escape(say(one["label"], formats.language)), one.get("colour")
        found[one["key"]] = label if colour in (None, "grey") else f'<span class="badge hue-{colour}">{label}</span>'
    return {key: str(drawn) for key, drawn in found.items()}


def labels(field) -> dict[str, Mapping[str, str]]:
    """The options' labels, by key, in their order."""
    return {chosen["key"]: chosen["label"] for chosen in field.settings.get("options", ())}
