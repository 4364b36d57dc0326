"""Lists in a browser: views made and shared, columns, order, filters, groups; cells edited by mouse and by keys alone."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from warehouse import customer

LIST = "/apps/orders/order/"
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def three(orders):
    """Three drafts: one in Graz, one in Berlin, one of nowhere."""
    cities = (("Ernst Handel", "Graz"), ("Piccolo", "Berlin"), ("Alfreds", ""))
    return [orders.sales.creates("order", customer=customer(orders, name).id, ship_city=city or None) for name, city in cities]


def sound(page) -> None:
    """Zero findings of axe and nothing wider than the screen, wide and narrow, light and dark."""
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        for theme in ("light", "dark"):
            page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
            found = [(v["id"], [node["html"][:150] for node in v["nodes"]]) for v in Axe().run(page).response["violations"]]
            assert found == [], (size, theme)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), size
    page.set_viewport_size(WIDE)


def complaints(page) -> list[str]:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def arrange(page) -> None:
    """City as a column, before the last, and sorted by it after the customer."""
    page.locator("#choosing summary").click()
    page.get_by_role("link", name="Show City").click()
    expect(page.locator("th", has_text="City")).to_be_visible()
    page.get_by_role("link", name="Move City forward").click()
    page.keyboard.press("Escape")
    page.locator("#sort-customer").click()
    page.locator("#sort-ship_city").click(modifiers=["Shift"])
    expect(page.locator("#sort-ship_city .place")).to_have_text("2")


def narrow(page) -> None:
    """To Graz or nowhere, and then to one customer."""
    page.locator("#filtering summary").click()
    page.locator("#filtering").get_by_role("link", name="City").click()
    editor = page.locator("#filter-editor")
    editor.locator("#is-0-0").select_option("has")
    editor.locator("#value-0-0").fill("Graz")
    editor.get_by_role("button", name="or …").click()
    editor.locator("#field-0-1").select_option("ship_city")
    editor.locator("#is-0-1").select_option("empty")
    editor.get_by_role("button", name="Condition", exact=True).click()
    editor.locator("#field-1-0").select_option("customer")
    expect(editor.locator("#is-1-0")).to_have_value("is")
    sound(page)
    editor.locator("#value-1-0").press_sequentially("Ernst")
    page.get_by_role("option", name="Ernst Handel").click()
    expect(editor.get_by_label("Ernst Handel")).to_be_checked()
    editor.get_by_role("button", name="Apply").last.click()
    expect(page.locator(".chip")).to_have_text([re.compile("City contains Graz or is empty"), re.compile("Customer is Ernst Handel")])
    expect(page.locator("#tally")).to_have_text("1")
    page.get_by_role("link", name="Remove the filter on Customer").click()
    expect(page.locator("#tally")).to_have_text("2")


def save_and_share(page) -> None:
    """As a view of one's own that the list opens with, shared with Sales."""
    page.get_by_role("link", name="Save view").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Name")).to_be_focused()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_contain_text("Give it a name.")
    sound(page)
    dialog.get_by_label("Name").fill("Graz or nowhere")
    dialog.get_by_label("Sales", exact=True).check()
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Graz or nowhere", exact=True)).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name="Settings of “Graz or nowhere”").click()
    dialog.get_by_label("My list opens with it").check()
    with page.expect_navigation():
        dialog.get_by_role("button", name="Save").click()


def test_a_view_is_put_together_by_mouse_saved_and_shared(live, orders, three):
    page = live.visit(orders.manager, f"{LIST}?view=all")
    said = complaints(page)
    arrange(page)
    narrow(page)
    save_and_share(page)
    page.goto(LIST)
    expect(page.locator("#tally")).to_have_text("2")
    assert [words for words in said if "422" not in words] == []
    page = live.visit(orders.sales, LIST)
    page.locator("#shared summary").click()
    sound(page)
    page.get_by_role("link", name="Graz or nowhere").click()
    expect(page.locator("#tally")).to_have_text("2")
    expect(page.locator("#shared summary")).to_contain_text("Graz or nowhere")
    expect(page.get_by_role("link", name="Settings of")).to_have_count(0)


def test_a_column_is_carried_by_its_heading(live, orders, three):
    page = live.visit(orders.manager, f"{LIST}?view=all&columns=number+customer+status&sort=number", viewport=WIDE)
    heads = page.locator("thead th[data-column]")
    last, first = (heads.nth(at).bounding_box() for at in (2, 0))
    page.mouse.move(last["x"] + 20, last["y"] + 10)
    page.mouse.down()
    page.mouse.move(first["x"] + 5, first["y"] + 12, steps=5)
    expect(page.locator(".drop-line")).to_be_visible()
    page.mouse.up()
    expect(heads).to_have_text(["Status", re.compile("Number"), "Customer"])
    page.wait_for_url(re.compile(r"columns=status\+number\+customer"))
    expect(page.locator(".carried")).to_have_count(0)
    assert "sort=number" in page.url and "sort=status" not in page.url  # it was no click
    page.go_back()
    expect(heads.first).to_contain_text("Number")


def test_groups_open_and_add_up_and_follow_an_edit(live, orders):
    made = [orders.purchasing.creates("product", name=name, cost="5", list_price="10", tax="0.19") for name in ("Chai", "Chang", "Tofu")]
    page = live.visit(orders.purchasing, "/apps/orders/product/?columns=number+name+list_price&sort=number")
    said = complaints(page)
    expect(page.locator("tfoot td.n")).to_have_text("30.00")
    page.locator("#sort-name").press("Shift+Enter")
    expect(page.locator("#sort-name .place")).to_have_text("2")
    expect(page.locator("#sort-name")).to_be_focused()
    page.locator("#grouping summary").press("Enter")
    page.get_by_role("link", name="Discontinued").press("Enter")
    head = page.locator(".group-head a")
    expect(head).to_have_attribute("aria-expanded", "false")
    expect(page.locator(".group-head td.n")).to_have_text("30.00")
    head.press("Enter")
    expect(page.locator("a.key")).to_have_count(3)
    expect(head).to_be_focused()
    sound(page)
    page.keyboard.press("ArrowDown")
    expect(page.locator("a.key").first).to_be_focused()
    page.locator("td[data-key=list_price]").first.dblclick()
    page.locator("#c-list_price").fill("25.50")
    page.locator("h1").click()  # leaving the cell saves it
    expect(page.locator("td[data-key=list_price]").first).to_have_text("25.50")
    expect(page.locator(".group-head td.n")).to_have_text("45.50")
    expect(page.locator("tfoot td.n")).to_have_text("45.50")
    assert orders.purchasing.sees(made[0]).values["list_price"] == Decimal("25.5")
    assert said == []


def test_cells_are_edited_by_keys_alone(live, orders, three):
    page = live.visit(orders.sales, f"{LIST}?view=all&columns=number+ship_city+wanted+rush+total&sort=number")
    said = complaints(page)
    cell = lambda row, key: page.locator("tbody tr").nth(row).locator(f"td[data-key={key}]")  # noqa: E731
    page.keyboard.press("j")
    page.keyboard.press("ArrowRight")
    expect(cell(0, "ship_city")).to_be_focused()
    page.keyboard.press("F2")
    expect(page.locator("#c-ship_city")).to_be_focused()
    page.keyboard.type("Linz")
    page.keyboard.press("Escape")
    expect(cell(0, "ship_city")).to_have_text("Graz")
    expect(cell(0, "ship_city")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("Linz")
    page.keyboard.press("Enter")
    expect(cell(1, "ship_city")).to_be_focused()
    expect(cell(0, "ship_city")).to_have_text("Linz")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.keyboard.type("Wels")
    page.keyboard.press("Tab")
    expect(cell(0, "wanted")).to_be_focused()
    assert orders.sales.sees(three[0]).values["ship_city"] == "Wels"
    page.keyboard.press("Enter")
    page.locator("#c-wanted").fill("2001-01-01")
    page.keyboard.press("Enter")
    expect(page.locator("td.editing .error")).to_contain_text("before the order date")
    expect(page.locator("#c-wanted")).to_have_value("2001-01-01")
    expect(page.locator("#c-wanted")).to_be_focused()
    sound(page)
    page.locator("#c-wanted").fill("2101-01-01")
    page.keyboard.press("Enter")
    expect(cell(1, "wanted")).to_be_focused()
    orders.sales.edits(three[0], ship_city="Enns")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(cell(0, "rush").locator(".tick")).to_be_visible()
    expect(cell(0, "ship_city")).to_have_text("Enns")  # the row comes back as it stands by now
    page.keyboard.press("Space")
    expect(page.locator(".picking b")).to_have_text("1 picked")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("F2")  # a total is worked out: nothing opens
    expect(page.locator("td.editing")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("SO-")
    assert [words for words in said if "422" not in words] == []


def test_a_refusal_stands_in_words_at_the_cell(live, orders, three):
    page = live.visit(orders.sales, f"{LIST}?view=all&columns=number+ship_city&sort=number")
    orders.sales.performs(three[0], "cancel", reason="x")
    page.locator("td[data-key=ship_city]").first.dblclick()
    expect(page.locator("td .note")).to_contain_text("“City” cannot be changed here.")
    page.keyboard.press("ArrowDown")
    expect(page.locator("td .note")).to_have_count(0)
    page.keyboard.press("Enter")
    page.keyboard.type("Ulm")
    orders.sales.edits(three[1], ship_city="Bonn")
    page.keyboard.press("Enter")
    expect(page.locator("td.editing .error")).to_contain_text("Now it is “Bonn”")
    expect(page.locator("#c-ship_city")).to_have_value("Ulm")
    page.keyboard.press("Enter")
    expect(page.locator("td[data-key=ship_city]").nth(1)).to_have_text("Ulm")
    assert orders.sales.sees(three[1]).values["ship_city"] == "Ulm"
