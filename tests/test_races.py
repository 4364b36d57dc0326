"""Sixteen processes at once: stock is never oversold, and of two who decide only one is right."""

from __future__ import annotations

from collections import Counter

from formloom.platform.workflow.soundness import check
from processes import together
from warehouse import drafts, stocked, unbalanced

PROCESSES = 16


def test_a_thousand_units_are_granted_exactly_once(orders, order_config):
    product = stocked(orders, 1000)
    waiting = [order.id for order in drafts(orders, 256, product, quantity=5)]
    told = together(order_config, "submits", PROCESSES, waiting)
    outcomes = Counter(outcome for outcomes in told for outcome in outcomes)
    assert outcomes == {"granted": 256}
    with orders.admin.gate() as gate:
        lines = [gate.record("order", order_id).values["lines"][0] for order_id in waiting]
    assert Counter((int(line["reserved"]), int(line["requested"])) for line in lines) == {(5, 0): 200, (0, 5): 56}
    seen = orders.admin.sees(product).values
    assert (seen["on_hand"], seen["reserved"], seen["available"]) == (1000, 1000, 0)
    assert unbalanced(orders) == []
    assert check(orders.workspace) == []


def test_sixteen_decide_on_one_order_and_one_wins(orders, order_config):
    (order,) = drafts(orders, 1, stocked(orders, 10), quantity=1)
    submitted = orders.manager.submits(order)
    told = together(order_config, "decides", PROCESSES, submitted.id, submitted.rev)
    assert Counter(outcome for outcome, _ in told) == {"won": 1, "conflict": PROCESSES - 1}
    for outcome, answer in told:
        if outcome == "conflict":
            assert answer["changed"] == {"status": "reviewed", "rev": submitted.rev + 1}
            assert "Reviewed" in answer["message"]
    assert check(orders.workspace) == []


def test_sixteen_edit_one_field_and_one_wins(orders, order_config):
    (order,) = drafts(orders, 1, stocked(orders, 10), quantity=1)
    told = together(order_config, "edits", PROCESSES, order.id)
    assert Counter(outcome for outcome, _ in told) == {"won": 1, "conflict": PROCESSES - 1}
    kept = orders.manager.sees(order).values["note"]
    assert {answer["clashes"][0] for outcome, answer in told if outcome == "conflict"} == {"note"}
    assert {answer["current"] for outcome, answer in told if outcome == "conflict"} == {kept}


def test_sixteen_edit_different_fields_and_all_win(orders, order_config):
    (order,) = drafts(orders, 1, stocked(orders, 10), quantity=1)
    fields = ["note", "ship_street", "ship_city", "ship_region", "ship_postcode", "ship_country"]
    assert together(order_config, "edits_apart", len(fields), order.id, fields) == [True] * len(fields)
    seen = orders.manager.sees(order).values
    assert [seen[field] for field in fields] == [f"by {n}" for n in range(len(fields))]


def test_one_request_sent_sixteen_times_is_done_once(orders, order_config):
    (order,) = drafts(orders, 1, stocked(orders, 100), quantity=5)
    told = together(order_config, "repeats", PROCESSES, order.id)
    assert len({tuple(answer) for answer in told}) == 1
    assert unbalanced(orders) == []


def test_numbers_have_no_gap_and_no_double(orders, order_config):
    product = stocked(orders, 1)
    buyer = drafts(orders, 1, product, quantity=1)[0]
    customer_id = orders.manager.sees(buyer).values["customer"]
    told = together(order_config, "orders", 8, customer_id, product.id, 5)
    numbers = sorted(int(number.rpartition("-")[2]) for numbers in told for number in numbers)
    assert numbers == list(range(2, 42))
