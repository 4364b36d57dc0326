"""A link to a record of another form of the same app."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from marshmallow import Schema
from marshmallow import fields as option

from ..definition.findings import known, typed
from ..definition.scope import target_scope
from ..field_type import refusal
from ..registry import fields
from ..rules.types import Type
from .person import LARGEST_ID, Person

TO_OTHER = {"form": "other"}


@fields.register
class Link(Person):
    name = "link"
    label = {"en": "Link", "zh": "关联"}
    icon = "arrow-up-right"
    group = "connected"
    kind = "link"
    compared = "link"

    class Options(Schema):
        form = option.String(required=True, metadata={"label": {"en": "Form", "zh": "表单"}, "refers": "form"})
        where = option.Raw(
            allow_none=True,
            metadata={"label": {"en": "Only records where", "zh": "仅限满足条件的记录"}, "rule": "target"},
        )
        create = option.Boolean(
            truthy={True}, falsy={False}, metadata={"label": {"en": "May create a new one here", "zh": "可在此新建"}}
        )

    examples_good = ((TO_OTHER, 7), (TO_OTHER, LARGEST_ID), (TO_OTHER, None))
    examples_bad = ((TO_OTHER, 0), (TO_OTHER, -1), (TO_OTHER, "7"), (TO_OTHER, True), (TO_OTHER, {"id": 7}))

    def rule_type(self, field, app):
        """Its fields are those of the linked form, looked at only when a rule reaches through."""
        form = app.form_by_key.get(field.settings.get("form"))
        beyond = target_scope(app, form).fields if form else {}
        return Type("link", fields=beyond, target=field.settings.get("form"), label=field.label)

    def problems(self, field, form, app):
        target = app.form_by_key.get(field.settings["form"])
        if target is None:
            return list(known("settings.form", field.settings["form"], ()))
        where = field.settings.get("where")
        return [] if where is None else list(typed("settings.where", where, target_scope(app, target)))

    def points_to(self, field):
        return field.settings.get("form")

    def meaning(self, field):
        return f"link:{self.points_to(field)}"

    def take(self, raw, field):
        if isinstance(raw, int) and not isinstance(raw, bool) and 0 < raw <= LARGEST_ID:
            return raw
        raise refusal(_("This is not a record that can be chosen."))
