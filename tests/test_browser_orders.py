"""Real orders in a browser: from draft to closed through every role, held, returned, cancelled, refused."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from warehouse import stocked

LIST = "/apps/orders/order/"


@pytest.fixture
def shop(orders):
    """Ten Chai in stock, a customer and a carrier."""
    stocked(orders, 10, "Chai")
    orders.sales.creates("customer", name="Ernst Handel", city="Graz")
    orders.admin.creates("shipper", name="Speedy Express")
    return orders


def pick(page: Page, name: str, text: str, prefix: str = "f") -> None:
    page.locator(f"#{prefix}-{name}").press_sequentially(text)
    page.get_by_role("option", name=text).first.click()


def enter_order(page: Page, quantity: str) -> str:
    """A new order of so many Chai; its address."""
    page.goto(f"{LIST}new")
    pick(page, "customer", "Ernst Handel")
    page.get_by_role("button", name="Add a line").click()
    pick(page, "lines-0-product", "Chai")
    page.locator("#f-lines-0-quantity").fill(quantity)
    page.locator("#save").click()
    expect(page.locator("h1")).to_contain_text("SO-")
    return page.url


def press(page: Page, step: str) -> None:
    page.locator("#next").get_by_role("button", name=step, exact=True).click()


def stands_at(page: Page, status: str) -> None:
    expect(page.locator(".of-record > .badge")).to_have_text(status)


def comes_to_stand_at(page: Page, address: str, status: str) -> None:
    """By itself, once the worker has carried the change over: looked at until it does."""
    for _look in range(50):
        page.goto(address)
        if page.locator(".of-record > .badge").inner_text() == status:
            break
        page.wait_for_timeout(100)
    stands_at(page, status)


def answer(page: Page, step: str, **asked: str) -> None:
    """Fill in what the question asks for, in front of the page or on one of its own, and go on."""
    dialog = page.locator("#question")
    for label, text in asked.items():
        dialog.get_by_label(label).fill(text)
    dialog.get_by_role("button", name=step).click()


def available(shop) -> int:
    """What the stock list says of Chai, as the warehouse reads it."""
    with shop.warehouse.gate() as gate:
        return int(gate.record("product", 1).values["available"])


@pytest.mark.databases("sqlite", "postgresql")
def test_an_order_goes_through_every_role_from_draft_to_closed(live, shop):
    sales = live.visit(shop.sales)
    order = enter_order(sales, "4")
    press(sales, "Submit")
    stands_at(sales, "Submitted")
    assert available(shop) == 6

    manager = live.visit(shop.manager, "/inbox")
    manager.get_by_role("button", name="Approve").click()
    expect(manager.get_by_text("Nothing waits for you")).to_be_visible()

    warehouse = live.visit(shop.warehouse, "/inbox")
    warehouse.locator("a.title").click()
    press(warehouse, "Ready to ship")
    answer(warehouse, "Ready to ship")
    stands_at(warehouse, "Ready to ship")
    press(warehouse, "Ship")
    pick(warehouse, "carrier", "Speedy Express", prefix="q")
    answer(warehouse, "Ship", **{"Tracking number": "1Z 999"})
    stands_at(warehouse, "Shipped")

    finance = live.visit(shop.finance, "/apps/orders/shipment/1")
    press(finance, "Invoice it")
    expect(finance.locator(".flashes .good")).to_be_visible()
    finance.goto("/apps/orders/invoice/1")
    press(finance, "Issue")
    stands_at(finance, "Issued")
    finance.goto("/apps/orders/payment/new")
    pick(finance, "customer", "Ernst Handel")
    finance.locator("#f-amount").fill("40")
    finance.get_by_role("button", name="Add a line").click()
    pick(finance, "lines-0-invoice", "INV-")
    finance.locator("#f-lines-0-amount").fill("40")
    finance.locator("#save").click()
    stands_at(finance, "Draft")
    press(finance, "Confirm")
    stands_at(finance, "Confirmed")
    comes_to_stand_at(finance, order, "Settled")
    warehouse.goto("/apps/orders/shipment/1")
    press(warehouse, "Mark as delivered")
    answer(warehouse, "Mark as delivered", **{"Delivered on": "2026-11-24"})
    comes_to_stand_at(finance, order, "Closed")

    sales.goto(order)
    expect(sales.locator(".story")).to_contain_text("Settle")
    sales.goto("/notices")
    expect(sales.locator(".news")).to_contain_text("has been shipped")
    assert available(shop) == 6


def test_a_refusal_says_why_and_changes_nothing(live, shop):
    sales = live.visit(shop.sales)
    order = enter_order(sales, "11")
    press(sales, "Submit")
    stands_at(sales, "Submitted")
    shop.manager.do.perform("order", 1, "approve")
    warehouse = live.visit(shop.warehouse, order)
    stands_at(warehouse, "Purchasing")
    press(warehouse, "Ready to ship")
    answer(warehouse, "Ready to ship")
    refusal = warehouse.locator("#question")
    expect(refusal).to_contain_text("Chai: only 0 available.")
    stands_at(warehouse, "Purchasing")


def test_who_may_not_is_told_who_can(live, shop):
    sales = live.visit(shop.sales)
    enter_order(sales, "10")
    press(sales, "Submit")
    stands_at(sales, "Submitted")
    approve = sales.locator(".why li", has_text="Approve")
    expect(approve).to_contain_text("Whoever entered an order cannot approve it. Sales manager or Finance can help.")


def test_a_held_order_keeps_its_stock_and_goes_on_later(live, shop):
    order = enter_order(live.visit(shop.sales), "3")
    sales = live.visit(shop.sales, order)
    press(sales, "Submit")
    manager = live.visit(shop.manager, order)
    press(manager, "Put on hold")
    answer(manager, "Put on hold", Reason="Waiting for the customer")
    stands_at(manager, "On hold")
    assert available(shop) == 7
    press(manager, "Resume")
    answer(manager, "Resume")
    stands_at(manager, "Submitted")


def test_a_returned_order_is_mended_and_submitted_again(live, shop):
    sales = live.visit(shop.sales)
    order = enter_order(sales, "3")
    press(sales, "Submit")
    manager = live.visit(shop.manager, order)
    press(manager, "Return to sales")
    answer(manager, "Return to sales", Reason="Wrong quantity")
    stands_at(manager, "Returned to sales")
    assert available(shop) == 10
    sales.goto("/inbox")
    sales.locator("a.title").click()
    expect(sales.locator(".story")).to_contain_text("Wrong quantity")
    sales.locator("#f-lines-0-quantity").fill("2")
    press(sales, "Submit")
    stands_at(sales, "Submitted")
    assert available(shop) == 8


def test_a_cancelled_order_gives_its_stock_back(live, shop):
    sales = live.visit(shop.sales)
    enter_order(sales, "3")
    press(sales, "Submit")
    stands_at(sales, "Submitted")
    assert available(shop) == 7
    press(sales, "Cancel the order")
    answer(sales, "Cancel the order", Reason="Ordered twice")
    stands_at(sales, "Cancelled")
    assert available(shop) == 10


def test_two_pages_of_one_order_meet_in_a_question(live, shop):
    mine = live.visit(shop.sales)
    order = enter_order(mine, "3")
    other = live.visit(shop.sales, order)
    other.locator("#f-note").fill("theirs")
    other.locator("#save").click()
    expect(other.get_by_text("Saved", exact=True)).to_be_visible()
    mine.locator("#f-note").fill("mine")
    mine.locator("#f-ship_street").fill("Hauptplatz 1")
    mine.locator("#save").click()
    clash = mine.locator("#clashes")
    expect(clash).to_contain_text("Somebody else changed this meanwhile")
    clash.get_by_label("theirs").check()
    mine.locator("#save").click()
    expect(clash).to_be_hidden()
    expect(mine.locator("#f-note")).to_have_value("theirs")
    expect(mine.locator("#f-ship_street")).to_have_value("Hauptplatz 1")
