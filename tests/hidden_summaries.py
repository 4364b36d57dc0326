"""Summaries of a random app, beside the same worked out in plain Python from what shows."""

from __future__ import annotations

import datetime
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import pytest
from formloom.platform.errors import Invalid
from formloom.platform.records.results import Group, Measure, Summary
from hidden_questions import Asking, condition, known, searched, smallest_first, term

NUMBERS = ("amount", "credit", "double", "total")
LINE_NUMBERS = ("lines.price", "lines.paid")
KEYS = ("note", "amount", "helper", "customer", "agent", "alias", "credit", "double", "day", "met", "status", "created_by")
LINE_KEYS = ("lines.what", "lines.who", "lines.price")
PERIODS = ("day", "week", "month", "quarter", "year")


def check_summary(ask: Asking) -> None:
    of_lines = ask.dice.random() < 0.4
    groups, measures = random_groups(ask, of_lines), random_measures(ask, of_lines)
    where, names = condition(ask) if ask.dice.random() < 0.4 else (True, set())
    search = term(ask) if ask.dice.random() < 0.2 else ""
    named = {part.field for part in (*groups, *measures)} - {"", "status", "created_by"}
    of_lines = any(name.startswith("lines") for name in named)
    asked = Summary("visit", groups, measures, where, search, limit=1000)
    ask.world.asked += 1
    twice = of_lines and any(m.field and not m.field.startswith("lines") for m in measures)
    unknown = not all(known(ask, name) for name in named | names | ({"lines"} if of_lines else set()))
    if unknown or twice:
        with pytest.raises(Invalid, match="belongs to the record" if not unknown else "There is no field|belongs to the record"):
            ask.gate.summary(asked)
        return
    rows = [row for i, row in kept(ask, where, search).items() for row in lines_of(row) if row is not None] if of_lines else list(
        kept(ask, where, search).values()
    )
    zone = ZoneInfo(ask.world.document["zone"])
    grouped: dict[tuple, list[dict]] = {} if groups else {(): []}
    for row in rows:
        grouped.setdefault(tuple(key_of(row, group, zone) for group in groups), []).append(row)
    expected = {key: tuple(measured(members, m) for m in measures) for key, members in grouped.items()}
    found = ask.gate.summary(asked)
    assert {row.keys: row.measures for row in found.rows} == expected, asked
    assert found.groups == len(found.rows) == len(expected)
    check_top(ask, asked, grouped, expected)


def check_top(ask: Asking, asked: Summary, grouped: dict, expected: dict) -> None:
    """In order, the first of them, and the others together."""
    by, falls = ask.dice.choice([*asked.groups, *asked.measures]), ask.dice.random() < 0.5
    order = sorted(expected, key=lambda keys: [smallest_first(key) for key in keys])

    def place(keys):
        found = keys[asked.groups.index(by)] if by in asked.groups else expected[keys][asked.measures.index(by)]
        return smallest_first(found)

    order.sort(key=place, reverse=falls)
    ask.world.asked += 1
    found = ask.gate.summary(replace(asked, order=((by, falls),), limit=2, rest=True))
    assert [row.keys for row in found.rows] == order[:2]
    beyond = [row for keys in order[2:] for row in grouped[keys]]
    if not order[2:]:
        assert found.rest is None
        return
    lines = any("line" in row for row in beyond)
    assert found.rest.measures == tuple(
        None if lines and measure == Measure() else measured(beyond, measure) for measure in asked.measures
    )


def random_groups(ask: Asking, of_lines: bool) -> tuple[Group, ...]:
    names = ask.dice.sample([*KEYS, *(LINE_KEYS if of_lines else ())], ask.dice.choice((0, 1, 1, 2, 2)))
    return tuple(Group(n, ask.dice.choice(PERIODS) if n in ("day", "met") and ask.dice.random() < 0.9 else "") for n in names)


def random_measures(ask: Asking, of_lines: bool) -> tuple[Measure, ...]:
    numbers = LINE_NUMBERS if of_lines and ask.dice.random() < 0.9 else NUMBERS
    some = [Measure(), Measure("count", "lines" if of_lines else "helper"), Measure("sum", ask.dice.choice(numbers))]
    some += [Measure("average", ask.dice.choice(numbers)), Measure(ask.dice.choice(("min", "max")), ask.dice.choice(numbers))]
    some += [] if of_lines else [Measure(ask.dice.choice(("min", "max")), ask.dice.choice(("day", "met")))]
    return tuple(ask.dice.sample(some, ask.dice.randint(1, 3)))


def kept(ask: Asking, where, search: str) -> dict[int, dict]:
    view = ask.judged("visit", where) if where is not True else ask.oracle.view("visit", ask.actor)
    within = searched(ask, "visit", search) if search else view
    return {i: row for i, row in view.items() if i in within}


def lines_of(row: dict) -> list[dict]:
    """Each line that shows, beside its record."""
    return [row | {"line": line} for line in row.get("lines") or ()]


def at(row: dict, path: str):
    return row["line"].get(path[6:]) if path.startswith("lines.") else row.get(path)


def key_of(row: dict, group: Group, zone: ZoneInfo):
    value = at(row, group.field)
    if value is None or not group.period:
        return value
    if isinstance(value, datetime.datetime):
        value = value.replace(tzinfo=datetime.timezone.utc).astimezone(zone).date()
    return {
        "day": value,
        "week": value - datetime.timedelta(value.weekday()),
        "month": value.replace(day=1),
        "quarter": value.replace(month=(value.month - 1) // 3 * 3 + 1, day=1),
        "year": value.replace(month=1, day=1),
    }[group.period]


def measured(rows: list[dict], measure: Measure):
    if measure == Measure():
        return len({row["id"] for row in rows})
    if measure.field == "lines":
        return len(rows)
    values = [value for row in rows if (value := at(row, measure.field)) is not None]
    if measure.kind == "count":
        return len(values)
    if measure.kind == "sum":
        return sum(values, Decimal(0))
    if measure.kind in ("min", "max"):
        return {"min": min, "max": max}[measure.kind](values, default=None)
    return (sum(values) / len(values)).quantize(Decimal("0.000001"), ROUND_HALF_UP) if values else None
