"""Who may call a route: every one says so, and what is revoked has no next request."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from formloom.platform.access import members
from formloom.platform.access.accounts import Account
from formloom.platform.access.policy import NoPolicy, check_routes
from formloom.platform.access.workspaces import Membership

OPEN = {
    "setup.show", "setup.set_up", "sign_in.show", "sign_in.sign_in", "sign_in.sign_out", "preferences.language",
    "preferences.theme", "invitations.show", "invitations.take_up",
}  # fmt: skip
ADMINS = ("/members", "/members/new", "/members/1")


def test_a_route_that_does_not_say_who_may_call_it_stops_the_start(house):
    house.app.view_functions["forgotten"] = lambda: "anybody"
    with pytest.raises(NoPolicy, match="forgotten"):
        check_routes(house.app)


def test_only_the_known_pages_are_open_to_strangers(house):
    found = {name for name, view in house.app.view_functions.items() if view.policy == "anyone"}
    assert found == OPEN


def test_a_stranger_is_asked_to_sign_in_whatever_the_page(house):
    browser = house.browser()
    for rule in house.app.url_map.iter_rules():
        if rule.endpoint not in OPEN and "GET" in rule.methods and not rule.arguments:
            answer = browser.get(rule.rule)
            assert answer.status_code == 303, rule.rule
            assert answer.location.startswith("/sign-in"), rule.rule


def test_a_stranger_who_wants_json_is_told_so(house):
    answer = house.browser().get("/members", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json["error"]["code"] == "not_signed_in"


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(house):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/members?sort=name"}
    answer = house.browser().get("/members", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/members?sort%3Dname"


@pytest.mark.parametrize("path", ADMINS)
def test_what_is_for_administrators_does_not_exist_for_others(house, path):
    refused = house.browser(house.ben).get(path)
    missing = house.browser(house.ada).get("/nowhere")
    assert refused.status_code == missing.status_code == 404
    assert "There is nothing here" in refused.get_data(as_text=True)
    assert "There is nothing here" in missing.get_data(as_text=True)


@pytest.mark.databases("sqlite", "postgresql")
def test_a_revoked_right_has_no_next_request(house):
    browser = house.browser(house.ada)
    assert browser.get("/members").status_code == 200
    with house.workspace.writing() as connection:
        members.change_member(connection, house.ben.id, admin=True)
        members.change_member(connection, house.ada.id, admin=False)
    assert browser.get("/members").status_code == 404


@pytest.mark.databases("sqlite", "postgresql")
def test_roles_are_those_of_this_moment(house):
    with house.workspace.writing() as connection:
        members.set_roles(connection, house.ben.id, "orders", ["sales", "finance"])
    assert house.actor(house.ben).roles == {"orders": frozenset({"sales", "finance"})}
    with house.workspace.writing() as connection:
        members.set_roles(connection, house.ben.id, "orders", [])
    assert house.actor(house.ben).roles == {}


@pytest.mark.databases("sqlite", "postgresql")
def test_a_department_holds_what_is_below_it(house):
    with house.workspace.writing() as connection:
        top = members.add_department(connection, "Company")
        sales = members.add_department(connection, "Sales", top)
        asia = members.add_department(connection, "Asia", sales)
        members.add_department(connection, "Finance", top)
        members.change_member(connection, house.ben.id, department_id=sales)
    ben = house.actor(house.ben)
    assert (ben.department, ben.departments_below) == (sales, {sales, asia})


def test_a_closed_account_has_no_next_request(house):
    browser = house.browser(house.ben)
    house.change(sa.update(Account).where(Account.email == house.ben.email).values(active=False))
    assert browser.get("/profile").location.startswith("/sign-in")


def test_who_is_in_no_workspace_is_shown_where_to_go(house):
    browser = house.browser(house.ben)
    house.change(sa.delete(Membership).where(Membership.member_id == house.ben.id))
    assert browser.get("/members").location == "/workspaces"
    assert "No workspace yet" in browser.get("/workspaces").get_data(as_text=True)
    assert browser.post("/members").status_code == 404


def test_the_system_itself_is_no_member(house):
    with house.workspace.reading() as connection:
        assert members.load_actor(connection, 999) is None
