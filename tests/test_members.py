"""Members: invited by a link, given roles, let go and taken back; one link opens one workspace."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from formloom.platform.access import members
from formloom.platform.access.accounts import Account, now
from formloom.platform.access.invitations import Invitation
from formloom.platform.access.joining import Person, invite_person, let_go, renew_invitation, take_back
from formloom.platform.errors import Invalid, NotFound, Refused
from house import ADA, BEN, add_workspace
from people import PASSWORD

LINK = re.compile(r'value="http://127\.0\.0\.1:8000(/invitations/[^"]+)"')
CLARA = {"name": "Clara Wolf", "email": "Clara@Example.com", "department": "0"}


@pytest.mark.databases("sqlite", "postgresql")
def test_an_invited_person_sets_a_password_and_is_in(house):
    answer = house.browser(house.ada).post("/members", CLARA)
    assert answer.status_code == 201
    link = LINK.search(answer.get_data(as_text=True))[1]
    clara = house.browser()
    assert "clara@example.com" in clara.get(link).get_data(as_text=True)
    assert clara.post(link, {"password": "short"}).status_code == 422
    assert clara.post(link, {"password": "quite long enough"}).location == "/"
    assert "Clara Wolf" in clara.get("/profile").get_data(as_text=True)
    assert house.browser().get(link).status_code == 404
    assert house.sign_in(house.browser(), "clara@example.com", "quite long enough").status_code == 303


def test_a_link_ends_after_a_week_and_with_a_newer_one(house):
    link = _invited(house)
    with house.app.app_context():
        newer = renew_invitation(house.workspace, 3)
    assert house.browser().get(link).status_code == 404
    assert house.browser().get(f"/invitations/{newer}").status_code == 200
    house.change(sa.update(Invitation).values(expires_at=now()))
    assert house.browser().get(f"/invitations/{newer}").status_code == 404


def test_the_database_does_not_hold_the_link(house):
    link = _invited(house)
    [row] = house.system(sa.select(Invitation.token))
    assert link.rpartition("/")[2].encode() not in row.token


def test_a_link_carries_the_configured_address_not_the_one_a_request_claims(house):
    browser = house.browser(house.ada)
    browser.http.set_cookie("formloom", browser.http.get_cookie("formloom").value, domain="evil.example")
    page = browser.post("/members", CLARA, base_url="http://evil.example").get_data(as_text=True)
    assert LINK.search(page)
    assert "evil.example" not in page


def test_nobody_is_a_member_twice(house):
    ada = house.browser(house.ada)
    answer = ada.post("/members", CLARA | {"email": "BEN@example.com"})
    assert answer.status_code == 422
    assert "in the list of members already" in answer.get_data(as_text=True)
    assert 'value="Clara Wolf"' in answer.get_data(as_text=True)


def test_the_list_names_everybody_with_department_and_state(house):
    ada = house.browser(house.ada)
    ada.post("/departments", {"name": "Sales"})
    ada.post("/members", CLARA | {"department": "1"})
    page = ada.get("/members").get_data(as_text=True)
    row = page[page.index("Clara Wolf") :]
    assert "clara@example.com" in row and "Sales" in row and "Invited" in row
    assert "3 people" in page


@pytest.mark.databases("sqlite", "postgresql")
def test_the_last_administrator_stays(house):
    ada = house.browser(house.ada)
    answer = ada.post(f"/members/{ADA.id}", {"name": "Ada", "department": "0"})
    assert answer.status_code == 422
    assert "last administrator" in answer.get_data(as_text=True)
    with house.app.app_context(), pytest.raises(Refused):
        let_go(house.workspace, ADA.id)
    assert house.actor(ADA).admin


def test_nobody_ends_his_own_access(house):
    with house.workspace.writing() as connection:
        members.change_member(connection, BEN.id, admin=True)
    assert house.browser(house.ada).post(f"/members/{ADA.id}/deactivation").status_code == 422


@pytest.mark.databases("sqlite", "postgresql")
def test_who_was_let_go_has_no_next_request_and_can_come_back(house):
    ada, ben = house.browser(house.ada), house.browser(house.ben)
    assert ada.post(f"/members/{BEN.id}/deactivation").status_code == 303
    assert "No workspace yet" in ben.get("/workspaces").get_data(as_text=True)
    assert house.actor(BEN) is None
    assert ada.post(f"/members/{BEN.id}/activation").status_code == 303
    assert house.actor(BEN).name == "Ben"
    assert "Demo" in ben.get("/workspaces").get_data(as_text=True)


def test_names_stay_known_when_people_go(house):
    with house.app.app_context():
        let_go(house.workspace, BEN.id)
    with house.workspace.reading() as connection:
        assert members.names(connection, [BEN.id, 99]) == {BEN.id: "Ben"}
        assert list(members.names_with_role(connection, "orders", ["sales"])) == []


def test_those_with_a_role_are_found_if_they_are_still_there(house):
    with house.workspace.writing() as connection:
        for person in (ADA, BEN):
            members.set_roles(connection, person.id, "orders", ["sales", "finance"])
    with house.workspace.reading() as connection:
        assert list(members.names_with_role(connection, "orders", ["sales", "finance"])) == [ADA.id, BEN.id]
    with house.app.app_context():
        let_go(house.workspace, BEN.id)
    with house.workspace.reading() as connection:
        assert list(members.names_with_role(connection, "orders", ["sales"])) == [ADA.id]


def test_changing_roles_on_the_page_counts_at_once(client, orders):
    admin, sales = orders.admin, orders.sales
    client.sign_in(admin)
    page = client.get(f"/members/{sales.id}").get_data(as_text=True)
    assert re.search(r'name="roles_orders"[^>]*value="sales"[^>]*checked|checked[^>]*name="roles_orders"[^>]*value="sales"', page)
    data = {"name": "Sales", "department": "0", "roles_orders": ["finance", "warehouse"]}
    assert client.post(f"/members/{sales.id}", data).status_code == 303
    assert sales.actor.roles == {"orders": frozenset({"finance", "warehouse"})}
    assert client.post(f"/members/{sales.id}", data | {"roles_orders": ["emperor"]}).status_code == 422
    assert sales.actor.roles == {"orders": frozenset({"finance", "warehouse"})}


def test_an_administrator_gets_no_link_into_somebody_elses_workspace(house):
    """Ada invites Clara; meanwhile Clara belongs to a workspace of others as well."""
    link = _invited(house)
    clara = house.browser()
    clara.get(link)
    clara.post(link, {"password": PASSWORD})
    with house.app.app_context():
        add_workspace(house.app, "other", Person("Zoe", "zoe@example.com", {}), Person("C", "clara@example.com", {}))
        reset = renew_invitation(house.workspace, 3)
    ada = house.browser()
    page = ada.get(f"/invitations/{reset}")
    assert "You have an account already" in page.get_data(as_text=True)
    assert ada.post(f"/invitations/{reset}", {"password": "taken over by ada"}).status_code == 422
    assert house.sign_in(house.browser(), "clara@example.com", "taken over by ada").status_code == 422
    assert clara.get("/profile").status_code == 200


def test_an_account_made_by_somebody_else_comes_in_only_by_signing_in(house):
    """The other workspace invites an account that Ada controls: the link alone does not let it in."""
    link = _invited(house)
    with house.app.app_context():
        add_workspace(house.app, "other", Person("Zoe", "zoe@example.com", {}))
        other = house.app.extensions["workspaces"]["other"]
        _member_id, token = invite_person(other, Person("Clara", "clara@example.com", {}))
    ada = house.browser()
    ada.get(link)
    ada.post(link, {"password": "set by ada"})
    assert "Other" not in ada.get("/workspaces").get_data(as_text=True)
    clara = house.browser()
    assert "You have an account already" in clara.get(f"/invitations/{token}").get_data(as_text=True)


def test_who_is_signed_in_takes_up_an_invitation_by_a_click(house):
    with house.app.app_context():
        add_workspace(house.app, "other", Person("Zoe", "zoe@example.com", {}))
        _member_id, token = invite_person(house.app.extensions["workspaces"]["other"], Person("Ben", BEN.email, {}))
    ben = house.browser(house.ben)
    assert "You are signed in as" in ben.get(f"/invitations/{token}").get_data(as_text=True)
    assert ben.post(f"/invitations/{token}").location == "/"
    assert ben.post("/workspaces/demo/choice").status_code == 303
    assert ben.post("/workspaces/other/choice").status_code == 303
    assert house.browser(house.ada).post("/workspaces/other/choice").status_code == 404


def test_only_members_with_an_account_get_a_link(house):
    with house.workspace.writing() as connection:
        member_id = members.add_member(connection, "Somebody imported")
    with house.app.app_context(), pytest.raises(NotFound):
        renew_invitation(house.workspace, member_id)


def test_a_member_who_left_is_not_invited_anew(house):
    with house.app.app_context():
        let_go(house.workspace, BEN.id)
        with pytest.raises(Invalid):
            invite_person(house.workspace, Person("Ben", BEN.email, {}))
        take_back(house.workspace, BEN.id)
    assert house.count(Account) == 2


def _invited(house) -> str:
    answer = house.browser(house.ada).post("/members", CLARA)
    return LINK.search(answer.get_data(as_text=True))[1]
