"""A list as a board: a column for each status, or for each option of a choice, with its first cards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext as _

from ..platform.definition.flow import Rule, Status
from ..platform.definition.model import STATUS, View, say
from ..platform.errors import NotFound, TooSlow
from ..platform.formats import utc_now
from ..platform.records.results import Group, GroupRow, Measure, Query, Summary
from ..platform.records.rule_parts import conjuncts
from .cards import Card, Cards
from .cells import overdue
from .listing import Listing
from .shapes import narrowed

PAGE = 50
MOST_COLUMNS = 60
NONE = "-"  # the column of records without a choice


@dataclass(frozen=True)
class Head:
    """One column before its cards are read; an empty `key` is that of records without a choice."""

    key: str
    label: str
    colour: str
    kind: str = ""  # of a status

    @property
    def name(self) -> str:
        return self.key or NONE


@dataclass(frozen=True)
class BoardColumn:
    """count, total: in words; "" where counting would take too long."""

    head: Head
    cards: Sequence[Card]
    count: str
    total: str
    more: str


class Board:
    """Everything that templates/runtime/board.html shows of a listing."""

    kind = "board"

    def __init__(self, listing: Listing, view: View):
        self.listing = listing
        self.view = view
        self.form = listing.form
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
    def moves_by(self) -> str:
        """How the address of a card's place goes on."""
        return urlencode({"by": self.by, "next": self.listing.address.to()})

    @property
    def cleared(self) -> str:
        """The same board without what the person narrowed it by."""
        kept = {"view": self.listing.view.key, "as": self.listing.asked.get("as"), "by": self.listing.asked.get("by")}
        return f"{self.listing.path}?{urlencode({key: value for key, value in kept.items() if value})}"

    @property
    def empty(self) -> bool:
        return not any(column.cards for column in self.columns)

    def _heads(self) -> Iterator[Head]:
        used = self._groups.keys() if self._groups is not None else ()
        if self.by == STATUS:
            kept = self._kept
            for status in self.form.statuses.statuses:
                if status.key in used or not status.retired and (kept is None or status.key in kept):
                    yield self._of_status(status)
            return
        field = self.form.shown[self.by][1]
        options = field.settings.get("options", ())[:MOST_COLUMNS]
        for option in options:
            yield Head(option["key"], say(option["label"], self.listing.formats.language), option.get("colour", "grey"))
        known = {option["key"] for option in options}
        for key in sorted(key for key in used if key and key not in known):  # no longer offered
            yield Head(key, key, "grey")
        yield Head("", _("None"), "grey")

    def _of_status(self, status: Status) -> Head:
        return Head(status.key, say(status.label, self.listing.formats.language), status.colour, status.kind)

    @cached_property
    def _kept(self) -> set[str] | None:
        """The statuses that the view and the filters leave, as far as they say so plainly."""
        kept: set[str] | None = None
        for part in conjuncts(self.listing.query.where):
            keys = _statuses_named(part)
            kept = keys if kept is None else kept if keys is None else kept & keys
        return kept

    def _column(self, head: Head) -> BoardColumn:
        group = self._groups.get(head.key or None) if self._groups is not None else None
        if self._groups is not None and group is None:
            return BoardColumn(head, (), self._number(0), "", "")
        query = self._query(head)
        page = self.listing.gate.page(query)
        cards = [self.cards.card(row, page.titles, self.listing.path, self._late(row)) for row in page.rows]
        more = self.listing.address.to(only=head.name, after=page.next) if page.next else ""
        return BoardColumn(head, cards, self._number(group.measures[0]) if group else "", self._total(group), more)

    def _query(self, head: Head) -> Query:
        asked = self.listing.query
        mine: Rule = {"===": [{"var": self.by}, head.key or None]}
        extra = () if self.by == STATUS or self.by in asked.fields else (self.by,)
        found = narrowed(asked, mine)
        after = asked.after if self.only else None
        return replace(found, fields=(*asked.fields, *self._naming(asked.fields), *extra), after=after, before=None, limit=PAGE)

    def _naming(self, fields: Sequence[str]) -> list[str]:
        title = self.form.form.title
        return [title] if title in self.listing.readable and title not in (*fields, self.by) else []

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

    def _number(self, number: int) -> str:
        return self.listing.formats.number(number)

    def _total(self, group: GroupRow | None) -> str:
        if group is None or len(group.measures) < 2 or group.measures[1] is None:
            return ""
        field_type, field = self.form.shown[self.view.total]
        if field_type.name == "money":
            return self.listing.formats.money(group.measures[1], self.form.app.currency)
        return field_type.display(group.measures[1], field, self.listing.formats)

    @property
    def total_label(self) -> str:
        return self.listing.label(self.view.total) if self.view.total else ""

    def _late(self, row) -> str:
        status = self.form.statuses.by_key.get(row.status) if self.form.statuses else None
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
