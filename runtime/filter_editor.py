"""The filters of a list as sentences that are filled in: conditions in groups of "and" or "or"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ..platform.condition_form import Condition, Conditions, Group, changed, conditions_from
from ..platform.definition.model import say
from ..platform.errors import Invalid, NotFound
from ..platform.ids import storable
from .comparisons import Comparison, comparison_of, comparisons_for, several
from .filters import BETWEEN, LINE, OR, Filter, kind_of, read_filter
from .listing import Listing

OFFERED = 100  # records or people in a plain list to choose from
BOXES = 12  # options to tick; more stand in a list
INPUTS = {"date": "date", "moment": "date", "time": "time"}


@dataclass(frozen=True)
class Item:
    """One condition as it is filled in. chosen: of what is linked to, what is there already, by id and title."""

    spot: str
    field: str
    kind: str
    comparisons: Sequence[Comparison]
    comparison: Comparison
    value: str | tuple[str, ...]
    options: Sequence[tuple[str, str]] = ()
    picks: bool = False
    chosen: Sequence[tuple[str, str]] = ()
    error: str = ""

    @property
    def input_type(self) -> str:
        return "number" if self.comparison.asks == "days" else INPUTS.get(self.kind, "text")

    @property
    def boxes(self) -> bool:
        return 0 < len(self.options) <= BOXES


class FilterEditor:
    """Opened by `menu=filter`, or by `add=<field>` with a condition about it; sent with `act`.

    `address` leads to the list with what was filled in, once that makes filters.
    """

    def __init__(self, listing: Listing):
        self.listing = listing
        self.errors: dict[str, str] = {}
        self.address = ""
        asked, act = listing.asked, listing.asked.get("act", "")
        self.conditions = conditions_from(asked, several()) if self._sent else self._present()
        if "add" in asked:
            self.conditions = changed(self.conditions, "group")
            self.conditions.groups[-1].conditions[-1:] = [Condition(asked["add"], "")]
            if not self._kind(asked["add"]):
                raise NotFound
        if act == "apply":
            self._finish()
        elif act:
            self.conditions = changed(self.conditions, act)

    @classmethod
    def asked(cls, listing: Listing) -> FilterEditor | None:
        asked = listing.asked
        return cls(listing) if "add" in asked or "act" in asked or listing.menu == "filter" else None

    @property
    def finished(self) -> bool:
        return bool(self.address)

    @cached_property
    def fields(self) -> list[tuple[str, str]]:
        return self.listing.filterable

    @property
    def groups(self) -> list[tuple[str, list[Item]]]:
        """What stands between the conditions of each group, and these."""
        return [
            (group.join, [self._item(f"{at}-{place}", one) for place, one in enumerate(group.conditions)])
            for at, group in enumerate(self.conditions.groups)
        ]

    @property
    def _sent(self) -> bool:
        return "act" in self.listing.asked

    def _present(self) -> Conditions:
        """The filters of the list."""
        listing = self.listing
        groups = [Group(one.join, [_condition(chosen) for chosen in one.filters]) for one in listing.sentences]
        return Conditions(listing.join, groups)

    def _kind(self, key: str) -> str:
        return kind_of(self.listing.form, key) if key in dict(self.fields) else ""

    def _item(self, spot: str, one: Condition) -> Item:
        key = one.path if self._kind(one.path) else self.fields[0][0]
        kind = self._kind(key)
        offered = comparisons_for(kind)
        comparison = comparison_of(kind, one.comparison) or offered[0]
        value = one.value if one.path == key else ""
        item = Item(spot, key, kind, offered, comparison, value, error=self.errors.get(spot, ""))
        return item if comparison.asks in ("none", "days") else self._offering(item)

    def _offering(self, item: Item) -> Item:
        form, language = self.listing.form, self.listing.formats.language
        if item.kind == "status":
            return _with(item, options=[(s.key, say(s.label, language)) for s in form.statuses.statuses])
        if item.kind in ("choice", "choices"):
            field_type, shown = form.shown[item.field]
            return _with(item, options=list(field_type.choices(shown, language)))
        if item.kind in ("link", "person", "department"):
            values = (item.value,) if isinstance(item.value, str) else item.value
            ids = [int(value) for value in values if value.isdecimal() and storable(int(value))]
            named = self._choices(item.field, len(ids), ids) if ids else []
            return _with(item, picks=True, options=self._choices(item.field, OFFERED), chosen=named)
        return item

    def _choices(self, key: str, limit: int, ids: Sequence[int] | None = None) -> list[tuple[str, str]]:
        found = self.listing.gate.choices(self.listing.form.key, key, "", limit, ids)
        return [(str(choice.id), choice.title) for choice in found]

    def _finish(self) -> None:
        found = []
        for at, group in enumerate(self.conditions.groups):
            found.append(LINE.join(self._read(f"{at}-{place}", one) for place, one in enumerate(group.conditions)))
        if not self.errors:
            self.address = self.listing.address.with_filters(found, self.conditions.join)

    def _read(self, spot: str, one: Condition) -> str:
        """A condition as the address says it; what is wrong with it is kept for its place."""
        comparison = comparison_of(self._kind(one.path), one.comparison)
        if comparison is None:
            raise NotFound
        value = OR.join(one.value) if isinstance(one.value, tuple) else one.value.replace(LINE, " ")
        text = BETWEEN.join((one.path, comparison.key, "" if comparison.asks == "none" else value))
        try:
            return read_filter(self.listing.form, text, self.listing.formats).parameter
        except Invalid as refusal:
            self.errors[spot] = " ".join(str(problem.message) for problem in refusal.problems)
            return text


def _condition(chosen: Filter) -> Condition:
    value = tuple(chosen.text.split(OR)) if chosen.comparison.asks == "several" else chosen.text
    return Condition(chosen.field, chosen.comparison.key, value)


def _with(item: Item, **changes) -> Item:
    return Item(**{**vars(item), **changes})
