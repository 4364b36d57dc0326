"""Links in a real browser: an order followed by its customer on a phone, a ticket sent without an account."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from formloom.platform.access.members import set_roles
from formloom.platform.gallery import start_app, template
from order_world import a_customer, a_product, an_order
from playwright.sync_api import expect

PHONE = {"viewport": {"width": 390, "height": 844}}
LOOKS = (
    PHONE | {"locale": "en-GB", "color_scheme": "light"}, PHONE | {"locale": "zh-CN", "color_scheme": "dark"},
    {"locale": "en-GB", "color_scheme": "dark", "viewport": {"width": 1440, "height": 900}},
)  # fmt: skip


def accessible(page) -> None:
    found = Axe().run(page).response["violations"]
    assert not found, [(rule["id"], rule["nodes"][0]["html"]) for rule in found]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than the screen"


def link_from(page, label: str) -> str:
    """Makes a link on the page of links; where it leads."""
    page.get_by_label("For whom").fill(label)
    page.get_by_role("button", name="Make a link").click()
    address = page.get_by_label("Link", exact=True).input_value()
    return address[address.index("/s/") :]


def test_a_customer_follows_an_order_on_the_phone(live, orders):
    order = an_order(orders, a_customer(orders, name="Zhang Wei Trading"), (a_product(orders), 2))
    number = orders.sales.sees(order).values["number"]
    sales = live.visit(orders.sales, f"/apps/orders/order/{order.id}")
    sales.get_by_role("link", name="Share").click()
    accessible(sales)
    path = link_from(sales, "Zhang Wei")
    accessible(sales)
    for look in LOOKS:
        customer = live.visit(None, path, **look)
        accessible(customer)
    customer = live.visit(None, path, locale="en-GB", **PHONE)
    expect(customer.get_by_role("heading", level=1)).to_have_text(f"Order {number}")
    expect(customer.locator("[aria-current=step]")).to_contain_text("Draft")
    expect(customer.get_by_role("table", name="Lines")).to_contain_text("Birch stool")
    assert not re.search(r"140|Total|Margin", customer.content().replace(path, ""))
    assert customer.locator("script").count() == 0 and customer.context.cookies() == []
    orders.sales.submits(order)
    customer.reload()
    expect(customer.locator("[aria-current=step]")).not_to_contain_text("Draft")
    customer.get_by_role("link", name="简体中文").focus()
    customer.keyboard.press("Enter")
    expect(customer.get_by_role("heading", name="当前进度")).to_be_visible()
    sales.goto(f"/apps/orders/order/{order.id}/sharing")
    expect(sales.locator(".links-made")).to_contain_text("last used")
    sales.get_by_role("button", name="Revoke the link for Zhang Wei").click()
    expect(sales.locator(".links-made")).to_contain_text("Revoked")
    accessible(sales)
    customer.goto(path)
    expect(customer.get_by_role("heading", name="This link opens nothing")).to_be_visible()
    accessible(customer)


@pytest.fixture
def desk(orders):
    """The service desk beside the order app; customer service has its agents."""
    start_app(orders.workspace, template("service"), orders.admin.id)
    with orders.workspace.writing() as connection:
        set_roles(connection, orders.customer_service.id, "service", ["agent"])
    return orders.customer_service


def test_a_stranger_sends_a_ticket_with_and_without_script(live, orders, desk):
    agent = live.visit(desk, "/apps/service/ticket/")
    agent.get_by_label("More", exact=True).first.click()
    agent.get_by_role("link", name="Form by link").click()
    accessible(agent)
    path = link_from(agent, "Website")
    for look in LOOKS:
        accessible(live.visit(None, path, **look))
    for script in (True, False):
        stranger = live.visit(None, path, java_script_enabled=script, locale="en-GB", **PHONE)
        stranger.get_by_label("Subject").fill(f"Dark since noon {script}")
        stranger.get_by_role("button", name="Send").click()
        expect(stranger.locator("#problems")).to_contain_text("Description: This is needed.")
        if script:
            accessible(stranger)
        stranger.get_by_label("Description").fill("No light")
        stranger.get_by_label("Mail address").fill("zhang@example.com")
        stranger.get_by_label("Trouble").check()
        stranger.keyboard.press("Enter")
        expect(stranger.get_by_role("heading", name="It has arrived")).to_be_visible()
        if script:
            accessible(stranger)
    agent.goto("/apps/service/ticket/?view=all")
    for script in (True, False):
        expect(agent.get_by_role("cell", name=f"Dark since noon {script}")).to_be_visible()
    agent.goto("/apps/service/ticket/1")
    expect(agent.locator(".story")).to_contain_text("link “Website”")


@pytest.mark.parametrize("look", LOOKS[1:], ids=("phone", "wide"))
def test_what_links_open_is_settled_in_the_builder(live, orders, look):
    admin = live.visit(orders.admin, "/build/orders/sharing/order/", **look)
    accessible(admin)
    with admin.expect_response(lambda answer: "/tracking" in answer.url):
        admin.locator("#show-channel").check()
    expect(admin.locator("#show-channel")).to_be_checked()
    with admin.expect_response(lambda answer: "/public" in answer.url):
        admin.locator("#public-on").check()
    expect(admin.locator("#take")).to_be_visible()
    accessible(admin)
    admin.keyboard.press("Control+z")
    admin.locator("#undo").click()
    expect(admin.locator("#take")).to_have_count(0)
    expect(admin.locator("#show-channel")).to_be_checked()
