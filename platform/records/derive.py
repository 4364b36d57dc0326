"""Derived values: show rules, start values, snapshots and formulas, each after what it stands on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from marshmallow import ValidationError

from ..definition.model import Field
from .compiled import Compiled, CompiledForm
from .draft import Draft, Linked, Surroundings, copied, open_value, rule_data
from .links import Needs, load_links, needs_of


def derivation_needs(form: CompiledForm) -> Needs:
    """What the rules of a form's own fields read past its links."""
    found = form.statements.get("derivation")
    if found is None:
        found = form.statements["derivation"] = needs_of(form, _field_rules(form)) | _lookups(form)
    return found


def _field_rules(form: CompiledForm) -> Iterator[tuple[Any, Any, str]]:
    for path in form.form.paths:
        field = form.form.field_at(path)
        rows_key = path.partition(".")[0] if "." in path else ""
        scope = form.line_scope(rows_key) if rows_key else form.scope
        rules = [field.show, field.required, field.default, *(check.rule for check in field.checks)]
        if field.type == "formula":
            rules.append(field.settings["rule"])
        yield from ((rule, scope, rows_key) for rule in rules)


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
    """

    draft: Draft
    linked: Linked
    around: Surroundings

    def run(self) -> dict[str, Any]:
        """Fill `draft.values`; returns the rule data as it stands afterwards."""
        form = self.draft.form
        self.data = rule_data(self.draft, self.linked, self.around)
        for path in form.order:
            key, _, column = path.partition(".")
            if column:
                self._column(key, column)
            else:
                self._header(form.form.by_key[key])
        return self.data

    def _header(self, field: Field) -> None:
        if field.type == "rows":
            if self._hidden(field, self.draft.form.scope, self.data, ""):
                self.draft.values[field.key], self.data[field.key] = [], []
            return
        fresh = self.draft.is_new and field.key not in self.draft.given
        self._work_out(field, field.key, self.draft.form.scope, self.draft.values, self.data, fresh, self.draft.before)

    def _column(self, key: str, column: str) -> None:
        field = self.draft.form.form.by_key[key].by_key[column]
        scope = self.draft.form.line_scope(key)
        lines = self.draft.values.get(key) or []
        before = {line["id"]: line for line in self.draft.before.get(key) or []}
        for line, data in zip(lines, self.data[key], strict=True):
            old = before.get(line.get("id"), {})
            self._work_out(field, f"{key}.{column}", scope, line, data, line.get("id") is None, old)

    def _work_out(self, field: Field, path: str, scope, values: dict, data: dict, fresh: bool, before: Mapping) -> None:
        if self._hidden(field, scope, data, path):
            value = None
        elif field.type == "formula":
            value = self._fitted(path, self._rule(field.settings["rule"], scope, path)(data))
        elif field.type == "lookup":
            value = self._copied(field, values, data, before)
        elif fresh and field.default is not None and values.get(field.key) is None:
            value = self._fitted(path, self._rule(field.default, scope, path)(data))
        else:
            return
        values[field.key] = value
        data[field.key] = open_value(self.draft.form, path, value, self.linked)

    def _hidden(self, field: Field, scope, data: dict, path: str) -> bool:
        return field.show is not True and self._rule(field.show, scope, path)(data) is not True

    def _rule(self, rule, scope, path: str):
        return self.draft.form.rule(rule, scope, path.partition(".")[0] if "." in path else "")

    def _fitted(self, path: str, value: Any) -> Any:
        """A rule's result as the field holds it: rounded to its places; empty where it does not fit."""
        if value is None:
            return None
        field_type, shown = self.draft.form.shown[path]
        try:
            return field_type.load(value, shown)
        except ValidationError:
            return None

    def _copied(self, field: Field, values: Mapping, data: Mapping, before: Mapping) -> Any:
        """A look-up's snapshot, taken when its link is set or changed, and at the transitions that it names;
        live ones are always as now.
        """
        via, key = field.settings["via"], field.settings["field"]
        anew = field.settings.get("live") or self.draft.taking in field.settings.get("at", ())
        if not anew and before and before.get(via) == values.get(via):
            return before.get(field.key)
        target = data.get(via)
        return bare(target.get(key)) if isinstance(target, dict) else None


def bare(value: Any) -> Any:
    """A value of a linked record as a look-up copies it: of a link its id."""
    return value["id"] if isinstance(value, dict) and "id" in value else value


def derive(
    connection: sa.Connection, compiled: Compiled, drafts: list[Draft], around: Surroundings, linked: Linked
) -> None:
    """Work out drafts of one form; from the beginning again where a start value was a link whose record was
    not loaded yet.
    """
    if not drafts:
        return
    needs = derivation_needs(drafts[0].form)
    load_links(connection, compiled, drafts, needs, linked)
    entered = [copied(draft.values) for draft in drafts]
    while True:
        known = sum(map(len, linked.values()))
        for draft in drafts:
            Derivation(draft, linked, around).run()
        load_links(connection, compiled, drafts, needs, linked)
        if known == sum(map(len, linked.values())):
            return
        for draft, values in zip(drafts, entered, strict=True):
            draft.values = copied(values)


def look_up_live(connection: sa.Connection, compiled: Compiled, draft: Draft, linked: Linked) -> None:
    """Fill in the live look-ups of a record that is held, which no column of it holds."""
    form = draft.form
    if not form.live:
        return
    load_links(connection, compiled, [draft], frozenset(f"{prefix}{via}.{key}" for prefix, _own, via, key in form.live), linked)
    for prefix, own, via, key in form.live:
        target = form.shown[prefix + via][1].settings["form"]
        for values in draft.values[prefix[:-1]] if prefix else [draft.values]:
            values[own] = bare(linked.get((target, values.get(via)), {}).get(key))
    draft.remember()
