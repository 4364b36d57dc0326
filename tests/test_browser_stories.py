"""What a business user comes for, from beginning to end, by mouse and by keyboard alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from formloom.platform.access import members
from formloom.platform.gallery import start_app
from inspected import complaints
from order_world import a_customer, a_product, an_order
from playwright.sync_api import expect
from small_app import small_app

NORTHWIND = Path(__file__).parent / "northwind"


class Mouse:
    """Points, clicks, chooses."""

    def __init__(self, page):
        self.page = page

    def press(self, target) -> None:
        target.click()

    def write(self, target, text: str) -> None:
        target.click()
        target.fill(text)

    def choose(self, target, label: str) -> None:
        target.select_option(label=label)


class Keys(Mouse):
    """The same with nothing but keys, from wherever the focus is brought to."""

    def press(self, target) -> None:
        kind = target.evaluate("one => one.type")
        target.press("Space" if kind in ("checkbox", "radio") else "Enter")

    def write(self, target, text: str) -> None:
        target.focus()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def choose(self, target, label: str) -> None:
        target.focus()
        self.page.keyboard.type(label)


def drawn(page, act) -> None:
    """Do something after which the page draws itself anew, and wait for that."""
    rev = page.locator("#content").get_attribute("data-rev")
    act()
    page.wait_for_function("rev => document.querySelector('#content')?.dataset.rev !== rev", arg=rev)


def accessible(page) -> None:
    found = Axe().run(page).response["violations"]
    assert [(v["id"], [n["html"][:160] for n in v["nodes"]]) for v in found] == []


def build_a_form(page, by) -> None:
    by.write(page.locator("#new-name"), "Travel")
    by.write(page.locator("#new-record"), "Trip")
    by.press(page.get_by_role("button", name="Begin"))
    page.wait_for_url("**/build/travel/forms/trip/**")
    for kind, label in (("money", "Budget"), ("date", "Begins"), ("long_text", "Why")):
        drawn(page, lambda kind=kind: by.press(page.locator(f"#add-{kind}")))
        by.write(page.locator("#label-en"), label)
        drawn(page, lambda: page.keyboard.press("Tab"))


def add_roles(page, by) -> None:
    page.goto("/build/travel/roles")
    for role in ("Boss", "Reader"):
        by.write(page.locator("#new-label-en"), role)
        by.choose(page.locator("#like"), "Everyone")
        drawn(page, lambda: by.press(page.get_by_role("button", name="Add a role")))


def draw_a_flow(page, by) -> None:
    """Draft, asked for, and then done or refused, which the boss decides."""
    page.goto("/build/travel/flows/trip/")
    drawn(page, lambda: by.press(page.get_by_role("button", name="Begin with draft and done")))
    for status in ("Asked", "Refused"):
        by.write(page.locator("#panel form").first.locator("#label-en"), status)
        by.press(page.get_by_role("button", name="Add a status"))
        expect(page.locator("#diagram")).to_contain_text(status)
        page.goto("/build/travel/flows/trip/")
    for source, target, label, who in (("draft", "Asked", "Ask", "Everyone"), ("asked", "Done", "Approve", "Boss"), ("asked", "Refused", "Refuse", "Boss")):
        page.goto(f"/build/travel/flows/trip/?status={source}")
        by.choose(page.get_by_label("A transition from here to"), target)
        by.press(page.get_by_role("button", name="Add", exact=True))
        page.wait_for_url(re.compile("transition="))
        by.write(page.get_by_label("What people press, English"), label)
        drawn(page, lambda: page.keyboard.press("Tab"))
        roles = page.get_by_role("group", name="Roles")
        if who != "Everyone":
            drawn(page, lambda who=who, roles=roles: by.press(roles.get_by_label(who)))
            drawn(page, lambda roles=roles: by.press(roles.get_by_label("Everyone")))
    page.goto("/build/travel/flows/trip/?transition=done")
    drawn(page, lambda: by.choose(page.locator("#approval"), "one of them") or page.keyboard.press("Tab"))
    accessible(page)


def ask_for_a_trip(page, by) -> None:
    page.goto("/apps/travel/trip/new")
    by.write(page.get_by_label("Title"), "Lisbon")
    by.write(page.get_by_label("Budget"), "900")
    by.press(page.locator("#save"))
    page.wait_for_url(re.compile(r"/trip/\d+$"))
    by.press(page.get_by_role("button", name="Ask", exact=True))
    expect(page.locator(".of-record")).to_contain_text("Asked")


@pytest.mark.parametrize("hand", [Mouse, Keys])
def test_from_blank_to_the_first_approved_record(live, orders, hand):
    page = live.visit(orders.admin, "/build/", viewport={"width": 1440, "height": 1000})
    said, by = complaints(page), hand(page)
    build_a_form(page, by)
    add_roles(page, by)
    draw_a_flow(page, by)
    page.goto("/build/travel/publication")
    by.press(page.locator("#publish"))
    expect(page.locator("main")).to_contain_text("Nothing to publish")
    with orders.workspace.writing() as connection:
        members.set_roles(connection, orders.finance.id, "travel", ["boss"])
    ask_for_a_trip(page, by)
    boss = live.visit(orders.finance, page.url.replace(live.url, ""), viewport={"width": 1440, "height": 1000})
    by = hand(boss)
    by.press(boss.get_by_role("button", name=re.compile("^Approve")))
    boss.locator("dialog .primary").wait_for()
    by.press(boss.locator("dialog .primary"))
    expect(boss.locator(".of-record")).to_contain_text("Done")
    assert said == []


@pytest.mark.parametrize("hand", [Mouse, Keys])
def test_the_order_app_changes_under_running_orders(live, orders, hand):
    order = an_order(orders, a_customer(orders), (a_product(orders), 1))
    page = live.visit(orders.admin, "/build/orders/forms/order/", viewport={"width": 1440, "height": 1000})
    by = hand(page)
    drawn(page, lambda: by.press(page.locator("#add-flag")))
    by.write(page.locator("#label-en"), "Gift")
    drawn(page, lambda: page.keyboard.press("Tab"))
    page.goto("/build/orders/flows/order/")
    by.write(page.locator("#panel form").first.locator("#label-en"), "Gift wrapping")
    by.press(page.get_by_role("button", name="Add a status"))
    page.wait_for_url(re.compile("status=gift_wrapping"))
    page.goto("/build/orders/flows/order/?status=reviewed")
    by.choose(page.get_by_label("A transition from here to"), "Gift wrapping")
    by.press(page.get_by_role("button", name="Add", exact=True))
    page.wait_for_url(re.compile("transition="))
    page.goto("/build/orders/flows/order/?status=gift_wrapping")
    by.choose(page.get_by_label("A transition from here to"), "Ready to ship")
    by.press(page.get_by_role("button", name="Add", exact=True))
    page.wait_for_url(re.compile("transition="))
    page.goto("/build/orders/roles")
    by.write(page.locator("#new-label-en"), "Gift desk")
    by.choose(page.locator("#like"), "Warehouse")
    drawn(page, lambda: by.press(page.get_by_role("button", name="Add a role")))
    orders.sales.edits(order, note="still at work")
    page.goto("/build/orders/publication")
    expect(page.locator("#changes + *, .said").first).to_be_visible()
    expect(page.locator("main")).to_contain_text("Gift wrapping")
    by.press(page.locator("#publish"))
    expect(page.locator("main")).to_contain_text("Nothing to publish")
    seen = orders.admin.sees(order)
    assert seen.status == "draft" and seen.values["note"] == "still at work" and "gift" in seen.values
    orders.sales.submits(order)


def test_fifty_steps_are_taken_back(live, orders):
    form = f"/build/{start_app(orders.workspace, small_app(), orders.admin.id)}/forms/customer/"
    page = live.visit(orders.admin, form, viewport={"width": 1440, "height": 1000})
    before = page.locator("#canvas").inner_text()
    for _step in range(50):
        drawn(page, lambda: page.locator("#add-text").click())
    assert page.locator("#canvas").inner_text() != before
    page.goto(form)
    for _step in range(50):
        drawn(page, lambda: page.locator("#undo").press("Enter"))
    assert page.locator("#canvas").inner_text() == before
    expect(page.locator("#bar")).not_to_contain_text("and changes")


@pytest.mark.parametrize("hand", [Mouse, Keys])
def test_northwinds_products_become_an_app(live, orders, hand):
    page = live.visit(orders.admin, "/build/spreadsheets", viewport={"width": 1440, "height": 1000})
    by = hand(page)
    page.locator("#files").set_input_files([NORTHWIND / f"{name}.csv" for name in ("products", "categories")])
    by.press(page.get_by_role("button", name="Read it"))
    expect(page.locator("h1")).to_have_text("Is this right?")
    by.write(page.locator("#name"), "Catalogue")
    by.choose(page.get_by_label("Type of quantityPerUnit"), "Long text")
    accessible(page)
    by.press(page.locator("#make"))
    expect(page.locator("main")).to_contain_text("The rows are in.")
    by.press(page.get_by_role("link", name="Open the app"))
    expect(page.locator("#list")).to_contain_text("Longlife Tofu")
    expect(page.locator("#tally")).to_have_text("77")


@pytest.mark.parametrize("hand", [Mouse, Keys])
def test_a_role_is_denied_a_field_and_every_door_agrees(live, orders, hand):
    made = orders.sales.creates("customer", name="Kestrel Books", city="Lisbon")
    sales = live.visit(orders.sales, f"/apps/orders/customer/{made.id}")
    expect(sales.locator("#f-city")).to_have_value("Lisbon")
    page = live.visit(orders.admin, "/build/orders/access/customer/?role=sales", viewport={"width": 1440, "height": 1000})
    by = hand(page)
    row = page.locator('#matrix tr[data-path="city"]')
    if hand is Mouse:
        row.locator("th").click()
        drawn(page, lambda: page.locator("#fill [data-mode=hidden]").click())
    else:
        row.locator("td").first.focus()
        page.keyboard.press("Shift+End")
        drawn(page, lambda: page.keyboard.press("h"))
    by.press(page.get_by_role("link", name="Publish access alone"))
    by.press(page.get_by_role("button", name="Publish", exact=True))
    expect(page.locator("#bar")).to_contain_text("Version 2")
    for path in (f"/apps/orders/customer/{made.id}", "/apps/orders/customer/", "/search?q=Lisbon"):
        sales.goto(path)
        assert "Lisbon" not in sales.locator("main").inner_text().replace("“Lisbon”", ""), path
    sheet = sales.request.get(f"{live.url}/apps/orders/customer.csv").text()
    assert "Kestrel Books" in sheet and "Lisbon" not in sheet
