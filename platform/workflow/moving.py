"""A ledger record together with the balances it states: one amount, worked out once, for both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..errors import Refused
from ..exact import PLACES, UNITS, quantize
from ..records.derive import Derivation
from ..records.draft import Draft
from .targets import Line, Targets

Wanted = Sequence[tuple[int, Decimal | None, Line]]
"""For each line (or None for the record itself): which target, and how much."""


class Move(Targets):
    """One effect's moves. `settings` are the action's; the targets are records of `form`."""

    def __init__(self, change, form, settings: Mapping[str, Any]):
        super().__init__(change, form, settings.get("holds", ()), settings.get("each"))
        self.settings = settings
        self.ledger = change.compiled.form(settings["form"])

    def run(self, wanted: Wanted) -> None:
        """1. lock;  2. how much of each;  3. the balances;  4. the ledger;  5. what was taken, written back."""
        targets = self.change.targets(self.form.key, {target for target, _amount, _line in wanted})
        drafts = [targets[target] for target in sorted(targets)]
        self.load(drafts)
        take = self._as_far_as if self.settings.get("as_far_as") else self._all
        amounts = take(targets, [(target, self._rounded(amount), line) for target, amount, line in wanted])
        self.show(drafts)
        self.change.touch(drafts, "adjusted")
        moved = [(target, amount, line) for (target, _, line), amount in zip(wanted, amounts, strict=True)]
        self._record([move for move in moved if move[1]])
        if self.settings.get("taken"):
            for _target, amount, line in moved:
                self.change.set(self.settings["taken"], amount, line if "." in self.settings["taken"] else None)

    def _all(self, targets: Mapping[int, Draft], wanted: Wanted) -> list[Decimal]:
        """Every amount in full; refused where a hold fails then."""
        before, first = self.before(targets.values()), {}
        for target, amount, line in wanted:
            first.setdefault(target, line)
            self._add(targets[target], self._balances(targets[target]), amount)
        self.derive(list(targets.values()))
        for target in sorted(targets):
            self.check(targets[target], before[target], first[target])
        return [amount for _target, amount, _line in wanted]

    def _as_far_as(self, targets: Mapping[int, Draft], wanted: Wanted) -> list[Decimal]:
        """Of every amount as much as the holds let through, the first line first."""
        return [self._most(targets[target], max(amount, Decimal(0)), line) for target, amount, line in wanted]

    def _most(self, draft: Draft, amount: Decimal, line: Line) -> Decimal:
        """The largest amount up to one that no hold forbids; what is less than allowed is allowed too."""
        balances, unit = self._balances(draft), UNITS[self._places]
        if self._stands(draft, balances, amount, line):
            return amount
        low, high = 0, int(amount / unit)  # in units: nothing is always allowed, all of it is not
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._stands(draft, balances, middle * unit, line) else (low, middle)
        self._stands(draft, balances, low * unit, line)
        return low * unit

    def _stands(self, draft: Draft, balances: Mapping[str, Decimal], amount: Decimal, line: Line) -> bool:
        """Move so much, and tell whether everything holds."""
        try:
            self._add(draft, balances, amount)
        except Refused:
            return False
        Derivation(draft, self.change.linked, self.change.around).run()
        return self.fails(draft, line) is None

    def _balances(self, draft: Draft) -> dict[str, Decimal]:
        return {key: draft.values.get(key) or Decimal(0) for key in self.settings["changes"]}

    def _add(self, draft: Draft, balances: Mapping[str, Decimal], amount: Decimal) -> None:
        for key, sign in self.settings["changes"].items():
            self.put(draft, key, draft.values, balances[key] + sign * amount)

    @property
    def _places(self) -> int:
        """The decimal places of the coarsest field that the amount goes into."""
        stated = [self.ledger.shown[self.settings["quantity"]], *(self.form.shown[key] for key in self.settings["changes"])]
        if self.settings.get("taken"):
            stated.append(self.change.form.shown[self.settings["taken"]])
        return min((field_type.places(field) for field_type, field in stated), default=PLACES)

    def _rounded(self, amount: Decimal | None) -> Decimal:
        return quantize(amount, self._places) or Decimal(0)

    def _record(self, moves: Wanted) -> None:
        settings, records = self.settings, []
        for target, amount, line in moves:
            worked_out = {key: self.change.evaluate(rule, self.rows_key, line) for key, rule in settings["values"].items()}
            records.append(worked_out | {settings["link"]: target, settings["quantity"]: amount})
        self.change.create(self.ledger.key, records, settings.get("status"))
