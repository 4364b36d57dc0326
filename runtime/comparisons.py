"""How a list can be narrowed by a field: comparisons, the words for them, and the rule that each one makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _

from ..platform.definition.flow import Rule
from ..platform.fields.address import LABELS
from .spans import Span, month, of, on, quarter, shifted, week, year

NUMBERS = ("number",)
DAYS = ("date",)
SOME = ("choice", "status", "person", "link", "department")
ALL = ("text", *NUMBERS, *DAYS, "moment", "time", *SOME)
DATED = (*DAYS, "moment")
LISTS = ("choices", "files")
ADDRESS = ("address",)
PEOPLE = ("person", "creator")


@dataclass(frozen=True)
class Comparison:
    """asks: "one" value, "several", a number of "days", or "none".

    rule: of the field and the value; of a span of days, which `span` makes of today and the value, it is always the
    same.  colleagues: whether the value is the people of one's own departments.
    """

    key: str
    words: Any
    kinds: tuple[str, ...]
    rule: Callable[[Rule, Any], Rule] | None
    asks: str = "one"
    span: Callable[[date, Any], Span] | None = None
    colleagues: bool = False


def _var_of(name: str) -> Rule:
    return {"var": name}


def _holding(word: str) -> Callable[[Rule, Any], Rule]:
    return lambda field, value: {word: [field, {"in": [_var_of(""), value]}]}


def _parts(field: Rule) -> list[Rule]:
    return [_var_of(f"{field['var']}.{part}") for part in LABELS]


COMPARISONS = (
    Comparison("is", _("is"), SOME, lambda f, v: {"in": [f, v]}, "several"),
    Comparison("isnt", _("is not"), SOME, lambda f, v: {"!": [{"in": [f, v]}]}, "several"),
    Comparison("any", _("has one of"), ("choices",), _holding("some"), "several"),
    Comparison("every", _("has all of"), ("choices",), lambda f, v: {"and": [{"in": [one, f]} for one in v]}, "several"),
    Comparison("none", _("has none of"), ("choices",), _holding("none"), "several"),
    Comparison("mine", _("is mine"), ("department",), lambda f, v: {"===": [f, _var_of("user.department")]}, "none"),
    Comparison("me", _("is me"), PEOPLE, lambda f, v: {"===": [f, _var_of("user.id")]}, "none"),
    Comparison("notme", _("is not me"), PEOPLE, lambda f, v: {"!==": [f, _var_of("user.id")]}, "none"),
    Comparison("ours", _("is of my department"), PEOPLE, lambda f, v: {"in": [f, v]}, "none", colleagues=True),
    Comparison("has", _("contains"), ("text",), lambda f, v: {"in": [v, f]}),
    Comparison("holds", _("contains"), ADDRESS, lambda f, v: {"or": [{"in": [v, part]} for part in _parts(f)]}),
    Comparison("starts", _("starts with"), ("text",), lambda f, v: {"starts_with": [f, v]}),
    Comparison("eq", _("is"), ("text", "time", *NUMBERS), lambda f, v: {"===": [f, v]}),
    Comparison("ne", _("is not"), ("text", *NUMBERS), lambda f, v: {"!==": [f, v]}),
    Comparison("gt", _("is more than"), NUMBERS, lambda f, v: {">": [f, v]}),
    Comparison("ge", _("is at least"), NUMBERS, lambda f, v: {">=": [f, v]}),
    Comparison("lt", _("is less than"), NUMBERS, lambda f, v: {"<": [f, v]}),
    Comparison("le", _("is at most"), NUMBERS, lambda f, v: {"<=": [f, v]}),
    Comparison("on", _("is on"), DATED, None, span=lambda today, day: (day, day)),
    Comparison("before", _("is before"), DATED, None, span=lambda today, day: (None, shifted(day, -1))),
    Comparison("until", _("is on or before"), DATED, None, span=lambda today, day: (None, day)),
    Comparison("after", _("is after"), DATED, None, span=lambda today, day: (shifted(day, 1), None)),
    Comparison("since", _("is on or after"), DATED, None, span=lambda today, day: (day, None)),
    Comparison("before", _("is before"), ("time",), lambda f, v: {"<": [f, v]}),
    Comparison("after", _("is after"), ("time",), lambda f, v: {">": [f, v]}),
    Comparison("next", _("is within the next"), DATED, None, "days", lambda today, days: (today, shifted(today, days))),
    Comparison("last", _("is within the last"), DATED, None, "days", lambda today, days: (shifted(today, -days), today)),
    Comparison("past", _("has passed"), DATED, None, "none", lambda today, value: (None, shifted(today, -1))),
    Comparison("today", _("is today"), DATED, None, "none", on(0)),
    Comparison("yesterday", _("is yesterday"), DATED, None, "none", on(-1)),
    Comparison("tomorrow", _("is tomorrow"), DATED, None, "none", on(1)),
    Comparison("thisweek", _("is this week"), DATED, None, "none", of(week, 0)),
    Comparison("lastweek", _("is last week"), DATED, None, "none", of(week, -1)),
    Comparison("nextweek", _("is next week"), DATED, None, "none", of(week, 1)),
    Comparison("thismonth", _("is this month"), DATED, None, "none", of(month, 0)),
    Comparison("lastmonth", _("is last month"), DATED, None, "none", of(month, -1)),
    Comparison("nextmonth", _("is next month"), DATED, None, "none", of(month, 1)),
    Comparison("thisquarter", _("is this quarter"), DATED, None, "none", of(quarter, 0)),
    Comparison("lastquarter", _("is last quarter"), DATED, None, "none", of(quarter, -1)),
    Comparison("thisyear", _("is this year"), DATED, None, "none", of(year, 0)),
    Comparison("lastyear", _("is last year"), DATED, None, "none", of(year, -1)),
    Comparison("yes", _("is yes"), ("flag",), lambda f, v: {"===": [f, True]}, "none"),
    Comparison("no", _("is no"), ("flag",), lambda f, v: {"!": [f]}, "none"),
    Comparison("empty", _("is empty"), tuple(k for k in ALL if k != "status"), lambda f, v: {"===": [f, None]}, "none"),
    Comparison("filled", _("is filled in"), tuple(k for k in ALL if k != "status"), lambda f, v: {"!==": [f, None]}, "none"),
    Comparison("bare", _("is empty"), LISTS, lambda f, v: {"empty": [f]}, "none"),
    Comparison("there", _("is filled in"), LISTS, lambda f, v: {"!": [{"empty": [f]}]}, "none"),
    Comparison("bare", _("is empty"), ADDRESS, lambda f, v: {"and": [{"empty": [part]} for part in _parts(f)]}, "none"),
    Comparison("there", _("is filled in"), ADDRESS, lambda f, v: {"or": [{"!": [{"empty": [part]}]} for part in _parts(f)]}, "none"),
)  # fmt: skip


def comparisons_for(kind: str) -> Sequence[Comparison]:
    return [comparison for comparison in COMPARISONS if kind in comparison.kinds]


def comparison_of(kind: str, key: str) -> Comparison | None:
    return next((c for c in COMPARISONS if c.key == key and kind in c.kinds), None)


def several() -> frozenset[str]:
    """The comparisons with more than one value."""
    return frozenset(comparison.key for comparison in COMPARISONS if comparison.asks == "several")


def as_literal(value: Any) -> Any:
    """A value as it stands in a rule; of several choices one is meant."""
    if isinstance(value, tuple):
        return value[0]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value
