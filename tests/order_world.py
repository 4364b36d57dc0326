"""What tests of the order app start from: customers, products with stock, orders; and what stands in them."""

from __future__ import annotations

import pytest
from formloom.platform.errors import Refused
from formloom.platform.records.query import Query


def a_customer(orders, **values):
    made = orders.sales.creates("customer", name=values.pop("name", "Kestrel Books"))
    if values:
        orders.finance.edits(made, **values)
    return made


def a_product(orders, stock=10, name="Birch stool", cost="31.50", price="59.00"):
    made = orders.purchasing.creates("product", name=name, cost=cost, list_price=price, tax="0.19")
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
