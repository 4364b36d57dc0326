"""A list as a board: a column for each status, or for each option of a choice, with its first cards."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from flask_babel import gettext as _

from ..platform.definition.flow import Rule, Text
from ..platform.definition.model import STATUS, View, say
from ..platform.errors import NotFound, TooSlow
from ..platform.formats import utc_now
from ..platform.records.results import Group, GroupRow, Measure, Query, Summary
from ..platform.records.rule_parts import conjuncts
from .cards import Card, Cards
from .cells import overdue
from .listing import Listing
from .shapes import Shape, narrowed

PAGE = 50
MOST_SHOWN = 500  # cards of a column
LARGE = 10_000  # records of a column that can be put in order while one waits
MOST_COLUMNS = 60
NONE, REST = "-", "--"  # the columns of records without a choice, and of what is no longer offered


@dataclass(frozen=True)
class Head:
    """One column before its cards are read. holds: which of the groups stand in it; which of them a card can be
    moved to, none of what is no longer offered.
    """

    name: str
    label: str
    colour: str
    rule: Rule
    holds: tuple[str | None, ...]
    place: str | None


@dataclass(frozen=True)
class BoardColumn:
    """count, total: in words; "" where counting would take too long.  more: the address of this board with more of these
    cards, beyond: of a page of these alone, where there are more than a board shows.
    """

    head: Head
    cards: Sequence[Card]
    count: str
    total: str
    more: str = ""
    beyond: str = ""


class Board(Shape):
    """Everything that templates/runtime/board.html shows of a listing."""

    kind = "board"

    def __init__(self, listing: Listing, view: View):
        super().__init__(listing, view)
        self.by = view.by
        self.only = listing.asked.get("only", "")
        keys = [key for key in listing.column_keys if key != view.by]
        self.cards = Cards(self.form, keys, listing.formats, bases=() if self.by == STATUS else (self.by,))

    @cached_property
    def columns(self) -> list[BoardColumn]:
        """Those that the view does not leave out; with `only`, one of them from where the address says."""
        heads = [head for head in self._heads() if not self.only or head.name == self.only]
        if not heads:
            raise NotFound
        return [self._column(head) for head in heads]

    @property
    def places(self) -> tuple[str, ...]:
        return (self.by,)

    @property
    def tells(self) -> bool:
        """Whether the columns say by themselves which records there are."""
        return self.by == STATUS and all(_statuses_named(part) is not None for part in conjuncts(self.listing.view.where))

    @property
    def empty(self) -> bool:
        return not any(column.cards for column in self.columns)

    def _heads(self) -> Iterator[Head]:
        used = tuple(self._groups or ())
        if self.by == STATUS:
            kept = self._kept
            for status in self.form.statuses.statuses:
                if status.key in used or not status.retired and (kept is None or status.key in kept):
                    yield self._head(status.key, status.label, status.colour)
            return
        options = self.form.shown[self.by][1].settings.get("options", ())[:MOST_COLUMNS]
        for option in options:
            yield self._head(option["key"], option["label"], option.get("colour", "grey"))
        known = [option["key"] for option in options]
        if rest := tuple(key for key in used if key is not None and key not in known):
            here = {"var": self.by}
            rule = {"and": [{"!==": [here, None]}, {"!": [{"in": [here, known]}]}]}
            yield Head(REST, _("No longer offered"), "grey", rule, rest, None)
        yield Head(NONE, _("None"), "grey", {"===": [{"var": self.by}, None]}, (None,), "")

    def _head(self, key: str, label: Text, colour: str) -> Head:
        return Head(key, say(label, self.listing.formats.language), colour, {"===": [{"var": self.by}, key]}, (key,), key)

    @cached_property
    def _kept(self) -> set[str] | None:
        """The statuses that the view and the filters leave, as far as they say so plainly."""
        kept: set[str] | None = None
        for part in conjuncts(self.listing.query.where):
            keys = _statuses_named(part)
            kept = keys if kept is None else kept if keys is None else kept & keys
        return kept

    def _column(self, head: Head) -> BoardColumn:
        groups = [self._groups[key] for key in head.holds if key in self._groups] if self._groups is not None else None
        if groups == []:
            return BoardColumn(head, (), self.listing.formats.number(0), "")
        number = sum(group.measures[0] for group in groups) if groups else None
        page = self.listing.gate.page(self._query(head, number))
        cards = [self.cards.card(row, page.titles, self.listing.path, self._late(row)) for row in page.rows]
        count = self.listing.formats.number(number) if groups else ""
        return BoardColumn(head, cards, count, self._total(groups), *self._on(head, page.next))

    def _on(self, head: Head, after: str | None) -> tuple[str, str]:
        """The addresses of more of a column's cards: on the board itself, as long as they are not too many."""
        if not after:
            return "", ""
        if self.only or self._shown(head) >= MOST_SHOWN:
            return "", self.listing.address.to(only=head.name, after=after)
        shown = self._lengths | {head.name: self._shown(head) + PAGE}
        return self.listing.address.to(more=" ".join(f"{name}.{number}" for name, number in shown.items())), ""

    def _shown(self, head: Head) -> int:
        """How many cards of a column stand on the board."""
        return PAGE if self.only else self._lengths.get(head.name, PAGE)

    @cached_property
    def _lengths(self) -> dict[str, int]:
        """By column, how many cards were asked for beyond the first: "open.100 work.150"."""
        found = re.findall(r"([a-z0-9_-]{1,20})\.([0-9]{1,3})(?= |$)", self.listing.asked.get("more", "")[:2000], re.ASCII)
        return {name: min(max(int(number), PAGE), MOST_SHOWN) for name, number in found}

    def _query(self, head: Head, number: int | None) -> Query:
        """In the order of the list; of very many, which only an index keeps in order, the newest first without one."""
        extra = () if self.by == STATUS else (self.by,)
        found = self.showing(narrowed(self.listing.query, head.rule), *extra)
        sort = found.sort if self._indexed or (number is not None and number <= LARGE) else ()
        return replace(found, sort=sort, after=found.after if self.only else None, before=None, limit=self._shown(head))

    @property
    def _indexed(self) -> bool:
        """Whether a published board has these columns in this order."""
        published = (view for view in self.form.form.views if view.kind == self.kind)
        return any((view.by, view.sort) == (self.by, self.listing.sort) for view in published)

    @cached_property
    def _groups(self) -> Mapping[Any, GroupRow] | None:
        """By column, how many records there are and the sum of them; None where that takes too long to tell."""
        total = (Measure("sum", self.view.total),) if self.view.total else ()
        asked = self.listing.query
        summary = Summary(self.form.key, (Group(self.by),), (Measure(), *total), asked.where, asked.search, limit=1000)
        try:
            return {row.keys[0]: row for row in self.listing.gate.summary(summary).rows}
        except TooSlow:
            return None

    def _total(self, groups: Sequence[GroupRow] | None) -> str:
        found = [group.measures[1] for group in groups or () if len(group.measures) > 1 and group.measures[1] is not None]
        if not found:
            return ""
        field_type, field = self.form.shown[self.view.total]
        if field_type.name == "money":
            return self.listing.formats.money(sum(found), self.form.app.currency)
        return field_type.display(sum(found), field, self.listing.formats)

    @property
    def total_label(self) -> str:
        return self.listing.label(self.view.total) if self.view.total else ""

    def _late(self, row) -> str:
        """By how much it has outstayed its status, which the column says; elsewhere the status itself tells so."""
        status = self.form.statuses.by_key.get(row.status) if self.by == STATUS else None
        return overdue(self.form.app.clock, status, row.status_since, utc_now()) if status else ""


def _statuses_named(rule: Rule) -> set[str] | None:
    """The keys that a condition leaves of the statuses; None where it says nothing about them plainly."""
    if not isinstance(rule, dict):
        return None
    ((name, arguments),) = rule.items() if len(rule) == 1 else ((("", None)),)
    if name not in ("===", "in") or not isinstance(arguments, list) or len(arguments) != 2 or arguments[0] != {"var": STATUS}:
        return None
    keys = arguments[1] if isinstance(arguments[1], list) else [arguments[1]]
    return set(keys) if all(isinstance(key, str) for key in keys) else None
