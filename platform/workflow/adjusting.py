"""Adding to balances of linked records, under their locks: stock, credit, amounts paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import ValidationError

from ..definition.model import say
from ..definition.placeholders import placeholders
from ..errors import Refused
from ..field_type import problems
from ..records.compiled import CompiledForm
from ..records.derive import derive
from ..records.draft import Draft, opened, rule_data
from ..records.links import Needs, load_links, needs_of_paths
from ..rules.typing import paths
from .messages import fill, reader

Amounts = Mapping[str, Any]
Wanted = Sequence[tuple[int, Amounts, Mapping[str, Any] | None]]
"""For each line (or None for the record itself): which target, and what to add to its fields."""


class Adjustment:
    """One effect's additions to records of one form; `holds` must be true of each afterwards."""

    def __init__(self, change, form: CompiledForm, holds: Sequence[Mapping], rows_key: str | None):
        self.change = change
        self.form = form
        self.holds = holds
        self.rows_key = rows_key

    def run(self, targets: Mapping[int, Draft], wanted: Wanted) -> list[Draft]:
        """1. add;  2. work out what follows;  3. check;  4. let later rules see it."""
        before = {target: opened(self.form, "", draft.values, self.change.linked) for target, draft in targets.items()}
        first: dict[int, Any] = {}
        for target, amounts, line in wanted:
            first.setdefault(target, line)
            self._add(targets[target], amounts)
        drafts = [targets[target] for target in sorted(targets)]
        self._derive(drafts)
        for draft in drafts:
            self._check(draft, before[draft.id], first[draft.id])
            self._show(draft)
        return drafts

    def _add(self, draft: Draft, amounts: Amounts) -> None:
        """Raises Refused where the field could not hold the sum."""
        for key, amount in amounts.items():
            field_type, field = self.form.shown[key]
            try:
                draft.values[key] = field_type.load((draft.values.get(key) or 0) + (amount or 0), field)
            except ValidationError as error:
                label = say(field.label, self.change.person.language)
                raise Refused(f"{label}: {problems(error, key)[0].message}") from None

    def _derive(self, drafts: list[Draft]) -> None:
        change = self.change
        load_links(change.connection, change.compiled, drafts, self._needs(), change.linked)
        derive(change.connection, change.compiled, drafts, change.around, change.linked)

    def _needs(self) -> Needs:
        """What the holds and their messages read past links of the target."""

        def find() -> Needs:
            scope = self.change.form.effect_scope(self.rows_key, self.form.key)
            read = {path for hold in self.holds for path in (*paths(hold["rule"], scope), *placeholders(hold["message"]))}
            return needs_of_paths(self.form, (path.partition(".")[2] for path in read if path.startswith("target.")))

        return self.change.form.statement(("holds", id(self.holds), self.form.key), find)

    def _check(self, draft: Draft, before: Mapping[str, Any], line: Mapping | None) -> None:
        """Refuse where a hold fails; the message speaks of the target as it was before."""
        change = self.change
        seen = change.seen(self.rows_key, line)
        after = {"target": rule_data(draft, change.linked, change.around)}
        for hold in self.holds:
            if change.judge(hold["rule"], self.rows_key, draft.form.key, seen | after) is not True:
                told = {"target": {"id": draft.id, **before}}
                ways = {"target": draft.form, "line": self.rows_key or ""}
                said = fill(hold["message"], change.form, seen | told, reader(change.draft, change.person), ways)
                raise Refused(said, hold.get("lift", ()))

    def _show(self, draft: Draft) -> None:
        known = self.change.linked.get((self.form.key, draft.id))
        if known is not None:
            now = opened(self.form, "", draft.values, self.change.linked)
            known.update({key: now[key] for key in known.keys() & now.keys()})


