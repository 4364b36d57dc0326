"""A heading among the fields of a form, with a note below it: nothing to fill in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from marshmallow import Schema
from marshmallow import fields as option
from marshmallow.validate import Length

from ..definition.model import say
from ..field_type import FieldType, refusal
from ..registry import fields
from ..rules.types import Type


@fields.register
class Heading(FieldType):
    name = "heading"
    label = {"en": "Heading and note", "zh": "标题与说明"}
    icon = "text-cursor-input"
    kind = "empty"
    computed = True
    valued = False
    columnar = False
    sortable = False
    wide = True

    class Options(Schema):
        note = option.Dict(
            keys=option.String(),
            values=option.String(validate=Length(max=5000)),
            metadata={"label": {"en": "Note", "zh": "说明"}},
        )

    examples_good = (({}, None), ({"note": {"en": "Fill in what you know.", "zh": "请填写已知信息。"}}, None))
    examples_bad = (({}, "text"), ({}, 7), ({}, []))

    def rule_type(self, field, app):
        return Type("empty", label=field.label)

    def stored(self, field):
        return False

    def take(self, raw, field):
        raise refusal(_("A heading holds no value."))

    def note(self, field, language) -> str:
        return say(field.settings.get("note") or {}, language)
