"""Tell people: members of roles, people named in the record, its creator. Delivered by the outbox."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields as option

from ..registry import Action, actions


class ToOptions(Schema):
    roles = option.List(option.String())
    fields_ = option.List(option.String(), data_key="fields", attribute="fields")
    creator = option.Boolean()


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

    def run(self, settings, change):
        change.notify(settings["to"], settings["message"])
