"""A cell of a list edited where it stands gets the same answer as the record's own page, and nothing gets lost."""

from __future__ import annotations

import re
from html import unescape

import pytest
from page import Page, visit
from warehouse import customer

LIST = "/apps/orders/order/"


@pytest.fixture
def sales(client, orders):
    return client.sign_in(orders.sales)


@pytest.fixture
def order(orders):
    return orders.sales.creates("order", customer=customer(orders, "Ernst Handel").id, note="Ring first")


class Cell:
    """The small form of one cell."""

    def __init__(self, client, record, key: str, form: str = LIST, query: str = "columns=number+note"):
        self.client = client
        self.path = f"{form}{record.id}/cells/{key}"
        self.page = visit(client, f"{self.path}?list={query.replace('&', '%26').replace('=', '%3D')}")

    def fields(self, html: str = "") -> dict[str, str]:
        names = re.findall(r'<input type="hidden" name="(\w+)" value="(.*?)">', html or self.page.html)
        return {name: unescape(value) for name, value in names}

    def sends(self, html: str = "", **values: str) -> Page:
        return Page(self.client, self.client.post(self.path, self.fields(html) | values))


def test_what_was_typed_is_saved_and_the_row_comes_back(sales, orders, order):
    cell = Cell(sales, order, "note")
    assert cell.page.status == 200 and ">\nRing first</textarea>" in cell.page.html
    done = cell.sends(note="Ring twice")
    assert done.status == 200 and done.html.startswith("<tr") and "Ring twice" in done.text and "SO-" in done.text
    assert orders.sales.sees(order).values["note"] == "Ring twice"
    assert cell.sends(note="Ring twice").status == 200  # sent twice, saved once
    assert orders.sales.sees(order).rev == 2


def test_only_what_may_be_changed_at_its_step_is_offered_and_taken(client, orders, order):
    client.sign_in(orders.sales)
    marked = visit(client, f"{LIST}?view=all&columns=number+note+total+status").html
    assert 'data-key="note"' in marked and 'data-key="total"' not in marked and 'data-key="number"' not in marked
    refused = Cell(client, order, "total")
    assert refused.page.status == 422 and "“Total” cannot be changed here." in refused.page.text
    assert refused.sends(total="1").status == 422
    assert Cell(client, order, "margin").page.status == 404  # not theirs to see
    assert Cell(client, order, "lines").page.status == 422
    client.sign_in(orders.management)
    assert 'data-key="' not in visit(client, f"{LIST}?view=all").html
    assert Cell(client, order, "note").sends(note="x").status in (404, 422)
    assert orders.sales.sees(order).values["note"] == "Ring first"


def test_a_mistake_stands_in_the_cell_with_what_was_typed(sales, orders, order):
    wrong = Cell(sales, order, "wanted").sends(wanted="2001-01-01")
    assert wrong.status == 422 and "before the order date" in wrong.text and 'value="2001-01-01"' in wrong.html
    wrong = Cell(sales, order, "customer").sends(customer="")
    assert wrong.status == 422 and 'role="alert"' in wrong.html
    assert orders.sales.sees(order).values["wanted"] is None


def test_what_somebody_else_typed_meanwhile_is_not_overwritten_unseen(sales, orders, order):
    cell = Cell(sales, order, "note")
    orders.sales.edits(order, note="By bike")
    clash = cell.sends(note="By truck")
    assert clash.status == 409 and "Now it is “By bike”" in clash.text and ">\nBy truck</textarea>" in clash.html
    assert orders.sales.sees(order).values["note"] == "By bike"
    assert cell.sends(clash.html, note="By truck").status == 200
    assert orders.sales.sees(order).values["note"] == "By truck"


def test_what_others_changed_besides_is_kept(sales, orders, order):
    cell = Cell(sales, order, "note")
    orders.sales.edits(order, ship_city="Graz")
    assert cell.sends(note="By truck").status == 200
    values = orders.sales.sees(order).values
    assert (values["note"], values["ship_city"]) == ("By truck", "Graz")


def test_a_record_of_others_is_not_found(client, orders, order):
    client.sign_in(orders.sales)
    assert visit(client, f"{LIST}{order.id + 1}/cells/note").status == 404
    assert client.post(f"{LIST}{order.id + 1}/cells/note", {"note": "x", "base": "{}"}).status_code == 404
    assert visit(client, f"{LIST}{order.id}/cells/nothing").status == 404


def test_who_no_longer_sees_the_record_is_told(client, orders):
    """Sales see their own and those they are in charge of."""
    order = orders.sales.creates("order", customer=customer(orders).id)
    client.sign_in(orders.sales)
    row = Cell(client, order, "note", query="view=open&f=note~empty~").sends(note="Filled")
    assert row.status == 200 and 'class="key"' in row.html  # it stays in place though the filter would not find it
