"""A key is changed, and with it every reference in the document: rules, messages, layout, views, rights, settings, samples.

    change_key(document, "forms[order].fields[total]", "sum")

Published keys never change (drafts.py refuses that): records and versions know them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from ..errors import Invalid, Problem
from .effect_names import EffectNames
from .field_names import FieldNames
from .meanings import Holder, Meanings, View, Word
from .model import NEW, VIEW_FIELDS
from .paths import LISTS, kinds, parsed, written
from .placeholders import PLACEHOLDER
from .places import Document, index_of, list_at, nothing_at
from .schema import load

CHANGEABLE = frozenset(LISTS) - {"access", "ask", "sort", "options"}


@dataclass(frozen=True)
class Change:
    """One key that becomes another: of a "field" of a holder, a "status" of a list, a "transition" or "tab" of a form,
    a "role", a "form" or a "status_list".
    """

    kind: str
    of: Any
    old: str
    new: str

    def __call__(self, kind: str, of: Any, key: Any) -> Any:
        return self.new if (kind, of, key) == (self.kind, self.of, self.old) else key


def change_key(document: Document, path: str, key: str) -> None:
    """Give an element another key, and say so everywhere it is named."""
    place = parsed(path)
    if not place or kinds(place)[-1] != "key" or place[-2] not in CHANGEABLE:
        raise nothing_at(place)
    elements = list_at(document, place[:-1])
    at = index_of(elements, place)
    if at is None or (place[-2] == "statuses" and place[-1] == NEW):
        raise nothing_at(place)
    if any(one.get("key") == key for one in elements):
        raise Invalid([Problem(written(place), _("Another one has the key “%(key)s” already.", key=key))])
    change = _change(place, key)
    if change is not None:
        References(document, change).follow()
    elements[at]["key"] = key


def _change(place: tuple[str, ...], key: str) -> Change | None:
    """What changes for those who refer to it; None for what nobody refers to."""
    kind, old = place[-2], place[-1]
    if kind == "fields":
        return Change("field", Holder(place[1], place[3] if len(place) == 6 else ""), old, key)
    one = {"statuses": "status", "transitions": "transition", "tabs": "tab"}.get(kind)
    if one is not None:
        return Change(one, place[1], old, key)
    one = {"roles": "role", "forms": "form", "status_lists": "status_list"}.get(kind)
    return Change(one, None, old, key) if one is not None else None


class References:
    """Everything in a document that names something; places are as they were before the change."""

    def __init__(self, document: Document, change: Change):
        self.document = document
        self.app = load(document, lenient=True)
        self.named = change
        self.meanings = Meanings(self.app, self.field, self._word)

    def follow(self) -> None:
        """Change the names in place."""
        fields, effects = FieldNames(self), EffectNames(self)
        for statuses in self.document.get("status_lists", ()):
            for status in statuses.get("statuses", ()):
                self.set(status, "in_charge", self.role)
        for form in self.document.get("forms", ()):
            self._form(form, fields, effects)
        _samples(self)

    def field(self, holder: Holder, key: str) -> str:
        return self.named("field", holder, key)

    def within(self, form: str, path: str) -> str:
        """A path inside a form: "total", "lines.price"."""
        return self.meanings.path(path, View(Holder(form)))

    def role(self, key: str) -> str:
        return self.named("role", None, key)

    def form(self, key: str) -> str:
        return self.named("form", None, key)

    def _word(self, word: Word, key: str) -> str:
        return self.named(word.kind, word.key or None, key)

    def rule(self, rule: Any, view: View) -> Any:
        return self.meanings.rule(rule, view)

    def text(self, text: Any, view: View) -> Any:
        """A message with its placeholders."""
        if not isinstance(text, dict):
            return text
        return {code: PLACEHOLDER.sub(lambda found: f"{{{self.meanings.path(found[1], view)}}}", words) for code, words in text.items()}

    def set(self, holder: dict[str, Any], name: str, change: Callable[[Any], Any]) -> None:
        """Change one attribute, be it a name or a list of names, where it is there."""
        value = holder.get(name)
        if isinstance(value, list):
            holder[name] = [change(one) for one in value]
        elif isinstance(value, str) and value:
            holder[name] = change(value)

    def rules(self, holder: dict[str, Any], view: View, *names: str) -> None:
        """Change the rules that are there."""
        for name in names:
            if isinstance(holder.get(name), dict | list):
                holder[name] = self.rule(holder[name], view)

    def who(self, who: dict[str, Any], view: View) -> None:
        self.set(who, "roles", self.role)
        self.set(who, "fields", lambda path: self.meanings.path(path, view))

    def said(self, one: dict[str, Any], view: View) -> None:
        """A condition with its message: a check, a guard, a hold."""
        self.rules(one, view, "rule")
        if "message" in one:
            one["message"] = self.text(one["message"], view)
        self.set(one, "lift", self.role)

    def _form(self, form: dict[str, Any], fields: FieldNames, effects: EffectNames) -> None:
        key, holder = form["key"], Holder(form["key"])
        view, statuses = View(holder), form.get("status_list")
        for name in ("title", "subtitle"):
            self.set(form, name, lambda one: self.field(holder, one))
        for one in form.get("fields", ()):
            fields.follow(one, key)
        for section in form.get("layout", ()):
            self.set(section, "fields", lambda one: self.field(holder, one))
            self.set(section, "tab", lambda one: self.named("tab", key, one))
        for shown in form.get("views", ()):
            self._view(shown, holder)
        for access in form.get("access", ()):
            self._access(access, key, statuses, view)
        for shared in ("tracking", "public"):
            self._shared(form.get(shared) or {}, key)
        for reminder in form.get("reminders", ()):
            self.set(reminder, "statuses", lambda one: self.named("status", statuses, one))
            self._timed(reminder, view)
        for transition in form.get("transitions", ()):
            self._transition(transition, form, effects)
        self.set(form, "status_list", lambda one: self.named("status_list", None, one))

    def _view(self, shown: dict[str, Any], holder: Holder) -> None:
        self.set(shown, "columns", lambda one: self.field(holder, one))
        self.set(shown, "roles", self.role)
        self.rules(shown, View(holder), "where")
        for name in VIEW_FIELDS:
            self.set(shown, name, lambda one: self.field(holder, one))
        for sort in shown.get("sort", ()):
            self.set(sort, "field", lambda one: self.field(holder, one))

    def _access(self, access: dict[str, Any], form: str, statuses: str | None, view: View) -> None:
        self.set(access, "role", self.role)
        self.rules(access, view, "scope")
        self.set(access, "delete", lambda one: self.named("status", statuses, one))
        cells = access.get("cells", {})
        access["cells"] = {
            self.within(form, path): {self.named("status", statuses, step): mode for step, mode in row.items()} for path, row in cells.items()
        }

    def _shared(self, shared: dict[str, Any], form: str) -> None:
        """What a link shows, or asks for, and who makes one."""
        for name in ("fields", "required"):
            self.set(shared, name, lambda path: self.within(form, path))
        self.set(shared, "roles", self.role)

    def _timed(self, one: dict[str, Any], view: View) -> None:
        """A reminder or an automatic transition: when, to whom, in which words."""
        self.rules(one, view, "when")
        if one.get("wait"):
            self.set(one["wait"], "field", lambda path: self.meanings.path(path, view))
        if "to" in one:
            self.who(one["to"], view)
        if "message" in one:
            one["message"] = self.text(one["message"], view)

    def _transition(self, one: dict[str, Any], form: dict[str, Any], effects: EffectNames) -> None:
        holder = Holder(form["key"], one.get("rows") or "")
        statuses, view = self.meanings.statuses(holder), View(holder)
        for name in ("sources", "target"):
            self.set(one, name, lambda key: self.named("status", statuses, key))
        self._timed(one, View(Holder(form["key"])))
        self.who(one.get("who", {}), view)
        for guard in one.get("guards", ()):
            self.said(guard, view)
        for ask in one.get("ask", ()):
            self.set(ask, "field", lambda path: self.meanings.path(path, view))
        if "confirm" in one:
            one["confirm"] = self.text(one["confirm"], view)
        for effect in one.get("effects", ()):
            effects.follow(effect.get("settings", {}), form["key"], one.get("rows"))
        self.set(one, "rows", lambda key: self.field(Holder(form["key"]), key))


def _samples(references: References) -> None:
    """The samples' people, and what their records hold and go through."""
    samples = references.document.get("samples", {})
    for person in samples.get("people", ()):
        references.set(person, "roles", references.role)
    for record in samples.get("records", ()):
        form = record.get("form", "")
        record["values"] = _sampled(references, Holder(form), record.get("values", {}))
        for act in record.get("acts", ()):
            on, _dot, _link = act.get("on", form).partition(".")
            if act.get("do") != "edit":
                references.set(act, "do", lambda key, on=on: references.named("transition", on, key))
            if "input" in act:
                act["input"] = _sampled(references, Holder(on), act["input"])
            references.set(act, "on", lambda path: _on(references, path))
        references.set(record, "form", references.form)


def _sampled(references: References, holder: Holder, values: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for key, value in values.items():
        if isinstance(value, list):
            rows = Holder(holder.form, key)
            value = [_sampled(references, rows, line) if isinstance(line, dict) else line for line in value]
        elif isinstance(value, dict) and "on" in value:
            value = value | {"on": _on(references, value["on"])}
        found[references.field(holder, key)] = value
    return found


def _on(references: References, path: str) -> str:
    """ "shipment.order": a form, and the link of it."""
    form, dot, link = path.partition(".")
    return references.form(form) + dot + references.within(form, link)
