"""The depot as the tests of doors have it: rights by role and step, rules, questions, links; and random cases for it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from random import Random

import pytest
from databases import SLUG
from depot_app import depot_app, hold, lines_of, ordered, step, stocked, var
from formloom.platform import db
from formloom.platform.app import close_app, create_app
from order_app import build_app
from people import People
from small_app import field as of_form
from small_app import form_of, text
from small_world import World
from web import WebClient

LONG = bool(os.environ.get("FORMLOOM_SOAK"))
ROLES = ("sales", "depot", "guest", "buyer")
ASKED = ("about", "express", "note", "room", "day")
ROOMS = [{"key": key, "label": text(key.title())} for key in ("north", "south")]
STEPS = {"draft": (), "open": ("submit",), "cancelled": ("submit", "cancel")}
GOOD = {
    "about": ["A", "很好", "x" * 100],
    "express": [True, False],
    "note": ["hello", None, "<b>&"],
    "room": ["south", "north", None],
    "day": ["2026-11-11", "2024-02-29", None],
    "quantity": ["3", 1, "1000", "2.4", None],
    "carrier": ["North", None, "南"],
}
BAD = {
    "about": [None],
    "express": ["maybe"],
    "note": ["x" * 20_000],
    "room": ["cellar"],
    "day": ["2026-02-30", "someday", "2026-12-24"],
    "quantity": ["three", "0", "-1", "1e5", "99999999999999", "NaN", "1.2.3"],
    "carrier": ["x" * 20_000],
    "product": [4711, 2**62],
}
FORGED = ("status", "rev_", "id", "created_by", "nobody", "deleted_at", "seq")
NO_DAY_OFF = {"key": "off", "rule": {"!==": [var("day"), "2026-12-24"]}, "message": text("Nobody works then.")}
PLANNED = hold({"!==": [var("room"), None]}, "Say which room.", "depot")


def document() -> dict:
    """Some fields closed at some steps, some that must be filled; buyers see only what is their own."""
    found = depot_app()
    order = form_of(found, "order")
    order["fields"][0]["required"] = True
    order["fields"] += [of_form("room", "choice", settings={"options": ROOMS}), of_form("day", "date", checks=[NO_DAY_OFF])]
    closed = {
        "note": {"open": "read"}, "express": {"open": "hidden"}, "lines.carrier": {"open": "read"}, "lines": {"shipped": "read"},
        "room": {"open": "read"}, "day": {"cancelled": "hidden"},
    }  # fmt: skip
    by_role = {access["role"]: access for access in order["access"]}
    by_role["sales"]["cells"] |= closed
    by_role["buyer"]["scope"] = "own"
    order["transitions"] += [
        step("hurry", "draft", "open", guards=[PLANNED]),
        step("drop", "draft open", "cancelled", ask=[{"field": "note", "required": True}]),
        step("reopen", "cancelled", "draft", roles="depot", confirm=text("Once more?")),
    ]
    order |= {"public": {"fields": list(ASKED), "a_day": 10_000, "roles": ["sales"]}, "tracking": {"fields": ["about"], "roles": ["sales"]}}
    return found


def build_doors(config) -> None:
    build_app(config, document())


@pytest.fixture
def doors_config(database, databases, tmp_path):
    made = databases.fresh(database, "doors", build_doors, tmp_path / "doors")
    yield made
    databases.drop(made)


@pytest.fixture
def depot(doors_config):
    workspaces = db.Workspaces(doors_config)
    found = World(workspaces[SLUG], "depot")
    found.people = People(workspaces[SLUG], "depot")
    found.chair = stocked(found, "Chair", 1_000_000)
    yield found
    workspaces.dispose()


@pytest.fixture
def clients(depot, doors_config):
    """By role; "" has not signed in."""
    app = create_app(doors_config)
    yield {"": WebClient(app)} | {role: WebClient(app).sign_in(depot.people[role]) for role in ROLES}
    close_app(app)


def case_ids(short: int, long: int, first: int = 0) -> range:
    return range(first, first + (long if LONG else short))


class Maker:
    """Makes values of a seed; every tenth is a bad one."""

    def __init__(self, depot: World, seed: int):
        self.depot = depot
        self.random = Random(seed)

    def value(self, key: str):
        spoiled = BAD if self.random.random() < 0.1 else GOOD | {"product": [self.depot.chair.id]}
        return self.random.choice(spoiled[key])

    def values(self) -> dict:
        found = {key: self.value(key) for key in ASKED if self.random.random() < 0.6}
        found.setdefault("about", "A")
        found["lines"] = [self.line() for _ in range(self.random.choice((0, 0, 1, 3)))]
        if not found["lines"]:
            del found["lines"]
        if self.random.random() < 0.1:
            found[self.random.choice(FORGED)] = "7"
        return found

    def line(self) -> dict:
        keys = ("product", "quantity", "carrier") if self.random.random() < 0.5 else ("quantity", "carrier")
        line = {key: self.value(key) for key in keys}
        if self.random.random() < 0.08:
            line[self.random.choice(("status", "record_id", "nothing"))] = "void"
        return line if any(line.values()) else {"quantity": "1"}  # a page leaves out what is empty

    def role(self) -> str:
        """Whoever may do least asks less often."""
        return self.random.choices(ROLES, (5, 5, 1, 1))[0]


@dataclass(frozen=True)
class Change:
    """Values put into one record at a status."""

    role: str
    step: str
    values: dict = field(default_factory=dict)

    @cached_property
    def only(self) -> str:
        """Its field, where there is one."""
        return next(iter(self.values)) if len(self.values) == 1 else ""


@dataclass(frozen=True)
class Taking:
    """A transition, of the record or of the line with an index, and what is filled in."""

    role: str
    step: str
    key: str
    index: int | None
    asked: dict = field(default_factory=dict)


def a_change(maker: Maker) -> Change:
    """Mostly of one field, which every door can change."""
    role, at = maker.role(), maker.random.choice(list(STEPS))
    if maker.random.random() < 0.75:
        key = maker.random.choice((*ASKED, *ASKED, "nobody"))
        return Change(role, at, {key: maker.value(key) if key in ASKED else "7"})
    values = maker.values()
    values.pop("status", None)  # which the page of a record posts: where it was seen
    values.pop("lines", None)
    if maker.random.random() < 0.5:
        values["lines"] = [{"carrier": maker.value("carrier")}, {"quantity": maker.value("quantity")}]
    return Change(role, at, values)


def a_taking(maker: Maker) -> Taking:
    random = maker.random
    at = random.choice(list(STEPS))
    likely = {"draft": ("submit", "hurry", "hurry", "drop"), "open": ("cancel", "drop", "pick", "void", "ship"), "cancelled": ("reopen", "reopen", "pick")}
    key = random.choice(likely[at] if random.random() < 0.8 else ("submit", "cancel", "reopen", "gather", "nowhere"))
    index = random.choice((0, 1)) if key in ("pick", "void", "ship", "gather") else None
    if random.random() < 0.05:
        index = None if index is not None else 0
    asked = {"carrier": maker.value("carrier")} if key == "ship" else {"note": maker.value("note")} if key == "drop" else {}
    if random.random() < 0.1:
        asked[random.choice(("quantity", "nobody") if index is None else ("quantity", "status", "nobody"))] = "1"
    return Taking(maker.role(), at, key, index, asked)


def order_at(depot: World, at: str, room: str | None = None):
    """An order of two lines at a status."""
    order = ordered(depot, (depot.chair, 3), (depot.chair, 2), room=room)
    for transition in STEPS[at]:
        order = depot.engine.perform("order", order.id, transition)
    return order


def ready(depot: World, case: Taking, room: str | None = None):
    """An order at the status of a case; its line that is to be shipped is picked, where that is possible."""
    order = order_at(depot, case.step, room)
    if case.key == "ship" and case.index is not None and case.step == "open":
        order = depot.engine.perform("order", order.id, "pick", row=row_of(depot, order, case.index))
    return order


def row_of(depot: World, order, index: int | None) -> int | None:
    return None if index is None else lines_of(depot, order)[index]["id"]
