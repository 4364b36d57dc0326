"""Dates in conditions: a day, today, so many days from today, or a formula."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as __

UNITS: Mapping[str, Any] = {
    "day": __("this day"), "today": __("today"), "after": __("days from today"), "before": __("days before today"), "formula": __("formula"),
}  # fmt: skip
"""The ways to give a date."""
RELATIVE = re.compile(r"= (?:today|ADD_DAYS\(today, (-?\d{1,6})\))")


def days_from_today(given: Any) -> int | None:
    """How far from today a rule's date is; None where it is another one."""
    if given == {"var": "today"}:
        return 0
    if isinstance(given, dict) and set(given) == {"add_days"} and given["add_days"][0] == {"var": "today"}:
        days = given["add_days"][1]
        return days if type(days) is int and days else None
    return None


def relative(days: int) -> str:
    """The same as it stands in an input."""
    return f"= ADD_DAYS(today, {days})" if days else "= today"


def unit_of(value: str) -> tuple[str, str]:
    """How a date is given, a key of UNITS, and what stands in its input."""
    if not value.startswith("="):
        return "day", value
    found = RELATIVE.fullmatch(value)
    if not found:
        return "formula", value.removeprefix("=").strip()
    days = int(found[1] or 0)
    return "today" if not days else "after" if days > 0 else "before", str(abs(days))


def in_unit(unit: str, text: str) -> str:
    """The value of a date that was given in a unit."""
    if unit == "today":
        return "= today"
    if unit in ("after", "before"):
        days = int(text) if text.strip().isdecimal() and len(text) < 6 else 0
        return relative(days if unit == "after" else -days)
    return f"= {text}" if unit == "formula" else text
