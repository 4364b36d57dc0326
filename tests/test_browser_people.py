"""The pages about people in a real browser: sign-in, members, invitations, profile."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from people import PASSWORD
from playwright.sync_api import expect


def accessible(page) -> None:
    found = Axe().run(page).response["violations"]
    assert not found, [(rule["id"], rule["nodes"][0]["html"]) for rule in found]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than the screen"


def test_signing_in_by_keyboard_leads_to_the_page_asked_for(live, orders):
    page = live.visit(None, "/members")
    expect(page.get_by_label("Mail address")).to_be_focused()
    page.keyboard.type(orders.admin.email)
    page.keyboard.press("Tab")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Password")).to_have_accessible_description("The mail address or the password is not right.")
    expect(page.get_by_label("Mail address")).to_have_value(orders.admin.email)
    accessible(page)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Members", level=1)).to_be_visible()


def test_a_colleague_is_invited_and_given_a_role(live, orders):
    admin = live.visit(orders.admin, "/members")
    admin.get_by_role("link", name="Add a member").click()
    admin.get_by_label("Name").fill("Clara Wolf")
    admin.get_by_label("Mail address").fill("clara@example.com")
    admin.get_by_label("Finance").check()
    admin.get_by_role("button", name="Add and get the link").click()
    accessible(admin)
    link = admin.get_by_label("Invitation link").input_value()
    clara = live.visit(None, link.partition(":8000")[2])
    accessible(clara)
    clara.get_by_label("Password").fill(PASSWORD)
    clara.get_by_role("button", name="Come in").click()
    clara.goto("/profile")
    expect(clara.get_by_label("Name")).to_have_value("Clara Wolf")
    admin.get_by_role("link", name="Back to the members").click()
    expect(admin.get_by_role("row", name="Clara Wolf")).to_contain_text("Finance")


def test_the_language_changes_on_every_page_and_back_returns_to_it(live, orders):
    page = live.visit(orders.sales, "/profile")
    page.get_by_role("button", name="简体中文").first.click()
    expect(page.get_by_role("heading", name="个人资料")).to_be_visible()
    assert page.url.endswith("/profile")
    page.get_by_role("button", name="English").first.click()
    expect(page.get_by_role("heading", name="Profile")).to_be_visible()
