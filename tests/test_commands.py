"""The commands on the order app: what each role may do, what it leaves behind, what is refused and why."""

from __future__ import annotations

from decimal import Decimal

import pytest
from formloom.platform.access.actor import SYSTEM
from formloom.platform.errors import Conflict, Invalid, KeyReused, NotFound, Refused
from formloom.platform.workflow.commands import Commands, Loaded


@pytest.fixture
def shop(orders):
    """A customer and two products in stock: Chai 100 at 18.00, Chang 5 at 19.00."""
    engine = Commands(orders.workspace, SYSTEM, "orders")
    customer = engine.create("customer", {"name": "Ernst Handel", "credit_limit": "100000"})
    chai, chang = engine.load(
        "product",
        [
            Loaded("stocked", {"name": "Chai", "list_price": "18.00", "on_hand": "100"}),
            Loaded("stocked", {"name": "Chang", "list_price": "19.00", "on_hand": "5"}),
        ],
    )
    orders.customer, orders.chai, orders.chang = customer, chai, chang
    return orders


def order_of(shop, *lines):
    return shop.sales.creates(
        "order", customer=shop.customer.id, lines=[{"product": p.id, "quantity": str(q)} for p, q in lines]
    )


def test_an_order_gets_its_number_prices_and_totals(shop):
    order = order_of(shop, (shop.chai, 3), (shop.chang, 2))
    seen = shop.sales.sees(order)
    assert seen.values["number"].startswith("SO-")
    assert [line["unit_price"] for line in seen.values["lines"]] == [Decimal("18"), Decimal("19")]
    assert seen.values["net"] == Decimal("92.00")
    assert order.status == "draft"


def test_submitting_reserves_what_there_is_and_cannot_oversell(shop):
    order_of(shop, (shop.chang, 3))
    first = shop.sales.submits(order_of(shop, (shop.chang, 3)))
    second = shop.sales.submits(order_of(shop, (shop.chang, 3)))
    assert [shop.manager.sees(order).values["lines"][0]["reserved"] for order in (first, second)] == [3, 2]
    product = shop.purchasing.sees(shop.chang)
    assert product.values["reserved"] == 5
    assert product.values["available"] == 0


def test_a_stale_edit_is_a_clash_of_that_field_alone(shop):
    order = order_of(shop, (shop.chai, 1))
    before = shop.sales.sees(order).values
    shop.sales.edits(order, note="by telephone")
    shop.sales.do.edit("order", order.id, {"wanted": "2026-12-24"}, {"wanted": before["wanted"]})
    with pytest.raises(Conflict) as conflict:
        shop.sales.do.edit("order", order.id, {"note": "by mail"}, {"note": before["note"]})
    assert [clash.path for clash in conflict.value.clashes] == ["note"]


def test_strict_input_names_what_it_cannot_take(shop):
    with pytest.raises(Invalid, match="no field “colour”"):
        shop.sales.creates("order", customer=shop.customer.id, colour="red")
    with pytest.raises(Invalid, match="customer"):
        shop.sales.creates("order", customer=4711, lines=[])
    with pytest.raises(Invalid, match="number"):
        shop.sales.creates("order", customer=shop.customer.id, number="SO-1", lines=[])


def test_an_idempotency_key_answers_once(shop):
    one = shop.sales.creates("order", key="k1", customer=shop.customer.id, lines=[])
    assert shop.sales.creates("order", key="k1", customer=shop.customer.id, lines=[]) == one
    with pytest.raises(KeyReused):
        shop.sales.creates("order", key="k1", customer=shop.customer.id, lines=[], note="other")


def test_what_moved_on_is_a_conflict(shop):
    order = order_of(shop, (shop.chai, 1))
    shop.sales.submits(order)
    with pytest.raises(Conflict, match="Submitted"):
        shop.sales.submits(order)


def test_options_say_why_not(shop):
    order = shop.sales.submits(order_of(shop, (shop.chai, 1)))
    options = {option.transition.key: option for option in shop.sales.do.available("order", order.id)}
    assert not options["approve"].allowed
    assert "sales_manager" in options["approve"].reasons[0].lifters
    manager = {option.transition.key: option for option in shop.manager.do.available("order", order.id)}
    assert manager["approve"].allowed


def test_what_links_here_keeps_it_from_being_deleted(shop):
    order_of(shop, (shop.chai, 1))
    with pytest.raises(Refused, match="Orders"):
        Commands(shop.workspace, SYSTEM, "orders").delete("product", shop.chai.id)


def test_a_stranger_finds_nothing(shop):
    order = order_of(shop, (shop.chai, 1))
    from dataclasses import replace

    stranger = replace(shop.sales.actor, roles={})
    with pytest.raises(NotFound):
        Commands(shop.workspace, stranger, "orders").edit("order", order.id, {}, {})
