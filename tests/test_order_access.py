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
    for person in (orders.sales, orders.warehouse, orders.customer_service, orders.purchasing):
        assert not {"margin", "below_cost", "credit"} & sees(person, order).keys()
        assert "margin" not in sees(person, order)["lines"][0]
        assert not {"credit_limit", "credit_used", "credit_free", "auto_limit"} & sees(person, customer).keys()
    for person in (orders.sales, orders.warehouse, orders.customer_service):
        assert "cost" not in sees(person, order)["lines"][0]
    assert sees(orders.purchasing, order)["lines"][0]["cost"] == Decimal("31.50")
    assert "cost" not in sees(orders.sales, stool)
    for person in (orders.warehouse, orders.purchasing):
        assert not {"total", "open", "paid", "invoiced", "own_prices"} & sees(person, order).keys()
        assert not {"price", "unit_price", "rule", "rule_price", "list_price", "reduction"} & sees(person, order)["lines"][0].keys()


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
    assert opened > 250


def test_sales_sees_the_payments_of_its_own_customers(orders):
    mine, other = a_customer(orders), orders.manager.creates("customer", name="Hafen")
    paid = [orders.finance.creates("payment", customer=customer.id, amount="1") for customer in (mine, other)]
    assert sees(orders.sales, paid[0])["amount"] == 1
    with pytest.raises(NotFound):
        orders.sales.sees(paid[1])


def test_who_makes_which_document(orders):
    """Everything else comes of the documents before it."""
    makers = {
        "order": {"sales", "sales_manager"},
        "customer": {"sales", "sales_manager", "finance", "admin"},
        "price_rule": {"sales_manager", "admin"},
        "product": {"purchasing", "admin"},
        "supplier": {"purchasing", "admin"},
        "purchase_request": {"purchasing", "warehouse"},
        "purchase_order": {"purchasing"},
        "stock_move": {"purchasing", "warehouse", "admin"},
        "shipment": set(),
        "return": set(),
        "invoice": {"finance"},
        "payment": {"finance"},
        "change": {"sales", "sales_manager", "customer_service"},
        "exception": {"sales", "sales_manager", "purchasing", "warehouse", "finance", "customer_service", "admin"},
    }
    definition = load(template("orders"))
    for form, roles in makers.items():
        assert {access.role for access in definition.form_by_key[form].access if access.create} == roles, form


def test_management_reads_everything_and_changes_nothing(orders):
    definition = load(template("orders"))
    for form in definition.forms:
        access = form.access_by_role["management"]
        assert (access.scope, access.create, access.delete, access.load) == ("all", False, (), False)
        assert access.cells == {"*": {"*": "read"}}
        assert not any("management" in transition.who.roles for transition in form.transitions)


def test_every_balance_is_kept_by_documents_and_entered_by_nobody(orders):
    """Stock, reservations, credit, what is paid and credited: no role may type them."""
    kept = {
        "product": ("on_hand", "reserved"),
        "order": ("credit", *(f"lines.{key}" for key in ("reserved", "shipped", "returned", "requested", "dropped", "taken", "ship_now"))),
        "customer": ("credit_used",),
        "invoice": ("paid", "credited"),
        "shipment": ("returned", "invoiced"),
        "purchase_order": ("lines.received", "lines.arrives"),
        "payment": ("lines.freed", "lines.order"),
    }  # fmt: skip
    definition = load(template("orders"))
    for form, paths in kept.items():
        for access in definition.form_by_key[form].access:
            for path in paths:
                modes = {access.mode(path, step) for step in definition.steps(definition.form_by_key[form])}
                assert modes <= {"read", "hidden"}, (form, access.role, path)


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
