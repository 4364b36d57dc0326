"""The pages in a browser: rules live, keys, focus, dialogs, the back button; how heavy and how accessible they are."""

from __future__ import annotations

import gzip
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from warehouse import customer, stocked

LIST = "/apps/orders/order/"
NEW = f"{LIST}new"
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
SCRIPT, STYLE = 40 * 1024, 25 * 1024


@pytest.fixture
def draft(orders):
    """A draft order of one line: three Chai for Ernst Handel in Graz."""
    buyer = orders.sales.creates("customer", name="Ernst Handel", city="Graz")
    chai = stocked(orders, 10, "Chai")
    return orders.sales.creates("order", customer=buyer.id, lines=[{"product": chai.id, "quantity": 3}])


def address(order) -> str:
    return f"{LIST}{order.id}"


def complaints(page) -> list[str]:
    """What the browser's console has to say: refused scripts and styles, errors."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


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


def test_a_page_stays_light(live, orders, draft):
    page = live.visit(orders.sales, LIST)
    for path in (LIST, address(draft), NEW, "/", "/inbox"):
        weights = {"script": 0, "stylesheet": 0}

        def weigh(response, weights=weights):
            kind = response.request.resource_type
            if kind in weights:
                weights[kind] += len(gzip.compress(response.body(), 9, mtime=0))

        page.on("response", weigh)
        page.goto(path, wait_until="networkidle")
        page.remove_listener("response", weigh)
        assert 0 < weights["script"] < SCRIPT and 0 < weights["stylesheet"] < STYLE, (path, weights)


PATHS = ("/", "/inbox", "/notices", LIST, f"{LIST}?add=status", f"{LIST}?q=nothing", NEW, "{draft}", "{draft}/deletion",
         "{sent}", "{sent}/transitions/send_back", "/apps/orders/customer/1", "/search?q=ernst")  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_nobody_is_shut_out(live, orders, draft, path):
    """Zero findings of axe, nothing wider than the screen: both languages, themes and widths."""
    sent = orders.sales.creates("order", customer=1, lines=[{"product": 1, "quantity": 1}])
    orders.sales.submits(sent)
    page = live.visit(orders.manager, "/profile")
    wrong = []
    for language in ("English", "简体中文"):
        page.get_by_role("button", name=language).first.click()
        page.goto(path.format(draft=address(draft), sent=address(sent)))
        wrong += [(language, *finding) for size in (WIDE, NARROW) for finding in findings(page, size)]
        page.set_viewport_size(WIDE)
    assert wrong == []


def test_nobody_is_shut_out_of_a_question(live, orders, draft):
    page = live.visit(orders.sales, address(draft))
    page.get_by_role("button", name="Cancel the order").click()
    page.get_by_role("dialog").get_by_label("Reason").wait_for()
    assert findings(page, WIDE) + findings(page, NARROW) == []


def findings(page, size) -> list[tuple]:
    page.set_viewport_size(size)
    found = []
    for theme in ("light", "dark"):
        page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        violations = Axe().run(page).response["violations"]
        found += [(size["width"], theme, v["id"], [node["html"][:150] for node in v["nodes"]]) for v in violations]
    if not page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"):
        found.append((size["width"], "wider than the screen"))
    return found
