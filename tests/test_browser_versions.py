"""An app that people work with is changed in a browser: published, put back, tried on the past, brought up to a newer template."""

from __future__ import annotations

import copy
import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from formloom.platform import gallery
from formloom.platform.definition import drafts, store
from order_world import a_customer, a_product, an_order
from playwright.sync_api import expect
from small_app import field_of, form_of, small_app, text

PUBLICATION = "/build/orders/publication"


def builds(orders, app_key: str, *edits) -> None:
    with orders.workspace.writing() as connection:
        row = store.app_row(connection, app_key)
        for name, arguments in edits:
            drafts.change(connection, row.id, name, arguments, store.draft(connection, row.id).rev, orders.admin.id)


def rebuilt(orders) -> None:
    """The orders once more as somebody builds them: a name, a field less, a condition."""
    guard = {"key": "enough", "rule": {">=": [{"var": "total"}, 1000]}, "message": text("Too small.")}
    builds(
        orders,
        "orders",
        ("rename", {"path": "forms[order]", "label": text("Sale")}),
        ("remove_field", {"form": "shipper", "field": "phone"}),
        ("add", {"path": "forms[order].transitions[submit].guards", "element": guard}),
    )


@pytest.fixture
def visits(orders, tmp_path, monkeypatch):
    """An app that was started from a template, and built on; a newer one ships."""
    monkeypatch.setattr(gallery, "SEEDS", tmp_path)
    (tmp_path / "visits.json").write_text(json.dumps(small_app()))
    gallery.start_app(orders.workspace, small_app(), orders.admin.id)
    builds(orders, "visits", ("rename", {"path": "forms[visit].fields[about]", "label": text("Mine")}))
    newer = copy.deepcopy(small_app())
    field_of(newer, "visit", "about")["label"] = text("Theirs")
    form_of(newer, "visit")["label"] = text("Call")
    (tmp_path / "visits.json").write_text(json.dumps(newer) + "\n")


def test_by_mouse_a_change_is_published_looked_at_and_put_back(live, orders):
    orders.warehouse.creates("shipper", name="Northline Parcel", phone="0431 55")
    rebuilt(orders)
    page = live.visit(orders.admin, PUBLICATION)
    main = page.locator("#content")
    for said in ("Order → Sale", "Carrier › Phone is gone (Field)", "Sale › Submit › Too small. is new (Condition) Total is at least 1000"):
        expect(main).to_contain_text(re.compile(r"\s+".join(map(re.escape, said.split()))))
    page.get_by_label("A note for the list of versions").fill("Larger orders only")
    page.locator("#publish").click()
    expect(main).to_contain_text("Nothing to publish")
    page.get_by_role("link", name="Versions").click()
    expect(main).to_contain_text("Larger orders only")
    page.get_by_role("link", name="What changed").click()
    expect(page.locator("#compared")).to_contain_text("Version 1 → Version 2")
    page.get_by_role("button", name="Put Carrier › Phone back").click()
    expect(main).to_contain_text("is back in the draft")
    expect(main).not_to_contain_text("Removed fields")
    page.get_by_role("button", name="Back to version 1").click()
    expect(main).to_contain_text("The draft is as version 1 was.")
    expect(main).to_contain_text("Sale → Order")
    page.locator("#publish").click()
    expect(main).to_contain_text("Nothing to publish")
    page.goto("/apps/orders/shipper/")
    expect(page.locator("#content")).to_contain_text("0431 55")


def test_by_keyboard_the_past_is_asked_and_a_newer_template_taken(live, orders, visits):
    order = an_order(orders, a_customer(orders), (a_product(orders), 1))
    orders.sales.submits(order)
    rebuilt(orders)
    page = live.visit(orders.admin, PUBLICATION)
    main = page.locator("#content")
    page.get_by_role("link", name="Try on the past").press("Enter")
    expect(main).to_contain_text("1 transition would have gone another way")
    expect(main).to_contain_text("Too small.")
    main.locator(".examples a").press("Enter")
    expect(page).to_have_url(re.compile(f"/apps/orders/order/{order.id}$"))
    page.goto("/build/visits/versions")
    page.get_by_role("link", name="Newer template").press("Enter")
    expect(main).to_contain_text("You and the template changed the same")
    page.get_by_role("radio", name="Keep mine").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Take the template’s")).to_be_checked()
    page.locator("#take").press("Enter")
    expect(main).to_contain_text("The draft has the newer template.")
    expect(main).to_contain_text(re.compile(r"About\s*→\s*Theirs"))
    page.keyboard.press("Control+z")
    expect(main).to_contain_text(re.compile(r"About\s*→\s*Mine"))


def test_the_pages_of_a_change_are_accessible(live, orders, visits):
    orders.warehouse.creates("shipper", name="Northline Parcel", phone="0431 55")
    builds(orders, "visits", ("remove_field", {"form": "visit", "field": "day"}))
    gallery.publish(orders.workspace, "visits", orders.admin.id)
    rebuilt(orders)
    paths = (PUBLICATION, "/build/orders/backtest", "/build/visits/versions?from=1&to=2", "/build/visits/upgrade", "/build/imports")
    for scheme in ("light", "dark"):
        page = live.visit(orders.admin, PUBLICATION, viewport={"width": 1440, "height": 900}, color_scheme=scheme, reduced_motion="reduce")
        for path in paths:
            page.goto(path)
            expect(page.locator("main progress")).to_have_count(0)
            for width in (1440, 390):
                page.set_viewport_size({"width": width, "height": 844})
                found = Axe().run(page).response["violations"]
                assert [(path, width, scheme, v["id"], [n["html"] for n in v["nodes"]]) for v in found] == []
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, width)
