"""Approvals in a browser: signed by mouse and by keys, handed on, a signer added, a substitute set."""

from __future__ import annotations

from types import SimpleNamespace

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from test_approval_pages import address, site  # noqa: F401 (a fixture)
from web import Live, served

NARROW = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "locale": "zh-CN"}


def sound(page) -> None:
    """Zero findings of axe, nothing wider than the screen."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def person(name: str) -> SimpleNamespace:
    return SimpleNamespace(email=f"{name}@example.com")


def sign_by_mouse(page) -> None:
    page.locator("#next").get_by_role("button", name="Approve").click()
    dialog = page.locator("dialog")
    dialog.get_by_role("button", name="Approve").click()
    expect(dialog.locator(".error")).to_contain_text("Sign, or enter your name.")
    box = dialog.locator("canvas").bounding_box()
    for start in (20, 60):
        page.mouse.move(box["x"] + start, box["y"] + 20)
        page.mouse.down()
        page.mouse.move(box["x"] + start + 30, box["y"] + 40, steps=4)
        page.mouse.up()
    expect(dialog.get_by_role("button", name="Draw again")).to_be_visible()
    dialog.get_by_text("Send a copy").click()
    dialog.get_by_label("Fay").check()
    sound(page)
    dialog.get_by_role("button", name="Approve").click()
    expect(page.locator("#approval-approve .signed img")).to_be_visible()
    assert page.locator("#approval-approve .signed img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 720
    expect(page.locator(".story")).to_contain_text("Copy to Fay")


def hand_on_by_keys(page, to: str) -> None:
    page.get_by_role("button", name="Hand on").or_(page.get_by_role("link", name="Hand on")).focus()
    page.keyboard.press("Enter")
    expect(page.locator("dialog select")).to_be_visible()
    sound(page)
    page.locator("dialog select").focus()
    page.keyboard.type(to)
    page.keyboard.press("Tab")
    page.keyboard.type("At sea until May")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".flashes")).to_contain_text("is handed on")
    expect(page.locator(".story")).to_contain_text("At sea until May")


def test_votes_are_signed_handed_on_and_said_for_others(site, browser):  # noqa: F811
    claims = site(kind="all", signature=True)
    claim = claims.handed_in()
    with served(claims.app) as url:
        live = Live(claims.app, url, browser)
        cem, gil = (live.visit(person(name), address(claim)) for name in ("cem", "gil"))
        sign_by_mouse(cem)
        sound(cem)
        hand_on_by_keys(gil, "Eva")
        sound(gil)
        eva = live.visit(person("eva"), f"{address(claim)}/transitions/approve", **NARROW)
        sound(eva)
        eva.locator("#q-signature").fill("Eva Gao")
        eva.keyboard.press("Enter")
        expect(eva.locator("#approval-approve")).to_contain_text("Eva Gao")
        sound(eva)
        eva.goto("/profile")
        eva.locator("#deputy").select_option(label="Dora")
        eva.locator("#first").fill("2026-01-01")
        eva.locator("#last").fill("2025-01-01")
        eva.locator("#absence button").click()
        expect(eva.locator("#absence .error")).to_be_visible()
        sound(eva)
        live.close()
