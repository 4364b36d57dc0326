"""The names in the settings of an effect, which all actions call alike: `each`, `target`, `form`, `values`, `changes` ..."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .meanings import Holder, View


@dataclass(frozen=True)
class Reach:
    """Where an effect works: on its own record (and line), on a target, and in a form that it names."""

    own: Holder
    line: Holder | None
    target: Holder | None
    named: Holder | None

    @property
    def view(self) -> View:
        beside = {"line": self.line, "target": self.target}
        return View(self.own, {name: holder for name, holder in beside.items() if holder is not None})

    @property
    def into(self) -> Holder:
        """What `values` are given to."""
        return self.named or self.target or self.own


class EffectNames:
    """Follows a change of names through the effects of transitions."""

    def __init__(self, references):
        self.references = references

    def follow(self, settings: dict[str, Any], form: str, rows: str | None) -> None:
        reach = self._reach(settings, form, rows)
        references, view = self.references, reach.view
        references.rules(settings, view, "when", "amount", "group")
        if reach.named is not None:
            references.rules(settings, View(reach.named), "where")
        for hold in settings.get("holds", ()):
            references.said(hold, view)
        self._given(settings, reach)
        self._lines(settings, reach)
        self._words(settings, reach)

    def _reach(self, settings: dict[str, Any], form: str, rows: str | None) -> Reach:
        own, each = Holder(form), settings.get("each") or rows
        line = Holder(form, each) if each else None
        named = Holder(settings["form"]) if settings.get("form") else None
        target = None
        if settings.get("target"):
            view = View(own, {"line": line} if line else {})
            found = self.references.meanings.leads(settings["target"], view)
            target = found if isinstance(found, Holder) else None
        return Reach(own, line, target or named, named)

    def _given(self, settings: dict[str, Any], reach: Reach) -> None:
        """`values` and `changes`: fields, and what they get."""
        references = self.references
        if isinstance(settings.get("values"), dict):
            settings["values"] = {self._into(path, reach): self._value(path, rule, reach) for path, rule in settings["values"].items()}
        if isinstance(settings.get("changes"), dict):
            changed = reach.target or reach.own
            settings["changes"] = {references.field(changed, key): references.rule(rule, reach.view) for key, rule in settings["changes"].items()}
        for name in ("link", "quantity"):
            references.set(settings, name, lambda key: references.field(reach.into, key))
        if reach.named is not None:
            references.set(settings, "via", lambda path: references.within(reach.named.form, path))
        references.set(settings, "taken", lambda path: references.within(reach.own.form, path))

    def _into(self, path: str, reach: Reach) -> str:
        return self.references.meanings.path(path, View(reach.into))

    def _value(self, path: str, rule: Any, reach: Reach) -> Any:
        """A value of a column of one's own lines sees that line."""
        rows = path.rpartition(".")[0]
        line = Holder(reach.own.form, rows) if rows and reach.into == reach.own else reach.line
        seen = Reach(reach.own, line, reach.target, reach.named)
        return self.references.rule(rule, seen.view)

    def _lines(self, settings: dict[str, Any], reach: Reach) -> None:
        """`rows`: lines of a new record.  `lines`: lines of another one."""
        if isinstance(settings.get("rows"), dict):
            settings["rows"] = {self.references.field(reach.into, key): self._made(one, Holder(reach.into.form, key), reach) for key, one in settings["rows"].items()}
        there = settings.get("lines")
        if isinstance(there, dict) and reach.target is not None:
            theirs = Holder(reach.target.form, there.get("rows", ""))
            view = Reach(reach.own, reach.line, theirs, None).view
            self.references.rules(there, view, "match")
            for name in ("values", "add"):
                if isinstance(there.get(name), dict):
                    there[name] = self._columns(there[name], theirs, view)
            if "refuse" in there:
                there["refuse"] = self.references.text(there["refuse"], reach.view)
            self.references.set(there, "lift", self.references.role)
            self.references.set(there, "transition", lambda key: self.references.named("transition", theirs.form, key))
            self.references.set(there, "rows", lambda key: self.references.field(Holder(theirs.form), key))

    def _made(self, one: dict[str, Any], into: Holder, reach: Reach) -> dict[str, Any]:
        line = Holder(reach.own.form, one["each"])
        view = Reach(reach.own, line, reach.target, reach.named).view
        made = {**one, "each": self.references.field(reach.own, one["each"]), "values": self._columns(one["values"], into, view)}
        self.references.rules(made, view, "when")
        return made

    def _columns(self, values: dict[str, Any], into: Holder, view: View) -> dict[str, Any]:
        return {self.references.field(into, key): self.references.rule(rule, view) for key, rule in values.items()}

    def _words(self, settings: dict[str, Any], reach: Reach) -> None:
        """Names of forms, statuses, transitions, line items and people; and what is said to them."""
        references = self.references
        statuses = references.meanings.statuses(reach.into)
        references.set(settings, "status", lambda key: references.named("status", statuses, key))
        if reach.target is not None:
            references.set(settings, "transition", lambda key: references.named("transition", reach.target.form, key))
        references.set(settings, "target", lambda path: references.meanings.path(path, reach.view if reach.line else View(reach.own)))
        references.set(settings, "each", lambda key: references.field(reach.own, key))
        references.set(settings, "form", references.form)
        if isinstance(settings.get("to"), dict):
            references.who(settings["to"], reach.view)
        if "message" in settings:
            settings["message"] = references.text(settings["message"], reach.view)
