"""Conditions in groups as people fill them in: the inputs of a form, and the buttons that add to them or take away."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from .relative_dates import in_unit

JOINS = ("and", "or")


@dataclass(frozen=True)
class Condition:
    """What it is about, the key of a comparison, and the value as it stands in its input, or several."""

    path: str
    comparison: str
    value: Any = ""


@dataclass(frozen=True)
class Group:
    join: str
    conditions: Sequence[Condition]


@dataclass(frozen=True)
class Conditions:
    """`join` between groups of the other join; a group of one is a plain condition."""

    join: str = "and"
    groups: Sequence[Group] = field(default_factory=tuple)


def changed(found: Conditions, act: str) -> Conditions:
    """`more-1` adds a condition to the second group, `less-1-0` takes one away, `group` adds a group."""
    kind, _dash, rest = act.partition("-")
    groups = [Group(group.join, list(group.conditions)) for group in found.groups]
    if kind == "group":
        groups.append(Group(JOINS[1 - JOINS.index(found.join)], [Condition("", "is")]))
    elif kind == "more" and rest.isdecimal() and int(rest) < len(groups):
        groups[int(rest)].conditions.append(Condition("", "is"))
    elif kind == "less":
        at, _dash, place = rest.partition("-")
        if at.isdecimal() and place.isdecimal() and int(at) < len(groups) and int(place) < len(groups[int(at)].conditions):
            del groups[int(at)].conditions[int(place)]
    return Conditions(found.join, [group for group in groups if group.conditions])


def conditions_from(form: MultiDict, several: Container[str] = ("one_of",)) -> Conditions:
    """The sentences of a form: join, field-0-0, is-0-0, value-0-0 ... several: comparisons with more than one value."""
    join = form.get("join", "and") if form.get("join") in JOINS else "and"
    groups: dict[int, dict[int, Condition]] = {}
    for name in form:
        kind, _dash, rest = name.partition("-")
        at, _dash, place = rest.partition("-")
        if kind == "field" and at.isdecimal() and place.isdecimal():
            values = form.getlist(f"value-{rest}")
            comparison = form.get(f"is-{rest}", "is")
            value = tuple(filter(None, values)) if comparison in several else values[-1] if values else ""
            if unit := form.get(f"unit-{rest}"):
                value = in_unit(unit, value or "")
            groups.setdefault(int(at), {})[int(place)] = Condition(form[name], comparison, value)
    other = JOINS[1 - JOINS.index(join)]
    return Conditions(join, [Group(other, [inner[key] for key in sorted(inner)]) for _at, inner in sorted(groups.items())])
