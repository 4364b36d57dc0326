"""A value that a rule works out from the rest of the record."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from flask_babel import gettext as _
from marshmallow import Schema
from marshmallow import fields as option
from marshmallow.validate import OneOf, Range

from ..definition.findings import Finding, typed
from ..definition.scope import AROUND, line_scope, record_scope
from ..exact import PLACES
from ..field_type import FieldType
from ..registry import fields
from ..rules.typing import paths

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
        rule = option.Raw(required=True, metadata={"label": {"en": "Formula", "zh": "公式"}, "rule": "record"})
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
        return wrong or list(fleeting(field, form, app, scope))

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


def fleeting(field, form, app, scope):
    """What a formula reads that no command would tell it of when it changes."""
    place = "settings.rule"
    key = next((rows.key for rows in form.rows if rows is app.holder(field)), "")
    for path in sorted(paths(field.settings["rule"], scope)):
        first = path.partition(".")[0]
        if first in (*AROUND, "old"):
            yield Finding(place, _("A stored formula cannot read “%(name)s”, which changes by itself.", name=first))
            continue
        own, beyond = _read(form, key, path)
        read = form.field_at(own)
        if own == _path(field, key):
            yield Finding(place, _("This stands on itself: %(around)s.", around=own))
        elif beyond:
            yield Finding(place, _("A stored formula cannot read “%(name)s” of another record; add a look-up of it.", name=path))
        elif read is not None and read.type == "lookup" and read.settings.get("live"):
            yield Finding(place, _("A stored formula cannot read the live look-up “%(name)s”.", name=path))


def _path(field, rows_key: str) -> str:
    return f"{rows_key}.{field.key}" if rows_key else field.key


def _read(form, rows_key: str, path: str) -> tuple[str, str]:
    """A path that a rule reads, as a path of the form and what lies beyond its link."""
    parts = path.split(".")
    if rows_key and parts[0] == "header":
        parts = parts[1:]
    elif rows_key:
        parts = [rows_key, *parts]
    length = 2 if form.by_key.get(parts[0]) in form.rows else 1
    return ".".join(parts[:length]), ".".join(parts[length:])
