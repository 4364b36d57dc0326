"""The order app's money: prices by rule, invoices, payments written off against several, returns and their credit."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from formloom.platform.errors import Invalid
from formloom.platform.workflow.soundness import check
from order_world import (
    a_customer,
    a_payment,
    a_product,
    an_order,
    billed,
    goes_on,
    newest,
    owes,
    pays,
    reasons,
    refusal,
    sees,
    shipped,
    status,
    stock,
)


@pytest.fixture
def sold(orders):
    """A customer with two orders of 70.21 and 140.42, shipped and invoiced: (customer, orders, invoices)."""
    customer, stool = a_customer(orders, terms=14), a_product(orders, 20)
    (one, first), (two, second) = (shipped(orders, customer, (stool, number)) for number in (1, 2))
    return customer, (one, two), (billed(orders, first), billed(orders, second))


def prices(orders, customer, product, *quantities, day="2026-11-24", **rest):
    order = an_order(orders, customer, *((product, quantity) for quantity in quantities), ordered=day, **rest)
    lines = sees(orders.sales, order)["lines"]
    return [(f"{line['unit_price']:.0f}", f"{line['reduction']:.2f}") for line in lines]


def a_rule(orders, name="Rule", **values):
    values = {key: value.id if hasattr(value, "id") else value for key, value in values.items()}
    return orders.manager.creates("price_rule", name=name, **values)


# prices


def test_prices_follow_customer_tier_quantity_and_date(orders):
    customer, other = a_customer(orders), a_customer(orders, name="Hafen")
    orders.sales.edits(customer, tier="a")
    seating = orders.purchasing.creates("category", name="Seating")
    stool, lamp = a_product(orders, category=seating.id), a_product(orders, name="Arc lamp", price="80")
    a_rule(orders, "By the ten", product=stool, least=10, price="55")
    a_rule(orders, "Key accounts", tier="a", discount="0.05")
    a_rule(orders, "Seats in winter", category=seating, discount="0.02", **{"from": "2026-12-01", "until": "2026-12-31"})
    assert prices(orders, other, stool, 9, 10, 11) == [("59", "0.00"), ("55", "0.00"), ("55", "0.00")]
    assert prices(orders, other, stool, 1, day="2026-12-24") == [("59", "0.02")]
    assert prices(orders, other, stool, 1, day="2027-01-01") == [("59", "0.00")]
    assert prices(orders, customer, stool, 1, 10) == [("59", "0.05"), ("55", "0.00")]
    assert prices(orders, customer, lamp, 1) == [("80", "0.05")]
    a_rule(orders, "Agreed", customer=customer, product=stool, price="50")
    assert prices(orders, customer, stool, 1, 10) == [("50", "0.00"), ("50", "0.00")]


def test_a_new_quantity_finds_its_price_and_a_new_rule_leaves_old_orders_alone(orders):
    customer, stool = a_customer(orders), a_product(orders)
    a_rule(orders, product=stool, least=10, price="55")
    order = an_order(orders, customer, (stool, 9))
    [line] = sees(orders.sales, order)["lines"]
    before = {"id": line["id"], "product": line["product"], "quantity": line["quantity"]}
    orders.sales.do.edit("order", order.id, {"lines": [before | {"quantity": 10}]}, {"lines": [before]})
    assert sees(orders.sales, order)["net"] == 550
    a_rule(orders, product=stool, least=10, price="1", customer=customer)
    orders.sales.edits(order, note="Please hurry")
    assert sees(orders.sales, order)["net"] == 550


def test_the_usual_discount_counts_where_no_rule_does(orders):
    customer, stool = a_customer(orders), a_product(orders)
    orders.manager.edits(customer, discount="0.1")
    assert prices(orders, customer, stool, 1) == [("59", "0.10")]
    a_rule(orders, product=stool, price="58")
    assert prices(orders, customer, stool, 1) == [("58", "0.00")]


def test_who_overrides_a_price_leaves_a_trace(orders):
    line = {"product": a_product(orders).id, "quantity": 1, "price": "50"}
    order = orders.sales.creates("order", customer=a_customer(orders).id, lines=[line])
    assert sees(orders.sales, order)["own_prices"] is True
    orders.sales.submits(order)
    [_own, (told, lifters)] = reasons(orders.sales, order, "approve")
    assert told == "Somebody set a price or a discount by hand."
    assert lifters == {"sales_manager", "finance"}
    with orders.manager.gate() as gate:
        first = gate.history("order", order.id)[-1]
    assert first.actor_id == orders.sales.id
    assert any("price" in str(change.path) or "lines" in str(change.path) for change in first.changes)


@pytest.mark.parametrize("values, told", [
    ({"price": "5", "discount": "0.1"}, "Either a price or a discount."),
    ({}, "This is needed."),
    ({"price": "5", "least": 0}, "A quantity above zero, please."),
    ({"price": "5", "from": "2026-12-01", "until": "2026-11-01"}, "That is before it begins."),
])  # fmt: skip
@pytest.mark.databases("sqlite")
def test_a_price_rule_is_one_thing(orders, values, told):
    with pytest.raises(Invalid, match=told):
        a_rule(orders, **values)


# invoices and payments


def test_an_invoice_is_what_was_shipped(orders, sold):
    customer, (one, _two), (invoice, _) = sold
    seen = sees(orders.finance, invoice)
    today = datetime.datetime.now(datetime.timezone.utc).date()
    assert (seen["customer"], seen["order"], seen["total"]) == (customer.id, one.id, Decimal("70.21"))
    assert seen["due"] == today + datetime.timedelta(14)
    assert sees(orders.sales, one)["invoiced"] == Decimal("70.21")
    assert sees(orders.finance, customer)["owed"] == Decimal("210.63")


def test_a_shipment_is_invoiced_once_and_again_when_that_is_void(orders):
    _order, shipment = shipped(orders, a_customer(orders), (a_product(orders), 1))
    invoice = billed(orders, shipment)
    assert "invoiced already" in refusal(orders.finance.bills, shipment)[0]
    orders.finance.voids(invoice, reason="Wrong address")
    assert billed(orders, shipment).id != invoice.id


def test_one_payment_is_written_off_against_several_invoices(orders, sold):
    customer, (one, two), (first, second) = sold
    paid = a_payment(orders, customer, "150", (first, "70.21"), (second, "60"))
    assert sees(orders.finance, paid)["unapplied"] == Decimal("19.79")
    orders.finance.confirms(paid)
    assert goes_on(orders, one) == "settled"
    assert (status(orders, first), status(orders, second), status(orders, two)) == ("paid", "issued", "shipped")
    assert sees(orders.sales, two)["open"] == Decimal("80.42")
    seen = sees(orders.finance, customer)
    assert (seen["owed"], seen["on_account"], seen["credit_used"]) == (Decimal("80.42"), Decimal("19.79"), Decimal("80.42"))
    pays(orders, customer, (second, "80.42"))
    assert goes_on(orders, two) == "settled"
    assert owes(orders, customer) == 0
    assert check(orders.workspace) == []


def test_nobody_pays_more_than_is_open(orders, sold):
    customer, _orders, (first, _second) = sold
    told, _lifters = refusal(orders.finance.confirms, a_payment(orders, customer, "80", (first, "70.22")))
    assert told.startswith("That is more than is open: 70.21 of INV-")
    twice = a_payment(orders, customer, "80", (first, "40"), (first, "40"))
    assert "70.21" in refusal(orders.finance.confirms, twice)[0]
    short = a_payment(orders, customer, "10", (first, "10.01"))
    assert refusal(orders.finance.confirms, short)[0] == "10.01 is written off, and only 10.00 was paid."
    assert sees(orders.finance, first)["paid"] == 0


def test_a_payment_is_its_customers(orders, sold):
    _customer, _orders, (first, _second) = sold
    with pytest.raises(Invalid, match="another customer"):
        a_payment(orders, a_customer(orders, name="Hafen"), "10", (first, "10"))


def test_a_draft_invoice_takes_no_payment(orders):
    customer = a_customer(orders)
    _order, shipment = shipped(orders, customer, (a_product(orders), 1))
    orders.finance.bills(shipment)
    with pytest.raises(Invalid, match="not something that can be chosen"):
        a_payment(orders, customer, "10", (newest(orders, "invoice"), "10"))


def test_a_reversed_payment_opens_what_it_had_paid(orders, sold):
    customer, (one, _two), (first, second) = sold
    paid = pays(orders, customer, (first, "70.21"), (second, "20"))
    assert goes_on(orders, one) == "settled"
    orders.finance.reverses(paid, reason="The cheque bounced")
    goes_on(orders)
    assert (status(orders, first), sees(orders.finance, first)["open"]) == ("issued", Decimal("70.21"))
    assert owes(orders, customer) == sees(orders.finance, customer)["owed"] == Decimal("210.63")


def test_an_invoice_that_is_paid_in_part_is_not_void(orders, sold):
    customer, _orders, (first, _second) = sold
    pays(orders, customer, (first, "10"))
    assert "10.00 paid" in refusal(orders.finance.voids, first, reason="Oops")[0]


# returns


@pytest.fixture
def back(orders):
    """Two of four stools on their way back: (order, invoice, the return)."""
    customer, stool = a_customer(orders), a_product(orders)
    order, shipment = shipped(orders, customer, (stool, 4))
    invoice = billed(orders, shipment)
    orders.customer_service.takes_back(shipment)
    made = newest(orders, "return", shipment=shipment)
    [line] = sees(orders.customer_service, made)["lines"]
    change = {"reason": "damaged", "lines": [{"id": line["id"], "quantity": 2}]}
    orders.customer_service.do.edit("return", made.id, change, {"reason": None, "lines": [{"id": line["id"], "quantity": 4}]})
    return order, invoice, made, stool, customer


def test_a_return_goes_to_its_end(orders, back):
    order, invoice, made, stool, customer = back
    orders.manager.performs(made, "approve")
    orders.warehouse.performs(made, "receive")
    assert stock(orders, stool) == (8, 0, 8)
    assert sees(orders.sales, order)["lines"][0]["returned"] == 2
    orders.customer_service.edits(made, cost="12.50")
    orders.finance.performs(made, "credit", invoice=invoice.id, settlement="offset")
    assert status(orders, made) == "credited"
    assert (sees(orders.finance, invoice)["open"], sees(orders.finance, order)["credited"]) == (Decimal("140.42"),) * 2
    assert owes(orders, customer) == Decimal("140.42")
    pays(orders, customer, (invoice, "140.42"))
    assert goes_on(orders, order) == "settled"
    assert check(orders.workspace) == []


def test_what_is_scrapped_does_not_go_back_to_stock(orders, back):
    _order, _invoice, made, stool, _customer = back
    [line] = sees(orders.customer_service, made)["lines"]
    scrap = [{"id": line["id"], "goes": "scrap"}]
    orders.customer_service.do.edit("return", made.id, {"lines": scrap}, {"lines": [{"id": line["id"], "goes": "restock"}]})
    orders.manager.performs(made, "approve")
    orders.warehouse.performs(made, "receive")
    assert stock(orders, stool) == (6, 0, 6)


def test_what_was_paid_is_paid_back(orders, back):
    order, invoice, made, _stool, customer = back
    pays(orders, customer, (invoice, "280.84"))
    assert goes_on(orders, order) == "settled"
    orders.manager.performs(made, "approve")
    orders.warehouse.performs(made, "receive")
    told, _ = refusal(orders.finance.performs, made, "credit", invoice=invoice.id, settlement="offset")
    assert "Only 0.00 of INV-" in told and "pay it back instead" in told
    orders.finance.performs(made, "credit", invoice=invoice.id, settlement="refund")
    seen = sees(orders.finance, invoice)
    assert (seen["paid"], seen["credited"], seen["open"]) == (Decimal("140.42"), Decimal("140.42"), 0)
    assert goes_on(orders, order) == "settled"


def test_no_more_comes_back_than_was_shipped(orders, back):
    _order, _invoice, made, _stool, _customer = back
    [line] = sees(orders.customer_service, made)["lines"]
    base = {"lines": [{"id": line["id"], "quantity": 2}]}
    with pytest.raises(Invalid, match="No more can come back than was shipped"):
        orders.customer_service.do.edit("return", made.id, {"lines": [{"id": line["id"], "quantity": 5}]}, base)
    shipment = newest(orders, "shipment")
    orders.customer_service.takes_back(shipment)  # once more, all four
    second = newest(orders, "return", shipment=shipment)
    orders.customer_service.edits(second, reason="unwanted")
    for one in (made, second):
        orders.manager.performs(one, "approve")
    orders.warehouse.performs(made, "receive")
    assert "More comes back than was shipped" in refusal(orders.warehouse.performs, second, "receive")[0]


def test_wrong_goods_are_replaced_by_a_new_order(orders, back):
    order, _invoice, made, stool, customer = back
    orders.manager.performs(made, "approve")
    orders.warehouse.performs(made, "receive")
    orders.customer_service.replaces(made)
    again = newest(orders, "order")
    seen = sees(orders.manager, again)
    assert again.id != order.id and (seen["customer"], seen["total"]) == (customer.id, 0)
    assert [(line["product"], line["quantity"]) for line in seen["lines"]] == [(stool.id, 2)]


def test_a_refused_return_says_why(orders, back):
    _order, _invoice, made, _stool, _customer = back
    with pytest.raises(Invalid):
        orders.manager.performs(made, "refuse")
    orders.manager.performs(made, "refuse", refusal="The time for returns is over.")
    assert status(orders, made) == "refused"
