"""Write a ledger record and change the balances that it states, together and by the same amount."""

from __future__ import annotations

from flask_babel import gettext as _
from marshmallow import Schema
from marshmallow import fields as option
from marshmallow.validate import Length, OneOf

from ..definition.checks_effects import (
    balance_findings,
    holds_findings,
    lines_findings,
    link_target,
    number_findings,
    rows_of,
    values_findings,
)
from ..definition.findings import Finding, known, typed
from ..definition.scope import effect_scope
from ..registry import actions
from ..rules.types import NUMBER
from ..workflow import moving
from .adjust import HoldOptions, OnLinked


@actions.register
class Move(OnLinked):
    name = "move"
    label = {"en": "Move and record", "zh": "变动并记账"}
    icon = "scale"

    class Options(Schema):
        each = option.String(allow_none=True, metadata={"label": {"en": "For each line of", "zh": "逐行"}, "refers": "rows"})
        when = option.Raw(allow_none=True, metadata={"label": {"en": "Only when", "zh": "仅当"}, "rule": "effect"})
        target = option.String(required=True, metadata={"label": {"en": "Of the record in", "zh": "目标"}, "refers": "link"})
        amount = option.Raw(required=True, metadata={"label": {"en": "How much", "zh": "数量"}, "rule": "effect"})
        as_far_as = option.Boolean(metadata={"label": {"en": "As far as it goes", "zh": "尽可能多"}})
        taken = option.String(allow_none=True, metadata={"label": {"en": "Keep what was moved in", "zh": "实际数量写入"}})
        changes = option.Dict(
            keys=option.String(), values=option.Integer(strict=True, validate=OneOf((1, -1))), required=True,
            validate=Length(min=1), metadata={"label": {"en": "Balances: 1 adds, -1 takes away", "zh": "余额：1 增加，-1 减少"}},
        )  # fmt: skip
        holds = option.List(option.Nested(HoldOptions), metadata={"label": {"en": "If still", "zh": "前提"}})
        form = option.String(required=True, metadata={"label": {"en": "Recorded as", "zh": "流水表单"}, "refers": "form"})
        status = option.String(allow_none=True, metadata={"label": {"en": "In the status", "zh": "状态"}, "refers": "status"})
        link = option.String(required=True, metadata={"label": {"en": "Its link to the target", "zh": "流水中的目标字段"}})
        quantity = option.String(required=True, metadata={"label": {"en": "Its quantity", "zh": "流水中的数量字段"}})
        values = option.Dict(
            keys=option.String(), values=option.Raw(allow_none=True), load_default=dict,
            metadata={"label": {"en": "Its other values", "zh": "其他值"}},
        )  # fmt: skip

    def problems(self, settings, form, app):
        target = app.form_by_key.get(link_target(settings, form))
        ledger = app.form_by_key.get(settings["form"])
        found = list(lines_findings(settings, form, app))
        if target is None:
            found.append(Finding("target", _("“%(name)s” is not a link.", name=settings["target"])))
        if ledger is None:
            found += known("form", settings["form"], ())
        return found or list(self._findings(settings, form, app, target, ledger))

    def _findings(self, settings, form, app, target, ledger):
        rows = rows_of(form, settings.get("each"))
        yield from typed("amount", settings["amount"], effect_scope(app, form, rows), NUMBER)
        yield from balance_findings(settings["changes"], target)
        yield from holds_findings(settings, target, form, app)
        if settings.get("status") is not None:
            yield from known("status", settings["status"], app.steps(ledger)[1:])
        link = ledger.by_key.get(settings["link"])
        if link is None or link.type != "link" or link.settings.get("form") != target.key:
            yield Finding("link", _("“%(name)s” is not a link to the target.", name=settings["link"]))
        yield from number_findings("quantity", settings["quantity"], ledger)
        if settings.get("taken"):
            key, _dot, column = settings["taken"].rpartition(".")
            own = rows if key and key == settings.get("each") else None if key else form
            yield from number_findings("taken", column, own)
        yield from values_findings("values", settings["values"], ledger, form, rows, app)

    def rules(self, settings, form):
        each = settings.get("each")
        for rule in (settings.get("when"), settings["amount"], *settings.get("values", {}).values()):
            yield rule, each, None
        for hold in settings.get("holds", ()):
            yield hold["rule"], each, link_target(settings, form)

    def run(self, settings, change):
        each, wanted = settings.get("each"), []
        for line in change.lines(each, settings.get("when")):
            target = change.link(settings["target"], line)
            if target is not None:
                wanted.append((target, change.evaluate(settings["amount"], each, line), line))
        moving.Move(change, change.compiled.form(link_target(settings, change.form.form)), settings).run(wanted)
