"""What a link leads to can be made on the way, in a page of its own, by whoever may; the app can be installed."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect


def test_a_customer_is_made_while_the_order_waits(orders, live):
    page = live.visit(orders.sales, "/apps/orders/order/new")
    page.locator("#f-customer").press_sequentially("Brand New Shop")
    offered = page.get_by_role("option", name="New: “Brand New Shop” …")
    offered.wait_for()
    with page.expect_popup() as opened:
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
    beside = opened.value
    expect(beside.locator("#f-name")).to_have_value("Brand New Shop")
    beside.locator("#save").click()
    beside.wait_for_url(re.compile(r"/customer/\d+$"))
    beside.close()
    page.evaluate("() => window.dispatchEvent(new Event('focus'))")
    page.get_by_role("option", name="Brand New Shop").first.click()
    expect(page.locator("#f-customer")).to_have_value("Brand New Shop")
    assert page.locator("[name=customer]").input_value().isdigit()


@pytest.mark.parametrize(("role", "offered"), [("sales", True), ("management", False)])
def test_only_those_are_offered_a_new_one_who_may_make_it(orders, client, role, offered):
    answer = client.sign_in(orders[role]).get("/apps/orders/order/choices/customer?q=x")
    assert (answer.headers.get("X-New") == "/apps/orders/customer/new") is offered


def test_the_app_can_be_installed(client):
    page = client.get("/sign-in").get_data(as_text=True)
    address = re.search(r'rel="manifest" href="([^"]+)"', page)[1]
    with client.get(address) as answer:
        manifest = json.loads(answer.get_data(as_text=True))
    assert (manifest["display"], manifest["start_url"]) == ("standalone", "/")
    for icon in manifest["icons"]:
        with client.get(address.rpartition("/")[0] + "/" + icon["src"]) as answer:
            assert answer.mimetype == "image/png"
