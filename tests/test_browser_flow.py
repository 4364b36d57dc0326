"""The flow designer in a browser: statuses carried, arrows drawn, tidied and taken back; the same by keyboard alone."""

from __future__ import annotations

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

HERE = "/build/orders/flows/order/"


def accessible(page) -> None:
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        found = Axe().run(page).response["violations"]
        assert [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found] == []


def carry(page, box, across: int, down: int) -> None:
    x, y = middle(box)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + across / 2, y + down / 2)
    page.mouse.move(x + across, y + down)
    page.mouse.up()


def middle(box) -> tuple[float, float]:
    found = box.bounding_box()
    return found["x"] + found["width"] / 2, found["y"] + found["height"] / 2


def test_a_flow_is_drawn_by_mouse(live, orders):
    page = live.visit(orders.admin, HERE, viewport={"width": 1440, "height": 900})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    box = page.locator("#s-reviewed")
    before = box.get_attribute("transform")
    carry(page, box, 0, 150)
    expect(page.locator("#bar")).to_contain_text("and changes")
    moved = box.get_attribute("transform")
    assert moved != before
    page.reload()
    expect(box).to_have_attribute("transform", moved)
    page.locator("#tidy").click()
    expect(box).to_have_attribute("transform", before)
    page.keyboard.press("Control+z")
    expect(box).to_have_attribute("transform", moved)
    page.locator("#s-draft").hover()
    x, y = middle(page.locator("#s-draft .handle"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(*middle(page.locator("#s-submitted")), steps=4)
    page.mouse.up()
    page.wait_for_url(re.compile("transition=submitted"))
    page.get_by_label("What people press, English").fill("Hand in")
    page.get_by_label("What people press, English").blur()
    expect(page.locator("#panel h2")).to_have_text("Hand in")
    expect(page.locator("#diagram")).to_contain_text("Hand in")
    accessible(page)
    page.goto(f"{HERE}?as=table&status=draft")
    accessible(page)
    page.set_viewport_size({"width": 390, "height": 844})
    accessible(page)
    assert said == []


def test_a_flow_is_built_by_keyboard_alone(live, orders):
    page = live.visit(orders.admin, HERE)
    page.locator("#s-draft").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#s-submitted")).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("#bar")).to_contain_text("and changes")
    page.locator("#s-submitted").press("Enter")
    page.wait_for_url(re.compile("status=submitted"))
    page.get_by_label("A transition from here to").focus()
    page.keyboard.type("Can")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("transition="))
    expect(page.locator("#panel h2")).to_have_text("Cancelled")
    page.locator("#approval").focus()
    page.keyboard.type("all")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Not who made the record")).to_be_checked()
