"""A line on its way in a browser, by keyboard alone."""

from __future__ import annotations

import pytest
from depot_app import depot as depot
from depot_app import depot_config as depot_config
from depot_app import lines_of, ordered, stocked
from formloom.platform.app import close_app, create_app
from people import People
from playwright.sync_api import expect
from web import Live, served

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def visit(depot, depot_config, browser):
    app = create_app(depot_config)
    with served(app) as url:
        live = Live(app, url, browser)
        yield lambda role, path, **context: live.visit(People(depot.workspace, "depot")[role], path, **context)
        live.close()
    close_app(app)


def test_a_line_is_picked_and_shipped_by_keyboard(depot, visit):
    chair = stocked(depot, "Chair", 10)
    order = ordered(depot, (chair, 3), (chair, 2))
    depot.do("sales").perform("order", order.id, "submit")
    page = visit("depot", f"/apps/depot/order/{order.id}")
    page.locator("#lines-lines .ways > summary").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Pick").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#lines-lines .badge").first).to_have_text("Picked")
    page.locator("#lines-lines .ways > summary").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    carrier = page.locator('#question [name="lines-0-carrier"]')
    expect(carrier).to_be_visible()
    carrier.focus()
    page.keyboard.type("North")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Show it")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#foreseen")).to_contain_text("On_Hand 10 → 7")
    assert [line["status"] for line in lines_of(depot, order)] == ["picked", "waiting"]
    page.locator("#question footer button").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#lines-lines .badge").first).to_have_text("Shipped")
    expect(page.locator(".story")).to_contain_text("Line 1: Ship")
    assert lines_of(depot, order)[0]["carrier"] == "North"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_have_no_violations(depot, visit, scheme):
    from axe_playwright_python.sync_playwright import Axe

    chair = stocked(depot, "Chair", 2)
    order = ordered(depot, (chair, 1), (chair, 2))
    depot.do("sales").perform("order", order.id, "submit")
    page = visit("depot", f"/apps/depot/order/{order.id}", color_scheme=scheme)
    for summary in page.locator(".ways > summary").all():
        summary.click()
    assert Axe().run(page).response["violations"] == []
    made = ordered(depot, (chair, 9))
    page.goto(f"/apps/depot/order/{made.id}/transitions/submit")
    expect(page.locator("#foreseen")).to_contain_text("New: Request")
    assert Axe().run(page).response["violations"] == []
