"""The matrix in a browser: ranges filled by pointer and by keys, in a form of sixty fields, ten roles and twelve statuses."""

from __future__ import annotations

import json

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

HERE = "/build/orders/access/order/?role=sales"


def accessible(page) -> None:
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        found = Axe().run(page).response["violations"]
        assert [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found] == []


def cell(page, path: str, column: int):
    return page.locator(f'#matrix tr[data-path="{path}"] td').nth(column)


def test_cells_are_filled_by_pointer_and_by_keys(live, orders):
    page = live.visit(orders.admin, HERE, viewport={"width": 1440, "height": 900})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    cell(page, "number", 1).click()
    cell(page, "customer", 3).click(modifiers=["Shift"])
    expect(page.locator("#cells")).to_have_text("9 cells")
    page.locator("#fill [data-mode=masked]").click()
    expect(cell(page, "channel", 2)).to_have_class("m o")
    expect(cell(page, "customer", 4)).not_to_have_class("m o")
    page.keyboard.press("Control+z")
    expect(cell(page, "channel", 2)).not_to_have_class("m o")
    cell(page, "total", 2).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("h")
    expect(cell(page, "total", 3)).to_have_class("h o")
    page.keyboard.press("Delete")
    expect(cell(page, "total", 3)).not_to_have_class("h o")
    accessible(page)
    for path in ("/build/orders/roles", "/build/orders/inspector?form=order&person=1&record=1", "/build/orders/access/publication"):
        page.goto(path)
        accessible(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(HERE)
    accessible(page)
    assert [one for one in said if "404" not in one] == []


def test_a_large_matrix_is_filled_at_once(live, orders):
    page = live.visit(orders.admin, HERE, viewport={"width": 1440, "height": 900})
    given = [{"name": "add_field", "arguments": {"form": "order", "field": {"key": f"extra_{n}", "type": "text", "label": {"en": f"Extra {n}"}}}} for n in range(20)]
    script = "async (edits) => (await import(document.querySelector('script[src*=\"/builder.\"]').src)).edit('several', { edits: JSON.parse(edits) })"
    page.evaluate(script, json.dumps(given))
    page.goto("/build/orders/access/order/?role=*")
    assert page.locator("#matrix tbody td").count() > 6000
    page.locator("#matrix tbody tr[data-path=extra_3] th").click()
    page.locator("#matrix tbody tr[data-path=extra_3] td").first.focus()
    page.keyboard.press("Control+a")
    page.locator("#fill [data-mode=edit]").click()
    expect(cell(page, "extra_19", 5)).to_have_class("e o")
