"""Change records that are reached from here: in a link, or linking here; their fields, their lines, their status."""

from __future__ import annotations

from flask_babel import gettext as _
from marshmallow import Schema
from marshmallow import fields as option

from ..definition.checks_effects import (
    holds_findings,
    lines_findings,
    link_target,
    roles_findings,
    rows_of,
    values_findings,
)
from ..definition.findings import Finding, inside, known, spoken, typed
from ..definition.scope import effect_scope, record_scope
from ..registry import actions
from ..workflow import updating
from .adjust import HoldOptions, OnLinked


class LinesOptions(Schema):
    """Lines of the record there. match: over our `line` and theirs, `target`. add: the values of a new line where
    none matches; refuse: what to say instead.
    """

    rows = option.String(required=True)
    match = option.Raw(required=True)
    values = option.Dict(keys=option.String(), values=option.Raw(allow_none=True))
    add = option.Dict(keys=option.String(), values=option.Raw(allow_none=True))
    refuse = option.Dict(keys=option.String(), values=option.String())
    lift = option.List(option.String())
    transition = option.String(allow_none=True)


@actions.register
class Update(OnLinked):
    name = "update"
    label = {"en": "Change other records", "zh": "更新其他记录"}
    icon = "pencil"

    class Options(Schema):
        each = option.String(allow_none=True, metadata={"label": {"en": "For each line of", "zh": "逐行"}, "refers": "rows"})
        when = option.Raw(allow_none=True, metadata={"label": {"en": "Only when", "zh": "仅当"}, "rule": "effect"})
        target = option.String(allow_none=True, metadata={"label": {"en": "The record in", "zh": "目标"}, "refers": "link"})
        form = option.String(allow_none=True, metadata={"label": {"en": "Or records of", "zh": "或表单"}, "refers": "form"})
        via = option.String(allow_none=True, metadata={"label": {"en": "That link here by", "zh": "关联字段"}})
        where = option.Raw(allow_none=True, metadata={"label": {"en": "Where", "zh": "条件"}, "rule": "target"})
        values = option.Dict(
            keys=option.String(), values=option.Raw(allow_none=True), metadata={"label": {"en": "Values", "zh": "值"}}
        )
        lines = option.Nested(LinesOptions, metadata={"label": {"en": "Their lines", "zh": "其明细"}})
        transition = option.String(allow_none=True, metadata={"label": {"en": "Let them take", "zh": "执行流转"}})
        optional = option.Boolean(metadata={"label": {"en": "Skip those that cannot", "zh": "不能执行则跳过"}})
        holds = option.List(option.Nested(HoldOptions), metadata={"label": {"en": "If still", "zh": "前提"}})

    def problems(self, settings, form, app):
        found = list(lines_findings(settings, form, app))
        if bool(settings.get("target")) == bool(settings.get("form")):
            found.append(Finding("target", _("Name the link to the record, or the form whose records link here.")))
            return found
        target = app.form_by_key.get(self.target_form(settings, form))
        if target is None:
            place = "target" if settings.get("target") else "form"
            found.append(Finding(place, _("“%(name)s” is not a link.", name=settings[place])))
        return found or list(self._findings(settings, form, app, target))

    def _findings(self, settings, form, app, target):
        rows = rows_of(form, settings.get("each"))
        if settings.get("form"):
            yield from self._linking(settings, form, app, target)
        yield from values_findings("values", settings.get("values") or {}, target, form, rows, app, target=(target, None))
        yield from holds_findings(settings, target, form, app)
        if settings.get("transition"):
            yield from known("transition", settings["transition"], [t.key for t in target.flow()])
        if settings.get("lines"):
            for problem in self._lines(settings, form, app, target):
                yield inside("lines", problem)

    def _linking(self, settings, form, app, target):
        via = target.field_at(settings.get("via") or "")
        if via is None or via.type != "link" or via.settings.get("form") != form.key:
            yield Finding("via", _("“%(name)s” is not a link to this form.", name=settings.get("via")))
        if settings.get("where") is not None:
            yield from typed("where", settings["where"], record_scope(app, target))

    def _lines(self, settings, form, app, target):
        there, rows = settings["lines"], rows_of(form, settings.get("each"))
        theirs = rows_of(target, there["rows"])
        if theirs is None:
            yield from known("rows", there["rows"], ())
            return
        yield from typed("match", there["match"], effect_scope(app, form, rows, target, theirs))
        for name in ("values", "add"):
            yield from values_findings(name, there.get(name) or {}, theirs, form, rows, app, target=(target, theirs))
        yield from spoken("refuse", there.get("refuse") or {}, effect_scope(app, form, rows, target))
        yield from roles_findings("lift", there.get("lift", ()), app)
        if there.get("transition"):
            yield from known("transition", there["transition"], [t.key for t in target.flow(theirs.key)])

    def rules(self, settings, form):
        each, target = settings.get("each"), self.target_form(settings, form)
        yield settings.get("when"), each, None
        for rule in (settings.get("values") or {}).values():
            yield rule, each, target
        for hold in settings.get("holds", ()):
            yield hold["rule"], each, target
        there = settings.get("lines")
        if there:
            for rule in (there["match"], *(there.get("values") or {}).values(), *(there.get("add") or {}).values()):
                yield rule, each, f"{target}.{there['rows']}"

    def target_form(self, settings, form):
        """The key of the form whose records are changed; None where a link leads nowhere."""
        return link_target(settings, form) if settings.get("target") else settings.get("form")

    def reaches(self, settings, form):
        return [target] if (target := self.target_form(settings, form)) else []

    def targets(self, settings, change):
        """Those that link here are found, and locked, when it runs."""
        return super().targets(settings, change) if settings.get("target") else ()

    def run(self, settings, change):
        updating.Update(change, self.target_form(settings, change.form.form), settings).run()
