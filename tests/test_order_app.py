"""The order app as it ships: an order's life from draft to closed, its review, its way back, and what refuses and why."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from formloom.platform.definition import checks
from formloom.platform.definition.schema import load
from formloom.platform.errors import Invalid, Refused
from formloom.platform.gallery import template
from formloom.platform.workflow.soundness import check
from order_world import (
    a_carrier,
    a_customer,
    a_product,
    an_order,
    billed,
    everything,
    goes_on,
    moves,
    newest,
    owes,
    pays,
    ready,
    reasons,
    refusal,
    sees,
    shipped,
    stock,
)


def test_the_template_has_nothing_to_mend():
    assert checks.problems(load(template("orders"))) == []


def test_every_label_is_in_both_languages():
    def texts(value):
        if isinstance(value, dict) and "en" in value:
            yield value
        elif isinstance(value, dict | list):
            for inner in value.values() if isinstance(value, dict) else value:
                yield from texts(inner)

    found = list(texts(template("orders")))
    assert len(found) > 300
    assert [text for text in found if not text.get("zh") or not text["en"]] == []


def test_an_order_from_draft_to_closed(orders):
    stool, lamp, customer = a_product(orders, 10), a_product(orders, 5, "Arc lamp", "38.20", "79.00"), a_customer(orders)
    order = an_order(orders, customer, (stool, 4), (lamp, 1))
    assert sees(orders.sales, order)["total"] == Decimal("374.85")  # (4 x 59.00 + 79.00) x 1.19

    orders.sales.submits(order)
    assert stock(orders, stool) == (10, 4, 6)
    orders.manager.approves(order)
    orders.warehouse.prepares(order)
    orders.warehouse.ships(order, carrier=a_carrier(orders).id, tracking="NP 4711")
    assert stock(orders, stool) == (6, 0, 6)
    assert moves(orders, stool) == [("count", 10, 0), ("reservation", 0, 4), ("shipment", -4, -4)]

    shipment = newest(orders, "shipment", order=order)
    pays(orders, customer, (billed(orders, shipment), "374.85"))
    assert goes_on(orders, order) == "settled"
    orders.warehouse.delivers(shipment, delivered_on="2026-11-24")
    assert goes_on(orders, order) == "closed"
    assert check(orders.workspace) == []


def test_settled_and_delivered_closes_in_whichever_order(orders):
    customer = a_customer(orders)
    order, shipment = shipped(orders, customer, (a_product(orders), 1))
    orders.warehouse.delivers(shipment, delivered_on="2026-11-24")
    assert goes_on(orders, order) == "shipped"
    assert "under way" not in str(reasons(orders.finance, order, "settle"))
    pays(orders, customer, (billed(orders, shipment), "70.21"))
    assert goes_on(orders, order) == "closed"


def test_shipping_writes_the_document_and_its_date(orders):
    stool = a_product(orders)
    order, made = shipped(orders, a_customer(orders), (stool, 4))
    shipment = orders.sales.sees(made)
    assert shipment.status == "sent"
    assert (shipment.values["order"], shipment.values["tracking"]) == (order.id, "NP 4711")
    [line] = shipment.values["lines"]
    assert (line["product"], line["quantity"], line["price"]) == (stool.id, 4, 59)
    assert "price" not in sees(orders.warehouse, made)["lines"][0]
    assert sees(orders.sales, order)["shipped_on"] == datetime.datetime.now(datetime.timezone.utc).date()
    assert sees(orders.sales, order)["lines"][0]["status"] == "done"


def test_a_part_is_shipped_and_the_rest_later(orders):
    stool, lamp, carrier = a_product(orders), a_product(orders, 5, "Arc lamp"), a_carrier(orders)
    order = ready(orders, an_order(orders, a_customer(orders), (stool, 6), (lamp, 2)))
    first, second = (line["id"] for line in sees(orders.admin, order)["lines"])

    def part(*quantities):
        lines = [{"id": number, "ship_now": quantity} for number, quantity in zip((first, second), quantities, strict=True)]
        return orders.warehouse.ships_part(order, carrier=carrier.id, tracking="NP 1", lines=lines)

    assert part(4, 0).status == "ready"
    assert (stock(orders, stool), stock(orders, lamp)) == ((6, 2, 4), (5, 2, 3))
    assert sees(orders.sales, order)["outstanding"] == 4
    with pytest.raises(Invalid, match="No more can be shipped than is reserved"):
        part(3, 0)
    with pytest.raises(Invalid, match="Say how much ships now"):
        part(0, 0)
    assert part(2, 2).status == "shipped"
    assert len(everything(orders, "shipment", order=order)) == 2
    assert (stock(orders, stool), stock(orders, lamp)) == ((4, 0, 4), (3, 0, 3))


def test_one_product_in_two_lines_counts_as_both(orders):
    stool = a_product(orders, 10)
    order = an_order(orders, a_customer(orders), (stool, 6), (stool, 6))
    orders.sales.submits(order)
    assert [line["reserved"] for line in sees(orders.sales, order)["lines"]] == [6, 4]
    assert stock(orders, stool) == (10, 10, 0)


def test_stock_that_is_reserved_cannot_be_counted_away(orders):
    stool = a_product(orders, 10)
    orders.sales.submits(an_order(orders, a_customer(orders), (stool, 7)))
    short = orders.warehouse.creates("stock_move", product=stool.id, kind="count", quantity=-4)
    told, lifters = refusal(orders.warehouse.books, short)
    assert "7 of 10 are reserved" in told
    assert lifters == {"sales_manager"}
    with pytest.raises(Invalid):
        orders.warehouse.creates("stock_move", product=stool.id, kind="receipt", quantity=-4)


def test_nobody_approves_their_own_order(orders):
    order = an_order(orders, a_customer(orders), (a_product(orders), 1), by=orders.manager)
    orders.manager.submits(order)
    told, lifters = refusal(orders.manager.approves, order)
    assert "entered" in told
    assert lifters == {"sales_manager", "finance"}
    assert orders.finance.approves(order).status == "reviewed"


def test_small_orders_of_trusted_customers_pass_by_themselves(orders):
    customer, stool = a_customer(orders, credit_limit="1000"), a_product(orders, 100)
    orders.manager.edits(customer, auto_limit="300")
    assert orders.sales.submits(an_order(orders, customer, (stool, 4))).status == "reviewed"
    for order in (
        an_order(orders, customer, (stool, 5)),
        an_order(orders, customer, (stool, 1), rush=True, wanted="2030-01-01"),
        an_order(orders, customer, (stool, 1), custom=True, custom_note="Engraved"),
        orders.sales.creates("order", customer=customer.id, lines=[{"product": stool.id, "quantity": 1, "price": "50"}]),
    ):
        assert orders.sales.submits(order).status == "submitted"
    assert orders.sales.submits(an_order(orders, customer, (stool, 1))).status == "reviewed"
    assert owes(orders, customer) == Decimal("902.02")
    assert orders.sales.submits(an_order(orders, customer, (stool, 2))).status == "submitted"  # over the limit now


def test_over_the_credit_limit_somebody_else_decides(orders):
    """Somebody of the same department may approve, but not this."""
    customer = a_customer(orders, credit_limit="100")
    order = an_order(orders, customer, (a_product(orders), 4))
    orders.sales.submits(order)
    [_own, (told, lifters)] = reasons(orders.sales, order, "approve")
    assert told == "Kestrel Books is over its credit limit with this order."
    assert lifters == {"sales_manager", "finance"}
    assert orders.manager.approves(order).status == "reviewed"
    assert sees(orders.finance, customer)["credit_used"] == Decimal("280.84")


def test_a_discount_below_cost_goes_to_the_manager(orders):
    stool = a_product(orders)
    line = {"product": stool.id, "quantity": 1, "discount": "0.6"}
    order = orders.sales.creates("order", customer=a_customer(orders).id, lines=[line])
    orders.sales.submits(order)
    told, lifters = refusal(orders.finance.approves, order)
    assert told == "The discount takes the order below its cost."
    assert lifters == {"sales_manager"}
    assert orders.manager.approves(order).status == "reviewed"


def test_returning_gives_stock_and_credit_back(orders):
    stool, customer = a_product(orders), a_customer(orders)
    order = an_order(orders, customer, (stool, 4))
    orders.sales.submits(order)
    with pytest.raises(Invalid):
        orders.manager.sends_back(order)
    orders.manager.sends_back(order, reason="Which colour?")
    assert stock(orders, stool) == (10, 0, 10)
    assert sees(orders.finance, customer)["credit_used"] == 0
    assert moves(orders, stool) == [("count", 10, 0), ("release", 0, -4), ("reservation", 0, 4)]
    order_again = orders.sales.edits(order, note="Oak.")
    assert orders.sales.submits(order_again).status == "submitted"
    assert stock(orders, stool) == (10, 4, 6)


def test_a_held_order_keeps_its_stock_and_is_reviewed_again(orders):
    stool = a_product(orders)
    order = ready(orders, an_order(orders, a_customer(orders), (stool, 4)))
    orders.manager.holds(order, reason="Waits for colours")
    assert stock(orders, stool) == (10, 4, 6)
    orders.manager.resumes(order)
    orders.manager.approves(order)
    orders.warehouse.prepares(order)
    assert stock(orders, stool) == (10, 4, 6)


def test_what_was_shipped_can_be_invoiced_though_the_order_is_held(orders):
    carrier, customer = a_carrier(orders), a_customer(orders)
    order = ready(orders, an_order(orders, customer, (a_product(orders), 4)))
    [line] = sees(orders.admin, order)["lines"]
    orders.warehouse.ships_part(order, carrier=carrier.id, tracking="1", lines=[{"id": line["id"], "ship_now": 1}])
    orders.manager.holds(order, reason="Not paid")
    invoice = billed(orders, newest(orders, "shipment", order=order))
    pays(orders, customer, (invoice, "70.21"))
    assert sees(orders.finance, order)["open"] == Decimal("210.63")


def test_cancelling_gives_the_stock_back_until_it_has_shipped(orders):
    stool = a_product(orders)
    order = an_order(orders, a_customer(orders), (stool, 4))
    orders.sales.submits(order)
    orders.manager.approves(order)
    told, lifters = refusal(orders.sales.cancels, order, reason="Ordered twice")
    assert told == "After the review only a sales manager can cancel."
    assert lifters == {"sales_manager"}
    orders.manager.cancels(order, reason="Ordered twice")
    assert stock(orders, stool) == (10, 0, 10)
    assert orders.sales.reopens(order).status == "draft"


def test_what_has_left_the_house_cannot_be_cancelled(orders):
    carrier, order = a_carrier(orders), ready(orders, an_order(orders, a_customer(orders), (a_product(orders), 4)))
    [line] = sees(orders.admin, order)["lines"]
    orders.warehouse.ships_part(order, carrier=carrier.id, tracking="1", lines=[{"id": line["id"], "ship_now": 1}])
    told, lifters = refusal(orders.manager.cancels, order, reason="Too late")
    assert told.startswith("1 units have left the house: let them come back as a return")
    assert lifters == {"customer_service", "sales_manager"}


def test_the_rest_of_a_line_is_dropped(orders):
    carrier, customer, stool = a_carrier(orders), a_customer(orders), a_product(orders)
    order = ready(orders, an_order(orders, customer, (stool, 4)))
    [line] = sees(orders.admin, order)["lines"]
    orders.warehouse.ships_part(order, carrier=carrier.id, tracking="1", lines=[{"id": line["id"], "ship_now": 1}])
    with pytest.raises(Refused):
        orders.sales.do.perform("order", order.id, "drop_line", row=line["id"])
    assert orders.manager.do.perform("order", order.id, "drop_line", row=line["id"]).status == "shipped"
    assert stock(orders, stool) == (9, 0, 9)
    assert owes(orders, customer) == sees(orders.finance, order)["total"] == Decimal("70.21")
    assert sees(orders.sales, order)["lines"][0]["status"] == "dropped"
