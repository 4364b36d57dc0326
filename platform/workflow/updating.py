"""Changing records that are reached from another's transition, as the engine: their fields, their lines, their status.

Field rules, checks and derived values apply; rights do not. The targets are locked in the order of their ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from ..access.actor import SYSTEM
from ..errors import Refused
from ..records.draft import Draft, line_data, rule_data
from ..records.linking import linking_ids
from ..records.links import load_links, needs_of
from ..records.visibility import parameters
from ..rules.typing import paths
from .messages import reader
from .performing import perform_within
from .targets import Line, Targets, called
from .validation import failed_checks, missing

Pair = tuple[Draft, Line]
NO_LINES: Mapping[str, Any] = MappingProxyType({})


class Update(Targets):
    """One effect's changes of records of one form, each for the record at hand or for a line of it."""

    def __init__(self, change, form_key: str, settings: Mapping[str, Any]):
        super().__init__(change, change.compiled.form(form_key), settings.get("holds", ()), settings.get("each"))
        self.settings = settings
        self.there = settings.get("lines") or NO_LINES

    def run(self) -> None:
        """1. find and lock;  2. values and lines, as the earlier ones left them;  3. what follows;  4. checks and
        holds;  5. the transition that they take.
        """
        pairs = self._reached()
        drafts = list({draft.id: draft for draft, _line in pairs}.values())
        self.load(drafts)
        before = self.before(drafts)
        moving = [found for draft, line in pairs for found in self._apply(draft, line)]
        self.derive(drafts)
        for draft, line in pairs:
            self.check(draft, before[draft.id], line)
        for draft in drafts:
            self._judge(draft)
        self.show(drafts)
        self.change.touch(drafts, "updated")
        for draft, place in moving:
            perform_within(self.change, draft, self._transition(place), bool(self.settings.get("optional")), place)

    def _transition(self, place: tuple[str, int] | None) -> str:
        return self.there["transition"] if place else self.settings["transition"]

    def _reached(self) -> list[Pair]:
        """The records to change, each with the line it is for."""
        settings, change = self.settings, self.change
        lines = change.lines(self.rows_key, settings.get("when"))
        if settings.get("target"):
            aimed = [(change.link(settings["target"], line), line) for line in lines]
            wanted = [(target, line) for target, line in aimed if target is not None]
        else:
            change.settle(self.form.key)
            bound = parameters(SYSTEM, change.compiled.app, change.now)
            where = settings.get("where")
            found = linking_ids(change.connection, self.form, settings["via"], change.draft.id, where, bound)
            wanted = [(target, line) for line in lines for target in found]
        targets = change.targets(self.form.key, {target for target, _line in wanted}, there=bool(settings.get("target")))
        still = {target for target, draft in targets.items() if self._still(draft)}
        return [(targets[target], line) for target, line in wanted if target in still]

    def _still(self, draft: Draft) -> bool:
        """Whether a record that linked here when it was found does so under its lock."""
        where, via = self.settings.get("where"), self.settings.get("via")
        if not via:
            return True
        rows_key, _dot, key = via.rpartition(".")
        holders = draft.values.get(rows_key) or () if rows_key else (draft.values,)
        if not any(values.get(key) == self.change.draft.id for values in holders):
            return False
        if where in (None, True):
            return True
        needs = needs_of(self.form, [(where, self.form.scope, "")])
        load_links(self.change.connection, self.change.compiled, [draft], needs, self.change.linked)
        return self.form.rule(where, self.form.scope)(rule_data(draft, self.change.linked, self.change.around)) is True

    def _apply(self, draft: Draft, line: Line) -> Iterator[tuple[Draft, tuple[str, int] | None]]:
        """Set fields and lines; gives what then takes the transition."""
        seen = self.seen(draft, line) if self.settings.get("values") else {}
        worked_out = {
            key: self._judged(rule, self.form.key, seen) for key, rule in (self.settings.get("values") or {}).items()
        }
        for key, value in worked_out.items():
            self.put(draft, key, draft.values, value)
        if self.there:
            yield from self._lines(draft, line)
        if self.settings.get("transition"):
            yield draft, None

    def _lines(self, draft: Draft, line: Line) -> Iterator[tuple[Draft, tuple[str, int]]]:
        """Change the line there that matches ours, or every one that matches the record at hand."""
        there, rows_key = self.there, self.there["rows"]
        target, header = f"{self.form.key}.{rows_key}", rule_data(draft, self.change.linked, self.change.around)
        matching = [
            theirs
            for theirs in draft.values.get(rows_key) or []
            if self._judged(there["match"], target, self._beside(theirs, line, header)) is True
        ]
        for theirs in matching[:1] if line is not None else matching:
            seen = self._beside(theirs, line, header)
            worked_out = {key: self._judged(rule, target, seen) for key, rule in there.get("values", {}).items()}
            for key, value in worked_out.items():
                self.put(draft, f"{rows_key}.{key}", theirs, value)
            if there.get("transition") and "id" in theirs:  # one that was only added starts at the start
                yield draft, (rows_key, theirs["id"])
        if not matching and there.get("add") is not None:
            self._add(draft, line, target, header)
        elif not matching and there.get("refuse"):
            told = {"id": draft.id, **draft.values}
            raise Refused(self.said(there["refuse"], line, told, self.form), there.get("lift", ()))

    def _add(self, draft: Draft, line: Line, target: str, header: Mapping[str, Any]) -> None:
        added: dict[str, Any] = {}
        for key, rule in self.there["add"].items():
            value = self._judged(rule, target, self._beside({}, line, header))
            self.put(draft, f"{self.there['rows']}.{key}", added, value)
        draft.values[self.there["rows"]].append(added)

    def _beside(self, theirs: Mapping[str, Any], line: Line, header: Mapping[str, Any]) -> dict[str, Any]:
        seen = line_data(self.form, self.there["rows"], theirs, self.change.linked, dict(header))
        return self.change.seen(self.rows_key, line) | {"target": seen}

    def _judged(self, rule: Any, target: str, seen: Mapping[str, Any]) -> Any:
        return self.change.judge(rule, self.rows_key, target, seen)

    def _judge(self, draft: Draft) -> None:
        """What must hold of a record that was changed: what was set is filled where it must be, checks hold."""
        modes = dict.fromkeys(self._set_paths(), "edit")
        data = rule_data(draft, self.change.linked, self.change.around)
        wrong = missing(draft, modes, data) + failed_checks(draft, data, reader(draft, self.change.person))
        if wrong:
            raise Refused(f"{called(self.change, draft)}: {wrong[0].message}")

    def _set_paths(self) -> list[str]:
        rows_key = self.there.get("rows")
        columns = self.there.get("values", {}).keys() | (self.there.get("add") or {}).keys()
        return [*(self.settings.get("values") or {}), *(f"{rows_key}.{column}" for column in columns)]

    def _needs(self):
        """What the rules, too, read past links of the target."""

        def find():
            found = set(super(Update, self)._needs())
            scope = self.change.form.effect_scope(self.rows_key, self.form.key)
            values = (self.settings.get("values") or {}).values()
            found |= self.past(path for rule in values for path in paths(rule, scope))
            return frozenset(found) | self._line_needs()

        parts = (self.settings.get("values"), self.there, self.holds)  # of the definition, which outlives what is kept
        return self.change.form.statement(("update", self.form.key, self.rows_key, *map(id, parts)), find)

    def _line_needs(self):
        if not self.there:
            return frozenset()
        rows_key = self.there["rows"]
        scope = self.change.form.effect_scope(self.rows_key, f"{self.form.key}.{rows_key}")
        rules = [self.there["match"], *self.there.get("values", {}).values(), *(self.there.get("add") or {}).values()]
        read = {path.partition(".")[2] for rule in rules for path in paths(rule, scope) if path.startswith("target.")}
        own = {path.partition(".")[2] if path.startswith("header.") else f"{rows_key}.{path}" for path in read}
        return self.past(f"target.{path}" for path in own)

