"""Set fields of the record, or columns of each of its lines."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields as option

from ..definition.checks_effects import rows_of, values_findings
from ..definition.findings import known
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

    def problems(self, settings, form, app):
        found = []
        for path, rule in settings["values"].items():
            rows_key, dot, key = path.rpartition(".")
            rows = rows_of(form, rows_key)
            if dot and rows is None:
                found += known(f"values[{path}]", path, ())
                continue
            about = rows or rows_of(form, settings.get("each"))
            found += values_findings("values", {key: rule}, rows or form, form, about, app, rows_key + dot)
        return found

    def rules(self, settings, form):
        for path, rule in settings["values"].items():
            yield rule, path.rpartition(".")[0] or settings.get("each"), None

    def run(self, settings, change):
        """All values are worked out on the record as it was before the first of them is set."""
        worked_out = []
        for path, rule in settings["values"].items():
            column, about = path.rpartition(".")[0], path.rpartition(".")[0] or settings.get("each")
            for line in change.lines(about):
                worked_out.append((path, line if column else None, change.evaluate(rule, about, line)))
        for path, line, value in worked_out:
            change.set(path, value, line)
