"""The guided first app: how far somebody came is what the app is; left, come back to, and right after an undo."""

from __future__ import annotations

import json
from html import unescape

import pytest
from axe_playwright_python.sync_playwright import Axe
from formloom.platform.access import members
from formloom.platform.workflow.commands import Commands

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def ada(house):
    browser = house.browser(house.ada)
    assert browser.post("/build/guide").status_code == 303
    return browser


def page(ada, path: str = "forms/trip/") -> str:
    return unescape(ada.get(f"/build/trips/{path}", follow_redirects=True).get_data(as_text=True))


def now(ada) -> str:
    html = page(ada)
    return html.split('<aside class="guide"')[1].split("<h2>")[1].split("</h2>")[0]


def edits(ada, name: str, **arguments) -> None:
    sent = ada.post("/build/trips/edits", {"name": name, "arguments": json.dumps(arguments)})
    assert sent.status_code == 303, sent.get_data(as_text=True)[:500]


def adds(ada, path: str, **element) -> None:
    edits(ada, "add", path=path, element=element)


def three_fields(ada) -> None:
    for key, kind in (("begins", "date"), ("budget", "money"), ("why", "long_text")):
        adds(ada, "forms[trip].fields", key=key, type=kind, label={"en": key.title()})


def test_every_step_is_seen_in_the_app_until_the_first_trip_is_approved(ada, house):
    assert now(ada) == "Three fields"
    three_fields(ada)
    assert now(ada) == "Who takes part"
    ada.post("/build/trips/undo")
    assert now(ada) == "Three fields"
    ada.post("/build/trips/redo")
    adds(ada, "roles", key="boss", label={"en": "Boss"})
    adds(ada, "forms[trip].access", role="boss", scope="all", cells={"*": {"*": "edit"}})
    assert now(ada) == "Where a trip stands"
    statuses = [("draft", "start"), ("asked", "active"), ("done", "done"), ("refused", "cancelled")]
    adds(ada, "status_lists", key="trip_flow", label={"en": "Trip"}, statuses=[{"key": key, "label": {"en": key.title()}, "kind": kind} for key, kind in statuses])
    edits(ada, "patch", path="forms[trip]", values={"status_list": "trip_flow"})
    edits(ada, "patch", path="forms[trip].access[everyone]", values={"delete": []})
    assert now(ada) == "What can happen"
    for key, source, target, role in (("ask", "draft", "asked", "everyone"), ("approve", "asked", "done", "boss"), ("refuse", "asked", "refused", "boss")):
        adds(ada, "forms[trip].transitions", key=key, label={"en": key.title()}, sources=[source], target=target, who={"roles": [role]})
    assert now(ada) == "An approval"
    edits(ada, "patch", path="forms[trip].transitions[approve]", values={"approval": {"kind": "one", "not_self": False, "opinion": "none"}})
    assert now(ada) == "What a boss may change"
    edits(ada, "patch", path="forms[trip].access[boss]", values={"cells": {"*": {"*": "edit"}, "budget": {"*": "read"}}})
    assert now(ada) == "Publish"
    assert ada.post("/build/trips/publication").status_code == 303
    assert now(ada) == "The roles are yours"
    with house.workspace.writing() as connection:
        members.set_roles(connection, house.ada.id, "trips", ["everyone", "boss"])
    assert now(ada) == "The first trip"
    trip = Commands(house.workspace, house.actor(house.ada), "trips").create("trip", {"title": "Lisbon"})
    assert now(ada) == "Approved"
    for key in ("ask", "approve"):
        Commands(house.workspace, house.actor(house.ada), "trips").perform("trip", trip.id, key)
    assert now(ada) == "Well done"


def test_the_guide_is_left_and_taken_up_where_the_app_stands(ada, house):
    three_fields(ada)
    assert ada.post("/build/guide/standing", {"away": "1"}).headers["Location"] == "/build/"
    assert '<aside class="guide"' not in page(ada)
    home = unescape(ada.get("/build/").get_data(as_text=True))
    assert "“Business trips”: 1 of 10 done" in home and "Go on" in home
    assert ada.post("/build/guide/standing", {"here": "1"}).headers["Location"] == "/build/trips/"
    assert now(ada) == "Who takes part"


def test_nobody_else_is_guided(ada, house):
    assert house.browser(house.ben).post("/build/guide").status_code == 404
    made = ada.post("/build/", {"name": "Other", "record": "Thing"})
    assert '<aside class="guide"' not in ada.get(made.headers["Location"], follow_redirects=True).get_data(as_text=True)


def test_an_app_that_is_gone_is_no_longer_taught(house):
    browser = house.browser(house.ada)
    assert browser.post("/build/guide/standing", {"here": "1"}).status_code == 404
    assert "Show me how" in browser.get("/build/").get_data(as_text=True)


@pytest.mark.parametrize("width", [1440, 390])
def test_the_guide_stands_beside_the_pages_and_is_folded(live, orders, width):
    page = live.visit(orders.admin, "/build/", viewport={"width": width, "height": 900})
    page.locator("#learn").press("Enter")
    page.wait_for_url("**/build/trips/forms/trip/**")
    guide = page.locator("#guide")
    assert guide.locator("h2").inner_text() == "Three fields"
    assert Axe().run(page).response["violations"] == []
    guide.locator("summary").press("Enter")
    page.locator("#undo").evaluate("() => document.body.dispatchEvent(new CustomEvent('draft-changed'))")
    page.wait_for_load_state("networkidle")
    assert not guide.locator("h2").is_visible()
    page.goto("/build/trips/roles")
    guide.get_by_role("link", name="Take me there").click()
    page.wait_for_url("**/build/trips/forms/trip/**")
