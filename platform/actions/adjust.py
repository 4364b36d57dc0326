"""Add to balances of linked records, if what must hold still holds: stock, credit, amounts paid."""

from __future__ import annotations

from flask_babel import gettext as _
from marshmallow import Schema
from marshmallow import fields as option

from ..definition.checks_effects import (
    balance_findings,
    holds_findings,
    lines_findings,
    link_target,
    rows_of,
    values_findings,
)
from ..definition.findings import Finding
from ..registry import Action, actions


class HoldOptions(Schema):
    """A rule over `target.*` as it would stand after the adjustment, and what to say when it fails."""

    key = option.String(required=True)
    rule = option.Raw(required=True)
    message = option.Dict(keys=option.String(), values=option.String(), required=True)
    lift = option.List(option.String())


class OnLinked(Action):
    """Works on the records in a link of the record, or of its lines."""

    def reaches(self, settings, form):
        target = link_target(settings, form)
        return [target] if target else []

    def targets(self, settings, change):
        form_key = link_target(settings, change.form.form)
        for line in change.lines(settings.get("each"), settings.get("when")):
            target = change.link(settings["target"], line)
            if target is not None:
                yield form_key, target


@actions.register
class Adjust(OnLinked):
    name = "adjust"
    label = {"en": "Adjust a balance", "zh": "调整余额"}
    icon = "scale"

    class Options(Schema):
        each = option.String(allow_none=True, metadata={"label": {"en": "For each line of", "zh": "逐行"}, "refers": "rows"})
        when = option.Raw(allow_none=True, metadata={"label": {"en": "Only when", "zh": "仅当"}, "rule": "effect"})
        target = option.String(required=True, metadata={"label": {"en": "Of the record in", "zh": "目标"}, "refers": "link"})
        changes = option.Dict(
            keys=option.String(), values=option.Raw(allow_none=True), required=True,
            metadata={"label": {"en": "Add", "zh": "增加"}},
        )  # fmt: skip
        holds = option.List(option.Nested(HoldOptions), metadata={"label": {"en": "If still", "zh": "前提"}})

    def problems(self, settings, form, app):
        found = list(lines_findings(settings, form, app))
        target = app.form_by_key.get(link_target(settings, form))
        if target is None:
            found.append(Finding("target", _("“%(name)s” is not a link.", name=settings["target"])))
        return found or [*self._changes(settings, target, form, app), *holds_findings(settings, target, form, app)]

    def _changes(self, settings, target, form, app):
        found = list(balance_findings(settings["changes"], target))
        return found or values_findings("changes", settings["changes"], target, form, rows_of(form, settings.get("each")), app)

    def rules(self, settings, form):
        each = settings.get("each")
        for rule in (settings.get("when"), *settings["changes"].values()):
            yield rule, each, None
        for hold in settings.get("holds", ()):
            yield hold["rule"], each, link_target(settings, form)

    def run(self, settings, change):
        each = settings.get("each")
        wanted = []
        for line in change.lines(each, settings.get("when")):
            target = change.link(settings["target"], line)
            amounts = {key: change.evaluate(rule, each, line) for key, rule in settings["changes"].items()}
            if target is not None:
                wanted.append((target, amounts, line))
        change.adjust(link_target(settings, change.form.form), wanted, settings.get("holds", ()), each)
