"""A sheet brought into a form in a real browser: by mouse on a desk, by keyboard on a phone, and without script."""

from __future__ import annotations

import pytest
import xlsxwriter
from axe_playwright_python.sync_playwright import Axe
from order_world import a_customer, a_product
from playwright.sync_api import expect

SHEET = "Name;City;Tier;Sales\nKestrel Books;Hamburg;Key account;Sales\nNew Leaf;Ulm;Platinum;Sales\n张三商贸;杭州;Regular;Sales\n"
LOOKS = {
    "desk": {"locale": "en-GB", "color_scheme": "light", "viewport": {"width": 1440, "height": 900}},
    "phone": {"locale": "en-GB", "color_scheme": "dark", "viewport": {"width": 390, "height": 844}},
}


def accessible(page) -> None:
    found = Axe().run(page).response["violations"]
    assert not found, [(rule["id"], rule["nodes"][0]["html"]) for rule in found]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than the screen"


@pytest.mark.parametrize("look", LOOKS)
def test_a_sheet_is_brought_in_and_taken_back(live, orders, look):
    a_customer(orders, name="Kestrel Books", city="Kiel")
    page = live.visit(orders.sales, "/apps/orders/customer/", **LOOKS[look])

    def presses(name: str) -> None:
        button = page.get_by_role("button", name=name)
        if look == "desk":
            button.click()
        else:
            button.focus()
            page.keyboard.press("Enter")

    page.get_by_label("More", exact=True).first.click()
    page.get_by_role("link", name="Bring in a sheet").click()
    accessible(page)
    page.get_by_label("File (.csv or .xlsx)").set_input_files({"name": "customers.csv", "mimeType": "text/csv", "buffer": SHEET.encode("gb18030")})
    presses("Read the file")
    expect(page.get_by_label("City", exact=True)).to_have_value("city")
    page.get_by_label("Sales", exact=True).select_option("")
    accessible(page)
    presses("Try it")
    expect(page.get_by_role("heading", name="What would come of it")).to_be_visible()
    expect(page.locator(".told-lines")).to_contain_text("“Platinum” is refused")
    accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="The rows not taken, to repair").click()
    assert "Platinum" in download.value.path().read_text("utf-8-sig")
    presses("Bring in 2 rows")
    expect(page.get_by_role("heading", name="Brought in", exact=True)).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="To the list").click()
    expect(page.get_by_role("link", name="张三商贸")).to_be_visible()
    page.go_back()
    presses("Take it back")
    expect(page.get_by_role("heading", name="Taken back", exact=True)).to_be_visible()
    assert orders.sales.sees(a_customer(orders, name="Last")).values["name"] == "Last"
    with orders.sales.gate() as gate:
        assert gate.record("customer", 1).values["city"] == "Kiel"


def test_without_script_the_page_says_how_far_it_is(live, orders):
    page = live.visit(orders.sales, "/apps/orders/customer/import", java_script_enabled=False)
    page.get_by_label("File (.csv or .xlsx)").set_input_files({"name": "customers.csv", "mimeType": "text/csv", "buffer": b"Name\nNew Leaf\n"})
    page.get_by_role("button", name="Read the file").click()
    page.get_by_role("button", name="Try it").click()
    page.get_by_role("button", name="Bring in 1 row").click()
    expect(page.get_by_role("heading", name="Brought in", exact=True)).to_be_visible()


@pytest.mark.parametrize("look", LOOKS)
def test_orders_and_their_lines_come_from_two_sheets_of_a_workbook(live, orders, look, tmp_path):
    a_customer(orders, name="Kestrel Books")
    a_product(orders, 100)
    book = xlsxwriter.Workbook(tmp_path / "orders.xlsx")
    for name, rows in (("Orders", [["No", "Customer"], ["A", "Kestrel Books"], ["B", "Nobody"]]), ("Lines", [["No", "Product", "Quantity"], ["A", "Walnut shelf", 3], ["A", "Walnut shelf", "many"], ["B", "Walnut shelf", 1]])):
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    page = live.visit(orders.sales, "/apps/orders/order/import", **LOOKS[look])
    page.get_by_label("File (.csv or .xlsx)").set_input_files(tmp_path / "orders.xlsx")
    page.get_by_role("button", name="Read the file").click()
    expect(page.get_by_label("Column of the lines").locator("option:checked")).to_have_text("No")
    accessible(page)
    page.get_by_role("button", name="Put together").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Lines · Quantity", exact=True)).to_have_value("lines.quantity")
    expect(page.get_by_label("Rows of one record have the same")).to_have_value("0")
    accessible(page)
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("heading", name="What would come of it")).to_be_visible()
    expect(page.locator(".told-lines")).to_contain_text("Lines, line 3")
    accessible(page)
