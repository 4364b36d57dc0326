"""What tests of the order app start from: customers, products with stock, orders; and what stands in them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from formloom.platform.definition.model import Sort
from formloom.platform.errors import Refused
from formloom.platform.jobs.worker import drain
from formloom.platform.records.query import Query
from formloom.platform.workflow.commands import Saved
from formloom.platform.workflow.notices import of_member


def a_customer(orders, **values):
    made = orders.sales.creates("customer", name=values.pop("name", "Kestrel Books"))
    if values:
        orders.finance.edits(made, **values)
    return made


def a_supplier(orders, name="Oakmill Joinery", **values):
    return orders.purchasing.creates("supplier", name=name, **values)


def a_product(orders, stock=10, name="Birch stool", cost="31.50", price="59.00", **values):
    made = orders.purchasing.creates("product", name=name, cost=cost, list_price=price, tax="0.19", **values)
    if stock:
        counted = orders.warehouse.creates("stock_move", product=made.id, kind="count", quantity=stock)
        orders.warehouse.books(counted)
    return made


def an_order(orders, customer, *lines, by=None, **values):
    """Lines as (product, quantity)."""
    rows = [{"product": product.id, "quantity": quantity} for product, quantity in lines]
    return (by or orders.sales).creates("order", customer=customer.id, lines=rows, **values)


def a_carrier(orders):
    return orders.warehouse.creates("shipper", name="Northline Parcel")


def sees(person, record):
    return person.sees(record).values


def stock(orders, product):
    seen = sees(orders.admin, product)
    return int(seen["on_hand"]), int(seen["reserved"]), int(seen["available"])


def reasons(person, order, transition):
    options = {option.transition.key: option for option in person.do.available("order", order.id)}
    return [(reason.text, set(reason.lifters)) for reason in options[transition].reasons]


def refusal(what, *arguments, **values):
    with pytest.raises(Refused) as caught:
        what(*arguments, **values)
    return str(caught.value), set(caught.value.lifters)


def moves(orders, product):
    """(kind, change of stock, change of reserved) of every move of a product."""
    with orders.admin.gate() as gate:
        here = {"===": [{"var": "product"}, product.id]}
        page = gate.page(Query("stock_move", ("kind", "stock", "reserved"), where=here, limit=100))
    found = [(row.values["kind"], int(row.values["stock"]), int(row.values["reserved"])) for row in page.rows]
    return sorted(found)


def newest(orders, form, **links):
    """The record of a form that was made last, of those that link so."""
    found = everything(orders, form, **links)
    assert found, f"there is no {form}"
    return found[0]


def everything(orders, form, **links):
    """The records of a form that link so, the newest first."""
    here = [{"===": [{"var": key}, record.id]} for key, record in links.items()]
    with orders.admin.gate() as gate:
        rows = gate.page(Query(form, where={"and": [True, *here]}, sort=(Sort("id", True),), limit=500)).rows
        return [Saved(form, row.id, row.rev, row.status) for row in rows]


def status(orders, record):
    return orders.admin.sees(record).status


def goes_on(orders, record=None):
    """What happens by itself after a command, in another one; the status that the record then has."""
    drain(orders.workspace)
    return record and status(orders, record)


def told(person):
    """The notices of a person, as sentences, the newest first."""
    with person.workspace.reading() as connection:
        return [row.text["en"] for row in of_member(connection, person.id)]


def ready(orders, order):
    """Submitted, approved and prepared."""
    orders.sales.submits(order)
    orders.manager.approves(order)
    orders.warehouse.prepares(order)
    return order


def shipped(orders, customer, *lines, **values):
    """An order that has left the house, and its shipment."""
    order = ready(orders, an_order(orders, customer, *lines, **values))
    orders.warehouse.ships(order, carrier=a_carrier(orders).id, tracking="NP 4711")
    return order, newest(orders, "shipment", order=order)


def billed(orders, shipment):
    """The invoice of a shipment, issued."""
    orders.finance.bills(shipment)
    invoice = newest(orders, "invoice", shipment=shipment)
    orders.finance.issues(invoice)
    return invoice


def a_payment(orders, customer, amount, *parts):
    """Parts as (invoice, amount)."""
    lines = [{"invoice": invoice.id, "amount": part} for invoice, part in parts]
    return orders.finance.creates("payment", customer=customer.id, amount=amount, lines=lines)


def pays(orders, customer, *parts):
    paid = a_payment(orders, customer, str(sum(Decimal(part) for _invoice, part in parts)), *parts)
    orders.finance.confirms(paid)
    return paid


def owes(orders, customer):
    return sees(orders.admin, customer)["credit_used"]
