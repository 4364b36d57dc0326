"""A value of a linked record: a snapshot kept with this one, or live from the other."""

from __future__ import annotations

import datetime
from decimal import Decimal

from flask_babel import gettext as _
from marshmallow import Schema
from marshmallow import fields as option

from ..definition.findings import Finding, known
from ..field_type import FieldType
from ..registry import fields
from ..rules.types import Type
from .text import BY_CODE_POINT

LINKING = ("link", "match")
NAME = {"via": "to", "field": "name"}


@fields.register
class Lookup(FieldType):
    """Behaves as the field it looks at, found through the link `via` that stands beside it."""

    name = "lookup"
    label = {"en": "Look-up", "zh": "引用"}
    icon = "text-search"
    group = "connected"
    computed = True

    class Options(Schema):
        via = option.String(required=True, metadata={"label": {"en": "Link", "zh": "关联"}, "refers": "link"})
        field = option.String(required=True, metadata={"label": {"en": "Field", "zh": "字段"}, "refers": "target"})
        live = option.Boolean(
            truthy={True}, falsy={False}, metadata={"label": {"en": "Always as it is now", "zh": "始终取最新值"}}
        )

        at = option.List(
            option.String(),
            metadata={"label": {"en": "Taken anew at", "zh": "在这些操作时重新取值"}, "refers": "transition"},
        )

    examples_good = ((NAME, "Ernst Handel"), (NAME, None), (NAME | {"live": True}, "Ernst Handel"))
    examples_bad = ((NAME, 7), (NAME, "a\0b"))

    def source(self, field, app):
        """The field looked at, through look-ups of look-ups; itself where that leads nowhere."""
        seen, found = set(), field
        while found is not None and found.type == self.name and id(found) not in seen:
            seen.add(id(found))
            found = target(found, app)
        if found is None or found.type not in fields or found.type == self.name:
            return field
        return fields[found.type].source(found, app)

    def problems(self, field, form, app):
        holder = app.holder(field)
        via, key = field.settings["via"], field.settings["field"]
        link = holder.by_key.get(via)
        if link is None or link.type not in LINKING:
            return [Finding("settings.via", _("“%(name)s” is not a link beside this field.", name=via))]
        linked = app.form_by_key.get(link.settings["form"])
        if linked is None:  # said of the link
            return []
        if key not in linked.by_key:
            return list(known("settings.field", key, ()))
        shown = self.source(field, app)
        if shown is field or shown.type == "rows" or not fields[shown.type].valued:
            return [Finding("settings.field", _("“%(name)s” is not one value.", name=key))]
        return list(self._times(field, form))

    def _times(self, field, form):
        """A snapshot may be taken anew at transitions of its own form; a live look-up is none."""
        for name in field.settings.get("at", ()):
            if field.settings.get("live"):
                yield Finding("settings.at", _("What is always as it is now is never taken anew."))
                return
            yield from known("settings.at", name, form.transition_by_key)

    def rule_type(self, field, app):
        shown = self.source(field, app)
        return Type("empty", label=field.label) if shown is field else fields[shown.type].rule_type(shown, app)

    def stored(self, field):
        return not field.settings.get("live")

    def column(self, field, app):
        """A snapshot has the column of what it copies."""
        shown = self.source(field, app)
        return BY_CODE_POINT if shown is field else fields[shown.type].column(shown, app)

    def take(self, raw, field):
        return raw

    def dump(self, value, field):
        """By the value itself, where the field looked at is not at hand."""
        for kind, name in ((Decimal, "number"), (datetime.datetime, "moment"), (datetime.date, "date")):
            if isinstance(value, kind):
                return fields[name].dump(value, field)
        return list(value) if isinstance(value, tuple) else value


def target(field, app):
    """The field that a look-up names in the linked form; None where there is none."""
    holder = app.holder(field)
    link = holder.by_key.get(field.settings.get("via")) if holder else None
    form = app.form_by_key.get(link.settings.get("form")) if link and link.type in LINKING else None
    return form.by_key.get(field.settings.get("field")) if form else None
