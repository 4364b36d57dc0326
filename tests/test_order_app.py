"""The order app as it ships: an order's life, and what refuses and why."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from formloom.platform.access.actor import SYSTEM
from formloom.platform.definition import checks
from formloom.platform.definition.schema import load
from formloom.platform.errors import Invalid
from formloom.platform.gallery import template
from formloom.platform.records.query import Query
from formloom.platform.workflow.commands import Commands
from formloom.platform.workflow.soundness import check
from order_world import a_carrier, a_customer, a_product, an_order, moves, reasons, refusal, sees, stock


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
    stool, lamp = a_product(orders, 10), a_product(orders, 5, "Arc lamp", "38.20", "79.00")
    order = an_order(orders, a_customer(orders), (stool, 4), (lamp, 1))
    assert sees(orders.sales, order)["total"] == Decimal("374.85")  # (4 x 59.00 + 79.00) x 1.19

    orders.sales.submits(order)
    assert stock(orders, stool) == (10, 4, 6)
    orders.manager.approves(order)
    orders.warehouse.prepares(order)
    orders.warehouse.ships(order, carrier=a_carrier(orders).id, tracking="NP 4711")
    assert stock(orders, stool) == (6, 0, 6)
    assert moves(orders, stool) == [("count", 10, 0), ("reservation", 0, 4), ("shipment", -4, -4)]

    payment = orders.finance.creates("payment", order=order.id)
    orders.finance.confirms(payment)
    Commands(orders.workspace, SYSTEM, "orders").advance("order", order.id)
    assert orders.sales.sees(order).status == "settled"
    assert orders.finance.closes(order).status == "closed"
    assert check(orders.workspace) == []


def test_shipping_writes_the_document_and_its_date(orders):
    stool = a_product(orders)
    order = an_order(orders, a_customer(orders), (stool, 4))
    orders.sales.submits(order)
    orders.manager.approves(order)
    orders.warehouse.prepares(order)
    orders.warehouse.ships(order, carrier=a_carrier(orders).id, tracking="NP 4711")
    with orders.sales.gate() as gate:
        [row] = gate.page(Query("shipment", ("order", "customer", "tracking"))).rows
        shipment = gate.record("shipment", row.id)
    assert shipment.status == "sent"
    assert (shipment.values["order"], shipment.values["tracking"]) == (order.id, "NP 4711")
    assert [(line["product"], line["quantity"]) for line in shipment.values["lines"]] == [(stool.id, 4)]
    assert sees(orders.sales, order)["shipped_on"] == datetime.datetime.now(datetime.timezone.utc).date()


def test_nobody_can_sell_what_is_not_there(orders):
    stool, customer = a_product(orders, 10), a_customer(orders)
    orders.sales.submits(an_order(orders, customer, (stool, 7)))
    second = an_order(orders, customer, (stool, 4))
    told, lifters = refusal(orders.sales.submits, second)
    assert told == "Birch stool: only 3 available."
    assert lifters == {"purchasing", "warehouse"}
    assert stock(orders, stool) == (10, 7, 3)
    assert orders.sales.sees(second).status == "draft"


def test_one_product_in_two_lines_counts_as_both(orders):
    stool = a_product(orders, 10)
    order = an_order(orders, a_customer(orders), (stool, 6), (stool, 6))
    assert "only 10 available" in refusal(orders.sales.submits, order)[0]


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
    order = an_order(orders, a_customer(orders), (stool, 4))
    orders.sales.submits(order)
    orders.manager.approves(order)
    orders.warehouse.prepares(order)
    orders.manager.holds(order, reason="Waits for colours")
    assert stock(orders, stool) == (10, 4, 6)
    orders.manager.resumes(order)
    orders.manager.approves(order)
    orders.warehouse.prepares(order)
    assert stock(orders, stool) == (10, 4, 6)


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


def test_an_unpaid_order_does_not_settle(orders):
    stool = a_product(orders)
    order = an_order(orders, a_customer(orders), (stool, 1))
    orders.sales.submits(order)
    orders.manager.approves(order)
    orders.warehouse.prepares(order)
    orders.warehouse.ships(order, carrier=a_carrier(orders).id, tracking="NP 1")
    told, lifters = refusal(orders.finance.settles, order)
    assert "70.21" in told and "still to be paid" in told
    assert lifters == {"finance"}


def test_nobody_pays_more_than_is_open(orders):
    order = an_order(orders, a_customer(orders), (a_product(orders), 1))
    orders.sales.submits(order)
    half = orders.finance.creates("payment", order=order.id, amount="50")
    orders.finance.confirms(half)
    assert sees(orders.finance, order)["open"] == Decimal("20.21")
    rest = orders.finance.creates("payment", order=order.id, amount="20.22")
    assert "20.21" in refusal(orders.finance.confirms, rest)[0]


def test_a_draft_takes_no_payment(orders):
    order = an_order(orders, a_customer(orders), (a_product(orders), 1))
    payment = orders.finance.creates("payment", order=order.id)
    assert "takes no payment" in refusal(orders.finance.confirms, payment)[0]
