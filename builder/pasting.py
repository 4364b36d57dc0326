"""What was copied comes into a form: with keys of its own, and without what does not exist here."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from flask import g
from flask_babel import gettext as _

from ..platform import registry
from ..platform.definition.checks_fields import field_findings
from ..platform.definition.edits import edited
from ..platform.definition.findings import BLOCK, Finding
from ..platform.definition.model import say
from ..platform.definition.paths import parsed
from ..platform.definition.schema import load
from ..platform.errors import Invalid, Problem
from .canvas import written_path
from .keys import fresh_key

MOST = 200
RULES = ("required", "show", "lock", "default", "checks")


class Pasting:
    """Copied fields on their way into a form, or as columns into line items of it.

    elements: the fields as they come in.  behind: sentences about what could not come along.
    """

    def __init__(self, document: dict[str, Any], form: str, copied: Any, rows: str = ""):
        self.document, self.form, self.rows = document, form, rows
        self.behind: list[str] = []
        self.elements = self._settled(self._renamed([one for one in _fields(copied) if self._fits(one)]))

    @property
    def list_path(self) -> str:
        path = written_path(self.form, "fields", self.rows) if self.rows else written_path(self.form)
        return f"{path}.fields"

    def _fits(self, element: dict[str, Any]) -> bool:
        """Line items hold no line items, and not everything is a column."""
        if self.rows and not registry.fields[element["type"]].columnar:
            self._leave(element, _("Line items cannot hold this."))
            return False
        return True

    def _leave(self, element: dict[str, Any], why: Any) -> None:
        self.behind.append(_("“%(field)s” could not come along: %(why)s", field=say(element["label"], g.language), why=why))

    def _renamed(self, elements: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Keys that are taken are changed, and what the copied fields say of each other with them."""
        taken = {one["key"] for one in self._holder(self.document).get("fields", ())}
        alone = copy.deepcopy(self.document)
        self._holder(alone)["fields"] = elements
        for one in [one for one in elements if one["key"] in taken]:
            known = taken | {other["key"] for other in elements}
            key = fresh_key({"en": one["key"]}, known, "field")
            alone = edited(alone, "change_key", {"path": f"{self.list_path}[{one['key']}]", "key": key})
            elements = self._holder(alone)["fields"]
        return elements

    def _holder(self, document: dict[str, Any]) -> dict[str, Any]:
        form = next(one for one in document["forms"] if one["key"] == self.form)
        return next(one for one in form["fields"] if one["key"] == self.rows) if self.rows else form

    def _settled(self, elements: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The fields without what the checks find wrong with them here; one thing going may take another along."""
        while elements and (found := self._findings(elements)):
            gone: set[str] = set()
            about = {_attribute(*self._about(finding)): finding for finding in found}  # several may be about one
            for (key, *rest), finding in about.items():
                if key not in gone and not self._lighter(next(one for one in elements if one["key"] == key), rest, finding):
                    gone.add(key)
            elements = [one for one in elements if one["key"] not in gone]
        return elements

    def _lighter(self, element: dict[str, Any], rest: list[str], finding: Finding) -> bool:
        """Whether a field can come along without what is wrong with it; said either way."""
        if not _mended(element, rest):
            self._leave(element, finding.message)
            return False
        self.behind.append(_("Of “%(field)s” a part did not come along: %(why)s", field=say(element["label"], g.language), why=finding.message))
        return True

    def _findings(self, elements: list[dict[str, Any]]) -> list[Finding]:
        """What would be wrong with them here."""
        candidate = copy.deepcopy(self.document)
        holder = self._holder(candidate)
        holder["fields"] = [*holder.get("fields", ()), *elements]
        app = load(candidate)
        keys = {one["key"] for one in elements}
        found = field_findings(app, app.form_by_key[self.form], written_path(self.form))
        return [one for one in found if one.severity == BLOCK and one.path.startswith(self.list_path) and self._about(one)[0] in keys]

    def _about(self, finding: Finding) -> tuple[str, tuple[str, ...]]:
        """(key of the field, what of it) that a finding is about."""
        place = parsed(finding.path)[len(parsed(self.list_path)) :]
        return place[0] if place else "", place[1:]


def _fields(copied: Any) -> list[dict[str, Any]]:
    """What was copied, if it is fields; they are judged by the schema when they are added."""
    good = isinstance(copied, list) and 0 < len(copied) <= MOST and all(_is_field(one) for one in copied)
    if not good or len({one["key"] for one in copied}) < len(copied):
        raise Invalid([Problem("elements", _("There is nothing here that could be put in."))])
    return copy.deepcopy(copied)


def _attribute(key: str, place: Sequence[str]) -> tuple[str, ...]:
    """The field, and the rule, setting or column's rule or setting that a finding is about."""
    depth = 2 if place[:1] == ("fields",) else 0
    return key, *place[: depth + (2 if place[depth : depth + 1] == ("settings",) else 1)]


def _is_field(one: Any) -> bool:
    return isinstance(one, dict) and isinstance(one.get("key"), str) and one.get("type") in registry.fields and isinstance(one.get("label"), dict)


def _mended(element: dict[str, Any], place: Sequence[str]) -> bool:
    """Whether a field could do without what is wrong with it: a rule, a column, a setting that need not be."""
    if not place:
        return False
    if place[0] in RULES:
        return element.pop(place[0], None) is not None
    if place[0] == "fields" and len(place) > 1:
        column = next((one for one in element["fields"] if one["key"] == place[1]), None)
        if column is not None and not _mended(column, place[2:]):
            element["fields"].remove(column)
        return bool(element["fields"])  # line items need a column
    declared = registry.fields[element["type"]].Options().fields.get(place[1]) if place[0] == "settings" and len(place) > 1 else None
    if declared is None or declared.required:
        return False
    return element["settings"].pop(place[1], None) is not None
