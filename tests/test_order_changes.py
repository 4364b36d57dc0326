"""What changes after an order was submitted: change requests with their effect shown first, exceptions, cancelling."""

from __future__ import annotations

from decimal import Decimal

import pytest
from formloom.platform.errors import Invalid, NotFound, Refused
from formloom.platform.workflow.soundness import check
from order_world import (
    a_carrier,
    a_customer,
    a_product,
    an_order,
    everything,
    goes_on,
    moves,
    newest,
    owes,
    ready,
    refusal,
    sees,
    status,
    stock,
)


@pytest.fixture
def under_way(orders):
    """An order of four stools and two lamps, ready to ship: (order, stool, lamp, customer)."""
    customer, stool, lamp = a_customer(orders), a_product(orders), a_product(orders, 5, "Arc lamp", "38.20", "79.00")
    return ready(orders, an_order(orders, customer, (stool, 4), (lamp, 2))), stool, lamp, customer


def asks(orders, order, *lines, **values):
    """A change request, submitted; lines as (product, new quantity)."""
    rows = [{"product": product.id, "quantity": quantity} for product, quantity in lines]
    made = orders.sales.creates("change", order=order.id, reason="The customer rang", lines=rows, **values)
    orders.sales.performs(made, "submit")
    return made


def quantities(orders, order):
    return [(int(line["quantity"]), int(line["dropped"]), int(line["reserved"])) for line in sees(orders.sales, order)["lines"]]


def test_less_gives_stock_and_credit_back(orders, under_way):
    order, stool, _lamp, customer = under_way
    assert owes(orders, customer) == Decimal("468.86")
    orders.manager.applies(asks(orders, order, (stool, 1)))
    assert quantities(orders, order) == [(1, 0, 1), (2, 0, 2)]
    assert stock(orders, stool) == (10, 1, 9)
    assert owes(orders, customer) == sees(orders.sales, order)["total"] == Decimal("258.23")
    assert goes_on(orders, order) == "ready"
    assert check(orders.workspace) == []


def test_more_takes_what_there_is_and_buys_the_rest(orders, under_way):
    order, stool, lamp, customer = under_way
    orders.manager.applies(asks(orders, order, (stool, 12)))
    assert quantities(orders, order) == [(12, 0, 10), (2, 0, 2)]
    assert goes_on(orders, order) == "purchasing"
    [line] = sees(orders.purchasing, newest(orders, "purchase_request", order=order))["lines"]
    assert (line["product"], line["quantity"]) == (stool.id, 2)
    assert owes(orders, customer) == sees(orders.sales, order)["total"]
    assert moves(orders, lamp) == [("count", 5, 0), ("reservation", 0, 2)]


def test_a_product_comes_and_another_goes(orders, under_way):
    order, stool, lamp, customer = under_way
    bench = a_product(orders, 3, "Oak bench", "50", "100")
    orders.manager.applies(asks(orders, order, (stool, 0), (bench, 3)))
    assert quantities(orders, order) == [(4, 4, 0), (2, 0, 2), (3, 0, 3)]
    assert sees(orders.sales, order)["net"] == 458
    assert (stock(orders, stool), stock(orders, bench)) == ((10, 0, 10), (3, 3, 0))
    assert goes_on(orders, order) == "ready"
    assert orders.warehouse.ships(order, carrier=a_carrier(orders).id, tracking="1").status == "shipped"
    assert stock(orders, stool) == (10, 0, 10)


def test_a_new_date_changes_nothing_else(orders, under_way):
    order, stool, _lamp, _customer = under_way
    orders.manager.applies(asks(orders, order, wanted="2030-01-01"))
    assert str(sees(orders.sales, order)["wanted"]) == "2030-01-01"
    assert stock(orders, stool) == (10, 4, 6)


def test_its_effect_is_shown_before_it_is_applied(orders, under_way):
    order, stool, _lamp, _customer = under_way
    made = asks(orders, order, (stool, 1))
    seen = {(one.after.form.key, path): (old, new) for one in orders.manager.do.effects("change", made.id, "apply") for path, old, new in one.changes}
    assert seen["order", "total"] == (Decimal("468.86"), Decimal("258.23"))
    assert seen["product", "reserved"] == (4, 1)
    assert quantities(orders, order) == [(4, 0, 4), (2, 0, 2)]
    assert status(orders, made) == "submitted"


def test_nobody_but_the_manager_decides(orders, under_way):
    order, stool, _lamp, _customer = under_way
    made = asks(orders, order, (stool, 1))
    for person in (orders.sales, orders.finance, orders.warehouse, orders.customer_service):
        with pytest.raises(Refused):
            person.applies(made)
    orders.manager.performs(made, "refuse", refusal="Packed already")
    assert quantities(orders, order) == [(4, 0, 4), (2, 0, 2)]
    orders.sales.performs(asks(orders, order, (stool, 1)), "withdraw")


def test_what_has_shipped_cannot_be_changed_away(orders, under_way):
    order, stool, _lamp, _customer = under_way
    first, second = (line["id"] for line in sees(orders.admin, order)["lines"])
    part = [{"id": first, "ship_now": 3}, {"id": second, "ship_now": 0}]
    orders.warehouse.ships_part(order, carrier=a_carrier(orders).id, tracking="1", lines=part)
    for quantity in (2, 0):
        with pytest.raises((Refused, Invalid), match="shipped already"):
            orders.manager.applies(asks(orders, order, (stool, quantity)))
    orders.manager.applies(asks(orders, order, (stool, 3)))
    goes_on(orders)
    assert sees(orders.sales, order)["lines"][0]["status"] == "done"


def test_a_change_that_changes_nothing_or_a_closed_order_is_refused(orders, under_way):
    order, stool, _lamp, _customer = under_way
    with pytest.raises(Refused, match="Nothing would change"):
        asks(orders, order)
    made = asks(orders, order, (stool, 1))
    orders.manager.cancels(order, reason="Bought elsewhere")
    assert refusal(orders.manager.applies, made)[0] == "The order cannot be changed any more."
    with pytest.raises(Invalid):
        asks(orders, order, (stool, 1))


def test_cancelling_tells_first_what_it_undoes(orders, under_way):
    order, stool, _lamp, customer = under_way
    orders.manager.do.effects("order", order.id, "cancel", {"reason": "Bought elsewhere"})
    assert status(orders, order) == "ready"
    orders.manager.cancels(order, reason="Bought elsewhere")
    assert stock(orders, stool) == (10, 0, 10)
    assert owes(orders, customer) == 0


def test_an_exception_is_taken_on_and_resolved(orders, under_way):
    order, _stool, _lamp, customer = under_way
    made = orders.warehouse.creates("exception", order=order.id, kind="delay", reason="The lorry broke down")
    assert sees(orders.customer_service, made)["customer"] == customer.id
    assert sees(orders.sales, order)["exceptions"] == 1
    with pytest.raises(Refused):
        orders.purchasing.resolves(made, resolution="It came")
    orders.customer_service.performs(made, "take_on", in_charge=orders.customer_service.id)
    with pytest.raises(Invalid):
        orders.customer_service.resolves(made)
    orders.customer_service.resolves(made, resolution="Another lorry", cost="120")
    seen = sees(orders.management, made)
    assert (seen["cost"], seen["in_charge"]) == (120, orders.customer_service.id)
    assert seen["resolved_on"] is not None
    assert (sees(orders.sales, order)["exceptions"], sees(orders.sales, customer)["exceptions"]) == (0, 0)


def test_only_who_may_see_the_order_raises_an_exception(orders):
    draft = an_order(orders, a_customer(orders), (a_product(orders), 1))
    with pytest.raises((Invalid, NotFound)):
        orders.warehouse.creates("exception", order=draft.id, kind="delay", reason="Too early")
    assert everything(orders, "exception") == []
