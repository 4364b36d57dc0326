"""Substitutes while somebody is away, as people set them."""

from __future__ import annotations

from datetime import timedelta

from formloom.platform.access.substitutes import absence
from formloom.platform.workflow.outbox import now
from page import visit


def set_now(house, person):
    with house.workspace.reading() as connection:
        return absence(connection, person.id)


def test_everybody_says_who_acts_for_them_and_an_administrator_for_all(house):
    ben, day = house.browser(house.ben), now().date()
    sent = {"first": str(day), "last": str(day + timedelta(9)), "deputy": "1"}
    page = visit(ben, "/profile").send("absence", **sent)
    assert page.location == "/profile"
    assert (set_now(house, house.ben).deputy_id, set_now(house, house.ben).set_by) == (1, 2)
    assert "Acts for Ben from" in visit(house.browser(house.ada), "/profile").text
    form = visit(ben, "/profile").form("absence").fields
    assert {key: form[key] for key in sent} == sent
    ada = house.browser(house.ada)
    assert visit(ada, "/members/2").send("absence", last=str(day)).location == "/members/2"
    assert set_now(house, house.ben).set_by == 1
    assert visit(ada, "/members/2").send("absence", deputy="0").location == "/members/2"
    assert set_now(house, house.ben) is None


def test_what_makes_no_sense_is_said_beside_its_field(house):
    ben, day = house.browser(house.ben), now().date()
    right = {"first": str(day), "last": str(day), "deputy": "1"}
    wrong = {
        "Enter a day.": {"last": ""}, "Not a valid date value.": {"first": "tomorrow"}, "Not a valid choice.": {"deputy": "2"},
        "This is before the first day.": {"last": str(day - timedelta(1))},
        "This day is over.": {"first": str(day - timedelta(9)), "last": str(day - timedelta(8))},
        "At most 366 days.": {"last": str(day + timedelta(400))},
    }  # fmt: skip
    for sentence, values in wrong.items():
        page = visit(ben, "/profile").send("absence", **right | values)
        assert page.status == 422 and sentence in page.text, page.text
        assert 'aria-invalid="true"' in page.html
    assert set_now(house, house.ben) is None
    assert ben.post("/members/1/absence", right).status_code == 404
    assert house.browser(house.ada).post("/members/77/absence", right).status_code == 404
