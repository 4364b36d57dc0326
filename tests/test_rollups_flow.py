"""Roll-ups and what moves records: lines with a status each, effects on other records, what would change."""

from __future__ import annotations

import pytest
from formloom.platform.errors import Refused
from formloom.platform.workflow.soundness import check
from rollup_app import counts, formula, read, rollup_app, sums
from small_app import field, field_of, form_of, status, text, transition
from small_world import World


def shipping() -> dict:
    """Lines are waiting, shipped or lost; products count them by that, and orders come to each customer's ear."""
    document = rollup_app()
    steps = [status("waiting", "start"), status("shipped", "done"), status("lost", "exception")]
    document["status_lists"].append({"key": "steps", "label": text("Steps"), "statuses": steps})
    order, product = form_of(document, "order"), form_of(document, "product")
    field_of(document, "order", "lines")["settings"] = {"status_list": "steps"}
    away = {"===": [read("status"), "shipped"]}
    product["fields"] += [
        field("shipped", "rollup", settings=sums("order", "lines.product", "quantity", where=away)),
        field("waiting", "rollup", settings=counts("order", "lines.product", where={"===": [read("status"), "waiting"]})),
    ]
    order["transitions"] += [
        transition("ship", "waiting", "shipped", rows="lines"),
        transition("lose", "waiting", "lost", rows="lines"),
    ]
    return document


def test_lines_count_by_their_own_status(workspace):
    world = World(workspace, shipping())
    do = world.do("staff")
    chai = do.create("product", {"name": "Chai"})
    lines = [{"product": chai.id, "quantity": n, "price": "1"} for n in ("3", "4", "5")]
    made = do.create("order", {"lines": lines})
    ids = [line["id"] for line in world.sees(made)["lines"]]

    def seen() -> tuple:
        values = world.sees(chai)
        return values["waiting"], values["shipped"]

    assert seen() == (3, 0)
    do.perform("order", made.id, "ship", row=ids[0])
    do.perform("order", made.id, "lose", row=ids[1])
    assert seen() == (1, 3)
    do.delete("order", made.id)
    assert seen() == (0, 0)
    do.restore("order", made.id)
    do.perform("order", made.id, "ship", row=ids[2])
    assert seen() == (0, 8)
    assert check(workspace) == []


def closing_all() -> dict:
    """Closing a customer closes their open orders, each of which an effect changes."""
    document = rollup_app()
    customer = form_of(document, "customer")
    customer["status_list"] = "flow"
    customer["access"] = [customer["access"][0] | {"delete": ["open"]}]
    close = {"form": "order", "via": "customer", "where": {"===": [read("status"), "open"]}, "transition": "close"}
    owed = {"key": "owed", "rule": {"<=": [read("open"), 100]}, "message": text("{open} is still open")}
    effects = [{"key": "all", "type": "update", "settings": close}]
    customer["transitions"] = [transition("leave", "open", "done", effects=effects, guards=[owed], preview=True)]
    return document


@pytest.fixture
def leaving(workspace):
    world = World(workspace, closing_all())
    do = world.do("staff")
    world.region = do.create("region", {"name": "North"})
    world.ada = do.create("customer", {"name": "Ada", "limit": "10", "region": world.region.id})
    for amount in ("20", "30"):
        lines = [{"quantity": "1", "price": amount}]
        do.create("order", {"customer": world.ada.id, "lines": lines})
    return world


def test_what_an_effect_does_to_many_records_comes_back_to_the_one_it_began_with(leaving):
    assert (leaving.sees(leaving.ada)["open"], leaving.sees(leaving.region)["open"]) == (50, 50)
    leaving.do("staff").perform("customer", leaving.ada.id, "leave")
    seen = leaving.sees(leaving.ada)
    assert (seen["orders"], seen["open"], seen["free"], leaving.sees(leaving.region)["open"]) == (2, 0, 10, 0)
    assert check(leaving.workspace) == []


def test_a_guard_over_a_sum_refuses_and_leaves_all(leaving):
    lines = [{"quantity": "1", "price": "60"}]
    leaving.do("staff").create("order", {"customer": leaving.ada.id, "lines": lines})
    with pytest.raises(Refused, match="110.00 is still open"):
        leaving.do("staff").perform("customer", leaving.ada.id, "leave")
    assert leaving.sees(leaving.region)["open"] == 110


def test_sums_are_part_of_what_a_transition_would_change(leaving):
    foreseen = leaving.do("staff").effects("customer", leaving.ada.id, "leave")
    changes = {(one.after.form.key, path): (old, new) for one in foreseen for path, old, new in one.changes}
    assert changes["customer", "open"] == (50, 0)
    assert changes["customer", "free"] == (-40, 10)
    assert changes["region", "open"] == (50, 0)
    assert leaving.sees(leaving.ada)["open"] == 50
    assert check(leaving.workspace) == []


def test_formulas_over_a_snapshot_stay_as_they_were_taken(workspace):
    """A roll-up over a formula over a snapshot moves when its record does, never with what was copied."""
    document = rollup_app()
    order, customer = form_of(document, "order"), form_of(document, "customer")
    order["fields"] += [
        field("rate", "lookup", settings={"via": "customer", "field": "limit"}),
        formula("share", {"*": [read("total"), read("rate")]}),
    ]
    customer["fields"].append(field("shares", "rollup", settings=sums("order", "customer", "share")))
    world = World(workspace, document)
    do = world.do("staff")
    ada, bob = (do.create("customer", {"name": name, "limit": limit}) for name, limit in (("Ada", "2"), ("Bob", "3")))
    made = do.create("order", {"customer": ada.id, "lines": [{"quantity": "1", "price": "10"}]})
    assert (world.sees(made)["share"], world.sees(ada)["shares"]) == (20, 20)
    do.edit("customer", ada.id, {"limit": "5"}, {"limit": "2"})
    do.create("payment", {"order": made.id, "amount": "1"})
    assert (world.sees(made)["rate"], world.sees(made)["share"], world.sees(ada)["shares"]) == (2, 20, 20)
    do.edit("order", made.id, {"customer": bob.id}, {"customer": ada.id})
    assert (world.sees(made)["share"], world.sees(ada)["shares"], world.sees(bob)["shares"]) == (30, 0, 30)
    assert check(workspace) == []
