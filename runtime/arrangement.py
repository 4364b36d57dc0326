"""How a list is arranged, and the addresses that arrange it otherwise: order by several fields, columns and their places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from ..platform.definition.model import Sort
from ..platform.records.pages import MOST_KEYS
from ..platform.records.visibility import BUILT_IN
from .cells import Column
from .filters import label_of

NEWEST = "-id"
"""The order of a list for which nothing else was chosen."""
OFFERED = ("status", "created_at", "updated_at")
"""What every record has and a list can be ordered by, beside fields."""


@dataclass(frozen=True)
class Heading:
    """A column's head: where a click on it leads, and one that keeps the order before (`also`); how it is sorted now
    ("ascending", ...), and as which key where there are several.
    """

    column: Column
    href: str
    also: str
    sorted: str
    place: int | None


@dataclass(frozen=True)
class SortKey:
    """One of the fields that give the order. Addresses: turned round, sooner, and left out."""

    field: str
    label: str
    descending: bool
    turned: str
    sooner: str
    left_out: str


@dataclass(frozen=True)
class Place:
    """A column that is shown or could be. Addresses: shown or hidden, before, behind."""

    field: str
    label: str
    shown: bool
    toggled: str
    before: str = ""
    behind: str = ""


class Arrangement:
    """The order and the columns of a listing."""

    def __init__(self, listing):
        self.listing = listing
        self.keys = [_text(sort) for sort in listing.sort if sort.field != "id"]

    @property
    def headings(self) -> list[Heading]:
        return [self._heading(column) for column in self.listing.columns]

    @property
    def sort_keys(self) -> list[SortKey]:
        return [self._sort_key(at, text) for at, text in enumerate(self.keys)]

    @property
    def further(self) -> list[tuple[str, str, str]]:
        """(field, label, address) of what the order can follow next."""
        if len(self.keys) >= MOST_KEYS - 1:
            return []
        used = {_field(text) for text in self.keys}
        form, language = self.listing.form, self.listing.formats.language
        keys = [key for key in self.listing.readable if form.shown[key][0].sortable]
        keys += [key for key in OFFERED if key != "status" or form.statuses]
        found = [(key, label_of(form, key, language), self._sorted([*self.keys, key], "sort")) for key in keys if key not in used]
        return sorted(found, key=lambda one: one[1].casefold())

    @property
    def summary(self) -> str:
        """What the order follows first, in words; how many more there are."""
        if not self.keys:
            return str(_("Sort"))
        first = self.listing.label(_field(self.keys[0]))
        return first if len(self.keys) == 1 else f"{first} +{len(self.keys) - 1}"

    @property
    def places(self) -> list[Place]:
        """Columns in their order, then what else could be one."""
        shown = list(self.listing.column_keys)
        label = self.listing.label
        places = [self._place(shown, at) for at in range(len(shown))]
        rest = [key for key in self.listing.choosable_columns if key not in shown]
        rest.sort(key=lambda key: label(key).casefold())
        return places + [Place(key, label(key), False, self._columns([*shown, key])) for key in rest]

    def _heading(self, column: Column) -> Heading:
        listing = self.listing
        text = next((text for text in self.keys if _field(text) == column.key), None)
        if not (column.sortable and (column.key in listing.readable or column.key in BUILT_IN)):
            return Heading(column, "", "", "", None)
        turned = column.key if text is None or text.startswith("-") else f"-{column.key}"
        also = [turned if key == text else key for key in self.keys] if text else [*self.keys, turned]
        leads = self.keys[:1] == [text]
        now = "" if text is None else "descending" if text.startswith("-") else "ascending"
        place = self.keys.index(text) + 1 if text and len(self.keys) > 1 else None
        return Heading(column, self._sorted([turned if leads or not text else column.key]), self._sorted(also[: MOST_KEYS - 1]), now, place)

    def _sort_key(self, at: int, text: str) -> SortKey:
        field, rest = _field(text), self.keys[:at] + self.keys[at + 1 :]
        turned = field if text.startswith("-") else f"-{field}"
        sooner = rest[: at - 1] + [text] + rest[at - 1 :] if at else rest
        return SortKey(
            field, self.listing.label(field), text.startswith("-"), self._sorted(self.keys[:at] + [turned] + self.keys[at + 1 :], "sort"),
            self._sorted(sooner, "sort") if at else "", self._sorted(rest, "sort"),
        )  # fmt: skip

    def _place(self, shown: Sequence[str], at: int) -> Place:
        key, rest = shown[at], [*shown[:at], *shown[at + 1 :]]
        before = self._columns([*rest[: at - 1], key, *rest[at - 1 :]]) if at else ""
        behind = self._columns([*rest[: at + 1], key, *rest[at + 1 :]]) if at < len(rest) else ""
        return Place(key, self.listing.label(key), True, self._columns(rest) if rest else "", before, behind)

    def _sorted(self, keys: Sequence[str], menu: str | None = None) -> str:
        return self.listing.address.to(sort=",".join(keys) or NEWEST, menu=menu)

    def _columns(self, keys: Sequence[str]) -> str:
        return self.listing.address.to(columns=" ".join(keys), menu="columns")


def _text(sort: Sort) -> str:
    return f"-{sort.field}" if sort.descending else sort.field


def _field(text: str) -> str:
    return text.removeprefix("-")
