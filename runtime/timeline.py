"""A list as a timeline: a row for each record, with a bar from the day it begins to the day it ends; in groups, if it has any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from flask_babel import gettext as _

from ..platform.definition.checks_views import CREATED
from ..platform.definition.model import Sort, View
from ..platform.records.results import Page, Row
from .calendar import hue_of
from .cards import Card, Cards
from .days import DAY, DayField, in_words, monday, read_day, span
from .listing import Listing
from .naming import said
from .shapes import Shape, narrowed

WEEKS = 6
MOST = 60  # rows of a page


@dataclass(frozen=True)
class Bar:
    """One row: the days before the bar, those under it, those behind; before and behind: whether it goes on there.

    first, last: the days of the record itself.  moves: how the address of its place goes on; "" where nobody may move it.
    grips: the fields that the two ends are of; "" where this person can't change them.
    """

    card: Card
    hue: str
    words: str
    first: date
    last: date
    moves: str
    grips: tuple[str, str]
    lead: Sequence[date]
    length: int
    tail: Sequence[date]
    before: bool
    behind: bool

    @property
    def keys(self) -> str:
        """What moves it, as aria-keyshortcuts says it."""
        begin, end = self.grips
        modifiers = [name for name, open_ in (("Alt", begin and end), ("Shift", end), ("Alt+Shift", begin)) if open_]
        return " ".join(f"{modifier}+Arrow{side}" for modifier in modifiers for side in ("Left", "Right"))


@dataclass(frozen=True)
class BarGroup:
    """label: what the rows share; "" where there are no groups."""

    label: str
    bars: Sequence[Bar]


class Timeline(Shape):
    """Everything that templates/runtime/timeline.html shows of a listing."""

    kind = "timeline"

    def __init__(self, listing: Listing, view: View):
        super().__init__(listing, view)
        self.formats = listing.formats
        self.start = DayField(self.form, view.start, self.formats)
        self.end = DayField(self.form, view.end, self.formats)
        self.today = self.formats.today()
        self.first = monday(read_day(listing.asked.get("from", "")) or self.today - DAY * 7)
        self.last = self.first + DAY * (7 * WEEKS - 1)
        subtitle = [self.form.form.subtitle] if self.form.form.subtitle in listing.column_keys else []
        self.cards = Cards(self.form, subtitle, self.formats, view.title, self.places)

    @property
    def places(self) -> tuple[str, ...]:
        """The beginning and the end; not when a record was made, which nobody changes."""
        return tuple(key for key in (self.start.key, self.end.key) if key != CREATED)

    @property
    def position(self) -> dict[str, str]:
        return {"from": self.first.isoformat()}

    @cached_property
    def page(self) -> Page:
        """The records of these days, by group and beginning."""
        asked = self.listing.query
        query = narrowed(asked, *span(self.start, self.end, self.first, self.last))
        fields = [key for key in (self.start.key, self.end.key, self.view.by) if key and key != CREATED]
        sort = tuple(Sort(key) for key in (self.view.by, self.start.key) if key)
        return self.listing.gate.page(replace(self.showing(query, *fields), sort=sort, limit=MOST))

    @cached_property
    def columns(self) -> list[BarGroup]:
        """The rows under their groups."""
        found: dict[str, list[Bar]] = {}
        for row in self.page.rows:
            found.setdefault(self._group(row), []).append(self._bar(row))
        return [BarGroup(label, bars) for label, bars in found.items()]

    @property
    def empty(self) -> bool:
        return not self.page.rows

    def _group(self, row: Row) -> str:
        if not self.view.by:
            return ""
        return said(self.form, self.view.by, row.values, self.formats, self.page.titles) or _("None")

    def _bar(self, row: Row) -> Bar:
        begins, ends = self.start.day(row), self.end.day(row)
        ends = begins if ends is None or ends < begins else ends
        here, there = max(begins, self.first), min(ends, self.last)
        dates = self.formats.short_date
        words = dates(begins) if begins == ends else f"{dates(begins)} – {dates(ends)}"
        card = self.cards.card(row, self.page.titles, self.listing.path)
        lead, tail = [day for day in self.days if day < here], [day for day in self.days if day > there]
        grips = tuple(field.key if field.key in row.writable else "" for field in (self.start, self.end))
        moves = self.moving([key for key in grips if key]) if any(grips) else ""
        length = len(self.days) - len(lead) - len(tail)
        return Bar(card, hue_of(self.form, row), words, begins, ends, moves, grips, lead, length, tail, begins < here, ends > there)

    @cached_property
    def days(self) -> list[date]:
        return [self.first + DAY * place for place in range(7 * WEEKS)]

    @property
    def weeks(self) -> list[str]:
        """What stands above each seven days."""
        return [in_words(self.first + DAY * 7 * week, self.formats.language, "MMMd") for week in range(WEEKS)]

    @property
    def title(self) -> str:
        """With the year once, where the language has it."""
        if self.formats.language == "zh":
            return f"{self.formats.date(self.first)} – {self.formats.short_date(self.last, self.first)}"
        return f"{self.formats.short_date(self.first, self.last)} – {self.formats.date(self.last)}"

    @property
    def earlier(self) -> str:
        return self._at(self.first - DAY * 7 * (WEEKS - 2))

    @property
    def later(self) -> str:
        return self._at(self.first + DAY * 7 * (WEEKS - 2))

    @property
    def now(self) -> str:
        return self.listing.address.to(**{"from": None})

    def _at(self, day: date) -> str:
        return self.listing.address.to(**{"from": day.isoformat()}) if read_day(day.isoformat()) else ""

    @property
    def more(self) -> str:
        return self.listing.address.to(**self.position, after=self.page.next) if self.page.next else ""
