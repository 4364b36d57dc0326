"""A link that finds its record by itself: the first of a form, in an order, that a rule accepts."""

from __future__ import annotations

from dataclasses import replace

from flask_babel import gettext as _
from marshmallow import Schema
from marshmallow import fields as option

from ..definition.findings import Finding, known, typed
from ..definition.scope import match_scope
from ..registry import fields
from ..rules.sql import NotInSql, compile_where, stand_in
from ..rules.types import SCALAR
from ..rules.typing import check, paths
from .link import TO_OTHER, Link


class OrderOptions(Schema):
    field = option.String(required=True, metadata={"label": {"en": "Field", "zh": "字段"}, "refers": "stored"})
    descending = option.Boolean(truthy={True}, falsy={False}, metadata={"label": {"en": "Largest first", "zh": "从大到小"}})


@fields.register
class Match(Link):
    """Taken when the record or line is entered, and again whenever what its rule reads of it changes."""

    name = "match"
    label = {"en": "Best match", "zh": "自动匹配"}
    icon = "target"
    computed = True

    class Options(Schema):
        form = option.String(required=True, metadata={"label": {"en": "Form", "zh": "表单"}, "refers": "form"})
        where = option.Raw(required=True, metadata={"label": {"en": "Where", "zh": "条件"}, "rule": "match", "start": True})
        sort = option.List(option.Nested(OrderOptions), metadata={"label": {"en": "The first by", "zh": "排序"}})

    examples_good = tuple((settings | {"where": True}, value) for settings, value in Link.examples_good)
    examples_bad = ((TO_OTHER | {"where": True}, "7"), (TO_OTHER | {"where": True}, 0))

    def source(self, field, app):
        return replace(field, type=Link.name, settings={"form": field.settings["form"]})

    def problems(self, field, form, app):
        target = app.form_by_key.get(field.settings["form"])
        if target is None:
            return list(known("settings.form", field.settings["form"], ()))
        scope = match_scope(app, form, app.holder(field), target)
        wrong = list(typed("settings.where", field.settings["where"], scope)) or list(unsaid(field.settings["where"], scope))
        for place, sort in enumerate(field.settings.get("sort", ())):
            found = target.by_key.get(sort["field"])
            if found is None or not fields[found.type].stored(found):
                wrong += known(f"settings.sort.{place}.field", sort["field"], ())
        return wrong


def unsaid(where, scope):
    """What of the rule no statement can say."""
    for path in sorted(paths(where, scope)):
        if not path.startswith("target.") and check({"var": path}, scope).kind not in SCALAR:
            yield Finding("settings.where", _("“%(name)s” is not one value.", name=path))
            return
    try:
        compile_where(where, scope, stand_in(scope), "sqlite")
    except NotInSql as error:
        yield Finding("settings.where", error.sentence)
