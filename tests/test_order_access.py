"""The order app as it ships: who may see and write what, its views, and its sample records."""

from __future__ import annotations

from decimal import Decimal

import pytest
from formloom.platform.access.actor import SYSTEM
from formloom.platform.definition.schema import load
from formloom.platform.errors import Invalid, NotFound
from formloom.platform.gallery import template
from formloom.platform.records.query import Gate, Query
from formloom.platform.workflow.samples import add_people, play
from formloom.platform.workflow.soundness import check
from order_world import a_customer, a_product, an_order, sees


def test_who_sees_cost_margin_and_credit(orders):
    stool, customer = a_product(orders), a_customer(orders, credit_limit="100")
    order = an_order(orders, customer, (stool, 1))
    orders.sales.submits(order)
    for person in (orders.manager, orders.finance, orders.management, orders.admin):
        assert sees(person, order)["margin"] == Decimal("27.50")
        assert sees(person, customer)["credit_limit"] == 100
    for person in (orders.sales, orders.warehouse):
        assert "margin" not in sees(person, order)
        assert "cost" not in sees(person, order)["lines"][0]
        assert "credit_limit" not in sees(person, customer)
    assert "cost" not in sees(orders.sales, stool)
    assert "total" not in sees(orders.warehouse, order)
    assert "price" not in sees(orders.warehouse, order)["lines"][0]


def test_a_role_writes_only_what_the_matrix_opens(orders):
    order = an_order(orders, a_customer(orders), (a_product(orders), 1))
    orders.sales.submits(order)
    for person, change in (
        (orders.sales, {"wanted": "2030-01-01"}),
        (orders.warehouse, {"carrier": None}),
        (orders.finance, {"paid": "1000"}),
        (orders.management, {"note": "Well done"}),
        (orders.admin, {"status": "closed"}),
    ):
        with pytest.raises(Invalid):
            person.do.edit("order", order.id, change, dict.fromkeys(change))
    orders.manager.edits(order, promised="2030-01-01")


def test_the_warehouse_has_no_part_in_drafts(orders):
    order = an_order(orders, a_customer(orders), (a_product(orders), 1))
    with pytest.raises(NotFound):
        orders.warehouse.sees(order)
    orders.sales.submits(order)
    assert orders.warehouse.sees(order).status == "submitted"


def test_every_role_can_open_its_views(orders):
    """Every scope, condition and order of every view is one that the database can answer."""
    definition = load(template("orders"))
    opened = 0
    for role in definition.roles:
        with orders[role.key].gate() as gate:
            for form in gate.forms():
                shown = set(gate.readable_fields(form.key))
                for view in form.views:
                    if view.roles and role.key not in view.roles:
                        continue
                    columns = tuple(key for key in view.columns if key in shown)
                    assert gate.page(Query(form.key, columns, view.where, view.sort)).rows == []
                    opened += 1
    assert opened > 90


def test_sales_sees_the_payments_of_its_own_orders(orders):
    stool, customer = a_product(orders), a_customer(orders)
    mine, other = an_order(orders, customer, (stool, 1)), an_order(orders, customer, (stool, 1), by=orders.manager)
    paid = [orders.finance.creates("payment", order=order.id, amount="1") for order in (mine, other)]
    assert sees(orders.sales, paid[0])["amount"] == 1
    with pytest.raises(NotFound):
        orders.sales.sees(paid[1])


@pytest.mark.databases("sqlite")
def test_the_samples_play_through_the_commands(orders):
    definition = load(template("orders"))
    with orders.workspace.writing() as connection:
        people = add_people(connection, definition)
    # the fixture's app is published without its samples: play those of the template in it
    made = play(orders.workspace, "orders", people, samples=definition.samples)
    assert made > 90
    with orders.workspace.reading() as connection:
        gate = Gate(connection, orders.admin._compiled, SYSTEM)
        rows = gate.page(Query("order", ("total",), limit=100)).rows
    assert {row.status for row in rows} == set(definition.status_list_by_key["order_flow"].by_key)
    assert check(orders.workspace) == []
