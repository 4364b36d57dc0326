"""Create a record of a form, one for each line or for lines that are alike, with values worked out from this record."""

from __future__ import annotations

from flask_babel import gettext as _
from marshmallow import Schema
from marshmallow import fields as option

from ..definition.checks_effects import lines_findings, rows_of, values_findings
from ..definition.findings import Finding, inside, known, one_value
from ..definition.scope import effect_scope
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
        group = option.Raw(allow_none=True, metadata={"label": {"en": "One for each", "zh": "按此分组"}, "rule": "effect"})
        status = option.String(allow_none=True, metadata={"label": {"en": "In the status", "zh": "状态"}, "refers": "status"})
        values = option.Dict(
            keys=option.String(), values=option.Raw(allow_none=True), required=True,
            metadata={"label": {"en": "Values", "zh": "值"}},
        )  # fmt: skip
        rows = option.Dict(
            keys=option.String(), values=option.Nested(RowsOptions), metadata={"label": {"en": "Lines", "zh": "明细"}}
        )

    def problems(self, settings, form, app):
        target = app.form_by_key.get(settings["form"])
        if target is None:
            return list(known("form", settings["form"], ()))
        found = [*lines_findings(settings, form, app), *self._group(settings, form, app)]
        if settings.get("status") is not None:
            found += known("status", settings["status"], app.steps(target)[1:])
        if not found:
            rows = rows_of(form, settings.get("each"))
            found += values_findings("values", settings["values"], target, form, rows, app)
        for key, lines in settings.get("rows", {}).items():
            found += (inside(f"rows[{key}]", problem) for problem in self._rows(key, lines, target, form, app))
        return found

    def _group(self, settings, form, app):
        rule, rows = settings.get("group"), rows_of(form, settings.get("each"))
        if rule is not None and rows is None:
            yield Finding("group", _("Only lines can be put together."))
        elif rule is not None:
            yield from one_value("group", rule, effect_scope(app, form, rows))

    def _rows(self, key, lines, target, form, app):
        into = rows_of(target, key)
        if into is None:
            return list(known("", key, ()))
        found = list(lines_findings(lines, form, app))
        return found or values_findings("values", lines["values"], into, form, rows_of(form, lines["each"]), app)

    def rules(self, settings, form):
        each = settings.get("each")
        for rule in (settings.get("when"), settings.get("group"), *settings["values"].values()):
            yield rule, each, None
        for rows in settings.get("rows", {}).values():
            for rule in (rows.get("when"), *rows["values"].values()):
                yield rule, rows["each"], None

    def run(self, settings, change):
        """One record a line, or one for the lines that are alike; it speaks of the first of them."""
        each = settings.get("each")
        records = [
            {key: change.evaluate(rule, each, lines[0]) for key, rule in settings["values"].items()}
            | {key: self._lines(rows, change, self._among(settings, rows, lines)) for key, rows in settings.get("rows", {}).items()}
            for lines in self._bunches(settings, change)
        ]
        change.create(settings["form"], records, settings.get("status"))

    def _among(self, settings, rows, lines):
        """The lines that a record's own are made from; None: all of them."""
        return lines if settings.get("group") is not None and rows["each"] == settings.get("each") else None

    def _bunches(self, settings, change):
        """The lines of each record; without `group` every line is a bunch of its own."""
        each, rule = settings.get("each"), settings.get("group")
        lines = change.lines(each, settings.get("when"))
        if rule is None:
            return [[line] for line in lines]
        found = {}
        for line in lines:
            found.setdefault(change.evaluate(rule, each, line), []).append(line)
        return list(found.values())

    def _lines(self, rows, change, among):
        each, when = rows["each"], rows.get("when")
        lines = change.lines(each, when) if among is None else [line for line in among if change.holds(when, each, line)]
        return [{key: change.evaluate(rule, each, line) for key, rule in rows["values"].items()} for line in lines]
