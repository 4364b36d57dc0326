"""The names in a field: in its rules, and in its settings, which say by metadata what they refer to."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from .. import registry
from .meanings import Holder, View


class FieldNames:
    """Follows a change of names through the fields of forms."""

    def __init__(self, references):
        self.references = references
        self.app = references.app

    def follow(self, field: dict[str, Any], form: str, rows: str = "") -> None:
        holder = Holder(form, rows)
        view = View(holder)
        self.references.rules(field, view, "required", "show", "lock", "default")
        for check in field.get("checks", ()):
            self.references.said(check, view)
        if field.get("type") in registry.fields and field.get("settings"):
            options = registry.fields[field["type"]].Options()
            self._settings(options, field["settings"], dict(field["settings"]), holder, field["key"])
        for column in field.get("fields", ()):
            self.follow(column, form, field["key"])

    def _settings(self, options: Schema, settings: dict[str, Any], before: dict[str, Any], holder: Holder, key: str) -> None:
        """`before`: the settings as they were, since one says what another refers to."""
        for name, option in options.fields.items():
            if isinstance(option, fields.List) and isinstance(option.inner, fields.Nested):
                for one in settings.get(name) or ():
                    self._settings(option.inner.schema, one, before, holder, key)
            elif "refers" in option.metadata:
                self.references.set(settings, name, lambda one, to=option.metadata["refers"]: self._named(to, one, before, holder, key))
            elif "rule" in option.metadata:
                self.references.rules(settings, self._view(option.metadata["rule"], before, holder), name)

    def _named(self, refers: str, name: str, before: dict[str, Any], holder: Holder, key: str) -> str:
        references, form = self.references, str(before.get("form") or "")
        if refers == "form":
            return references.form(name)
        if refers == "status_list":
            return references.named("status_list", None, name)
        if refers == "transition":
            return references.named("transition", holder.form, name)
        if refers == "link":
            return references.field(holder, name)
        if refers == "target":
            return references.meanings.path(f"{before.get('via')}.{name}", View(holder)).rpartition(".")[2]
        if refers == "columns":
            return references.field(Holder(holder.form, key), name)
        if refers == "source":
            return references.field(self._counted(before), name)
        return references.within(form, name)  # back, stored

    def _counted(self, before: dict[str, Any]) -> Holder:
        """What a roll-up counts: records of a form, or their lines."""
        return Holder(str(before.get("form") or ""), str(before.get("via") or "").rpartition(".")[0])

    def _view(self, kind: str, before: dict[str, Any], holder: Holder) -> View:
        target = Holder(str(before.get("form") or ""))
        if kind == "target":
            return View(target)
        if kind == "source":
            return View(self._counted(before))
        return View(holder, {"target": target} if kind == "match" else {})
