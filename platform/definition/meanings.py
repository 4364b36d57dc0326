"""What the names in a rule mean, by the fields they lead through, also where a rule no longer fits: so that a name
can be changed wherever it means one thing, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..registry import source
from .model import App

INNER = ("map", "filter", "all", "some", "none", "reduce")
"""The operators whose second argument is about one item of the first."""


@dataclass(frozen=True)
class Holder:
    """Whatever has fields: records of a form, or lines of its line items."""

    form: str
    rows: str = ""


@dataclass(frozen=True)
class Word:
    """A word that stands for something: kind "status" (of the list `key`) or "role"."""

    kind: str
    key: str = ""


Meaning = Holder | Word | None


@dataclass(frozen=True)
class View:
    """What a rule sees: the fields of `own`, and more by name; `item` is what the empty path means."""

    own: Holder | None
    beside: Mapping[str, Meaning] = field(default_factory=dict)
    item: Meaning = None


class Meanings:
    """The names of one app; `field` and `word` say what each becomes."""

    def __init__(self, app: App, field: Callable[[Holder, str], str], word: Callable[[Word, str], str]):
        self.app = app
        self.field = field
        self.word = word

    def path(self, path: str, view: View) -> str:
        """A path like `customer.tier` or `line.product`, with its names changed."""
        return self._walked(path, view)[0]

    def leads(self, path: str, view: View) -> Meaning:
        """What a path leads to."""
        return self._walked(path, view)[1]

    def _walked(self, path: str, view: View) -> tuple[str, Meaning]:
        """The path, and what it leads to."""
        if not path:
            return path, view.item or view.own
        here: Meaning = view.own
        names, found = path.split("."), []
        for place, name in enumerate(names):
            if place == 0 and name in view.beside:
                here = view.beside[name]
            elif not name.isdigit():
                here, name = self._step(here, name, names[place - 1] if place else "")
            found.append(name)
        return ".".join(found), here

    def _step(self, here: Meaning, name: str, before: str) -> tuple[Meaning, str]:
        if before == "user" or name == "user":
            return (Word("role") if name == "roles" else None), name
        if not isinstance(here, Holder):
            return None, name
        if name in ("old", "header"):
            return (Holder(here.form) if name == "header" else here), name
        if name == "status":
            return Word("status", self.statuses(here)), name
        return self._beyond(here, name), self.field(here, name)

    def statuses(self, holder: Holder) -> str:
        """The key of the status list that records or lines follow; "" for none."""
        form = self.app.form_by_key.get(holder.form)
        rows = form.by_key.get(holder.rows) if form is not None and holder.rows else None
        found = rows.settings.get("status_list") if rows is not None else form.status_list if form is not None else None
        return found or ""

    def _beyond(self, holder: Holder, name: str) -> Meaning:
        """What a field leads to: the records that it links to, or its lines."""
        form = self.app.form_by_key.get(holder.form)
        found = form.field_at(f"{holder.rows}.{name}" if holder.rows else name) if form is not None else None
        if found is None:
            return None
        if found.type == "rows":
            return Holder(holder.form, name)
        shown_type, shown = source(found, self.app)
        target = shown_type.points_to(shown)
        return Holder(target) if target in self.app.form_by_key else None

    def rule(self, rule: Any, view: View) -> Any:
        """A rule with its names changed."""
        if isinstance(rule, list):
            return [self.rule(part, view) for part in rule]
        if not isinstance(rule, dict) or len(rule) != 1:
            return rule
        operator, given = next(iter(rule.items()))
        arguments = given if isinstance(given, list) else [given]
        changed = self._arguments(operator, arguments, view)
        return {operator: changed if isinstance(given, list) else changed[0] if changed else given}

    def _arguments(self, operator: str, arguments: list[Any], view: View) -> list[Any]:
        if operator == "var":
            if not arguments or not isinstance(arguments[0], str):
                return arguments
            path, meaning = self._walked(arguments[0], view)
            return [path, *(self._worded(self.rule(one, view), meaning) for one in arguments[1:])]
        views = [self._inner(operator, arguments[0], view) if place == 1 and operator in INNER else view for place in range(len(arguments))]
        words = [meaning for one in arguments if isinstance(meaning := self._meaning(one, view), Word)]
        changed = [self.rule(one, seen) for one, seen in zip(arguments, views, strict=True)]
        return [self._worded(one, words[0]) for one in changed] if words else changed

    def _inner(self, operator: str, items: Any, view: View) -> View:
        item = self._meaning(items, view)
        if operator == "reduce":
            return View(None, {"current": item, "accumulator": None})
        return View(item if isinstance(item, Holder) else None, {}, item)

    def _meaning(self, rule: Any, view: View) -> Meaning:
        """What a rule gives, as far as names in or beside it depend on that."""
        if not isinstance(rule, dict) or len(rule) != 1:
            return None
        operator, given = next(iter(rule.items()))
        arguments = given if isinstance(given, list) else [given]
        if operator == "var":
            return self._walked(arguments[0], view)[1] if arguments and isinstance(arguments[0], str) else view.item or view.own
        if operator == "map" and len(arguments) > 1:
            return self._meaning(arguments[1], self._inner(operator, arguments[0], view))
        if operator in ("all", "some", "none", "in", "===", "!=="):
            return None
        return next((found for one in arguments if (found := self._meaning(one, view)) is not None), None)

    def _worded(self, rule: Any, meaning: Meaning) -> Any:
        """The words that stand where something with a meaning is compared, or given."""
        if not isinstance(meaning, Word):
            return rule
        if isinstance(rule, str):
            return self.word(meaning, rule)
        if isinstance(rule, list):
            return [self._worded(one, meaning) for one in rule]
        if isinstance(rule, dict) and next(iter(rule), None) in ("if", "or", "merge") and isinstance(given := next(iter(rule.values())), list):
            return {next(iter(rule)): [self._worded(one, meaning) for one in given]}
        return rule
