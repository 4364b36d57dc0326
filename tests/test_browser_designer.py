"""The form designer in a browser: one story by mouse, one by keyboard alone, and what everybody can use."""

from __future__ import annotations

import os
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from formloom.platform.definition import drafts, store
from formloom.platform.workflow.publication import publish
from inspected import complaints
from playwright.sync_api import expect

HERE = "/build/orders/forms/order/"
LONG = "FORMLOOM_SOAK" in os.environ


def document(orders) -> dict:
    with orders.workspace.reading() as connection:
        return store.draft(connection, store.app_row(connection, "orders").id).document


def section(orders, key: str, form: str = "order") -> list[str]:
    found = next(one for one in document(orders)["forms"] if one["key"] == form)
    return next(one for one in found["layout"] if one["key"] == key)["fields"]


def unit(page, key: str):
    return page.locator(f"#unit-{key}")


def carries(page, source, target, *, before: bool = True) -> None:
    """Drag something to the place before or behind a target."""
    source.scroll_into_view_if_needed()
    box = source.bounding_box()
    page.mouse.move(box["x"] + 12, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 30, box["y"] + 30, steps=3)
    goal = target.bounding_box()
    page.mouse.move(goal["x"] + (4 if before else goal["width"] - 4), goal["y"] + goal["height"] / 2, steps=6)
    expect(page.locator(".drop-line")).to_be_visible()
    page.mouse.up()


def test_a_form_is_designed_by_mouse(live, orders):
    before = document(orders)
    page = live.visit(orders.admin, HERE, viewport={"width": 1440, "height": 1000})
    said = complaints(page)

    carries(page, page.locator("#add-percent"), unit(page, "wanted"))
    expect(unit(page, "percent")).to_be_visible()
    assert section(orders, "order")[4:7] == ["ordered", "percent", "wanted"]
    page.locator("#label-en").fill("Deposit")
    page.locator("#label-zh").click()
    expect(unit(page, "deposit")).to_contain_text("Deposit")
    expect(page).to_have_url(re.compile(r"select=fields\.deposit$"))

    page.locator("#at-fields-channel").click()
    page.locator("#at-fields-deposit").click(modifiers=["Control"])
    expect(page.locator(".unit.on")).to_have_count(2)
    carries(page, page.locator("#at-fields-deposit"), unit(page, "net"))
    expect(page.locator("#part-totals #unit-deposit")).to_be_visible()
    assert section(orders, "totals")[:3] == ["channel", "deposit", "net"]

    page.locator("#at-fields-customer").click(modifiers=["Shift"])
    expect(page.locator(".unit.on")).not_to_have_count(2)
    page.locator("#at-fields-deposit").click()
    expect(page.locator(".unit.on, .column.on")).to_have_count(1)
    page.locator("#act-duplicate").click()
    expect(unit(page, "deposit_2")).to_contain_text("Deposit (copy)")
    page.locator("#cut").click()
    expect(unit(page, "deposit_2")).to_have_count(0)
    page.goto("/build/orders/forms/shipper/?select=fields.phone")
    page.locator("#paste").click()
    expect(unit(page, "deposit_2")).to_contain_text("Deposit (copy)")
    assert section(orders, "profile", "shipper") == ["name", "phone", "deposit_2", "tracking_url"]

    page.goto(HERE + "?select=fields.lines.fields.quantity")
    carries(page, page.locator("#add-date"), page.locator("[data-column=product]"), before=False)
    expect(page.locator("[data-column=date]")).to_be_visible()
    carries(page, page.locator("#at-fields-lines-fields-date"), page.locator("[data-column=product]"))
    expect(page.locator("[data-column]").first).to_have_attribute("data-column", "date")

    page.get_by_role("button", name="Tab", exact=True).click()
    expect(page.locator(".tab-head")).to_contain_text("Tab")
    page.goto(HERE)
    while page.locator("#undo").is_enabled():
        rev = page.locator("#content").get_attribute("data-rev")
        page.locator("#undo").click()
        expect(page.locator("#content")).not_to_have_attribute("data-rev", rev)
    assert document(orders) == before
    assert said == []


def press(page, *keys: str) -> None:
    """Each key on what the one before it led to."""
    for key in keys:
        rev = page.locator("#content").get_attribute("data-rev")
        page.keyboard.press(key)
        if key not in ("ArrowDown", "ArrowUp", "Control+c"):
            expect(page.locator("#content")).not_to_have_attribute("data-rev", rev)


def test_a_form_is_designed_by_keyboard_alone(live, orders):
    before = document(orders)
    page = live.visit(orders.admin, HERE, viewport={"width": 1440, "height": 1000})
    said = complaints(page)

    page.locator("#find-type").focus()
    page.keyboard.type("money")
    press(page, "Enter")
    expect(page.locator("#at-fields-money")).to_be_visible()
    assert section(orders, "notes")[-1] == "money"
    page.locator("#at-fields-money").focus()
    press(page, "Alt+ArrowUp")
    expect(page.locator("#at-fields-money")).to_be_focused()
    press(page, "Alt+ArrowUp")
    assert section(orders, "notes") == ["money", "reason", "note"]
    press(page, "Alt+ArrowUp")
    assert section(orders, "delivery")[-1] == "money"

    press(page, "ArrowUp")
    expect(page.locator("#at-fields-shipped_on")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#at-fields-shipped_on")).to_have_attribute("aria-current", "true")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator(".unit.on")).to_have_count(2)
    expect(page.locator("#at-fields-money")).to_be_focused()
    press(page, "Alt+ArrowDown")
    assert section(orders, "notes") == ["shipped_on", "money", "reason", "note"]
    press(page, "Control+d")
    expect(page.locator(".unit.on")).to_have_count(2)
    assert section(orders, "notes") == ["shipped_on", "shipped_on_2", "money", "money_2", "reason", "note"]
    press(page, "Control+c")
    expect(page.locator("#selected-says")).to_contain_text("Copied")
    press(page, "Delete")
    assert section(orders, "notes") == ["shipped_on", "money", "reason", "note"]

    page.locator("#at-fields-customer").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#at-fields-customer")).to_have_attribute("aria-current", "true")
    press(page, "Control+v")
    assert section(orders, "order")[2:5] == ["customer", "shipped_on_2", "money_2"]
    page.keyboard.press("Escape")
    expect(page.locator(".unit.on")).to_have_count(0)
    page.locator("#label-en").fill("Sales order")
    press(page, "Tab")
    expect(page.locator("#canvas summary").first).to_contain_text("Sales order")
    page.locator("#at-fields-money").focus()
    while page.locator("#undo").is_enabled():
        press(page, "Control+z")
    assert document(orders) == before
    assert said == []


@pytest.mark.long
def test_everybody_can_use_the_designer(live, orders):
    looks = ((1440, "light"), (390, "dark"), (1440, "dark"), (390, "light"))
    for width, theme in looks if LONG else looks[:2]:
        page = live.visit(orders.admin, HERE, viewport={"width": width, "height": 844}, color_scheme=theme)
        for path in (HERE, f"{HERE}?select=fields.channel", f"{HERE}?select=fields.lines.fields.price", f"{HERE}?select=views.open",
                     f"{HERE}?select=layout.totals", f"{HERE}preview?role=sales&step=draft", "/build/orders/forms"):  # fmt: skip
            page.goto(path)
            page.locator("#findings :is(button, span)").first.wait_for()
            found = Axe().run(page).response["violations"]
            assert [(v["id"], [n["html"] for n in v["nodes"]][:3]) for v in found] == [], (width, theme, path)


def test_a_record_shows_its_tabs_with_and_without_script(live, orders):
    with orders.workspace.writing() as connection:
        app_id = store.app_row(connection, "orders").id
        edits = [("add", {"path": "forms[customer].tabs", "element": {"key": key, "label": {"en": key.title()}}}) for key in ("terms", "more")]
        edits += [("move_section", {"form": "customer", "section": key, "tab": tab}) for key, tab in (("terms", "terms"), ("history", "more"), ("notes", "more"))]
        edits = {"edits": [{"name": name, "arguments": arguments} for name, arguments in edits]}
        drafts.change(connection, app_id, "several", edits, store.draft(connection, app_id).rev, None)
    publish(orders.workspace, "orders", None)
    for script in (True, False):
        page = live.visit(orders.admin, "/apps/orders/customer/new", java_script_enabled=script)
        first, second = page.locator("#tab-terms"), page.locator("#tab-more")
        expect(first).to_be_visible()
        expect(second).to_be_hidden()
        page.get_by_role("navigation", name="Parts of the form").get_by_role("link", name="More").click()
        expect(second).to_be_visible()
        expect(first).to_be_hidden()
        if script:
            assert Axe().run(page).response["violations"] == []
