"""Every page of the builder, as screen readers have it; in short in one shape, at length in all of them."""

from __future__ import annotations

import os

import pytest
from axe_playwright_python.sync_playwright import Axe
from test_browser_builder import complaints

LONG = "FORMLOOM_SOAK" in os.environ
SHAPES = [("en", "light", 1440), ("zh", "dark", 390), ("zh", "dark", 1440), ("en", "light", 390)]
DESIGN = "/build/orders"
ORDER = f"{DESIGN}/forms/order"
PAGES = [
    "/build/", "/build/templates/leave", "/build/imports", "/build/spreadsheets",
    f"{DESIGN}/forms", f"{ORDER}/", f"{ORDER}/?select=fields.customer", f"{ORDER}/?select=fields.lines", f"{ORDER}/?select=fields.lines.fields.quantity",
    f"{ORDER}/?select=layout.totals", f"{ORDER}/?select=views.open", f"{ORDER}/?select=fields.note,fields.rush", f"{ORDER}/preview?role=sales&step=draft",
    f"{DESIGN}/flows/order/", f"{DESIGN}/flows/order/?status=submitted", f"{DESIGN}/flows/order/?transition=approve", f"{DESIGN}/flows/order/?as=table",
    f"{DESIGN}/flows/order/?rows=lines", f"{DESIGN}/flows/order/transitions/submit/effects/reserve",
    f"{DESIGN}/rules?path=forms[order].transitions[pass].guards[small].rule", f"{DESIGN}/rules?path=forms[order].fields[total].settings.rule",
    f"{DESIGN}/access/order/?role=sales", f"{DESIGN}/access/order/?role=*", f"{DESIGN}/access/publication", f"{DESIGN}/roles", f"{DESIGN}/inspector?form=order&person=2&record=1",
    f"{DESIGN}/sharing/order/", f"{DESIGN}/publication", f"{DESIGN}/versions", f"{DESIGN}/backtest", f"{DESIGN}/upgrade",
]  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize(("language", "theme", "width"), SHAPES if LONG else SHAPES[:1])
def test_nothing_is_wrong_on_any_page_of_the_builder(live, orders, language, theme, width):
    locale = "zh-CN" if language == "zh" else "en-GB"
    page = live.visit(orders.admin, "/build/", viewport={"width": width, "height": 900}, color_scheme=theme, locale=locale)
    if language == "zh":
        page.evaluate("button => document.querySelector(button).click()", 'form[action="/language"] [value=zh]')
    said, wrong = complaints(page), {}
    for path in PAGES:
        answer = page.goto(path)
        found = [one["id"] for one in Axe().run(page).response["violations"]]
        wide = page.evaluate("() => document.documentElement.scrollWidth > innerWidth")
        if answer.status != 200 or found or wide:
            wrong[path] = (answer.status, found, "wider than the screen" if wide else "")
    assert wrong == {}
    assert said == []
