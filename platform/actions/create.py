"""Create a record of a form, or one for each line, with values worked out from this record."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields as option

from ..registry import Action, actions


class RowsOptions(Schema):
    """Lines of the new record: one for each line of `each`."""

    each = option.String(required=True)
    when = option.Raw(allow_none=True)
    values = option.Dict(keys=option.String(), values=option.Raw(allow_none=True), required=True)


@actions.register
class Create(Action):
    name = "create"
    label = {"en": "Create a record", "zh": "新建记录"}
    icon = "file-plus"

    class Options(Schema):
        form = option.String(required=True, metadata={"label": {"en": "Form", "zh": "表单"}, "refers": "form"})
        each = option.String(allow_none=True, metadata={"label": {"en": "For each line of", "zh": "逐行"}, "refers": "rows"})
        when = option.Raw(allow_none=True, metadata={"label": {"en": "Only when", "zh": "仅当"}, "rule": "effect"})
        status = option.String(allow_none=True, metadata={"label": {"en": "In the status", "zh": "状态"}, "refers": "status"})
        values = option.Dict(
            keys=option.String(), values=option.Raw(allow_none=True), required=True,
            metadata={"label": {"en": "Values", "zh": "值"}},
        )  # fmt: skip
        rows = option.Dict(
            keys=option.String(), values=option.Nested(RowsOptions), metadata={"label": {"en": "Lines", "zh": "明细"}}
        )

    def rules(self, settings, form):
        each = settings.get("each")
        for rule in (settings.get("when"), *settings["values"].values()):
            yield rule, each, None
        for rows in settings.get("rows", {}).values():
            for rule in (rows.get("when"), *rows["values"].values()):
                yield rule, rows["each"], None

    def run(self, settings, change):
        each = settings.get("each")
        records = [
            {key: change.evaluate(rule, each, line) for key, rule in settings["values"].items()}
            | {key: self._lines(rows, change) for key, rows in settings.get("rows", {}).items()}
            for line in change.lines(each, settings.get("when"))
        ]
        change.create(settings["form"], records, settings.get("status"))

    def _lines(self, rows, change):
        each = rows["each"]
        return [
            {key: change.evaluate(rule, each, line) for key, rule in rows["values"].items()}
            for line in change.lines(each, rows.get("when"))
        ]
