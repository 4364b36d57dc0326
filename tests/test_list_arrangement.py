"""The order of a list by several fields, and its columns, each a plain address."""

from __future__ import annotations

import re
from html import unescape

import pytest
from page import visit
from warehouse import customer

LIST = "/apps/orders/order/"


@pytest.fixture
def sales(client, orders):
    for name, city in (("Ernst Handel", "Graz"), ("Piccolo", "Graz"), ("Alfreds", "Berlin")):
        orders.sales.creates("order", customer=customer(orders, name).id, ship_city=city)
    return client.sign_in(orders.sales)


def goes(client, page, element: str):
    """The page behind the link with an id, be it in a menu that opens first."""
    link = rf'id="{re.escape(element)}" href="([^"]+)"'
    menu = {"by": "sorting", "col": "choosing"}.get(element.partition("-")[0])
    if menu and (closed := re.search(rf'id="{menu}" data-menu="([^"]+)"', page.html)):
        page = visit(client, unescape(closed[1]))
    found = re.search(link, page.html)
    assert found, element
    return visit(client, unescape(found[1]))


def also(client, page, element: str):
    """The page behind a heading that is pressed with Shift."""
    return visit(client, unescape(re.search(rf'id="{element}" href="[^"]+" data-also="([^"]+)"', page.html)[1]))


def sorted_by(page) -> str:
    address = re.search(r'name="sort" value="([^"]+)"', page.html)
    return address[1] if address else ""


def columns(page) -> list[str]:
    heads = re.findall(r'<th scope="col"(?! class="pick").*?</th>', page.html, re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", head).split()) for head in heads]


def first_column(page) -> list[str]:
    return [unescape(re.sub(r"<[^>]+>", "", text)) for text in re.findall(r'class="key"[^>]*>(.*?)</a>', page.html)]


def test_rows_follow_several_keys_and_the_first_leads(sales, orders):
    page = visit(sales, f"{LIST}?view=all&columns=customer+ship_city&sort=-ship_city,customer")
    assert first_column(page) == ["Ernst Handel", "Piccolo", "Alfreds"]
    assert columns(page) == ["Customer 2", "City 1"] and page.html.count("aria-sort") == 1


def test_a_heading_leads_alone_or_joins_what_leads(sales):
    page = visit(sales, f"{LIST}?view=all&sort=customer")
    assert sorted_by(goes(sales, page, "sort-customer")) == "-customer"
    assert sorted_by(goes(sales, page, "sort-number")) == "number"
    both = also(sales, page, "sort-number")
    assert sorted_by(both) == "customer,number"
    assert sorted_by(also(sales, both, "sort-number")) == "customer,-number"
    assert sorted_by(goes(sales, both, "sort-number")) == "number"  # what came second leads now


def test_the_menu_adds_turns_moves_and_leaves_out_and_stays_open(sales):
    page = visit(sales, f"{LIST}?view=all&sort=customer")
    page = goes(sales, page, "by-created_at")
    assert sorted_by(page) == "customer,created_at" and 'id="sorting" open' in page.html
    page = goes(sales, page, "by-created_at")
    assert sorted_by(page) == "customer,-created_at"
    page = goes(sales, page, "by-created_at-sooner")
    assert sorted_by(page) == "-created_at,customer"
    page = goes(sales, goes(sales, page, "by-created_at-out"), "by-customer-out")
    assert sorted_by(page) == "-id" and "aria-sort" not in page.html
    assert visit(sales, f"{LIST}?sort={','.join(['customer'] * 12)}").status == 200
    many = "status,created_at,updated_at,number,customer,ordered,wanted,promised,total"
    assert visit(sales, f"{LIST}?sort={many}").status == 422


def test_columns_are_shown_hidden_and_moved_and_one_always_stays(sales):
    page = visit(sales, f"{LIST}?view=all&columns=number+customer")
    page = goes(sales, page, "col-note")
    assert columns(page) == ["Number", "Customer", "Note"] and 'id="choosing" open' in page.html
    page = goes(sales, goes(sales, page, "col-note-before"), "col-number-behind")
    assert columns(page) == ["Note", "Number", "Customer"]
    page = goes(sales, goes(sales, page, "col-note"), "col-customer")
    assert columns(page) == ["Number"] and 'id="col-customer"' in page.html and 'id="col-number"' not in page.html
    assert "Margin" not in page.text  # what sales never see is not offered either
