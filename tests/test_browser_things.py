"""Every type of field in a browser: shown, filled in with and without script, sent with files, for everybody to use."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from every_field import PDF, PNG
from house import BEN
from inspected import NARROW, WIDE, complaints
from playwright.sync_api import expect
from things import CLEO, LIST
from web import Live, served


@pytest.fixture
def live(things, browser):
    with served(things.house.app) as url:
        opened = Live(things.house.app, url, browser)
        yield opened
        opened.close()


def fill(page) -> None:
    page.get_by_label("About").fill("First")
    page.get_by_label("Opens").fill("09:30")
    page.get_by_role("group", name="Colours").get_by_label("Red").check()
    page.get_by_role("group", name="Colours").get_by_label("Blue").check()
    page.get_by_role("radiogroup", name="Stars").get_by_label("4 of 5 stars").check(force=True)
    page.get_by_label("Phone").fill("+49 30 1234567")
    page.get_by_label("Mail").fill("nancy@northwind.example")
    page.get_by_label("Web").fill("example.com/a")
    page.get_by_label("City").fill("Berlin")
    page.get_by_label("Street and number").fill("Invalidenstraße 116")


def chosen(page) -> None:
    page.locator("input[type=file][name=files]").set_input_files({"name": "合同.pdf", "mimeType": "application/pdf", "buffer": PDF})
    page.locator("input[type=file][name=pictures][multiple]").set_input_files({"name": "front.png", "mimeType": "image/png", "buffer": PNG})


def check_record(page) -> None:
    expect(page.locator("h1")).to_have_text("First")
    expect(page.get_by_label("Web")).to_have_value("https://example.com/a")
    expect(page.get_by_role("group", name="Colours").get_by_label("Blue")).to_be_checked()
    expect(page.get_by_label("4 of 5 stars")).to_be_checked()
    expect(page.get_by_label("City")).to_have_value("Berlin")
    expect(page.get_by_role("link", name="合同.pdf")).to_be_visible()
    expect(page.get_by_role("img", name="front.png")).to_be_visible()


def test_every_type_is_filled_in_and_comes_back(live):
    page = live.visit(BEN, f"{LIST}new")
    said = complaints(page)
    fill(page)
    page.locator("#f-team").press_sequentially("As")
    page.get_by_role("option", name="Asia").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    chosen(page)
    page.get_by_role("button", name="Add a line").click()
    page.locator("#f-lines-0-what").fill("Tofu")
    page.locator("#f-lines-0-stars").select_option("3")
    page.locator("#f-lines-0-tags").get_by_label("Plain").check()
    page.locator("#save").click()
    check_record(page)
    expect(page.locator("#f-team")).to_have_value("Asia")
    expect(page.locator("#f-lines-0-stars")).to_have_value("3")
    expect(page.locator("#f-lines-0-tags").get_by_label("Plain")).to_be_checked()
    page.get_by_label("About").fill("First")
    page.get_by_role("group", name="Colours").get_by_label("Blue").uncheck()
    page.get_by_role("radiogroup", name="Stars").get_by_label("None").check(force=True)
    page.locator("#f-files").get_by_label("Keep").uncheck()
    page.locator("#save").click()
    expect(page.locator(".story")).to_contain_text("Colours")
    expect(page.get_by_role("radiogroup", name="Stars").get_by_label("None")).to_be_checked()
    expect(page.locator("#f-files").get_by_role("link")).to_have_count(0)
    assert said == []


def test_every_type_is_filled_in_without_script(live):
    page = live.visit(BEN, f"{LIST}new", java_script_enabled=False)
    fill(page)
    chosen(page)
    page.locator("#save").click()
    check_record(page)


def test_a_file_that_is_too_large_is_told_before_it_is_sent(live):
    page = live.visit(BEN, f"{LIST}new")
    big = {"name": "big.txt", "mimeType": "text/plain", "buffer": b"x" * (1024 * 1024 + 1)}
    page.locator("input[type=file][name=files]").set_input_files(big)
    expect(page.locator("#f-files-error")).to_have_text("“big.txt” is too large: at most 1 MB.")
    assert page.locator("input[type=file][name=files]").evaluate("input => input.files.length") == 0


@pytest.mark.parametrize("view", [WIDE, NARROW], ids=["wide", "narrow"])
def test_pages_with_every_type_are_accessible(live, things, view):
    page = live.visit(BEN, f"{LIST}new", viewport=view)
    fill(page)
    chosen(page)
    page.get_by_role("button", name="Add a line").click()
    page.locator("#f-lines-0-what").fill("Tofu")
    violations = [(f"{LIST}new", found) for found in Axe().run(page).response["violations"]]
    page.locator("#save").click()
    expect(page.locator("h1")).to_have_text("First")
    for who, path in ((BEN, "1"), (BEN, ""), (BEN, "1/transitions/finish"), (CLEO, "1"), (CLEO, ""), (BEN, "?add=colours"), (BEN, "?add=place")):
        page = live.visit(who, LIST + path, viewport=view)
        violations += [(path, found) for found in Axe().run(page).response["violations"]]
    assert not [(path, found["id"], [node["html"] for node in found["nodes"]]) for path, found in violations]


PHONE = {"viewport": NARROW, "has_touch": True, "is_mobile": True, "color_scheme": "dark"}
CAMERA = """
navigator.mediaDevices.getUserMedia = async () => { if (window.shut) throw new Error("not allowed"); return document.createElement("canvas").captureStream(); };
HTMLMediaElement.prototype.play = async () => {};
window.BarcodeDetector = class { async detect() { return window.seen ? [{ rawValue: window.seen }] : []; } };
"""
"""In place of a camera and of the browser's reader of codes, which no browser of ours has: the rest is the page's own."""


def test_a_code_is_scanned_into_a_field_and_into_a_line(live):
    page = live.visit(BEN, "/", **PHONE)
    page.add_init_script(CAMERA)
    said = complaints(page)
    page.goto(f"{LIST}new")
    page.locator("[data-field=about] scan-code button").tap()
    hint = page.get_by_role("dialog").get_by_role("status")
    expect(hint).to_have_text("Hold the code in front of the camera.")
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="Close").tap()
    expect(hint).to_have_count(0)
    expect(page.locator("#f-about")).to_have_value("")
    page.evaluate("window.shut = true")
    page.locator("[data-field=about] scan-code button").press("Enter")
    expect(hint).to_contain_text("The camera can’t be used.")
    page.keyboard.press("Escape")
    expect(hint).to_have_count(0)
    page.evaluate("window.shut = false; window.seen = '4006381333931'")
    page.locator("[data-field=about] scan-code button").tap()
    expect(page.locator("#f-about")).to_have_value("4006381333931")
    expect(page.locator("#f-about")).to_be_focused()
    expect(page.locator("#unsaved")).not_to_be_empty()
    page.locator("[data-add-line=lines]").tap()
    page.locator("[data-line='0'] scan-code button").first.tap()
    expect(page.locator("#f-lines-0-what")).to_have_value("4006381333931")
    page.locator("input[capture][name=pictures]").set_input_files({"name": "shot.png", "mimeType": "image/png", "buffer": PNG})
    expect(page.locator("[data-field=pictures] .camera")).to_be_visible()
    page.locator("#save").tap()
    expect(page.get_by_role("img", name="shot.png")).to_be_visible()
    expect(page.locator("h1")).to_have_text("4006381333931")
    assert said == []


def test_without_a_reader_of_codes_no_button_stands_there(live):
    page = live.visit(BEN, f"{LIST}new", viewport=WIDE)
    expect(page.locator("#f-about")).to_be_visible()
    page.wait_for_function("Boolean(customElements.get('scan-code'))")
    expect(page.locator("scan-code button").first).to_be_hidden()
    expect(page.locator(".camera").first).to_be_hidden()
