"""Random small apps that add up, and what every derived value must be, in plain Python.

A made app is a description (`Made`) from which both its definition and the oracle are read.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from decimal import Decimal

from formloom.platform.definition.checks import problems
from formloom.platform.definition.schema import load
from rollup_app import formula, read
from small_app import ACCESS, status, text, transition
from small_app import field as field_of

FORMS = ("alpha", "beta", "gamma")
NUMBERS = ("n", "m")
WHERES = {
    "": True,
    "open": {"===": [read("status"), "open"]},
    "not dropped": {"!==": [read("status"), "dropped"]},
    "ok": {"===": [read("ok"), True]},
    "n>3": {">": [read("n"), 3]},
}
LINE_WHERES = {
    "": True,
    "open": {"===": [read("header.status"), "open"]},
    "ok": {"===": [read("ok"), True]},
    "header ok": {"===": [read("header.ok"), True]},
    "n>3": {">": [read("n"), 3]},
}


@dataclass(frozen=True)
class Sum:
    """A roll-up of a form; `rows` tells whether it counts lines; `added` is "" where it counts."""

    form: str
    key: str
    source: str
    rows: bool
    via: str
    added: str
    where: str


@dataclass(frozen=True)
class Figure:
    """A formula of a form: two of its numbers with + or - between them."""

    form: str
    key: str
    sign: str
    left: str
    right: str


@dataclass
class Made:
    """Links are (form, rows, key, target); `derived` holds sums and figures in the order in which they were made."""

    links: list[tuple[str, bool, str, str]] = field(default_factory=list)
    derived: list[Sum | Figure] = field(default_factory=list)

    def numbers(self, form: str) -> list[str]:
        return [*NUMBERS, "total", *(one.key for one in self.derived if one.form == form)]


def made(seed: int) -> Made:
    """A random app that can be published."""
    chance, app = random.Random(seed), Made()
    for source in FORMS:
        for rows in (False, True):
            app.links += [(source, rows, f"to_{target}", target) for target in FORMS if chance.random() < 0.5]
    app.links = app.links or [("alpha", False, "to_beta", "beta")]
    for number in range(9):
        app.derived.append(_sum(chance, app, f"sum{number}") if chance.random() < 0.6 else _figure(chance, app, f"fig{number}"))
        if any(problem.severity == "block" for problem in problems(load(document(app)))):
            app.derived.pop()
    return app


def _sum(chance: random.Random, app: Made, key: str) -> Sum:
    source, rows, via, target = chance.choice(app.links)
    added = chance.choice(["n", "m", "times", "times", ""] if rows else [*app.numbers(source), ""])
    return Sum(target, key, source, rows, via, added, chance.choice(list(LINE_WHERES if rows else WHERES)))


def _figure(chance: random.Random, app: Made, key: str) -> Figure:
    form = chance.choice(FORMS)
    return Figure(form, key, chance.choice("+-"), chance.choice(app.numbers(form)), chance.choice(app.numbers(form)))


def document(app: Made) -> dict:
    flow = [status("open", "start"), status("done", "done"), status("dropped", "cancelled")]
    return {
        "format": 1,
        "key": "sums",
        "label": text("Sums"),
        "roles": [{"key": "staff", "label": text("Staff")}],
        "status_lists": [{"key": "flow", "label": text("Flow"), "statuses": flow}],
        "forms": [_form(app, key) for key in FORMS],
    }


def _form(app: Made, key: str) -> dict:
    plain = [field_of("n", "number"), field_of("m", "number"), field_of("ok", "flag")]
    links = {rows: [_link(way, to) for form, r, way, to in app.links if (form, r) == (key, rows)] for rows in (False, True)}
    lines = [*plain, formula("times", {"*": [read("n"), read("m")]}), *links[True]]
    total = formula("total", {"sum": [{"map": [read("lines"), read("times")]}]})
    derived = [_derived(one) for one in app.derived if one.form == key]
    return {
        "key": key,
        "label": text(key),
        "plural": text(key),
        "title": "n",
        "status_list": "flow",
        "fields": [*plain, *links[False], field_of("lines", "rows", fields=lines), total, *derived],
        "transitions": [
            transition("finish", "open", "done"), transition("drop", "open", "dropped"), transition("reopen", "dropped", "open"),
        ],
        "access": [ACCESS[0] | {"delete": ["open", "done", "dropped"], "load": True}],
    }  # fmt: skip


def _link(key: str, target: str) -> dict:
    return field_of(key, "link", settings={"form": target})


def _derived(one: Sum | Figure) -> dict:
    if isinstance(one, Figure):
        return formula(one.key, {one.sign: [read(one.left), read(one.right)]})
    settings = {"form": one.source, "via": f"lines.{one.via}" if one.rows else one.via, "measure": "sum" if one.added else "count"}
    settings |= {"field": one.added} if one.added else {}
    where = (LINE_WHERES if one.rows else WHERES)[one.where]
    return field_of(one.key, "rollup", settings=settings | ({} if where is True else {"where": where}))


# what must be


class Oracle:
    """The derived values of records as they stand: (form, id) -> {"status": ..., the values, "lines": [...]}."""

    def __init__(self, app: Made, records: dict[tuple[str, int], dict]):
        self.derived = {(one.form, one.key): one for one in app.derived}
        self.records = records

    def value(self, form: str, record_id: int, key: str) -> Decimal | None:
        record, one = self.records[form, record_id], self.derived.get((form, key))
        if key == "total":
            return sum((times for line in record["lines"] if (times := self.times(line)) is not None), Decimal(0))
        if one is None:
            return record[key]
        if isinstance(one, Figure):
            left, right = self.value(form, record_id, one.left), self.value(form, record_id, one.right)
            return None if left is None or right is None else left + right if one.sign == "+" else left - right
        return sum((amount for amount in self._counting(one, record_id) if amount is not None), Decimal(0))

    @staticmethod
    def times(line: dict) -> Decimal | None:
        return None if line["n"] is None or line["m"] is None else line["n"] * line["m"]

    def _counting(self, one: Sum, target: int):
        for (form, record_id), record in self.records.items():
            if form != one.source:
                continue
            for held in record["lines"] if one.rows else [record]:
                if held[one.via] != target or not _meant(one.where, held, record):
                    continue
                if not one.added:
                    yield Decimal(1)
                elif one.rows:
                    yield self.times(held) if one.added == "times" else held[one.added]
                else:
                    yield self.value(form, record_id, one.added)


def _meant(where: str, held: dict, record: dict) -> bool:
    return {
        "": True,
        "open": record["status"] == "open",
        "not dropped": record["status"] != "dropped",
        "ok": held["ok"] is True,
        "header ok": record["ok"] is True,
        "n>3": held["n"] is not None and held["n"] > 3,
    }[where]
