"""The pages in a browser: rules live, keys, focus, dialogs, the back button; how heavy and how accessible they are."""

from __future__ import annotations

import re

import pytest
from inspected import NARROW, WIDE, complaints, findings
from playwright.sync_api import expect
from warehouse import customer, stocked

LIST = "/apps/orders/order/"
NEW = f"{LIST}new"


@pytest.fixture
def draft(orders):
    """A draft order of one line: three Chai for Ernst Handel in Graz."""
    buyer = orders.sales.creates("customer", name="Ernst Handel", city="Graz")
    chai = stocked(orders, 10, "Chai")
    return orders.sales.creates("order", customer=buyer.id, lines=[{"product": chai.id, "quantity": 3}])


def address(order) -> str:
    return f"{LIST}{order.id}"


def pick(page, name: str, text: str) -> None:
    """Choose by typing, as people do."""
    page.locator(f"#f-{name}").press_sequentially(text)
    page.get_by_role("option", name=text).first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def test_an_order_is_entered_with_keys_alone_and_computed_while_typing(live, orders, draft):
    page = live.visit(orders.sales, NEW)
    said = complaints(page)
    pick(page, "customer", "Ernst Handel")
    expect(page.locator("#f-ship_city")).to_have_value("Graz")
    page.get_by_role("button", name="Add a line").press("Enter")
    expect(page.locator("#f-lines-0-product")).to_be_focused()
    pick(page, "lines-0-product", "Chai")
    expect(page.locator("tr[data-line='0'] [data-out='lines.unit_price']")).to_have_text("10.00")
    page.locator("#f-lines-0-quantity").fill("1,200")
    page.locator("#f-lines-0-discount").fill("12.5")
    expect(page.locator("tr[data-line='0'] [data-out='lines.amount']")).to_have_text("10,500.00")
    expect(page.locator("dd[data-out=total]")).to_have_text("10,500.00")
    page.locator("#f-note").press("Enter")
    page.get_by_role("button", name="Save").last.press("Enter")
    expect(page.locator("h1")).to_contain_text("SO-")
    expect(page.locator("dd[data-out=total]")).to_have_text("10,500.00")
    assert re.search(r"/apps/orders/order/\d+$", page.url)
    assert said == []


def test_rules_show_need_and_check_while_typing(live, orders, draft):
    page = live.visit(orders.sales, address(draft))
    note = page.locator("[data-field=custom_note]")
    expect(note).to_be_hidden()
    page.get_by_label("Made to order").check()
    expect(note).to_be_visible()
    expect(page.locator("#f-custom_note")).to_have_attribute("aria-required", "true")
    page.get_by_label("Wanted by").fill("2001-01-01")
    expect(page.locator("#f-wanted-error")).to_have_text("That is before the order date.")
    page.get_by_label("Wanted by").fill("2101-01-01")
    expect(page.locator("#f-wanted-error")).to_be_empty()


def test_a_removed_line_is_not_counted_and_can_come_back(live, orders, draft):
    page = live.visit(orders.sales, address(draft))
    gone = page.locator("[name='lines-0-gone']")
    gone.check(force=True)
    expect(page.locator("dd[data-out=total]")).to_have_text("0.00")
    gone.uncheck(force=True)
    expect(page.locator("dd[data-out=total]")).to_have_text("30.00")
    gone.check(force=True)
    page.locator("#save").click()
    expect(page.get_by_text("No lines yet.")).to_be_visible()


def test_the_picker_takes_back_what_matches_nothing(live, orders, draft):
    page = live.visit(orders.sales, address(draft))
    field = page.locator("#f-customer")
    field.fill("nobody of that name")
    field.press("Tab")
    expect(field).to_have_value("Ernst Handel")
    field.fill("ern")
    page.get_by_role("option", name="Ernst Handel").wait_for()
    field.press("Escape")
    expect(field).to_have_value("Ernst Handel")
    expect(field).to_have_attribute("aria-expanded", "false")


def test_an_error_keeps_what_was_typed_and_the_focus(live, orders, draft):
    page = live.visit(orders.sales, address(draft))
    page.locator("#f-note").fill("kept")
    page.locator("#f-lines-0-quantity").fill("many")
    page.locator("#f-lines-0-quantity").press("Control+Enter")
    expect(page.locator("#problems")).to_contain_text("Quantity, line 1")
    expect(page.locator("#f-lines-0-quantity")).to_be_focused()
    expect(page.locator("#f-note")).to_have_value("kept")
    page.locator("#problems a").click()
    expect(page.locator("#f-lines-0-quantity")).to_be_focused()


def test_a_question_opens_before_the_page_and_answers_in_place(live, orders, draft):
    orders.sales.submits(draft)
    page = live.visit(orders.manager, address(draft))
    page.get_by_role("button", name="Return to sales").click()
    dialog = page.get_by_role("dialog", name="Return to sales")
    expect(dialog.get_by_label("Reason")).to_be_focused()
    dialog.get_by_role("button", name="Return to sales").click()
    expect(dialog).to_contain_text("This is needed.")
    dialog.get_by_label("Reason").fill("Wrong price")
    page.keyboard.press("Enter")
    expect(page.locator(".of-record > .badge")).to_have_text("Returned to sales")
    expect(page.locator(".story")).to_contain_text("Wrong price")


def test_what_was_typed_is_saved_before_a_question(live, orders, draft):
    page = live.visit(orders.sales, address(draft))
    page.locator("#f-note").fill("typed before")
    page.get_by_role("button", name="Cancel the order").click()
    page.get_by_label("Reason").fill("Changed their mind")
    page.get_by_role("button", name="Cancel the order").click()
    expect(page.locator(".of-record > .badge")).to_have_text("Cancelled")
    assert orders.sales.sees(draft).values["note"] == "typed before"


def test_a_list_swaps_in_place_and_the_back_button_goes_back(live, orders, draft):
    orders.sales.creates("order", customer=customer(orders, "Piccolo").id)
    page = live.visit(orders.sales, LIST)
    said = complaints(page)
    page.locator("#sort-total").press("Enter")
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Total")
    expect(page.locator("#sort-total")).to_be_focused()
    page.locator("#search").press_sequentially("picc")
    expect(page.locator("#tally")).to_have_text("1")
    expect(page.locator("#search")).to_be_focused()
    assert "q=picc" in page.url
    page.go_back()
    expect(page.locator("#tally")).to_have_text("2")
    page.go_back()
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Ordered on")
    assert said == []


def test_a_filter_is_built_by_choosing(live, orders, draft):
    page = live.visit(orders.sales, LIST)
    page.locator("summary", has_text="Filter").click()
    page.locator(".drop .menu").get_by_role("link", name="Status").click()
    page.get_by_label("Submitted").check()
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".chip")).to_have_text("Status is Submitted")
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    page.get_by_role("link", name="Remove the filter on Status").click()
    expect(page.locator("#tally")).to_have_text("1")


def test_keys_lead_everywhere(live, orders, draft):
    page = live.visit(orders.sales, LIST)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("handel")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Customers")).to_be_visible()
    page.locator("summary, [popovertarget=me]").first.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()


def test_nobody_is_shut_out_of_a_question(live, orders, draft):
    page = live.visit(orders.sales, address(draft))
    page.get_by_role("button", name="Cancel the order").click()
    page.get_by_role("dialog").get_by_label("Reason").wait_for()
    assert findings(page, WIDE) + findings(page, NARROW) == []
