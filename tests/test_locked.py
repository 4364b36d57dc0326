"""Fields that a rule locks: an edit that changes them is refused by every door, what asks for them may."""

from __future__ import annotations

import pytest
from formloom.platform.access.members import set_roles
from formloom.platform.errors import Invalid
from page import visit
from playwright.sync_api import expect
from small_app import field, field_of, form_of, small_app, transition
from small_world import World

FINAL = {"===": [{"var": "final"}, True]}


def locking() -> dict:
    """Visits whose day, and whose lines' rates, are locked once they are final; a reason that is always."""
    document = small_app()
    visit = form_of(document, "visit")
    visit["fields"] += [field("final", "flag"), field("reason", lock=True, default="as usual")]
    field_of(document, "visit", "day")["lock"] = FINAL
    columns = field_of(document, "visit", "lines")["fields"]
    next(one for one in columns if one["key"] == "rate")["lock"] = {"===": [{"var": "header.final"}, True]}
    visit["transitions"].append(transition("move", "open", "open", ask=[{"field": "day"}]))
    return document


@pytest.fixture
def world(workspace):
    made = World(workspace, locking())
    made.staff = made.do("staff")
    return made


def refused(work) -> list[str]:
    with pytest.raises(Invalid) as error:
        work()
    return [problem.path for problem in error.value.problems]


def test_what_is_locked_stays_until_it_is_not(world):
    visit = world.staff.create("visit", {"about": "A", "day": "2026-12-01", "lines": [{"what": "x", "hours": 1, "rate": 10}]})
    world.staff.edit("visit", visit.id, {"final": True, "day": "2026-12-01"}, {"final": None, "day": "2026-12-01"})
    assert refused(lambda: world.staff.edit("visit", visit.id, {"day": "2026-12-02"}, {"day": "2026-12-01"})) == ["day"]
    line = world.sees(visit)["lines"][0]
    base = {"lines": [{"id": line["id"], "rate": "10", "what": "x"}]}
    assert refused(lambda: world.staff.edit("visit", visit.id, {"lines": [{"id": line["id"], "rate": 11, "what": "x"}]}, base)) == ["lines.0.rate"]
    world.staff.edit("visit", visit.id, {"lines": [{"id": line["id"], "rate": 10, "what": "y"}]}, base)
    world.staff.edit("visit", visit.id, {"final": False, "day": "2026-12-02"}, {"final": True, "day": "2026-12-01"})
    assert (world.sees(visit)["day"].isoformat(), world.sees(visit)["lines"][0]["what"]) == ("2026-12-02", "y")


def test_a_new_record_starts_with_what_is_locked_and_with_nothing_else(world):
    assert world.sees(world.staff.create("visit", {"about": "A"}))["reason"] == "as usual"
    world.staff.create("visit", {"about": "A", "reason": "as usual"})
    assert refused(lambda: world.staff.create("visit", {"about": "A", "reason": "mine"})) == ["reason"]
    assert refused(lambda: world.staff.create("visit", {"about": "A", "final": True, "day": "2026-12-01"})) == ["day"]
    new_line = {"about": "A", "final": True, "lines": [{"what": "x", "rate": 5}]}
    assert refused(lambda: world.staff.create("visit", new_line)) == ["lines.0.rate"]


def test_start_values_as_they_are_written_and_boxes_left_alone_are_no_change(orders, client):
    """A page posts every input, a start value and an empty box among them."""
    document = locking()
    form_of(document, "visit")["fields"] += [
        field("fee", "money", lock=True, default="2.50"), field("since", "date", lock=True, default="2026-01-01"), field("signed", "flag", lock=True),
    ]  # fmt: skip
    world = World(orders.workspace, document)
    with orders.workspace.writing() as connection:
        set_roles(connection, orders.sales.id, world.key, ["staff"])
    page = visit(client.sign_in(orders.sales), "/apps/visits/visit/new")
    made = page.send(about="A", fee="2.50", since="2026-01-01", signed="false", reason="as usual")
    assert made.status == 303, made.text
    again = visit(client, made.location).send(about="B", signed="false")
    assert again.status == 303, again.text
    world.do("staff").create("visit", {"about": "A", "fee": "2.50", "since": "2026-01-01", "signed": False})
    assert refused(lambda: world.do("staff").create("visit", {"about": "A", "fee": "0", "signed": True})) == ["fee", "signed"]


def test_what_a_transition_asks_for_may_be_locked(world):
    visit = world.staff.create("visit", {"about": "A", "final": True})
    world.staff.perform("visit", visit.id, "move", {"day": "2026-12-05"})
    assert world.sees(visit)["day"].isoformat() == "2026-12-05"


def test_a_preview_says_what_would_be_locked(world):
    visit = world.staff.create("visit", {"about": "A"})
    assert world.staff.preview("visit", visit.id, {"final": True}).locked == ("day", "reason")
    assert world.staff.preview("visit", visit.id, {"final": False}).locked == ("reason",)


def test_an_input_is_locked_while_one_types(orders, live):
    document = locking()
    world = World(orders.workspace, document)
    with orders.workspace.writing() as connection:
        set_roles(connection, orders.sales.id, world.key, ["staff"])
    visit = world.engine.create("visit", {"about": "A", "day": "2026-12-01"})
    page = live.visit(orders.sales, f"/apps/visits/visit/{visit.id}")
    day = page.locator("#f-day")
    day.fill("2026-12-03")
    page.get_by_label("Final").check()
    expect(day).to_have_attribute("aria-disabled", "true")
    day.press("ArrowUp")
    assert day.input_value() == "2026-12-03"
    page.locator("#save").click()
    expect(page.locator("#problems")).to_contain_text("This is locked.")
    page.get_by_label("Final").uncheck()
    expect(day).not_to_have_attribute("aria-disabled", "true")
    page.locator("#save").click()
    expect(page.locator(".flashes .good")).to_be_visible()
    assert world.sees(visit)["day"].isoformat() == "2026-12-03"
    page.get_by_label("Final").check()
    page.reload()
    expect(page.locator("#f-reason")).to_have_attribute("aria-disabled", "true")
