"""A number worked out from all the records that link here: their sum or their count."""

from __future__ import annotations

import sqlalchemy as sa
from flask_babel import gettext as _
from marshmallow import Schema
from marshmallow import fields as option
from marshmallow.validate import OneOf, Range

from ..definition.findings import Finding, known, typed
from ..definition.rollups import rollup_of
from ..definition.scope import line_scope, record_scope
from ..definition.steady import steady
from ..exact import PLACES, Exact
from ..field_type import FieldType
from ..registry import fields, source
from ..rules.sql import COLUMN_TYPES, NotInSql, Rows, compile_where
from ..rules.types import RuleError
from .formula import as_result, own

RESULTS = ("number", "money", "percent")
MEASURES = {"count": {"en": "How many there are", "zh": "数量"}, "sum": {"en": "The sum of a number", "zh": "数值之和"}}
PAID = {"form": "other", "via": "to", "measure": "sum", "field": "amount"}


@fields.register
class Rollup(FieldType):
    """Kept exactly and by differences, so `scale` is how many places are shown. Of nothing it is 0."""

    name = "rollup"
    label = {"en": "Roll-up", "zh": "汇总"}
    icon = "sigma"
    group = "connected"
    kind = "number"
    computed = True

    class Options(Schema):
        form = option.String(required=True, metadata={"label": {"en": "Records of", "zh": "来自表单"}, "refers": "form"})
        via = option.String(required=True, metadata={"label": {"en": "That link here by", "zh": "通过关联"}, "refers": "back"})
        measure = option.String(
            required=True,
            validate=OneOf(tuple(MEASURES)),
            metadata={"label": {"en": "What is worked out", "zh": "计算方式"}, "names": MEASURES},
        )
        field = option.String(
            allow_none=True, metadata={"label": {"en": "Number that is added up", "zh": "求和字段"}, "refers": "source"}
        )
        where = option.Raw(allow_none=True, metadata={"label": {"en": "Only where", "zh": "仅当"}, "rule": "source"})
        result = option.String(validate=OneOf(RESULTS), metadata={"label": {"en": "Kind of result", "zh": "结果类型"}})
        scale = option.Integer(
            strict=True,
            validate=Range(0, PLACES),
            metadata={"label": {"en": "Decimal places", "zh": "小数位数"}},
        )

    examples_good = (
        ({"form": "other", "via": "to", "measure": "count"}, "3"),
        (PAID, "12.5"),
        (PAID | {"result": "money"}, "12.50"),
        (PAID | {"via": "lines.to", "where": {"===": [{"var": "header.status"}, "done"]}}, "-3"),
        (PAID, None),
    )
    examples_bad = ((PAID, "three"), (PAID, True), (PAID | {"result": "money"}, "12 EUR"), (PAID, "9223372036855"))

    def source(self, field, app):
        return as_result(field)

    def problems(self, field, form, app):
        if app.holder(field) is not form:
            return [Finding("type", _("A roll-up stands on a record, not in line items."))]
        if field.show is not True:
            return [Finding("show", _("A roll-up is always there; hide it by access, or show a formula of it."))]
        rollup = rollup_of(form, field)
        counted = app.form_by_key.get(rollup.source)
        if counted is None:
            return list(known("settings.form", rollup.source, ()))
        link = counted.field_at(field.settings["via"]) if rollup.via else None
        if link is None or link.type != "link" or link.settings["form"] != form.key:
            return [Finding("settings.via", _("“%(name)s” is not a link to this form.", name=field.settings["via"]))]
        return self.number_problems(rollup, field, counted, app) + self.where_problems(rollup, counted, app)

    def number_problems(self, rollup, field, counted, app):
        name = field.settings.get("field")
        if field.settings["measure"] == "count":
            return [Finding("settings.field", _("What is counted is not added up."))] if name else []
        added = counted.field_at(rollup.path(name)) if name else None
        if added is None or "." in name or not is_number(added, app):
            return [Finding("settings.field", _("“%(name)s” is not a number beside the link.", name=name or ""))]
        if not fields[added.type].stored(added):
            return [Finding("settings.field", _("A stored value cannot stand on the live look-up “%(name)s”.", name=name))]
        return []

    def where_problems(self, rollup, counted, app):
        rows = counted.by_key[rollup.rows] if rollup.rows else None
        scope = line_scope(app, counted, rows) if rows else record_scope(app, counted)
        wrong = list(typed("settings.where", rollup.where, scope))
        wrong = wrong or list(steady("settings.where", app, counted, rollup.rows, rollup.where))
        return wrong or list(in_sql("settings.where", rollup.where, scope))

    def rule_type(self, field, app):
        return own(field).rule_type(as_result(field), app)

    def column(self, field, app):
        return own(field).column(as_result(field), app)

    def take(self, raw, field):
        return own(field).take(raw, as_result(field))

    def dump(self, value, field):
        return own(field).dump(value, as_result(field))

    def display(self, value, field, formats, titles=None):
        return own(field).display(value, as_result(field), formats, titles)


def is_number(field, app) -> bool:
    shown_type, shown = source(field, app)
    return shown_type.kind == "number" and isinstance(shown_type.column(shown, app), Exact)


def in_sql(place: str, rule, scope):
    """A database must be able to say the rule too: what is there already is counted by it."""
    try:
        compile_where(rule, scope, lambda path: imagined(scope, path), "postgresql")
    except RuleError as error:
        yield Finding(place, error.sentence)


def imagined(scope, path):
    """A column as a rule over such records would read it."""
    found = scope
    for key in path:
        found = found.members[key]
    if found.kind == "rows":
        inside = found.element
        return Rows(sa.table("lines"), sa.true(), lambda within: imagined(inside, within))
    if found.kind not in COLUMN_TYPES:
        raise NotInSql(_("A roll-up cannot tell records apart by “%(name)s”; add a formula of it.", name=".".join(path)))
    return sa.column(path[-1], COLUMN_TYPES[found.kind])
