"""The effect `move`: the ledger and the balance change together and by the same amount; `create` puts lines together."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest
from depot_app import RESERVE, depot_app, every, lines_of, ordered, stocked
from depot_app import depot as depot
from depot_app import depot_config as depot_config
from formloom.platform.errors import Refused
from formloom.platform.workflow.soundness import check
from processes import together
from small_app import form_of
from small_world import World

SIGNS = {"reserve": 1, "ship": -1}


def submit(depot, *lines, **values):
    order = ordered(depot, *lines, **values)
    depot.do("sales").perform("order", order.id, "submit")
    return order


def unbalanced(depot) -> list:
    """Products whose reserved units are not the sum of their moves, or more than there are."""
    moved, wrong = defaultdict(Decimal), []
    for row in every(depot, "move", "kind", "product", "quantity"):
        moved[row.values["product"]] += SIGNS[row.values["kind"]] * row.values["quantity"]
    for row in every(depot, "product", "on_hand", "reserved"):
        if row.values["reserved"] != moved[row.id] or row.values["reserved"] > row.values["on_hand"]:
            wrong.append((row.id, row.values, moved[row.id]))
    return wrong


def test_as_much_as_there_is_is_taken_and_written_back(depot):
    chair, lamp = stocked(depot, "Chair", 10), stocked(depot, "Lamp", 2)
    order = submit(depot, (chair, 3), (lamp, 5))
    assert [line["reserved"] for line in lines_of(depot, order)] == [3, 2]
    assert [depot.sees(product)["available"] for product in (chair, lamp)] == [7, 0]
    moves = [(row.values["product"], row.values["quantity"]) for row in every(depot, "move", "product", "quantity")]
    assert moves == [(chair.id, 3), (lamp.id, 2)]
    assert unbalanced(depot) == []
    assert check(depot.workspace) == []


def test_two_lines_of_one_product_share_what_there_is(depot):
    lamp = stocked(depot, "Lamp", 5)
    order = submit(depot, (lamp, 3), (lamp, 3), (lamp, 1))
    assert [line["reserved"] for line in lines_of(depot, order)] == [3, 2, 0]
    assert len(every(depot, "move")) == 2
    assert unbalanced(depot) == []


def test_of_what_is_overdrawn_already_nothing_is_taken(depot):
    lamp = stocked(depot, "Lamp", 5)
    submit(depot, (lamp, 5))
    depot.engine.edit("product", lamp.id, {"on_hand": 3}, {"on_hand": 5})
    order = submit(depot, (lamp, 1))
    assert [line["reserved"] for line in lines_of(depot, order)] == [0]
    assert depot.sees(lamp)["reserved"] == 5


def test_all_or_nothing_refuses_with_the_sentence(workspace, config):
    document = depot_app()
    (submit_it,) = (t for t in form_of(document, "order")["transitions"] if t["key"] == "submit")
    del submit_it["effects"][0]["settings"]["as_far_as"]
    strict = World(workspace, document)
    chair, lamp = stocked(strict, "Chair", 10), stocked(strict, "Lamp", 2)
    with pytest.raises(Refused, match="Lamp: … left") as refused:
        submit(strict, (chair, 3), (lamp, 5))
    assert refused.value.lifters == ("depot",)
    assert every(strict, "move") == []
    assert strict.sees(chair)["reserved"] == 0
    submit(strict, (chair, 3), (lamp, 2))
    assert unbalanced(strict) == []


def test_an_amount_is_rounded_once_for_ledger_balance_and_line(workspace, config):
    document = depot_app()
    product = form_of(document, "product")
    for field in product["fields"]:
        if field["type"] == "number":
            field["settings"]["scale"] = 2
    (submit_it,) = (t for t in form_of(document, "order")["transitions"] if t["key"] == "submit")
    submit_it["effects"][0]["settings"] |= {"amount": {"/": [{"var": "line.quantity"}, 2]}}
    halves = World(workspace, document)
    chair = stocked(halves, "Chair", 10)
    order = submit(halves, (chair, 3))
    assert lines_of(halves, order)[0]["reserved"] == 2
    assert halves.sees(chair)["reserved"] == 2
    assert [row.values["quantity"] for row in every(halves, "move", "quantity")] == [2]


def test_a_line_moves_by_itself(depot):
    chair = stocked(depot, "Chair", 10)
    order = submit(depot, (chair, 3), (chair, 2))
    row = lines_of(depot, order)[1]["id"]
    depot.do("depot").perform("order", order.id, "pick", row=row)
    depot.do("depot").perform("order", order.id, "ship", {"carrier": "North"}, row=row)
    assert (depot.sees(chair)["on_hand"], depot.sees(chair)["reserved"]) == (8, 3)
    assert [row.values["quantity"] for row in every(depot, "move", "quantity")] == [3, 2, 2]
    assert unbalanced(depot) == []


def test_what_is_short_becomes_one_request_a_supplier(depot):
    north, south = (depot.engine.create("supplier", {"name": name}) for name in ("North", "South"))
    chair, lamp = stocked(depot, "Chair", 1, north), stocked(depot, "Lamp", 0, south)
    desk, rug, shelf = stocked(depot, "Desk", 0, north), stocked(depot, "Rug", 0), stocked(depot, "Shelf", 9, south)
    order = submit(depot, (chair, 3), (lamp, 4), (desk, 5), (rug, 6), (shelf, 7))
    found = {}
    for row in every(depot, "request", "supplier", "order"):
        with depot.gate() as gate:
            lines = gate.record("request", row.id).values["lines"]
        found[row.values["supplier"]] = [(line["product"], line["quantity"]) for line in lines]
        assert row.values["order"] == order.id
    assert found == {north.id: [(chair.id, 2), (desk.id, 5)], south.id: [(lamp.id, 4)], None: [(rug.id, 6)]}
    with depot.gate() as gate:
        event = gate.history("request", 1)[0]
    assert (event.kind, event.cause["transition"]) == ("created", "submit")


def test_sixteen_take_as_far_as_it_goes_and_never_too_much(depot, depot_config):
    lamp = stocked(depot, "Lamp", 100)
    waiting = [ordered(depot, (lamp, 3), about=f"A{n}").id for n in range(48)]
    together(depot_config, "submits_to_depot", 16, waiting)
    taken = [lines_of(depot, row)[0]["reserved"] for row in every_saved(depot)]
    assert sum(taken) == 100
    assert sorted(taken) == [0] * 14 + [1] + [3] * 33
    assert depot.sees(lamp)["available"] == 0
    assert unbalanced(depot) == []
    assert check(depot.workspace) == []


def every_saved(depot):
    from formloom.platform.workflow.commands import Saved

    return [Saved("order", row.id, row.rev, row.status) for row in every(depot, "order")]


@pytest.mark.parametrize(
    ("place", "settings"),
    [
        ("target", {"target": "about"}),
        ("form", {"form": "nowhere"}),
        ("changes[available]", {"changes": {"available": 1}}),
        ("changes[name]", {"changes": {"name": 1}}),
        ("link", {"link": "order"}),
        ("quantity", {"quantity": "kind"}),
        ("taken", {"taken": "lines.carrier"}),
        ("taken", {"taken": "lines.nowhere"}),
        ("amount", {"amount": "three"}),
        ("values[nowhere]", {"values": {"nowhere": 1}}),
        ("status", {"status": "booked"}),
    ],
)
def test_settings_that_cannot_be_are_named(place, settings):
    from formloom.platform.definition.schema import load
    from formloom.platform.registry import actions

    app = load(depot_app())
    found = actions["move"].problems({**RESERVE["settings"], **settings}, app.form_by_key["order"], app)
    assert [problem.path for problem in found] == [place]
