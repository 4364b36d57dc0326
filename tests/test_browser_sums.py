"""Roll-ups on pages: read like numbers, never entered, and what stands on them follows while one types."""

from __future__ import annotations

import pytest
from formloom.platform.access.members import set_roles
from playwright.sync_api import expect
from rollup_app import rollup_app
from small_app import form_of, text
from small_world import World


@pytest.fixture
def world(orders):
    document = rollup_app()
    form_of(document, "customer")["views"] = [
        {"key": "all", "label": text("All"), "columns": ["name", "orders", "ordered", "free"],
         "sort": [{"field": "ordered", "descending": True}]},
    ]  # fmt: skip
    made = World(orders.workspace, document)
    with orders.workspace.writing() as connection:
        set_roles(connection, orders.sales.id, "sums", ["staff"])
    made.ada, made.bob = (made.engine.create("customer", {"name": name, "limit": "1000"}) for name in ("Ada", "Bob"))
    for customer, amount in ((made.ada, "120.50"), (made.ada, "7"), (made.bob, "1500")):
        lines = [{"quantity": "1", "price": amount}]
        made.engine.create("order", {"customer": customer.id, "lines": lines})
    return made


def test_a_list_shows_sorts_and_filters_by_a_sum(orders, world, client):
    page = client.sign_in(orders.sales).get("/apps/sums/customer/").get_data(as_text=True)
    assert page.index("1,500.00") < page.index("127.50")
    filtered = client.get("/apps/sums/customer/?f=ordered~gt~200").get_data(as_text=True)
    assert "Bob" in filtered and "Ada" not in filtered


def test_a_sum_is_read_and_what_stands_on_it_follows(orders, world, live):
    page = live.visit(orders.sales, f"/apps/sums/customer/{world.ada.id}")
    expect(page.get_by_text("127.50").first).to_be_visible()
    assert page.locator("[name=ordered]").count() == 0
    page.get_by_label("Limit").fill("500")
    expect(page.get_by_text("372.50")).to_be_visible()


def test_a_new_record_has_no_sums_yet(orders, world, live):
    page = live.visit(orders.sales, "/apps/sums/customer/new")
    expect(page.get_by_label("Limit")).to_be_visible()
    expect(page.get_by_text("Ordered", exact=True)).to_have_count(0)
    page.get_by_label("Limit").fill("500")
    expect(page.get_by_text("500.00").first).to_be_visible()
