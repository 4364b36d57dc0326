"""Lines with statuses on pages: where each stands, what can be done with it, what a transition would change."""

from __future__ import annotations

import re

import pytest
from depot_app import depot as depot
from depot_app import depot_config as depot_config
from depot_app import lines_of, ordered, stocked
from formloom.platform.app import close_app, create_app
from page import visit
from people import People
from web import WebClient

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def order(depot):
    depot.chair, depot.lamp = stocked(depot, "Chair", 10), stocked(depot, "Lamp", 2)
    made = ordered(depot, (depot.chair, 3), (depot.lamp, 5))
    return depot.do("sales").perform("order", made.id, "submit")


@pytest.fixture
def signed_in(depot, depot_config):
    app = create_app(depot_config)
    people = People(depot.workspace, "depot")
    yield lambda role: WebClient(app).sign_in(people[role])
    close_app(app)


def path(order) -> str:
    return f"/apps/depot/order/{order.id}"


def row(depot, order, index) -> int:
    return lines_of(depot, order)[index]["id"]


def test_each_line_says_where_it_stands_and_what_it_can_do(depot, order, signed_in):
    page = visit(signed_in("depot"), path(order))
    first, second = row(depot, order, 0), row(depot, order, 1)
    buttons = set(re.findall(r'name="then" value="lines\.(\d+)\.(\w+)"', page.html))
    assert buttons == {(str(first), "pick"), (str(first), "void"), (str(second), "void")}
    assert "Pick Lamp: only 2 of 5 are reserved. Buyer can help." in page.text
    assert "Waiting" in page.text


def test_a_button_saves_what_was_typed_and_moves_the_line(depot, order, signed_in):
    page = visit(signed_in("depot"), path(order))
    sent = page.send(note="hello", then=f"lines.{row(depot, order, 0)}.pick")
    assert sent.status == 303
    assert [line["status"] for line in lines_of(depot, order)] == ["picked", "waiting"]
    assert depot.sees(order)["note"] == "hello"
    assert "Line 1: Pick" in sent.follow().text


@pytest.mark.parametrize("then", ["lines.4711.pick", "lines.x.pick", "lines..pick", "lines.1", "order.1.pick", "lines.1.submit", "pick", "lines.1.pick.x"])
def test_a_button_that_was_never_there_finds_nothing(depot, order, signed_in, then):
    page = visit(signed_in("depot"), path(order))
    assert page.send(then=then).status == 404
    assert [line["status"] for line in lines_of(depot, order)] == ["waiting", "waiting"]


def test_a_question_of_a_line_asks_for_its_columns_and_shows_what_will_change(depot, order, signed_in):
    client = signed_in("depot")
    first = row(depot, order, 0)
    depot.do("depot").perform("order", order.id, "pick", row=first)
    question = visit(client, f"{path(order)}/transitions/ship/{first}")
    assert question.status == 200
    assert "Line 1: Chair, 3" in question.text
    assert "Fill in what is asked, then look." in question.text
    refused = question.send("question")
    assert refused.status == 422
    assert "Carrier, line 1 : This is needed." in refused.text
    seen = question.send("question", **{"lines-0-carrier": "North", "foresee": "1"})
    assert (seen.status, depot.sees(depot.chair)["on_hand"]) == (200, 10)
    assert "On_Hand 10 → 7" in seen.text
    assert "Line 1: Chair, 3 · Status Picked → Shipped" in seen.text
    assert "New: Move" in seen.text
    assert seen.send("question").status == 303
    assert (lines_of(depot, order)[0]["status"], depot.sees(depot.chair)["on_hand"]) == ("shipped", 7)


def test_what_stands_against_it_is_said_instead(depot, order, signed_in):
    client = signed_in("depot")
    second = row(depot, order, 1)
    question = visit(client, f"{path(order)}/transitions/pick/{second}")
    assert "only 2 of 5 are reserved" in question.text
    assert 'class="button primary' not in question.html
    assert visit(client, f"{path(order)}/transitions/ship/{second}").status == 404
    assert visit(client, f"{path(order)}/transitions/pick").status == 404
    assert visit(client, f"{path(order)}/transitions/pick/99999999999999999999").status == 404
    assert visit(client, f"{path(order)}/transitions/cancel/{second}").status == 404
    assert visit(signed_in("guest"), f"{path(order)}/transitions/void/{second}").status == 404


def test_the_header_shows_its_effects_at_once(depot, order, signed_in):
    made = ordered(depot, (depot.chair, 20), about="B2")
    question = visit(signed_in("sales"), f"{path(made)}/transitions/submit")
    assert "New: Request" in question.text
    assert "Product Chair" not in question.text and "New: Move" not in question.text
    assert depot.sees(made)["open_lines"] == 1


def test_a_change_tells_where_it_came_from(depot, order, signed_in):
    change = depot.engine.create("change", {"about": "C7", "order": order.id, "lines": [{"product": depot.chair.id, "quantity": 4}]})
    depot.do("sales").perform("change", change.id, "apply")
    page = visit(signed_in("sales"), path(order))
    assert "Changed by another record" in page.text
    assert "Change C7: Apply" in page.text
    assert "Change C7" not in visit(signed_in("guest"), path(order)).text


def test_a_new_record_names_a_forged_status_and_rev(depot, signed_in):
    page = visit(signed_in("sales"), "/apps/depot/order/new")
    answer = page.send(about="X", status="shipped", rev="7")
    assert answer.status == 422
    assert "There is no field “status” here." in answer.text
    assert "There is no field “rev” here." in answer.text


def test_what_is_wrong_with_the_lines_as_a_whole_is_said(depot, signed_in):
    empty = ordered(depot, about="E1")
    client = signed_in("sales")
    refused = visit(client, f"{path(empty)}/transitions/replan").send("question")
    assert refused.status == 422
    assert "Lines : This is needed." in refused.text
    assert 'id="q-lines-error"' in refused.html
