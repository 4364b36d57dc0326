"""The order app's supply: what is missing is bought, what arrives goes to the order that waits, low stock is told."""

from __future__ import annotations

import datetime

import pytest
from formloom.platform.errors import Conflict, Invalid
from formloom.platform.records.query import Query
from formloom.platform.workflow.soundness import check
from order_world import (
    a_carrier,
    a_customer,
    a_product,
    a_supplier,
    an_order,
    everything,
    goes_on,
    moves,
    newest,
    refusal,
    sees,
    status,
    stock,
    told,
)


def bought(orders, order):
    """The purchase order that an order's missing goods lead to, sent to the supplier."""
    orders.purchasing.buys(newest(orders, "purchase_request", order=order), supplier=a_supplier(orders).id)
    purchase = newest(orders, "purchase_order", order=order)
    orders.purchasing.sends(purchase, expected="2026-12-01")
    return purchase


def test_submitting_reserves_what_there_is_and_asks_for_the_rest(orders):
    oakmill, lumen = a_supplier(orders), a_supplier(orders, "Lumen Works")
    stool = a_product(orders, 3, supplier=oakmill.id)
    bench = a_product(orders, 0, "Oak bench", supplier=oakmill.id)
    lamp = a_product(orders, 9, "Arc lamp", supplier=lumen.id)
    order = an_order(orders, a_customer(orders), (stool, 5), (bench, 2), (lamp, 10), wanted="2030-01-01")
    orders.sales.submits(order)
    assert [int(line["reserved"]) for line in sees(orders.sales, order)["lines"]] == [3, 0, 9]
    assert sees(orders.sales, order)["missing"] == 5
    requests = [sees(orders.purchasing, made) for made in everything(orders, "purchase_request", order=order)]
    asked = {r["supplier"]: [(line["product"], int(line["quantity"])) for line in r["lines"]] for r in requests}
    assert asked == {oakmill.id: [(stool.id, 2), (bench.id, 2)], lumen.id: [(lamp.id, 1)]}
    assert {r["needed"] for r in requests} == {datetime.date(2030, 1, 1)}


def test_missing_goods_arrive_and_the_order_is_ready(orders):
    stool = a_product(orders, 3)
    order = an_order(orders, a_customer(orders), (stool, 5))
    orders.sales.submits(order)
    assert orders.manager.approves(order).status == "purchasing"
    purchase = bought(orders, order)
    assert sees(orders.purchasing, stool)["on_order"] == 2
    orders.warehouse.receives(purchase)
    assert stock(orders, stool) == (5, 5, 0)
    assert sees(orders.purchasing, stool)["on_order"] == 0
    assert goes_on(orders, order) == "ready"
    assert any("is there: please ship it" in message for message in told(orders.warehouse))
    assert moves(orders, stool) == [("count", 3, 0), ("receipt", 2, 0), ("reservation", 0, 2), ("reservation", 0, 3)]
    orders.warehouse.ships(order, carrier=a_carrier(orders).id, tracking="NP 1")
    assert check(orders.workspace) == []


def test_a_part_arrives_then_the_rest(orders):
    stool = a_product(orders, 0)
    order = an_order(orders, a_customer(orders), (stool, 5))
    orders.sales.submits(order)
    orders.manager.approves(order)
    purchase = bought(orders, order)
    [line] = sees(orders.warehouse, purchase)["lines"]

    def arrives(quantity):
        return orders.warehouse.receives_part(purchase, lines=[{"id": line["id"], "arrives": quantity}])

    assert arrives(2).status == "part"
    assert goes_on(orders, order) == "purchasing"
    assert stock(orders, stool) == (2, 2, 0)
    with pytest.raises(Invalid, match="No more can arrive than is outstanding"):
        arrives(4)
    assert arrives(3).status == "received"
    assert goes_on(orders, order) == "ready"


def test_nobody_takes_what_arrived_for_an_order_before_it(orders):
    """The goods are reserved in the transaction that books them in."""
    stool = a_product(orders, 0)
    order = an_order(orders, a_customer(orders), (stool, 5))
    orders.sales.submits(order)
    orders.manager.approves(order)
    orders.warehouse.receives(bought(orders, order))
    second = an_order(orders, a_customer(orders, name="Hafen"), (stool, 1))
    orders.sales.submits(second)
    assert sees(orders.sales, second)["missing"] == 1
    assert goes_on(orders, order) == "ready"


def test_what_is_there_is_shipped_ahead(orders):
    stool, bench, carrier = a_product(orders, 5), a_product(orders, 0, "Oak bench"), a_carrier(orders)
    order = an_order(orders, a_customer(orders), (stool, 5), (bench, 2))
    orders.sales.submits(order)
    orders.manager.approves(order)
    first, second = (line["id"] for line in sees(orders.admin, order)["lines"])
    ahead = [{"id": first, "ship_now": 5}, {"id": second, "ship_now": 0}]
    assert orders.warehouse.ships_part(order, carrier=carrier.id, tracking="1", lines=ahead).status == "purchasing"
    orders.warehouse.receives(bought(orders, order))
    assert goes_on(orders, order) == "ready"
    assert orders.warehouse.ships(order, carrier=carrier.id, tracking="2").status == "shipped"
    quantities = [sum(line["quantity"] for line in sees(orders.sales, made)["lines"]) for made in everything(orders, "shipment")]
    assert quantities == [2, 5]


def test_stock_that_came_otherwise_makes_the_order_ready_too(orders):
    stool = a_product(orders, 0)
    order = an_order(orders, a_customer(orders), (stool, 5))
    orders.sales.submits(order)
    orders.manager.approves(order)
    sentence, lifters = refusal(orders.warehouse.prepares, order)
    assert sentence == "Birch stool: only 0 available."
    assert lifters == {"purchasing", "warehouse"}
    orders.warehouse.books(orders.warehouse.creates("stock_move", product=stool.id, kind="receipt", quantity=5))
    assert orders.warehouse.prepares(order).status == "ready"


def test_cancelling_drops_open_requests_and_leaves_what_is_on_order(orders):
    stool, bench = a_product(orders, 0), a_product(orders, 0, "Oak bench", supplier=a_supplier(orders).id)
    order = an_order(orders, a_customer(orders), (stool, 5), (bench, 2))
    orders.sales.submits(order)
    later, first = everything(orders, "purchase_request", order=order)
    orders.purchasing.buys(first, supplier=a_supplier(orders, "Other").id)
    orders.sales.cancels(order, reason="Ordered twice")
    assert [status(orders, made) for made in (later, first)] == ["cancelled", "ordered"]
    purchase = newest(orders, "purchase_order")
    orders.purchasing.sends(purchase, expected="2026-12-01")
    orders.warehouse.receives(purchase)
    assert sum(stock(orders, product)[0] for product in (stool, bench)) in (2, 5)
    assert sees(orders.sales, order)["lines"][0]["reserved"] == 0


def test_a_cancelled_purchase_order_is_no_longer_on_order(orders):
    stool = a_product(orders, 0)
    order = an_order(orders, a_customer(orders), (stool, 5))
    orders.sales.submits(order)
    purchase = bought(orders, order)
    orders.purchasing.cancels(purchase, reason="Too dear")
    assert sees(orders.purchasing, stool)["on_order"] == 0
    with pytest.raises(Conflict):
        orders.warehouse.receives(purchase)


def test_the_promise_of_a_supplier_is_its_lead_time(orders):
    supplier = a_supplier(orders, lead_days=21)
    made = orders.purchasing.creates("purchase_order", supplier=supplier.id, lines=[])
    today = datetime.datetime.now(datetime.timezone.utc).date()
    assert sees(orders.purchasing, made)["expected"] == today + datetime.timedelta(21)


def test_low_stock_is_told_once_and_recovers(orders):
    stool = a_product(orders, 10)
    orders.purchasing.edits(stool, reorder_point=4)
    order = an_order(orders, a_customer(orders), (stool, 6))
    orders.sales.submits(order)
    assert goes_on(orders, stool) == "low"
    assert [m for m in told(orders.purchasing) if "runs low" in m] == ["Birch stool runs low: 4 available, 0 on order."]
    with orders.purchasing.gate() as gate:
        view = gate.compiled.app.form_by_key["product"].view_by_key["to_reorder"]
        assert [row.id for row in gate.page(Query("product", where=view.where)).rows] == [stool.id]
    orders.warehouse.books(orders.warehouse.creates("stock_move", product=stool.id, kind="receipt", quantity=5))
    assert goes_on(orders, stool) == "stocked"


def test_what_goes_on_as_soon_as_it_is_made_counts_once(orders):
    seating = orders.purchasing.creates("category", name="Seating")
    stool = a_product(orders, 0, category=seating.id, reorder_point=5)
    assert stool and status(orders, stool) == "low"
    assert sees(orders.purchasing, seating)["products"] == 1
    with orders.purchasing.gate() as gate:
        fell, made = gate.history("product", stool.id)
    assert (fell.transition, len(made.changes) > 3, fell.changes) == ("run_low", True, ())
    assert check(orders.workspace) == []


def test_made_to_order_asks_for_nothing(orders):
    order = an_order(orders, a_customer(orders), (a_product(orders, 0), 5), custom=True, custom_note="Engraved")
    orders.sales.submits(order)
    assert everything(orders, "purchase_request", order=order) == []
    assert orders.manager.approves(order).status == "reviewed"
