"""Tell people: members of roles, people named in the record, its creator, the head of the creator's department.

Delivered by the outbox, to those who may see the record.
"""

from __future__ import annotations

from flask_babel import gettext as _
from marshmallow import Schema
from marshmallow import fields as option

from ..definition.checks_effects import roles_findings
from ..definition.findings import Finding, spoken
from ..definition.scope import record_scope
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
        return found + list(spoken("message", settings["message"], record_scope(app, form)))

    def run(self, settings, change):
        change.notify(settings["to"], settings["message"])
