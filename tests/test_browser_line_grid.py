"""Line items as in a spreadsheet: walked through by keys, a block pasted in, lines put in, moved, filled down."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from order_world import a_customer, a_product, an_order
from playwright.sync_api import expect

PASTE = """([cell, text]) => {
  const held = new DataTransfer();
  held.setData("text/plain", text);
  document.querySelector(cell).dispatchEvent(new ClipboardEvent("paste", { clipboardData: held, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def chair(orders):
    return a_product(orders, name="Chair", price="100")


@pytest.fixture
def lamp(orders):
    return a_product(orders, name="Lamp", price="20")


@pytest.fixture
def page(orders, live, chair, lamp):
    order = an_order(orders, a_customer(orders), (chair, 1), (lamp, 2))
    return live.visit(orders.sales, f"/apps/orders/order/{order.id}", viewport={"width": 1440, "height": 1000})


def cell(page, line: int, column: str):
    return page.locator(f"#f-lines-{line}-{column}")


def standing(page) -> list[tuple[str, str]]:
    """(product, quantity) of every line, as they stand on the page."""
    rows = page.locator("[data-lines=lines] tr[data-line]")
    return rows.evaluate_all("rows => rows.map((row) => [row.querySelector('.combo input').value, row.querySelector('[name$=quantity]').value])")


def test_arrows_and_enter_go_from_cell_to_cell_and_on_the_last_line_add_one(page):
    cell(page, 0, "quantity").focus()
    page.keyboard.press("ArrowDown")
    expect(cell(page, 1, "quantity")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    expect(cell(page, 0, "product")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+d")
    page.keyboard.press("Enter")
    expect(cell(page, 2, "quantity")).to_be_focused()
    assert [quantity for _product, quantity in standing(page)] == ["7", "7", "1"]
    page.keyboard.press("Shift+Enter")
    expect(cell(page, 1, "quantity")).to_be_focused()


def test_lines_are_put_in_and_moved_by_keys_and_by_mouse_and_saved_in_their_order(page):
    cell(page, 1, "quantity").focus()
    page.keyboard.press("Alt+ArrowUp")
    assert [product for product, _quantity in standing(page)] == ["Lamp", "Chair"]
    expect(cell(page, 1, "quantity")).to_be_focused()
    page.keyboard.press("Alt+Insert")
    assert [product for product, _quantity in standing(page)] == ["", "Lamp", "Chair"]
    page.keyboard.type("Chair")
    page.locator("[role=option]:visible").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    page.keyboard.type("4")
    rows = page.locator("[data-lines=lines] tr[data-line]")
    rows.nth(2).locator(".no").hover()
    page.mouse.down()
    rows.nth(0).locator(".no").hover(position={"x": 5, "y": 2})
    page.mouse.up()
    assert [product for product, _quantity in standing(page)] == ["Chair", "Chair", "Lamp"]
    page.keyboard.press("Control+Enter")
    expect(page.locator(".flashes .good")).to_be_visible()
    assert standing(page) == [["Chair", "1"], ["Chair", "4"], ["Lamp", "2"]]


def test_a_block_from_a_spreadsheet_fills_cells_and_adds_lines(page):
    page.evaluate(PASTE, ["#f-lines-1-product", 'Lamp\t3\r\nChair\t12\r\n"Lamp"\t5\r\nNothing like it\t1\r\n'])
    expect(page.locator("#toasts")).to_contain_text("Nothing like it")
    assert standing(page) == [["Chair", "1"], ["Lamp", "3"], ["Chair", "12"], ["Lamp", "5"], ["", "1"]]
    expect(page.locator("[data-out=total]").first).to_contain_text("1,737.40")
    page.locator("[data-lines=lines] tr[data-line]").nth(4).locator("label.gone").click()
    page.locator("#save").click()
    expect(page.locator(".flashes .good")).to_be_visible()
    assert standing(page) == [["Chair", "1"], ["Lamp", "3"], ["Chair", "12"], ["Lamp", "5"]]


def test_the_keys_are_told_and_nothing_is_wrong_for_screen_readers(page):
    page.get_by_role("button", name="Keys for lines").press("Enter")
    expect(page.locator(".keys:popover-open")).to_contain_text("a block from a spreadsheet")
    assert [v["id"] for v in Axe().run(page).response["violations"]] == []
