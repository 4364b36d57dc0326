"""Sessions: on the server, new at sign-in, ended by a click or a new password."""

from __future__ import annotations

import hashlib
import re

import pytest
import sqlalchemy as sa
from formloom.platform.access.accounts import now
from formloom.platform.access.members import add_member
from formloom.platform.access.sessions import Session
from house import BEN
from people import PASSWORD

ENDING = re.compile(r'action="(/profile/sessions/[0-9a-f]+/deletion)"')


@pytest.mark.databases("sqlite", "postgresql")
def test_the_database_holds_a_hash_of_what_the_browser_holds(house):
    browser = house.browser(house.ada)
    sent = browser.http.get_cookie("formloom").value
    kept = [row.id for row in house.system(sa.select(Session.id))]
    assert kept == [hashlib.sha256(sent.encode()).digest()]


def test_the_cookie_is_for_http_alone_and_for_this_site_alone(house):
    answer = house.sign_in(house.browser(), "ada@example.com")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie and "Domain" not in cookie


def test_what_was_planted_before_sign_in_is_worth_nothing_after_it(house):
    thief, victim = house.browser(), house.browser()
    thief.get("/sign-in")
    planted = thief.http.get_cookie("formloom").value
    victim.http.set_cookie("formloom", planted)
    assert house.sign_in(victim, "ada@example.com").status_code == 303
    assert victim.http.get_cookie("formloom").value != planted
    assert thief.get("/profile").status_code == 303  # to sign-in


def test_an_id_of_somebodys_own_making_is_nobody(house):
    browser = house.browser()
    for made_up in ("x", "A" * 43, "eyJhIjoxfQ.forged", "..", "\x00", "a" * 3000):
        browser.http.set_cookie("formloom", made_up)
        assert browser.get("/profile").status_code == 303


def test_signing_in_again_ends_the_session_of_before(house):
    browser = house.browser(house.ada)
    before = browser.http.get_cookie("formloom").value
    browser.post("/sign-in", {"email": "ben@example.com", "password": PASSWORD})
    assert browser.http.get_cookie("formloom").value != before
    assert house.count(Session) == 1


def test_signing_out_ends_it_on_the_server(house):
    browser = house.browser(house.ada)
    token = browser.http.get_cookie("formloom").value
    assert browser.post("/sign-out").location == "/sign-in"
    assert house.count(Session) == 0
    browser.http.set_cookie("formloom", token)
    assert browser.get("/profile").status_code == 303


@pytest.mark.databases("sqlite", "postgresql")
def test_a_new_password_ends_every_other_session(house):
    here, elsewhere, bens = house.browser(house.ada), house.browser(house.ada), house.browser(house.ben)
    before = here.http.get_cookie("formloom").value
    done = here.post("/profile/password", {"current": PASSWORD, "password": "something else 22"})
    assert done.status_code == 303
    assert here.http.get_cookie("formloom").value != before
    assert here.get("/profile").status_code == 200
    assert elsewhere.get("/profile").status_code == 303
    assert bens.get("/profile").status_code == 200
    assert house.sign_in(house.browser(), "ada@example.com", "something else 22").status_code == 303


def test_one_sees_ones_sessions_and_ends_one_by_a_click(house):
    phone, desk = house.browser(), house.browser(house.ada)
    phone.http.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (iPhone; CPU iPhone OS 17) Safari/604.1"
    phone.sign_in(house.ada)
    page = desk.get("/profile").get_data(as_text=True)
    assert "Safari, iPhone" in page
    [ending] = ENDING.findall(page)
    assert desk.post(ending).status_code == 303
    assert phone.get("/profile").status_code == 303
    assert desk.get("/profile").status_code == 200


def test_nobody_ends_somebody_elses_session(house):
    bens = house.browser(house.ben)
    [row] = house.system(sa.select(Session.id))
    answer = house.browser(house.ada).post(f"/profile/sessions/{row.id.hex()}/deletion")
    assert answer.status_code == 404
    assert bens.get("/profile").status_code == 200


def test_an_expired_session_is_none(house):
    browser = house.browser(house.ada)
    house.change(sa.update(Session).values(expires_at=now()))
    assert browser.get("/profile").status_code == 303
    house.browser(house.ben)
    assert house.count(Session) == 1  # signing in sweeps up


def test_reading_pages_writes_nothing(house):
    browser = house.browser(house.ada)
    statements = []
    engine = house.app.extensions["system"].write
    sa.event.listen(engine, "before_cursor_execute", lambda c, cursor, sql, *more: statements.append(sql))
    for path in ("/profile", "/workspaces", "/members", "/sign-in", "/nowhere"):
        browser.get(path)
    changing = [sql for sql in statements if not sql.lstrip().upper().startswith(("SELECT", "BEGIN"))]
    assert changing == []


def test_a_visitor_leaves_no_row(house):
    house.browser().get("/sign-in")
    assert house.count(Session) == 0


def test_what_is_to_be_said_goes_with_the_browser_once(house):
    statements = []
    engine = house.app.extensions["system"].write
    browser = house.browser(house.ada)
    sa.event.listen(engine, "before_cursor_execute", lambda c, cursor, sql, *more: statements.append(sql))
    browser.post(f"/members/{BEN.id}/deactivation")
    saying = browser.http.get_cookie("formloom-said")
    assert saying.http_only and saying.path == "/"
    assert not [sql for sql in statements if " session " in sql]
    assert "Ben has no access any more." in browser.get("/members").get_data(as_text=True)
    assert browser.http.get_cookie("formloom-said") is None
    assert "Ben has no access any more." not in browser.get("/members").get_data(as_text=True)


def test_nobody_says_anything_in_somebody_elses_session(house):
    browser, other = house.browser(house.ada), house.browser(house.ada)
    browser.post(f"/members/{BEN.id}/deactivation")
    said = browser.http.get_cookie("formloom-said").value
    for made_up in (said, said[:-1], "x", "eyJfZmxhc2hlcyI6W119.forged", "." * 3000):
        other.http.set_cookie("formloom-said", made_up)
        answer = other.get("/members")
        assert answer.status_code == 200 and "no access any more" not in answer.get_data(as_text=True)


def test_more_to_say_than_a_cookie_holds_is_left_out(house):
    browser = house.browser(house.ada)
    name = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(100))
    with house.workspace.writing() as connection:
        ids = [add_member(connection, f"{name[n:]}{name[:n]}", f"m{n}@example.com") for n in range(40)]
    for member_id in ids:
        answer = browser.post(f"/members/{member_id}/deactivation")
        assert answer.status_code == 303
        cookies = answer.headers.getlist("Set-Cookie")
        assert all(len(cookie) < 4000 for cookie in cookies)
