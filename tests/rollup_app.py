"""An app whose forms add up: payments and orders of customers, customers of regions, lines of products."""

from __future__ import annotations

import json

from formloom.platform.definition import drafts, store
from formloom.platform.workflow.publication import publish
from small_app import ACCESS, field, status, text, transition
from small_world import World


def sums(form: str, via: str, added: str, **rest) -> dict:
    return {"form": form, "via": via, "measure": "sum", "field": added} | rest


def counts(form: str, via: str, **rest) -> dict:
    return {"form": form, "via": via, "measure": "count"} | rest


def formula(key: str, rule, **rest) -> dict:
    return field(key, "formula", settings={"rule": rule} | rest)


def read(key: str) -> dict:
    return {"var": key}


OPEN = {"===": [read("status"), "open"]}
LINE = [
    field("product", "link", settings={"form": "product"}),
    field("quantity", "number"),
    field("price", "money"),
    field("free", "flag"),
    formula("amount", {"*": [read("quantity"), read("price")]}),
]
SOLD = {"and": [{"!==": [read("free"), True]}, {"!==": [read("header.status"), "dropped"]}]}


def form(key: str, *fields: dict, **rest) -> dict:
    words = {"key": key, "label": text(key.title()), "plural": text(f"{key.title()}s"), "title": fields[0]["key"]}
    return words | {"fields": list(fields), "access": ACCESS} | rest


def rollup_app() -> dict:
    """orders with lines -> customers (orders, ordered, open, free) -> regions; lines -> products; payments -> orders."""
    order = form(
        "order",
        field("about"),
        field("customer", "link", settings={"form": "customer"}),
        field("lines", "rows", fields=LINE),
        formula("total", {"sum": [{"map": [read("lines"), read("amount")]}]}, result="money"),
        field("paid", "rollup", settings=sums("payment", "order", "amount", result="money")),
        formula("due", {"-": [read("total"), read("paid")]}, result="money"),
        status_list="flow",
        transitions=[
            transition("close", "open", "done"),
            transition("drop", "open", "dropped"),
            transition("reopen", "dropped", "open"),
        ],
    )
    order["access"] = [ACCESS[0] | {"delete": ["open", "done", "dropped"], "load": True}]
    customer = form(
        "customer",
        field("name"),
        field("region", "link", settings={"form": "region"}),
        field("limit", "money"),
        field("where", "lookup", settings={"via": "region", "field": "name", "live": True}),
        field("orders", "rollup", settings=counts("order", "customer")),
        field("ordered", "rollup", settings=sums("order", "customer", "total", result="money")),
        field("open", "rollup", settings=sums("order", "customer", "due", where=OPEN, result="money")),
        formula("free", {"-": [read("limit"), read("open")]}, result="money"),
    )
    region = form(
        "region",
        field("name"),
        field("parent", "link", settings={"form": "region"}),
        field("open", "rollup", settings=sums("customer", "region", "open")),
        field("children", "rollup", settings=counts("region", "parent")),
        field("strained", "rollup", settings=counts("customer", "region", where={"<": [read("free"), 0]})),
    )
    product = form(
        "product",
        field("name"),
        field("sold", "rollup", settings=sums("order", "lines.product", "quantity", where=SOLD)),
        field("worth", "rollup", settings=sums("order", "lines.product", "amount", where=SOLD)),
        field("lines", "rollup", settings=counts("order", "lines.product")),
    )
    payment = form(
        "payment",
        field("note"),
        field("order", "link", settings={"form": "order"}),
        field("amount", "money"),
    )
    forms = json.loads(json.dumps([order, customer, region, product, payment]))
    flow = [status("open", "start"), status("done", "done"), status("dropped", "cancelled")]
    return {
        "format": 1,
        "key": "sums",
        "label": text("Sums"),
        "roles": [{"key": "staff", "label": text("Staff")}],
        "status_lists": [{"key": "flow", "label": text("Flow"), "statuses": flow}],
        "forms": forms,
    }


class Growing(World):
    """A world whose app gets further versions."""

    def becomes(self, document: dict) -> None:
        with self.workspace.writing() as connection:
            app_id = store.app_row(connection, self.key).id
            rev = store.draft(connection, app_id).rev
            drafts.change(connection, app_id, "replace", {"by": document}, rev, 1)

    def publishes(self, document: dict, **rest) -> int:
        self.becomes(document)
        return publish(self.workspace, self.key, 1, **rest)

    def order(self, customer, *amounts, **values):
        lines = [{"price": amount, "quantity": "1"} for amount in amounts]
        return self.do("staff").create("order", {"customer": customer.id, "lines": lines, **values})
