"""The frame of the design pages in a browser: edits without a reload, keys, two builders at once."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from inspected import complaints
from playwright.sync_api import expect

HERE = "/build/orders/forms/order/"


def renames(page, label: str) -> None:
    given = {"path": "forms[order]", "label": {"en": label}}
    page.evaluate("async (given) => (await import(document.querySelector('script[src*=builder]').src)).edit('rename', given)", given)


def test_an_edit_redraws_the_page_and_keys_take_it_back(live, orders):
    page = live.visit(orders.admin, HERE)
    said = complaints(page)
    renames(page, "Sales order")
    picker = page.locator("#content summary").first
    expect(picker).to_contain_text("Sales order")
    expect(page.locator("#bar")).to_contain_text("Version 1 and changes")
    page.keyboard.press("Control+z")
    expect(picker).not_to_contain_text("Sales")
    page.keyboard.press("Control+Shift+z")
    expect(picker).to_contain_text("Sales order")
    page.reload()
    page.locator("#undo").press("Enter")
    expect(picker).not_to_contain_text("Sales")
    assert said == []
    assert page.url.endswith(HERE)


def test_two_builders_see_each_other_and_a_stale_edit_is_refused(live, orders):
    one, other = (live.visit(orders.admin, HERE) for _turn in range(2))
    rev = int(other.locator("#content").get_attribute("data-rev"))
    renames(one, "First")
    expect(other.locator("#content summary").first).to_contain_text("First")
    other.evaluate("rev => { document.querySelector('#content').dataset.rev = rev }", rev)
    renames(other, "Second")
    expect(other.locator("#toasts")).to_contain_text("First")
    other.get_by_role("button", name="Make my change all the same").click()
    expect(other.locator("#content summary").first).to_contain_text("Second")
    expect(other.locator("#toasts")).to_be_empty()


def test_the_frame_is_accessible(live, orders):
    for width in (1440, 390):
        page = live.visit(orders.admin, HERE, viewport={"width": width, "height": 844})
        page.locator("#findings :is(button, span)").first.wait_for()
        found = Axe().run(page).response["violations"]
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == []


RULE = "/build/orders/rules?path=forms%5Border%5D.fields%5Bnote%5D.required&next=/build/orders/forms/order/"


def test_a_rule_is_built_of_sentences_by_mouse_and_as_a_formula_by_keyboard(live, orders):
    page = live.visit(orders.admin, RULE)
    said = complaints(page)
    page.get_by_text("When …").click()
    page.get_by_role("button", name="Condition", exact=True).click()
    page.get_by_label("Field", exact=True).select_option("total")
    expect(page.get_by_label("Comparison").locator("[value=more]")).to_be_attached()
    with page.expect_response("**/rules"):
        page.get_by_label("Comparison").select_option("more")
    page.get_by_label("Value", exact=True).fill("1000")
    page.get_by_role("button", name="Keep it").click()
    page.wait_for_url("**/forms/order/")
    page.goto(RULE)
    expect(page.get_by_label("Value", exact=True)).to_have_value("1000")
    page.locator("[name=how][value=formula]").focus()
    page.keyboard.press("Space")
    page.locator("#formula").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("tot", delay=10)
    expect(page.locator("#completions [aria-selected=true]")).to_contain_text("total")
    page.keyboard.press("Enter")
    page.keyboard.type(" > nowhere", delay=10)
    expect(page.locator("#meaning mark")).to_have_text("n")
    for _letter in "nowhere":
        page.keyboard.press("Backspace")
    page.keyboard.type("2000", delay=10)
    expect(page.locator("#meaning")).to_contain_text("Total is more than 2000")
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        found = Axe().run(page).response["violations"]
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == []
    page.keyboard.press("Tab")
    page.locator("#save-rule").press("Enter")
    page.wait_for_url("**/forms/order/")
    assert said == []
