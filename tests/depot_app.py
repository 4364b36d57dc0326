"""An app to test line statuses and effects with: orders whose lines go their own way, stock, requests, receipts,
changes; and a world of it: `depot.do("sales").create("order", ...)`.
"""

from __future__ import annotations

import json

import pytest
from databases import SLUG
from formloom.platform import db
from order_app import build_app
from small_app import field, status, text
from small_world import World


def var(path: str) -> dict:
    return {"var": path}


def link(key: str, form: str) -> dict:
    return field(key, "link", settings={"form": form})


def number(key: str, **rest) -> dict:
    return field(key, "number", settings={"scale": 0}, **rest)


def rows(key: str, *columns: dict, **settings) -> dict:
    return field(key, "rows", settings=settings, fields=list(columns))


def step(key: str, sources: str, target: str, *effects: dict, roles: str = "sales depot", **rest) -> dict:
    found = {"key": key, "label": text(key.title()), "sources": sources.split(), "target": target}
    return found | {"who": {"roles": roles.split()}, "effects": list(effects)} | rest


def by_itself(key: str, sources: str, target: str, rule, *effects: dict, **rest) -> dict:
    guard = {"key": "due", "rule": rule, "message": text("Not yet.")}
    return step(key, sources, target, *effects, automatic=True, guards=[guard], **rest) | {"who": {}}


def effect(key: str, type: str, **settings) -> dict:
    return {"key": key, "type": type, "settings": settings}


def hold(rule, words: str, *lift: str) -> dict:
    return {"key": "hold", "rule": rule, "message": text(words), "lift": list(lift)}


def flow(key: str, *statuses: dict) -> dict:
    return {"key": key, "label": text(key.title()), "statuses": list(statuses)}


def form(key: str, *fields: dict, roles: str = "sales depot", also: str = "", **rest) -> dict:
    """`also`: the roles that read its title."""
    title = fields[0]["key"]
    access = [
        {"role": role, "scope": "all", "create": True, "load": role == "depot", "cells": {"*": {"*": "edit"}}}
        for role in roles.split()
    ] + [{"role": role, "scope": "all", "cells": {title: {"*": "read"}}} for role in also.split()]
    labels = {"key": key, "label": text(key.title()), "plural": text(f"{key.title()}s"), "title": title}
    return labels | {"fields": list(fields), "access": access} | rest


ENOUGH = hold({"<=": [var("target.reserved"), var("target.on_hand")]}, "{target.name}: {target.available} left.", "depot")
RESERVE = effect(
    "reserve",
    "move",
    each="lines",
    target="line.product",
    amount=var("line.quantity"),
    as_far_as=True,
    taken="lines.reserved",
    changes={"reserved": 1},
    holds=[ENOUGH],
    form="move",
    link="product",
    quantity="quantity",
    values={"kind": "reserve", "order": var("id")},
)
MISSING = {"-": [var("line.quantity"), var("line.reserved")]}
REQUEST = effect(
    "request",
    "create",
    form="request",
    each="lines",
    when={">": [MISSING, 0]},
    group=var("line.product.supplier"),
    values={"about": {"cat": ["For ", var("about")]}, "supplier": var("line.product.supplier"), "order": var("id")},
    rows={"lines": {"each": "lines", "values": {"product": var("line.product"), "quantity": MISSING}}},
)
SHIP = effect(
    "ship",
    "move",
    target="line.product",
    amount=var("line.quantity"),
    changes={"reserved": -1, "on_hand": -1},
    holds=[hold({">=": [var("target.on_hand"), 0]}, "{target.name}: {line.quantity} are too many.", "depot")],
    form="move",
    link="product",
    quantity="quantity",
    values={"kind": "ship", "order": var("id")},
)
SHIPPED = {"all": [var("lines"), {"in": [var("status"), ["shipped", "void"]]}]}
ORDER = form(
    "order",
    field("about"),
    field("express", "flag"),
    field("note"),
    rows(
        "lines",
        link("product", "product"),
        number("quantity", checks=[{"key": "some", "rule": {">": [var("quantity"), 0]}, "message": text("Too few.")}]),
        number("reserved"),
        field("carrier"),
        field("packer", "person"),
        status_list="line_flow",
    ),
    field(
        "open_lines", "formula",
        settings={"rule": {"count": [{"filter": [var("lines"), {"===": [var("status"), "waiting"]}]}]}, "result": "number"},
    ),
    status_list="order_flow",
    transitions=[
        step("replan", "draft", "draft", ask=[{"field": "lines", "required": True}]),
        step("submit", "draft", "open", RESERVE, REQUEST, preview=True),
        step(
            "pick", "waiting", "picked", roles="depot", rows="lines",
            who={"roles": ["depot"], "fields": ["packer"]},
            guards=[
                {"key": "all", "rule": {"===": [var("reserved"), var("quantity")]}, "lift": ["buyer"],
                 "message": text("{product.name}: only {reserved} of {quantity} are reserved.")},
                {"key": "open", "rule": {"===": [var("header.status"), "open"]}, "message": text("{header.about} is not open.")},
            ],
        ),
        step(
            "ship", "picked", "shipped", SHIP, effect("noted", "set", values={"note": {"cat": ["last: ", var("line.carrier")]}}),
            rows="lines", ask=[{"field": "carrier", "required": True}], preview=True,
        ),
        step("void", "waiting picked", "void", rows="lines"),
        by_itself("gather", "waiting", "picked", {"and": [var("header.express"), {"===": [var("reserved"), var("quantity")]}]}, rows="lines"),
        by_itself("done", "open", "shipped", {"and": [{">": [{"count": [var("lines")]}, 0]}, SHIPPED]}),
        step(
            "cancel", "open", "cancelled",
            effect("requests", "update", form="request", via="order", transition="withdraw", optional=True),
        ),
    ],
)  # fmt: skip
REQUESTED = form(
    "request",
    field("about"),
    link("supplier", "supplier"),
    link("order", "order"),
    rows("lines", link("product", "product"), number("quantity"), number("received")),
    status_list="request_flow",
    transitions=[
        step("buy", "asked", "bought"),
        step(
            "withdraw", "asked", "withdrawn",
            guards=[{"key": "none", "rule": {"!": [{"some": [var("lines"), {">": [var("received"), 0]}]}]},
                     "message": text("Some of it is here.")}],
        ),
        by_itself("all_here", "bought", "here", {"all": [var("lines"), {">=": [var("received"), var("quantity")]}]}),
    ],
)  # fmt: skip
RECEIPT = form(
    "receipt",
    field("about"),
    link("request", "request"),
    rows("lines", link("product", "product"), number("quantity")),
    status_list="paper_flow",
    transitions=[
        step(
            "book", "new_one", "booked",
            effect(
                "received", "update", each="lines", target="request",
                holds=[hold({"===": [var("target.status"), "bought"]}, "{target.about} was not bought.", "buyer")],
                lines={
                    "rows": "lines", "match": {"===": [var("target.product"), var("line.product")]},
                    "values": {"received": {"+": [{"if": [{"===": [var("target.received"), None]}, 0, var("target.received")]}, var("line.quantity")]}},
                    "refuse": text("{line.product.name} was not asked for."), "lift": ["buyer"],
                },
            ),
        ),
    ],
)  # fmt: skip
CHANGE = form(
    "change",
    field("about"),
    link("order", "order"),
    rows("lines", link("product", "product"), number("quantity")),
    status_list="paper_flow",
    transitions=[
        step(
            "apply", "new_one", "booked",
            effect(
                "lines", "update", each="lines", target="order", values={"note": {"cat": ["changed by ", var("about")]}},
                holds=[hold({"in": [var("target.status"), ["draft", "open"]]}, "{target.about} cannot change any more.", "sales")],
                lines={
                    "rows": "lines", "match": {"===": [var("target.product"), var("line.product")]},
                    "values": {"quantity": var("line.quantity")},
                    "add": {"product": var("line.product"), "quantity": var("line.quantity")},
                },
            ),
            preview=True,
        ),
    ],
)  # fmt: skip
BUYER = {"role": "buyer", "scope": "all", "create": True, "cells": {"*": {"*": "edit"}, "lines.carrier": {"*": "hidden"}}}
APP = {
    "format": 1,
    "key": "depot",
    "label": text("Depot"),
    "roles": [{"key": key, "label": text(key.title())} for key in ("sales", "depot", "buyer", "guest")],
    "status_lists": [
        flow("order_flow", status("draft", "start"), status("open"), status("shipped", "done"), status("cancelled", "cancelled")),
        flow("line_flow", status("waiting", "start"), status("picked"), status("shipped", "done"), status("void", "cancelled")),
        flow("request_flow", status("asked", "start"), status("bought"), status("here", "done"), status("withdrawn", "cancelled")),
        flow("paper_flow", status("new_one", "start"), status("booked", "done")),
    ],
    "forms": [
        ORDER | {"access": [*ORDER["access"], {"role": "guest", "scope": "all", "cells": {"about": {"*": "read"}}}, BUYER]},
        form(
            "product", field("name"), number("on_hand", default=0), number("reserved", default=0),
            field("available", "formula", settings={"rule": {"-": [var("on_hand"), var("reserved")]}, "result": "number", "scale": 0}),
            link("supplier", "supplier"), roles="depot", also="sales",
        ),
        form("supplier", field("name"), roles="depot"),
        form("move", field("kind"), link("product", "product"), number("quantity"), link("order", "order"), roles="depot"),
        REQUESTED,
        RECEIPT,
        CHANGE,
    ],
}  # fmt: skip


def depot_app() -> dict:
    """A document of one's own to change."""
    return json.loads(json.dumps(APP))


def build_depot(config) -> None:
    """A workspace where the app runs, and a person with an account for each of its roles."""
    build_app(config, depot_app())


@pytest.fixture
def depot_config(database, databases, tmp_path):
    made = databases.fresh(database, "depot", build_depot, tmp_path / "depot")
    yield made
    databases.drop(made)


@pytest.fixture
def depot(depot_config):
    workspaces = db.Workspaces(depot_config)
    yield World(workspaces[SLUG], "depot")
    workspaces.dispose()


def stocked(depot: World, name: str, on_hand: int, supplier=None):
    values = {"name": name, "on_hand": on_hand, "supplier": supplier and supplier.id}
    return depot.engine.create("product", values)


def ordered(depot: World, *lines, about: str = "A1", **values):
    """An order with lines of (product, quantity)."""
    rows = [{"product": product.id, "quantity": quantity} for product, quantity in lines]
    return depot.do("sales").create("order", {"about": about, "lines": rows, **values})


def lines_of(depot: World, order) -> list[dict]:
    return depot.sees(order)["lines"]


def every(depot: World, form: str, *fields: str) -> list:
    """The rows of a form, oldest first."""
    from formloom.platform.definition.model import Sort
    from formloom.platform.records.query import Query

    with depot.gate() as gate:
        return list(gate.page(Query(form, fields, sort=(Sort("id"),), limit=500)).rows)
