"""Days on a page: what a form's date or moment fields say of them, in rules and in words."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from babel.dates import format_skeleton

from ..platform.definition.checks_views import CREATED
from ..platform.definition.flow import Rule
from ..platform.formats import LOCALES, Formats
from ..platform.records.compiled import CompiledForm
from ..platform.records.results import Row
from .comparisons import as_literal
from .spans import start_of

DAY = timedelta(days=1)


class DayField:
    """A field that says on which day something is, be it with the hour."""

    def __init__(self, form: CompiledForm, key: str, formats: Formats):
        self.key = key
        self.formats = formats
        self.is_moment = key == CREATED or form.shown[key][0].kind == "moment"

    def value(self, row: Row) -> date | datetime | None:
        return row.created_at if self.key == CREATED else row.values.get(self.key)

    def day(self, row: Row) -> date | None:
        value = self.value(row)
        return self.formats.local(value).date() if isinstance(value, datetime) else value

    def hour(self, row: Row) -> str:
        value = self.value(row)
        return self.formats.time(value) if isinstance(value, datetime) else ""

    def since(self, first: date) -> Rule:
        """On this day or later."""
        return {">=": [{"var": self.key}, self._literal(first)]}

    def until(self, last: date) -> Rule:
        """On this day or earlier."""
        if self.is_moment:
            return {"<": [{"var": self.key}, self._literal(last + DAY)]}
        return {"<=": [{"var": self.key}, self._literal(last)]}

    @property
    def empty(self) -> Rule:
        return {"===": [{"var": self.key}, None]}

    def _literal(self, day: date) -> Any:
        return start_of(day, self.formats) if self.is_moment else as_literal(day)


def span(start: DayField, end: DayField | None, first: date, last: date) -> tuple[Rule, ...]:
    """What is there on any of these days."""
    if end is None:
        return (start.since(first), start.until(last))
    return (start.until(last), {"or": [start.since(first), end.since(first)]})


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def read_day(text: str) -> date | None:
    """A day of the years that pages go through, as addresses write it."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1900 <= found.year <= 2200 else None


def in_words(day: date, language: str, skeleton: str) -> str:
    """November 2026 ("yMMMM"); Tue 3 Nov ("MMMEd"); Tuesday, 3 November 2026 ("yMMMMEEEEd")."""
    return format_skeleton(skeleton, day, locale=LOCALES[language])


@lru_cache(maxsize=8)
def weekdays(language: str) -> tuple[str, ...]:
    """Mon ... Sun."""
    some_monday = date(2026, 11, 2)
    return tuple(format_skeleton("E", some_monday + DAY * place, locale=LOCALES[language]) for place in range(7))
