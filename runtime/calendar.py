"""A list as a calendar: a month of days, each with the records that begin on it or are under way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from ..platform.definition.checks_views import CREATED
from ..platform.definition.model import Sort, View
from ..platform.records.compiled import CompiledForm
from ..platform.records.results import Page, Row
from .cards import Card, Cards
from .days import DAY, DayField, in_words, monday, read_day, span, weekdays
from .filters import LINE
from .listing import Listing
from .shapes import Shape, narrowed

MOST = 500  # records of a month
SEEN, FOLDED = 4, 40  # of a day: those that stand there, and those below that open


@dataclass(frozen=True)
class Entry:
    """A record on one of its days. first: whether it begins there, or the page does."""

    card: Card
    hue: str
    hour: str
    first: bool
    goes_on: bool


@dataclass(frozen=True)
class Day:
    """rest: an address of all of that day's, where there are more than can stand here."""

    day: date
    words: str
    inside: bool
    today: bool
    entries: Sequence[Entry]
    folded: Sequence[Entry]
    rest: str


class Calendar(Shape):
    """Everything that templates/runtime/calendar.html shows of a listing."""

    kind = "calendar"

    def __init__(self, listing: Listing, view: View):
        super().__init__(listing, view)
        self.formats = listing.formats
        self.start = DayField(self.form, view.start, self.formats)
        self.end = DayField(self.form, view.end, self.formats) if view.end else None
        self.today = self.formats.today()
        self.month = (read_day(f"{listing.asked.get('month', '')}-01") or self.today).replace(day=1)
        self.first = monday(self.month)
        self.last = monday(_next(self.month) - DAY) + DAY * 6
        subtitle = [self.form.form.subtitle] if self.form.form.subtitle in listing.column_keys else []
        self.cards = Cards(self.form, subtitle, self.formats, view.title, self.places)

    @property
    def places(self) -> tuple[str, ...]:
        """The beginning and the end; none of when a record was made, which nobody changes."""
        return () if self.start.key == CREATED else tuple(key for key in (self.view.start, self.view.end) if key and key != CREATED)

    @property
    def position(self) -> dict[str, str]:
        return {"month": f"{self.month:%Y-%m}"}

    @cached_property
    def page(self) -> Page:
        """The records of these days in their order; what begins later comes last."""
        query = narrowed(self.listing.query, *span(self.start, self.end, self.first, self.last))
        fields = [field.key for field in (self.start, self.end) if field and field.key != CREATED]
        found = self.showing(query, *fields)
        return self.listing.gate.page(replace(found, sort=(Sort(self.start.key),), after=None, before=None, limit=MOST))

    @cached_property
    def columns(self) -> list[Day]:
        """The days, whole weeks of them."""
        by_day: dict[date, list[Entry]] = {}
        for row in self.page.rows:
            for day, entry in self._entries(row):
                by_day.setdefault(day, []).append(entry)
        count = (self.last - self.first).days + 1
        return [self._day(self.first + DAY * place, by_day) for place in range(count)]

    @property
    def empty(self) -> bool:
        return not self.page.rows

    @property
    def cut(self) -> bool:
        """Whether there are more records than a month can show."""
        return self.page.next is not None

    def _entries(self, row: Row) -> Iterator[tuple[date, Entry]]:
        begins = self.start.day(row)
        ends = self.end.day(row) if self.end else None
        ends = begins if ends is None or ends < begins else ends
        card = self.cards.card(row, self.page.titles, self.listing.path)
        day, last = max(begins, self.first), min(ends, self.last)
        while day <= last:
            first = day == max(begins, self.first)
            yield day, Entry(card, hue_of(self.form, row), self.start.hour(row) if day == begins else "", first, day < ends)
            day += DAY

    def _day(self, day: date, by_day: dict[date, list[Entry]]) -> Day:
        entries = sorted(by_day.get(day, ()), key=lambda entry: (entry.first, entry.hour))
        room = SEEN if len(entries) > SEEN + 1 else SEEN + 1
        words = in_words(day, self.formats.language, "yMMMMEEEEd")
        rest = self._of_day(day) if len(entries) > FOLDED or (self.cut and day >= self._reached) else ""
        return Day(day, words, day.month == self.month.month, day == self.today, entries[:room], entries[room:FOLDED], rest)

    @cached_property
    def _reached(self) -> date:
        """The last day of which records were read."""
        return self.start.day(self.page.rows[-1])

    def _of_day(self, day: date) -> str:
        return self._list(f"{self.start.key}~on~{day}")

    def _list(self, condition: str) -> str:
        """The address of a list of those for which the condition holds as well."""
        groups = [sentence.parameter for sentence in self.listing.sentences]
        groups = [group + LINE + condition for group in groups] if self.listing.join == "or" and groups else [*groups, condition]
        return self.listing.address.also(("as", "list"), *(("f", group) for group in groups), leaving=("as", "start", "month", "f"))

    @property
    def title(self) -> str:
        return in_words(self.month, self.formats.language, "yMMMM")

    @property
    def weekdays(self) -> tuple[str, ...]:
        return weekdays(self.formats.language)

    @property
    def earlier(self) -> str:
        return self._at(self.month - DAY)

    @property
    def later(self) -> str:
        return self._at(_next(self.month))

    @property
    def now(self) -> str:
        return self.listing.address.to(month=None)

    def _at(self, day: date) -> str:
        return self.listing.address.to(month=f"{day:%Y-%m}") if 1900 <= day.year <= 2200 else ""

    @cached_property
    def without(self) -> str:
        """How many records have no day, in words; "" for none."""
        if self.start.key == CREATED:
            return ""
        count = self.listing.gate.count(narrowed(self.listing.query, self.start.empty))
        return self.formats.number(count.number) + ("" if count.exact else "+") if count.number else ""

    @property
    def without_day(self) -> str:
        """The list of those."""
        return self._list(f"{self.start.key}~empty~")


def _next(month: date) -> date:
    return (month + DAY * 31).replace(day=1)


def hue_of(form: CompiledForm, row: Row) -> str:
    """The colour of a record's status."""
    status = form.statuses.by_key.get(row.status) if form.statuses else None
    return status.colour if status else "teal"
