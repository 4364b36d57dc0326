"""Tell people: members of roles, people named in the record, its creator, the head of the creator's department.

Delivered by the outbox, to those who may see the record.
"""

from __future__ import annotations

from flask_babel import gettext as _
from marshmallow import Schema
from marshmallow import fields as option

from ..definition.checks_effects import roles_findings, rows_of
from ..definition.findings import Finding, spoken, typed
from ..definition.scope import effect_scope
from ..registry import Action, actions, source


class ToOptions(Schema):
    roles = option.List(option.String())
    fields_ = option.List(option.String(), data_key="fields", attribute="fields")
    creator = option.Boolean()
    head = option.Boolean()


@actions.register
class Notify(Action):
    name = "notify"
    label = {"en": "Tell people", "zh": "通知"}
    icon = "bell"

    class Options(Schema):
        when = option.Raw(allow_none=True, metadata={"label": {"en": "Only when", "zh": "仅当"}, "rule": "effect"})
        to = option.Nested(ToOptions, required=True, metadata={"label": {"en": "Whom", "zh": "对象"}})
        message = option.Dict(
            keys=option.String(), values=option.String(), required=True,
            metadata={"label": {"en": "Message", "zh": "内容"}},
        )  # fmt: skip

    def problems(self, settings, form, app):
        found = list(roles_findings("to.roles", settings["to"].get("roles", ()), app))
        for key in settings["to"].get("fields", ()):
            field = form.by_key.get(key)
            if field is None or source(field, app)[0].kind != "person":
                found.append(Finding("to.fields", _("“%(name)s” is not a field that names a person.", name=key)))
        scope = effect_scope(app, form, rows_of(form, settings.get("each")))
        if settings.get("when") is not None:
            found += typed("when", settings["when"], scope)
        return found + list(spoken("message", settings["message"], scope))

    def rules(self, settings, form):
        yield settings.get("when"), settings.get("each"), None

    def run(self, settings, change):
        if change.holds(settings.get("when"), settings.get("each"), change.line):
            change.notify(settings["to"], settings["message"], settings.get("each"))
