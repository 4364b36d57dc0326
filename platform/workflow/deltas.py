"""What changed records add to the roll-ups that they count towards: gathered while a command works, applied last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from ..definition.rollups import Rollup
from ..records.compiled import Compiled
from ..records.draft import Draft, Surroundings, rule_data

Amounts = Mapping[str, Decimal]
"""Roll-up key -> what is to be added."""

ONE, NONE = Decimal(1), Decimal(0)


class Deltas:
    def __init__(self, compiled: Compiled):
        self.compiled = compiled
        self._due: dict[str, dict[int, dict[str, Decimal]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(Decimal)))

    def note(self, draft: Draft, around: Surroundings, was: bool = True, stays: bool = True) -> None:
        """A record as it was and as it is now; `was` and `stays` say whether it counted and will count at all."""
        before = Counted(replace(draft, values=draft.before, status=draft.from_status or ""), around) if was else None
        after = Counted(draft, around) if stays else None
        for rollup in self.compiled.watching[draft.form.key]:
            for counted, sign in ((before, -1), (after, 1)):
                for target, amount in counted.towards(rollup) if counted else ():
                    self._due[rollup.form][target][rollup.key] += sign * amount

    def next(self) -> str | None:
        """The form whose roll-ups are to be worked on next: after those that count towards it."""
        return next((form for form in self.compiled.lock_order if self._due.get(form)), None)

    def take(self, form_key: str) -> dict[int, Amounts]:
        """What is due to the records of a form, which it then no longer is."""
        due = {target: {key: n for key, n in amounts.items() if n} for target, amounts in self._due.pop(form_key).items()}
        return {target: amounts for target, amounts in due.items() if amounts}


class Counted:
    """A record as roll-ups count it, its rule data made only where a condition asks for it."""

    def __init__(self, draft: Draft, around: Surroundings):
        self.draft = draft
        self.around = around
        self._data: dict[str, Any] | None = None

    def towards(self, rollup: Rollup) -> Iterator[tuple[int, Decimal]]:
        """(the record that it counts towards, how much), for the record or each of its lines."""
        for place, values in enumerate(self.draft.values.get(rollup.rows) or [] if rollup.rows else [self.draft.values]):
            target = values.get(rollup.via)
            amount = values.get(rollup.field) if rollup.field else ONE
            if target is not None and amount and self._meant(rollup, place):
                yield target, amount

    def _meant(self, rollup: Rollup, place: int) -> bool:
        if rollup.where is True:
            return True
        form = self.draft.form
        scope = form.line_scope(rollup.rows) if rollup.rows else form.scope
        data = self.data[rollup.rows][place] if rollup.rows else self.data
        return form.rule(rollup.where, scope, rollup.rows)(data) is True

    @property
    def data(self) -> dict[str, Any]:
        if self._data is None:
            self._data = rule_data(self.draft, {}, self.around)
        return self._data
