"""Adding to balances of linked records, under their locks: stock, credit, amounts paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..records.draft import Draft
from .targets import Line, Targets

Amounts = Mapping[str, Any]
Wanted = Sequence[tuple[int, Amounts, Line]]
"""For each line (or None for the record itself): which target, and what to add to its fields."""


class Adjustment(Targets):
    """One effect's additions to records of one form."""

    def run(self, targets: Mapping[int, Draft], wanted: Wanted) -> list[Draft]:
        """1. add;  2. work out what follows;  3. check;  4. let later rules see it."""
        before = self.before(targets.values())
        first: dict[int, Any] = {}
        for target, amounts, line in wanted:
            first.setdefault(target, line)
            self.add(targets[target], amounts)
        drafts = [targets[target] for target in sorted(targets)]
        self.derive(drafts)
        for draft in drafts:
            self.check(draft, before[draft.id], first[draft.id])
        self.show(drafts)
        return drafts

    def add(self, draft: Draft, amounts: Amounts) -> None:
        """Raises Refused where the field could not hold the sum."""
        for key, amount in amounts.items():
            self.put(draft, key, draft.values, (draft.values.get(key) or 0) + (amount or 0))
