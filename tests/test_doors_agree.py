"""Doors agree: the same thing through the page, the commands, a bulk of them, an import and `load` gets the same answer."""

from __future__ import annotations

import os
from random import Random

import pytest
from depot_app import depot_app, lines_of, ordered, stocked
from doors import TAKEN, by_import, by_load, by_page, by_question, told
from formloom.platform.app import close_app, create_app
from order_app import build_app
from people import People
from small_app import form_of
from small_world import World
from web import WebClient

LONG = bool(os.environ.get("FORMLOOM_SOAK"))
ROLES = ("sales", "depot", "guest")
GOOD = {
    "about": ["A", "很好", "x" * 100],
    "express": [True, False],
    "note": ["hello", None, "<b>&"],
    "quantity": ["3", 1, "1000", "2.4", None],
    "carrier": ["North", None, "南"],
}
BAD = {
    "about": [None],
    "express": ["maybe"],
    "note": ["x" * 20_000],
    "quantity": ["three", "0", "-1", "1e5", "99999999999999", "NaN", "1.2.3"],
    "carrier": ["x" * 20_000],
    "product": [4711, 2**62],
}
FORGED = ("status", "rev_", "id", "created_by", "nobody", "deleted_at", "seq")


def document() -> dict:
    """The depot with some fields closed at some steps, and one that must be filled."""
    found = depot_app()
    order = form_of(found, "order")
    order["fields"][0]["required"] = True
    closed = {"note": {"open": "read"}, "express": {"open": "hidden"}, "lines.carrier": {"open": "read"}, "lines": {"shipped": "read"}}
    next(access for access in order["access"] if access["role"] == "sales")["cells"] |= closed
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
    from databases import SLUG
    from formloom.platform import db

    workspaces = db.Workspaces(doors_config)
    found = World(workspaces[SLUG], "depot")
    found.people = People(workspaces[SLUG], "depot")
    found.chair = stocked(found, "Chair", 1_000_000)
    yield found
    workspaces.dispose()


@pytest.fixture
def clients(depot, doors_config):
    app = create_app(doors_config)
    yield {role: WebClient(app).sign_in(depot.people[role]) for role in ROLES}
    close_app(app)


class Maker:
    """Makes cases of a seed; every fourth value is a bad one."""

    def __init__(self, depot, seed: int):
        self.depot = depot
        self.random = Random(seed)

    def value(self, key: str):
        spoiled = BAD if self.random.random() < 0.15 else GOOD | {"product": [self.depot.chair.id]}
        return self.random.choice(spoiled[key])

    def values(self) -> dict:
        found = {key: self.value(key) for key in ("about", "express", "note") if self.random.random() < 0.8}
        found.setdefault("about", "A")
        found["lines"] = [self.line() for _ in range(self.random.randint(0, 3))]
        if self.random.random() < 0.2:
            found[self.random.choice(FORGED)] = "7"
        return found

    def line(self) -> dict:
        line = {key: self.value(key) for key in ("product", "quantity", "carrier")}
        if self.random.random() < 0.08:
            line[self.random.choice(("status", "record_id", "nothing"))] = "void"
        return {"quantity": "1", **line}


def case_ids(short: int, long: int) -> range:
    return range(long if LONG else short)


@pytest.mark.long
def test_new_records_through_every_door_without_pages(depot, tmp_path):
    seen = set()
    for seed in case_ids(60, 2000):
        values = Maker(depot, seed).values()
        by_command = told(depot.do("depot").create, "order", values)
        if not any("status" in line for line in values["lines"]):  # which `load` alone may state
            assert by_load(depot.do("depot"), values) == by_command, (seed, values)
        plain = {**values, "lines": [{k: v for k, v in line.items() if k != "product"} for line in values["lines"]]}
        expected = told(depot.engine.create, "order", plain)
        imported = by_import(depot.workspace, tmp_path / f"case_{seed}", plain)
        assert imported.taken == expected.taken, (seed, plain)
        assert imported.names <= expected.names | {"lines"} and bool(imported.names) == bool(expected.names), (seed, plain)
        seen |= by_command.names | {"taken"} if by_command == TAKEN else by_command.names
    assert {"taken", "quantity", "product", "about", "express", "note", "carrier"} <= seen and seen.intersection(FORGED)


@pytest.mark.long
@pytest.mark.databases("sqlite")
def test_new_records_through_the_page(depot, clients):
    for seed in case_ids(15, 400):
        maker = Maker(depot, 10_000 + seed)
        role, values = maker.random.choice(ROLES), maker.values()
        by_command = told(depot.do(role).create, "order", values)
        assert by_page(clients[role], "/apps/depot/order/new", values) == by_command, (seed, role, values)


STEPS = {"draft": (), "open": ("submit",), "cancelled": ("submit", "cancel")}


def orders_at(depot, step: str, count: int) -> list:
    """As many equal orders of two lines, at a status."""
    found = []
    for _ in range(count):
        order = ordered(depot, (depot.chair, 3), (depot.chair, 2))
        for transition in STEPS[step]:
            order = depot.engine.perform("order", order.id, transition)
        found.append(order)
    return found


@pytest.mark.long
@pytest.mark.databases("sqlite")
def test_edits_through_page_and_commands(depot, clients):
    for seed in case_ids(15, 400):
        maker = Maker(depot, 20_000 + seed)
        role, step = maker.random.choice(ROLES), maker.random.choice(list(STEPS))
        one, other = orders_at(depot, step, 2)
        values = maker.values()
        del values["lines"]
        values.pop("status", None)  # which the page of a record posts: where it was seen
        if maker.random.random() < 0.5:
            values["lines"] = [{"carrier": maker.value("carrier")}, {"quantity": maker.value("quantity")}]
        by_command = told(edit, depot, role, one, values)
        sent = with_ids(depot, other, values)
        assert by_page(clients[role], f"/apps/depot/order/{other.id}", sent) == by_command, (seed, role, step, values)


def with_ids(depot, order, values: dict) -> dict:
    if "lines" not in values:
        return values
    ids = [line["id"] for line in lines_of(depot, order)]
    return values | {"lines": [{"id": ids[index]} | line for index, line in enumerate(values["lines"])]}


def edit(depot, role: str, order, values: dict):
    """As somebody does who has just opened the record."""
    before = depot.sees(order)
    sent = with_ids(depot, order, values)
    base = {key: before.get(key) for key in sent}
    if "lines" in sent:
        base["lines"] = [{key: line[key] for key in ("id", *values["lines"][index])} for index, line in enumerate(before["lines"])]
    return depot.do(role).edit("order", order.id, sent, base)


@pytest.mark.long
def test_what_is_foreseen_is_what_happens(depot):
    """The preview, one command and a bulk of them answer alike, for transitions of records and of lines."""
    taken = 0
    for seed in case_ids(40, 1500):
        maker = Maker(depot, 30_000 + seed)
        role, key, index, asked = transition_case(maker)
        first, *rest = ready(depot, key, index, orders_at(depot, maker.random.choice(list(STEPS)), 3))
        taken_one = told(take, depot, role, first, key, index, asked)
        row = row_of(depot, rest[0], index)
        assert told(depot.do(role).effects, "order", rest[0].id, key, asked, row) == taken_one, (seed, role, key)
        bulk = {told(take, depot, role, order, key, index, asked) for order in rest}
        assert bulk == {taken_one}, (seed, role, key)
        taken += taken_one.taken
    assert taken > 2


@pytest.mark.long
@pytest.mark.databases("sqlite")
def test_transitions_through_page_and_commands(depot, clients):
    for seed in case_ids(25, 600):
        maker = Maker(depot, 40_000 + seed)
        role, key, index, asked = transition_case(maker)
        one, other = ready(depot, key, index, orders_at(depot, maker.random.choice(list(STEPS)), 2))
        by_command = told(take, depot, role, one, key, index, asked)
        row = row_of(depot, other, index)
        path = f"/apps/depot/order/{other.id}/transitions/{key}" + ("" if row is None else f"/{row}")
        sent = {(name if row is None else f"lines-0-{name}"): str(value or "") for name, value in asked.items()}
        by_page_too = by_question(clients[role], path, sent)
        assert by_page_too.taken == by_command.taken, (seed, role, key, asked)
        if by_page_too.names != {"lines"}:  # closed as a whole, where the command names the column
            assert by_page_too == by_command, (seed, role, key, asked)


def transition_case(maker: Maker) -> tuple:
    """(role, transition, index of a line or None, what is filled in)"""
    random = maker.random
    key = random.choice(("submit", "cancel", "pick", "void", "ship", "gather", "nowhere"))
    index = random.choice((0, 1)) if key in ("pick", "void", "ship", "gather") else None
    if random.random() < 0.1:
        index = None if index is not None else 0
    asked = {"carrier": maker.value("carrier")} if key == "ship" else {}
    if random.random() < 0.15:
        asked[random.choice(("quantity", "nobody") if index is None else ("quantity", "status", "nobody"))] = "1"
    return random.choice(ROLES), key, index, asked


def row_of(depot, order, index: int | None) -> int | None:
    return None if index is None else lines_of(depot, order)[index]["id"]


def take(depot, role: str | None, order, key: str, index: int | None, asked: dict):
    do = depot.do(role) if role else depot.engine
    return do.perform("order", order.id, key, asked, row=row_of(depot, order, index))


def ready(depot, key: str, index: int | None, orders: list) -> list:
    """Lines that are to be shipped are picked first, where that is possible."""
    for order in orders:
        if key == "ship" and index is not None:
            told(take, depot, None, order, "pick", index, {})
    return orders

