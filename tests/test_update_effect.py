"""The effect `update`: other records, their lines and their status change with a transition, as the engine does it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from depot_app import depot as depot
from depot_app import depot_config as depot_config
from depot_app import every, lines_of, ordered, stocked
from formloom.platform.errors import Conflict, Refused
from formloom.platform.jobs.worker import drain
from formloom.platform.workflow.soundness import check


@pytest.fixture
def chair(depot):
    return stocked(depot, "Chair", 10)


@pytest.fixture
def lamp(depot):
    return stocked(depot, "Lamp", 2)


def paper(depot, form, *lines, **values):
    rows = [{"product": product.id, "quantity": quantity} for product, quantity in lines]
    return depot.engine.create(form, {"about": form, "lines": rows, **values})


def changed_by(depot, order, *lines):
    change = paper(depot, "change", *lines, order=order.id)
    return depot.do("sales").perform("change", change.id, "apply")


def quantities(depot, order):
    return [(line["product"], line["quantity"]) for line in lines_of(depot, order)]


def test_lines_that_match_change_and_others_are_added(depot, chair, lamp):
    order = ordered(depot, (chair, 3))
    changed_by(depot, order, (chair, 4), (lamp, 1))
    assert quantities(depot, order) == [(chair.id, 4), (lamp.id, 1)]
    assert depot.sees(order)["note"] == "changed by change"
    assert lines_of(depot, order)[1]["status"] == "waiting"
    assert check(depot.workspace) == []


def test_the_event_tells_by_which_transition(depot, chair):
    order = ordered(depot, (chair, 3))
    change = changed_by(depot, order, (chair, 4))
    with depot.gate() as gate:
        event = gate.history("order", order.id)[0]
    assert event.kind == "updated"
    assert event.cause == {"form": "change", "id": change.id, "transition": "apply", "title": "change"}
    with depot.gate("guest") as gate:
        assert gate.history("order", order.id)[0].cause is None
    assert {told.path: told.new for told in event.changes if told.path != "note"}.popitem()[1] == "4"


def test_whoever_had_it_open_is_told(depot, chair):
    order = ordered(depot, (chair, 3))
    changed_by(depot, order, (chair, 4))
    with pytest.raises(Conflict):
        depot.do("sales").perform("order", order.id, "submit", rev=order.rev)
    with pytest.raises(Conflict) as conflict:
        depot.do("sales").edit("order", order.id, {"note": "mine"}, {"note": None})
    assert [clash.path for clash in conflict.value.clashes] == ["note"]


def test_a_record_that_may_not_change_any_more_says_so(depot, chair):
    order = ordered(depot, (chair, 3))
    depot.do("sales").perform("order", order.id, "submit")
    depot.do("sales").perform("order", order.id, "cancel")
    with pytest.raises(Refused, match="A1 cannot change any more") as refused:
        changed_by(depot, order, (chair, 4))
    assert refused.value.lifters == ("sales",)
    assert quantities(depot, order) == [(chair.id, 3)]


def test_checks_of_the_target_hold_too(depot, chair):
    order = ordered(depot, (chair, 3))
    with pytest.raises(Refused, match="Order A1: Too few"):
        changed_by(depot, order, (chair, 0))
    assert quantities(depot, order) == [(chair.id, 3)]


def test_a_line_that_was_not_asked_for_is_refused(depot, chair, lamp):
    request = paper(depot, "request", (chair, 3))
    receipt = paper(depot, "receipt", (lamp, 1), request=request.id)
    depot.engine.perform("request", request.id, "buy")
    with pytest.raises(Refused, match="Lamp was not asked for") as refused:
        depot.engine.perform("receipt", receipt.id, "book")
    assert refused.value.lifters == ("buyer",)
    assert lines_of(depot, request)[0]["received"] is None


def test_what_arrives_is_counted_and_the_request_goes_on(depot, chair, lamp):
    request = paper(depot, "request", (chair, 3), (lamp, 1))
    depot.engine.perform("request", request.id, "buy")
    for lines in ([(chair, 1), (lamp, 1)], [(chair, 1), (chair, 1)]):
        receipt = paper(depot, "receipt", *lines, request=request.id)
        depot.engine.perform("receipt", receipt.id, "book")
    assert [line["received"] for line in lines_of(depot, request)] == [Decimal(3), Decimal(1)]
    drain(depot.workspace)
    assert [row.status for row in every(depot, "request")] == ["here"]
    assert check(depot.workspace) == []


def test_cancelling_withdraws_what_was_asked_for_and_leaves_what_is_under_way(depot, chair):
    order = ordered(depot, (chair, 3))
    other = ordered(depot, (chair, 3))
    depot.do("sales").perform("order", order.id, "submit")
    asked, bought, begun, theirs = (
        paper(depot, "request", (chair, 1), order=order_id) for order_id in (order.id, order.id, order.id, other.id)
    )
    depot.engine.perform("request", bought.id, "buy")
    depot.engine.edit("request", begun.id, {"lines": [{**lines_of(depot, begun)[0], "received": 1}]}, {"lines": lines_of(depot, begun)})
    depot.do("sales").perform("order", order.id, "cancel")
    told = {row.id: row.status for row in every(depot, "request")}
    assert told == {asked.id: "withdrawn", bought.id: "bought", begun.id: "asked", theirs.id: "asked"}
    with depot.gate() as gate:
        event = gate.history("request", asked.id)[0]
    assert (event.kind, event.transition, event.actor_id) == ("performed", "withdraw", None)
    assert event.cause == {"form": "order", "id": order.id, "transition": "cancel", "title": "A1"}
    assert check(depot.workspace) == []


def test_a_transition_that_must_follow_refuses_the_whole(workspace, config):
    from depot_app import depot_app
    from small_app import form_of
    from small_world import World

    document = depot_app()
    cancel = next(t for t in form_of(document, "order")["transitions"] if t["key"] == "cancel")
    del cancel["effects"][0]["settings"]["optional"]
    strict = World(workspace, document)
    chair = stocked(strict, "Chair", 10)
    order = ordered(strict, (chair, 3))
    strict.do("sales").perform("order", order.id, "submit")
    bought = paper(strict, "request", (chair, 1), order=order.id)
    strict.engine.perform("request", bought.id, "buy")
    with pytest.raises(Refused, match="Request request: It stands at “Bought”"):
        strict.do("sales").perform("order", order.id, "cancel")
    assert every(strict, "order")[0].status == "open"
