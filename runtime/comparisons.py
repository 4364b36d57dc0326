"""How a list can be narrowed by a field: comparisons, the words for them, and the rule that each one makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _

from ..platform.definition.flow import Rule
from ..platform.fields.address import LABELS

NUMBERS = ("number",)
DAYS = ("date",)
SOME = ("choice", "status", "person", "link", "department")
ALL = ("text", *NUMBERS, *DAYS, "moment", "time", *SOME)
LISTS = ("choices", "files")
ADDRESS = ("address",)


@dataclass(frozen=True)
class Comparison:
    """asks: "one" value, "several", or "none"."""

    key: str
    words: Any
    kinds: tuple[str, ...]
    rule: Callable[[Rule, Any], Rule]
    asks: str = "one"


def _var_of(name: str) -> Rule:
    return {"var": name}


def _day(days: int) -> Rule:
    return {"add_days": [_var_of("today"), days]} if days else _var_of("today")


def _between(low: int, high: int) -> Callable[[Rule, Any], Rule]:
    return lambda field, value: {"and": [{">=": [field, _day(low)]}, {"<=": [field, _day(high)]}]}


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
    Comparison("me", _("is me"), ("person",), lambda f, v: {"===": [f, _var_of("user.id")]}, "none"),
    Comparison("has", _("contains"), ("text",), lambda f, v: {"in": [v, f]}),
    Comparison("holds", _("contains"), ADDRESS, lambda f, v: {"or": [{"in": [v, part]} for part in _parts(f)]}),
    Comparison("starts", _("starts with"), ("text",), lambda f, v: {"starts_with": [f, v]}),
    Comparison("eq", _("is"), ("text", "time", *NUMBERS), lambda f, v: {"===": [f, v]}),
    Comparison("ne", _("is not"), ("text", *NUMBERS), lambda f, v: {"!==": [f, v]}),
    Comparison("gt", _("is more than"), NUMBERS, lambda f, v: {">": [f, v]}),
    Comparison("ge", _("is at least"), NUMBERS, lambda f, v: {">=": [f, v]}),
    Comparison("lt", _("is less than"), NUMBERS, lambda f, v: {"<": [f, v]}),
    Comparison("le", _("is at most"), NUMBERS, lambda f, v: {"<=": [f, v]}),
    Comparison("on", _("is on"), DAYS, lambda f, v: {"===": [f, v]}),
    Comparison("before", _("is before"), (*DAYS, "moment", "time"), lambda f, v: {"<": [f, v]}),
    Comparison("after", _("is after"), (*DAYS, "time"), lambda f, v: {">": [f, v]}),
    Comparison("since", _("is on or after"), (*DAYS, "moment"), lambda f, v: {">=": [f, v]}),
    Comparison("past", _("has passed"), DAYS, lambda f, v: {"<": [f, _day(0)]}, "none"),
    Comparison("today", _("is today"), DAYS, lambda f, v: {"===": [f, _day(0)]}, "none"),
    Comparison("week", _("is within the next 7 days"), DAYS, _between(0, 7), "none"),
    Comparison("month", _("is within the last 30 days"), DAYS, _between(-30, 0), "none"),
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


def as_literal(value: Any) -> Any:
    """A value as it stands in a rule; of several choices one is meant."""
    if isinstance(value, tuple):
        return value[0]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds") + "Z"
    return value.isoformat() if isinstance(value, date) else value
