"""What the figures of a list add up to: over the whole of it, or in each group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from ..platform.errors import TooSlow
from ..platform.records.results import Measure, Summary
from ..platform.records.summary import MOST_MEASURES

SUMMED = ("number", "money")
"""Types of field whose sum means something; of percents and ratings it does not."""


class Sums:
    """Count and sums of the columns that a listing shows."""

    def __init__(self, listing):
        self.listing = listing
        form = listing.form
        keys = [key for key in listing.column_keys if key in listing.readable and form.shown[key][0].name in SUMMED]
        self.keys = keys[: MOST_MEASURES - 1]
        self.too_slow = ""

    @property
    def measures(self) -> tuple[Measure, ...]:
        return (Measure(), *(Measure("sum", key) for key in self.keys))

    def summary(self, **rest: Any) -> Summary:
        """Of everything that the list holds, page or not."""
        query = self.listing.query
        return Summary(query.form, where=query.where, search=query.search, measures=self.measures, **rest)

    @property
    def offered(self) -> bool:
        """Whether there is anything to add up."""
        return bool(self.keys and self.listing.page.rows)

    @property
    def waits(self) -> bool:
        """Of a list too long to be counted, sums are worked out when somebody asks for them."""
        return not self.listing.count.exact and "totals" not in self.listing.asked

    @cached_property
    def whole(self) -> Mapping[str, str]:
        """The sums over the whole list, by column; none where that took too long."""
        try:
            (row,) = self.listing.gate.summary(self.summary()).rows
        except TooSlow as refusal:
            self.too_slow = str(refusal)
            return {}
        return self.cells(row.measures)

    def cells(self, measures: Sequence[Any]) -> Mapping[str, str]:
        """Column -> its sum as it is written in a cell."""
        return {key: self._said(key, value) for key, value in zip(self.keys, measures[1:], strict=True)}

    def _said(self, key: str, value: Any) -> str:
        if value is None:
            return ""
        field_type, field = self.listing.form.shown[key]
        return field_type.drawer(field, self.listing.formats)(value, {}, "")
