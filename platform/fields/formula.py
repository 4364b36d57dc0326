"""A value that a rule works out from the rest of the record."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from marshmallow import Schema
from marshmallow import fields as option
from marshmallow.validate import OneOf, Range

from ..definition.findings import typed
from ..definition.scope import line_scope, record_scope
from ..definition.steady import steady
from ..exact import PLACES
from ..field_type import FieldType
from ..registry import fields

RESULTS = ("number", "money", "percent", "text", "flag", "date", "moment", "time")


@fields.register
class Formula(FieldType):
    """Behaves as a field of its `result` type, which nobody enters."""

    name = "formula"
    label = {"en": "Formula", "zh": "公式"}
    icon = "square-function"
    group = "connected"
    computed = True

    class Options(Schema):
        rule = option.Raw(required=True, metadata={"label": {"en": "Formula", "zh": "公式"}, "rule": "record", "start": 0})
        result = option.String(validate=OneOf(RESULTS), metadata={"label": {"en": "Kind of result", "zh": "结果类型"}})
        scale = option.Integer(
            strict=True,
            validate=Range(0, PLACES),
            metadata={"label": {"en": "Decimal places", "zh": "小数位数"}},
        )

    examples_good = (
        ({"rule": {"+": [1, 2]}}, "3"),
        ({"rule": {"+": [1, 2]}, "result": "money", "scale": 2}, "3.00"),
        ({"rule": {"cat": ["a", "b"]}, "result": "text"}, "ab"),
        ({"rule": True, "result": "flag"}, True),
        ({"rule": {"var": "today"}, "result": "date"}, "2026-11-24"),
        ({"rule": {"+": [1, None]}}, None),
    )
    examples_bad = (
        ({"rule": {"+": [1, 2]}}, "three"),
        ({"rule": True, "result": "flag"}, "yes"),
        ({"rule": {"var": "today"}, "result": "date"}, Decimal(3)),
    )

    def source(self, field, app):
        return as_result(field)

    def problems(self, field, form, app):
        """Stored values, so: nothing that changes by itself or belongs to another record."""
        holder = app.holder(field)
        scope = record_scope(app, form) if holder is form else line_scope(app, form, holder)
        wrong = list(typed("settings.rule", field.settings["rule"], scope, self.rule_type(field, app)))
        rows_key = "" if holder is form else holder.key
        return wrong or list(steady("settings.rule", app, form, rows_key, field.settings["rule"]))

    def rule_type(self, field, app):
        return own(field).rule_type(as_result(field), app)

    def column(self, field, app):
        return own(field).column(as_result(field), app)

    def take(self, raw, field):
        return own(field).take(raw, as_result(field))

    def retake(self, raw, field):
        return own(field).retake(raw, as_result(field))

    def dump(self, value, field):
        return own(field).dump(value, as_result(field))

    def display(self, value, field, formats, titles=None):
        return own(field).display(value, as_result(field), formats, titles)

    def masked(self, value, field):
        return own(field).masked(value, as_result(field))


def own(field) -> FieldType:
    """The field type of the result."""
    return fields[field.settings.get("result", "number")]


def as_result(field):
    """The formula as a plain field of its result's type."""
    scale = field.settings.get("scale")
    return replace(field, type=own(field).name, settings={} if scale is None else {"scale": scale})
