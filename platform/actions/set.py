"""Set fields of the record, or columns of each of its lines."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields as option

from ..registry import Action, actions


@actions.register
class Set(Action):
    name = "set"
    label = {"en": "Set fields", "zh": "设置字段"}
    icon = "pencil"

    class Options(Schema):
        values = option.Dict(
            keys=option.String(), values=option.Raw(allow_none=True), required=True,
            metadata={"label": {"en": "Values", "zh": "值"}},
        )  # fmt: skip

    def rules(self, settings, form):
        for path, rule in settings["values"].items():
            rows_key, dot, _column = path.rpartition(".")
            yield rule, rows_key if dot else None, None

    def run(self, settings, change):
        for path, rule in settings["values"].items():
            rows_key, dot, column = path.rpartition(".")
            if not dot:
                change.set(path, change.evaluate(rule))
                continue
            for line in change.lines(rows_key):
                change.set_column(rows_key, line, column, change.evaluate(rule, rows_key, line))
