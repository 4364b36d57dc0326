"""Stock and orders for tests that need many of them, and what must hold between them at the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from formloom.platform.workflow.commands import Loaded, Saved
from people import People

RESERVED = {"submitted", "reviewed", "purchasing", "ready", "on_hold"}


def stocked(orders: People, units: int, name: str = "Chai") -> Saved:
    """A product with so many units on hand, received as the warehouse does."""
    product = orders.admin.creates("product", name=name, list_price="10")
    received(orders, product, units)
    return product


def received(orders: People, product: Saved, units: int) -> None:
    move = orders.warehouse.creates("stock_move", product=product.id, kind="receipt", quantity=units)
    orders.warehouse.books(move)


def customer(orders: People, name: str = "Alfreds Futterkiste") -> Saved:
    return orders.sales.creates("customer", name=name)


def drafts(orders: People, count: int, product: Saved, quantity: int, lines: int = 1) -> list[Saved]:
    """So many draft orders of one customer, brought in at once."""
    buyer = customer(orders)
    line = {"product": product.id, "quantity": quantity, "price": "10"}
    values = {"customer": buyer.id, "ordered": "2026-11-24", "lines": [line] * lines}
    return orders.admin.do.load("order", [Loaded("draft", values)] * count)


def every(orders: People, form: str, paths: tuple[str, ...]) -> Iterator[dict]:
    """The values of every record of a form, as the admin reads them."""
    from formloom.platform.records.query import Query

    with orders.admin.gate() as gate:
        after = None
        while True:
            page = gate.page(Query(form, paths, after=after, limit=200))
            yield from ({"id": row.id, "status": row.status, **row.values} for row in page.rows)
            after = page.next
            if after is None:
                return


def unbalanced(orders: People) -> list[str]:
    """Where stock and its ledger, or reservations and open orders, disagree; or stock is below nothing."""
    stock, reserved, open_lines = defaultdict(Decimal), defaultdict(Decimal), defaultdict(Decimal)
    for move in every(orders, "stock_move", ("product", "stock", "reserved")):
        if move["status"] == "booked":
            stock[move["product"]] += move["stock"]
            reserved[move["product"]] += move["reserved"]
    with orders.admin.gate() as gate:
        for order in every(orders, "order", ()):
            if order["status"] in RESERVED:
                for line in gate.record("order", order["id"]).values["lines"]:
                    open_lines[line["product"]] += line["reserved"]
    wrong = []
    for product in every(orders, "product", ("on_hand", "reserved")):
        told = {"moves": stock[product["id"]], "reserved moves": reserved[product["id"]]}
        if product["on_hand"] != told["moves"] or product["on_hand"] < 0:
            wrong.append(f"product {product['id']} has {product['on_hand']}, {told}")
        if not product["reserved"] == told["reserved moves"] == open_lines[product["id"]]:
            wrong.append(f"product {product['id']} holds {product['reserved']}, {told}, orders {open_lines[product['id']]}")
        if product["reserved"] > product["on_hand"]:
            wrong.append(f"product {product['id']} promises more than there is")
    return wrong
