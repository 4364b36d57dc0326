"""Derived values: show rules, start values, snapshots and formulas, each after what it stands on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from marshmallow import ValidationError

from ..definition.model import Field
from .compiled import Compiled, CompiledForm
from .draft import Draft, Linked, Surroundings, copied, open_value, rule_data
from .links import Needs, load_links, needs_of
from .matching import Questions, find_matches, match_at, matches_of

WORKED_OUT = ("formula", "lookup", "match", "rollup")

UNTOLD = ("formula", "rollup")
"""The types of stored values that history does not tell of."""


def derivation_needs(form: CompiledForm) -> Needs:
    """What the rules of a form's own fields read past its links."""
    found = form.statements.get("derivation")
    if found is None:
        found = form.statements["derivation"] = needs_of(form, _field_rules(form)) | _lookups(form)
    return found


def fitted(form: CompiledForm, path: str, value: Any) -> Any:
    """A rule's result as the field holds it: rounded to its places; empty where it does not fit."""
    if value is None:
        return None
    field_type, shown = form.shown[path]
    try:
        return field_type.load(value, shown)
    except ValidationError:
        return None


def _field_rules(form: CompiledForm) -> Iterator[tuple[Any, Any, str]]:
    for path in form.form.paths:
        field = form.form.field_at(path)
        rows_key = path.partition(".")[0] if "." in path else ""
        scope = form.line_scope(rows_key) if rows_key else form.scope
        rules = [field.show, field.required, field.lock, field.default, *(check.rule for check in field.checks)]
        if field.type == "formula":
            rules.append(field.settings["rule"])
        yield from ((rule, scope, rows_key) for rule in rules)
    yield from ((match.field.settings["where"], match.scope, match.rows_key) for match in matches_of(form))


def _lookups(form: CompiledForm) -> Needs:
    found = set()
    for path in form.form.paths:
        field = form.form.field_at(path)
        if field.type == "lookup":
            rows_key, dot, _column = path.rpartition(".")
            found.add(f"{rows_key}{dot}{field.settings['via']}.{field.settings['field']}")
    return frozenset(found)


@dataclass
class Derivation:
    """Works out one draft. An empty column of a new line always gets its start value.

    1. open the record and its lines as rule data;  2. walk the fields in evaluation order;
    3. a field that is not shown is emptied; one nobody entered on a new record or line gets its start
       value; look-ups copy; formulas compute;  4. each result is put back where the next rules see it.
    What a match asks for the first time is added to `questions`, and empty for now.
    """

    draft: Draft
    linked: Linked
    around: Surroundings
    questions: Questions = dataclass_field(default_factory=set)

    def run(self) -> dict[str, Any]:
        """Fill `draft.values`; returns the rule data as it stands afterwards."""
        form, draft = self.draft.form, self.draft
        self.data = rule_data(draft, self.linked, self.around)
        self.lines_before = {key: {line["id"]: line for line in draft.before.get(key) or []} for key in form.rows}
        for path, rows_key, field in _to_do(form):
            if rows_key:
                self._column(path, rows_key, field)
            elif field.type == "rows":
                self._rows(field)
            else:
                fresh = draft.is_new and field.key not in draft.given
                self._work_out(field, path, form.scope, draft.values, self.data, fresh, draft.before)
        return self.data

    def _rows(self, field: Field) -> None:
        if self._hidden(field, self.draft.form.scope, self.data, ""):
            self.draft.values[field.key], self.data[field.key] = [], []

    def _column(self, path: str, rows_key: str, field: Field) -> None:
        scope, before = self.draft.form.line_scope(rows_key), self.lines_before[rows_key]
        for line, data in zip(self.draft.values.get(rows_key) or [], self.data[rows_key], strict=True):
            line_id = line.get("id")
            self._work_out(field, path, scope, line, data, line_id is None, before.get(line_id, {}))

    def _work_out(self, field: Field, path: str, scope, values: dict, data: dict, fresh: bool, before: Mapping) -> None:
        if field.show is not True and self._hidden(field, scope, data, path):
            value = None
        elif field.type == "formula":
            value = self._fitted(path, self._rule(field.settings["rule"], scope, path)(data))
        elif field.type == "lookup":
            value = self._copied(path, field, values, data, before)
        elif field.type == "match":
            value = self._matched(path, values, data, before)
        elif field.type == "rollup" and fresh:
            value = Decimal(0)
        elif fresh and field.default is not None and values.get(field.key) is None:
            value = self._fitted(path, self._rule(field.default, scope, path)(data))
        else:
            return
        values[field.key] = value
        data[field.key] = open_value(self.draft.form, path, value, self.linked)

    def _hidden(self, field: Field, scope, data: dict, path: str) -> bool:
        return self._rule(field.show, scope, path)(data) is not True

    def _rule(self, rule, scope, path: str):
        return self.draft.form.rule(rule, scope, path.partition(".")[0] if "." in path else "")

    def _fitted(self, path: str, value: Any) -> Any:
        return fitted(self.draft.form, path, value)

    def _matched(self, path: str, values: Mapping, data: Mapping, before: Mapping) -> int | None:
        """The record found, asked for anew where anything moved that the rule reads."""
        match = match_at(self.draft.form, path)
        if before and not match.moved(self.draft, values, before):
            return before.get(match.field.key)
        known, asked = self.linked.get((self.draft.form.key, path), {}), match.asked(data)
        if asked not in known:
            self.questions.add((path, asked))
        return known.get(asked)

    def _copied(self, path: str, field: Field, values: Mapping, data: Mapping, before: Mapping) -> Any:
        """A look-up's snapshot, taken when its link is set or changed, and at the transitions that it names, of
        lines for those that take them; live ones are always as now.
        """
        via, key = field.settings["via"], field.settings["field"]
        anew = field.settings.get("live") or self._taken_at(path, field, values)
        if not anew and before and before.get(via) == values.get(via):
            return before.get(field.key)
        target = data.get(via)
        return bare(target.get(key)) if isinstance(target, dict) else None

    def _taken_at(self, path: str, field: Field, values: Mapping) -> bool:
        taking = self.draft.taking
        if taking is None or taking.transition not in field.settings.get("at", ()):
            return False
        return taking.reaches(path.rpartition(".")[0], values.get("id"))


def bare(value: Any) -> Any:
    """A value of a linked record as a look-up copies it: of a link its id."""
    return value["id"] if isinstance(value, dict) and "id" in value else value


def _to_do(form: CompiledForm) -> list[tuple[str, str, Field]]:
    """(path, key of the line items or "", field) of every field that can change by itself, in evaluation order."""

    def find() -> list[tuple[str, str, Field]]:
        places = ((path, path.rpartition(".")[0], form.form.field_at(path)) for path in form.order)
        return [place for place in places if place[2].show is not True or place[2].default is not None or place[2].type in WORKED_OUT]

    return form.statement("to do", find)


def derive(
    connection: sa.Connection, compiled: Compiled, drafts: list[Draft], around: Surroundings, linked: Linked
) -> None:
    """Work out drafts of one form; from the beginning again where a start value was a link whose record was
    not loaded yet, or a match was asked for.
    """
    if not drafts:
        return
    for draft in drafts:
        start_lines(draft)
    needs = derivation_needs(drafts[0].form)
    load_links(connection, compiled, drafts, needs, linked)
    entered = [copied(draft.values) for draft in drafts]
    while True:
        known = sum(map(len, linked.values()))
        questions: Questions = set()
        for draft in drafts:
            Derivation(draft, linked, around, questions).run()
        find_matches(connection, drafts[0].form, questions, linked)
        load_links(connection, compiled, drafts, needs, linked)
        if known == sum(map(len, linked.values())):
            return
        for draft, values in zip(drafts, entered, strict=True):
            draft.values = copied(values)


def start_lines(draft: Draft) -> None:
    """New lines begin at the start of the status list that they follow."""
    for key, statuses in draft.form.line_statuses.items():
        for line in draft.values.get(key) or ():
            line.setdefault("status", statuses.start.key)


def look_up_live(connection: sa.Connection, form: CompiledForm, drafts: Collection[Draft], linked: Linked) -> None:
    """Fill in the live look-ups of records of a form that are held, which no column of them holds."""
    if not form.live:
        return
    needs = frozenset(f"{prefix}{via}.{key}" for prefix, _own, via, key in form.live)
    load_links(connection, form.compiled, drafts, needs, linked)
    for draft in drafts:
        for prefix, own, via, key in form.live:
            target = form.shown[prefix + via][1].settings["form"]
            for values in draft.values[prefix[:-1]] if prefix else [draft.values]:
                values[own] = bare(linked.get((target, values.get(via)), {}).get(key))
        draft.remember()
