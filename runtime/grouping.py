"""A list in groups: by a field whose values repeat, or by the months of a date; each with its count and sums.

`group=status` or `group=promised~month`; `open=` names the groups that show their rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup, escape

from ..platform.definition.flow import Rule
from ..platform.definition.model import say
from ..platform.errors import Invalid, Problem
from ..platform.records.results import Group, GroupRow, Query, Titles
from .cells import badge, columns_of
from .filters import BETWEEN, OWN_KINDS, kind_of, label_of
from .spans import month, start_of
from .sums import Sums

MOST_GROUPS = 100
SHOWN = 50  # rows of a group
EMPTY = "-"
MONTH = "month"
KINDS = ("status", "choice", "link", "person", "creator", "department", "flag", "date", "moment")
DATED = ("date", "moment")


@dataclass(frozen=True)
class Section:
    """One group. token: how the address names it.  toggled, all: addresses, the last one of its rows alone."""

    token: str
    label: Markup
    count: str
    sums: Mapping[str, str]
    open: bool
    toggled: str
    rows: Markup = Markup("")
    beyond: str = ""
    all: str = ""


class Grouping:
    """The groups of a listing; Invalid where it cannot be grouped so."""

    def __init__(self, listing, asked: str):
        self.listing = listing
        key, _sep, self.period = asked.partition(BETWEEN)
        self.key = key
        self.kind = kind_of(listing.form, key)
        if self.kind not in KINDS or self.period != (MONTH if self.kind in DATED else ""):
            raise Invalid([Problem("group", _("“%(text)s” is not something to group by.", text=asked))])
        self.asked = asked
        self.sums = Sums(listing)

    @property
    def label(self) -> str:
        return label_of(self.listing.form, self.key, self.listing.formats.language)

    @cached_property
    def found(self):
        group, count = Group(self.key, self.period), self.sums.measures[0]
        return self.listing.gate.summary(
            self.sums.summary(groups=(group,), order=((count, True),), limit=MOST_GROUPS, rest=True)
        )

    @property
    def beyond(self) -> tuple[str, str] | None:
        """How many groups more there are than are told, and with how many records."""
        if self.found.rest is None:
            return None
        number = self.listing.formats.number
        return number(self.found.groups - len(self.found.rows)), number(self.found.rest.measures[0])

    @cached_property
    def opened(self) -> list[str]:
        return list(dict.fromkeys(self.listing.asked.getlist("open")))

    @cached_property
    def sections(self) -> list[Section]:
        """In the order of what they are: statuses and choices as listed, dates and names as they follow; turned round
        where the list is sorted so.
        """
        return [self._section(row) for row in self._ordered]

    @property
    def parts(self) -> Iterator[tuple[str, Query]]:
        """(what it is, its rows) of every group in the order of the sections; last, as one, of those beyond what is told."""
        rules = []
        for row in self._ordered:
            rules.append(self._rule(row.keys[0]))
            yield self.said(row.keys[0]), self._within(rules[-1])
        if self.found.rest is not None:
            yield _("Other groups"), self._within({"!": [{"or": rules}]})

    def said(self, value: Any) -> str:
        """What a group has in common, in words."""
        return str(self._drawn(value).striptags())

    @property
    def _ordered(self) -> list[GroupRow]:
        falls = any(sort.field == self.key and sort.descending for sort in self.listing.sort[:1])
        return sorted(self.found.rows, key=self._place, reverse=falls)

    def _within(self, rule: Rule) -> Query:
        """The listing's rows of which a rule holds."""
        query = self.listing.query
        return replace(query, where=rule if query.where is True else {"and": [query.where, rule]}, after=None, before=None)

    def _section(self, row: GroupRow) -> Section:
        value, count = row.keys[0], row.measures[0]
        token = _token(value)
        opened = token in self.opened
        others = [one for one in self.opened if one != token]
        toggled = self.listing.address.with_open(others if opened else [*others, token])
        section = Section(token, self._drawn(value), self.listing.formats.number(count), self.sums.cells(row.measures), opened, toggled)
        return self._with_rows(section, value, count) if opened else section

    def _with_rows(self, section: Section, value: Any, count: int) -> Section:
        listing = self.listing
        page = listing.gate.page(replace(self._within(self._rule(value)), limit=SHOWN))
        filters = self._filters(value) if listing.join == "and" else None
        alone = listing.address.narrowed(filters) if filters and count > SHOWN else ""
        beyond = listing.formats.number(count - len(page.rows)) if page.next else ""
        return replace(section, rows=listing.drawn(page), beyond=beyond, all=alone)

    def _rule(self, value: Any) -> Rule:
        """What the rows of a group have in common."""
        variable = {"var": self.key}
        if not self.period or value is None:
            return {"===": [variable, value]}
        first, last = month(value)
        if self.kind == "moment":
            formats = self.listing.formats
            return {"and": [{">=": [variable, start_of(first, formats)]}, {"<": [variable, start_of(month(value, 1)[0], formats)]}]}
        return {"and": [{">=": [variable, first.isoformat()]}, {"<=": [variable, last.isoformat()]}]}

    def _filters(self, value: Any) -> list[str]:
        """The same as filters of the list; none where there is no such filter."""
        if value is None:
            return [] if self.kind in ("flag", "status") else [BETWEEN.join((self.key, "empty", ""))]
        if self.period:
            first, last = month(value)
            return [BETWEEN.join((self.key, "since", first.isoformat())), BETWEEN.join((self.key, "until", last.isoformat()))]
        if self.kind == "flag":
            return [BETWEEN.join((self.key, "yes" if value else "no", ""))]
        return [] if self.kind == "creator" else [BETWEEN.join((self.key, "is", str(value)))]

    def _drawn(self, value: Any) -> Markup:
        """What a group has in common, as a cell shows it."""
        form, formats = self.listing.form, self.listing.formats
        if value is None:
            return Markup('<span class="muted">{}</span>').format(_("Empty"))
        if self.key == "status":
            status = form.statuses.by_key.get(value) if form.statuses else None
            return Markup(badge(say(status.label, formats.language), status.colour) if status else escape(value))
        if self.period:
            return escape(formats.month(value))
        titles: Titles = self.found.titles
        if self.kind == "creator":
            return escape(titles.get(("person", value), f"#{value}"))
        if self.kind == "flag":
            return escape(form.shown[self.key][0].display(value, form.shown[self.key][1], formats))
        return Markup(columns_of(form, [self.key], formats)[0].leading(value, titles, ""))

    def _place(self, row: GroupRow) -> tuple:
        value = row.keys[0]
        if value is None:
            return (1, 0, "")
        if isinstance(value, date):
            return (0, value.toordinal(), "")
        if isinstance(value, bool):
            return (0, not value, "")
        order = self._order
        if value in order:
            return (0, order[value], "")
        return (0, len(order), self.said(value).casefold())

    @cached_property
    def _order(self) -> dict[Any, int]:
        """The place of each status or choice."""
        form = self.listing.form
        if self.key == "status":
            return {status.key: place for place, status in enumerate(form.statuses.statuses)}
        if self.kind == "choice":
            field_type, field = form.shown[self.key]
            return {key: place for place, (key, _label) in enumerate(field_type.choices(field, self.listing.formats.language))}
        return {}


def groups_offered(listing) -> Sequence[tuple[str, str]]:
    """(parameter, label) of what the rows can be grouped by."""
    keys = [key for key in (*listing.readable, *OWN_KINDS, "status") if kind_of(listing.form, key) in KINDS]
    found = [(key, label_of(listing.form, key, listing.formats.language)) for key in keys]
    dated = {key for key in keys if kind_of(listing.form, key) in DATED}
    found = [(f"{key}{BETWEEN}{MONTH}", _("%(field)s by month", field=label)) if key in dated else (key, label) for key, label in found]
    return sorted(found, key=lambda pair: pair[1].casefold())


def _token(value: Any) -> str:
    return EMPTY if value is None else value.isoformat() if isinstance(value, date) else str(value)
