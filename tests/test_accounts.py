"""Accounts: signing in, the tries one has, the first set-up, one's own profile."""

from __future__ import annotations

from datetime import timedelta

import argon2
import pytest
import sqlalchemy as sa
from formloom.platform.access import limits, passwords
from formloom.platform.access.accounts import Account, now
from formloom.platform.access.limits import PER_ACCOUNT, PER_ADDRESS, Tries
from formloom.platform.app import close_app, create_app
from people import PASSWORD
from web import WebClient


def test_the_right_password_opens_the_page_that_was_asked_for(house):
    browser = house.browser()
    asked = browser.get("/members?sort=name")
    assert asked.status_code == 303
    form = browser.get(asked.location).get_data(as_text=True)
    assert 'value="/members?sort=name"' in form
    answer = house.sign_in(browser, "  ADA@Example.com ", next="/members?sort=name")
    assert (answer.status_code, answer.location) == (303, "/members?sort=name")


def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(house):
    browser = house.browser()
    wrong = house.sign_in(browser, "ada@example.com", "not this one")
    unknown = house.sign_in(browser, "eve@example.com", "not this one")
    assert wrong.status_code == unknown.status_code == 422
    pages = [_without_token(answer) for answer in (wrong, unknown)]
    assert pages[0].replace("ada@", "x@") == pages[1].replace("eve@", "x@")


def test_an_unknown_address_is_tried_as_a_known_one_is(monkeypatch):
    tried = []

    class Watched(argon2.PasswordHasher):
        def verify(self, stored, password):
            tried.append(argon2.extract_parameters(stored))
            return super().verify(stored, password)

    monkeypatch.setattr(passwords, "hasher", Watched(time_cost=2, memory_cost=19 * 1024, parallelism=1))
    passwords._nobodys.cache_clear()
    kept = passwords.hash_password(PASSWORD)
    assert [passwords.matches(stored, "no") for stored in (kept, None)] == [False, False]
    assert tried[0] == tried[1]
    passwords._nobodys.cache_clear()


def test_a_closed_account_cannot_sign_in(house):
    house.change(sa.update(Account).where(Account.email == "ben@example.com").values(active=False))
    assert house.sign_in(house.browser(), "ben@example.com").status_code == 422


@pytest.mark.databases("sqlite", "postgresql")
def test_tries_end_by_account_even_with_the_right_password_and_come_back_with_time(house):
    browser = house.browser()
    for _ in range(PER_ACCOUNT):
        assert house.sign_in(browser, "ada@example.com", "wrong").status_code == 422
    refused = house.sign_in(house.browser(), "ada@example.com")
    assert refused.status_code == 429
    assert "Too many tries" in refused.get_data(as_text=True)
    assert house.sign_in(house.browser(), "ben@example.com").status_code == 303
    house.change(sa.update(Tries).values(since=now() - limits.WINDOW - timedelta(seconds=1)))
    assert house.sign_in(browser, "ada@example.com").status_code == 303


def test_tries_end_by_address_whatever_the_accounts(house):
    house.change(sa.insert(Tries).values(key="address:127.0.0.1", since=now(), count=PER_ADDRESS))
    assert house.sign_in(house.browser(), "ada@example.com").status_code == 429


def test_signing_in_rightly_uses_up_no_tries(house):
    for _ in range(3):
        house.sign_in(house.browser(), "ada@example.com")
    assert all(row.count == 0 for row in house.system(sa.select(Tries.count)))


def test_no_password_stands_anywhere_readable(house):
    kept = house.system(sa.select(Account.password))[0].password
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept


def test_the_first_page_of_a_new_installation_makes_an_administrator(config):
    app = create_app(config)
    browser = WebClient(app)
    assert browser.get("/sign-in").location == "/setup"
    browser.get("/setup")
    data = {"name": "Ann", "email": "ann@example.com", "password": PASSWORD, "workspace": "Ann & Söhne"}
    bad = browser.post("/setup", data | {"password": "short"})
    assert bad.status_code == 422
    assert 'value="Ann"' in bad.get_data(as_text=True)
    assert browser.post("/setup", data).status_code == 303
    members = browser.get("/members").get_data(as_text=True)
    assert "ann@example.com" in members
    assert (config.instance / "workspaces" / "ann-sohne.sqlite").exists() or config.postgresql
    assert WebClient(app).get("/setup").location == "/sign-in"
    late = WebClient(app)
    late.get("/sign-in")
    assert late.post("/setup", data | {"email": "eve@example.com"}).location == "/sign-in"
    assert late.post("/sign-in", {"email": "eve@example.com", "password": PASSWORD}).status_code == 422
    close_app(app)


def test_the_profile_keeps_name_language_and_theme(house):
    browser = house.browser(house.ada)
    saved = browser.post("/profile", {"name": "Ada King", "language": "zh", "theme": "dark"})
    assert saved.status_code == 303
    page = browser.get("/profile").get_data(as_text=True)
    assert '<html lang="zh-CN" data-theme="dark">' in page
    assert house.actor(house.ada).name == "Ada King"
    assert house.actor(house.ada).language == "zh"


def test_the_profile_says_what_is_wrong_beside_the_field(house):
    answer = house.browser(house.ada).post("/profile", {"name": " ", "language": "en", "theme": "dark"})
    assert answer.status_code == 422
    assert 'id="name-error"' in answer.get_data(as_text=True)


def test_a_new_password_wants_the_old_one(house):
    browser = house.browser(house.ada)
    answer = browser.post("/profile/password", {"current": "a guess", "password": "another long one"})
    assert answer.status_code == 422
    assert "This is not your current password." in answer.get_data(as_text=True)
    assert house.sign_in(house.browser(), "ada@example.com").status_code == 303


def test_guessing_the_old_password_is_counted(house):
    browser = house.browser(house.ada)
    for _ in range(PER_ACCOUNT + 1):
        answer = browser.post("/profile/password", {"current": "a guess", "password": "another long one"})
    assert "Too many tries" in answer.get_data(as_text=True)


def test_a_visitor_is_spoken_to_in_the_browsers_language_until_he_chooses(house):
    browser = house.browser()
    chinese = {"Accept-Language": "zh-Hans-CN,zh;q=0.9,en;q=0.5"}
    assert 'lang="zh-CN"' in browser.get("/sign-in", headers=chinese).get_data(as_text=True)
    assert browser.post("/language", {"language": "en", "next": "/sign-in?next=/x"}).location == "/sign-in?next=/x"
    assert '<html lang="en"' in browser.get("/sign-in", headers=chinese).get_data(as_text=True)


def test_what_one_chose_on_the_way_in_stays_chosen(house):
    browser = house.browser()
    browser.get("/sign-in")
    browser.post("/language", {"language": "zh"})
    assert "登录" in browser.get("/sign-in").get_data(as_text=True)
    house.sign_in(browser, "ada@example.com")
    assert "个人资料" in browser.get("/profile").get_data(as_text=True)


def test_language_and_theme_stay_with_the_account(house):
    browser = house.browser(house.ben)
    browser.post("/language", {"language": "zh", "next": "/profile"})
    browser.post("/theme", {"theme": "dark", "next": "/profile"})
    page = house.browser(house.ben).get("/profile").get_data(as_text=True)
    assert '<html lang="zh-CN" data-theme="dark">' in page


@pytest.mark.parametrize(("what", "value"), [("language", "tlh"), ("theme", "pink"), ("theme", "")])
def test_a_language_or_theme_that_we_do_not_have_is_refused(house, what, value):
    assert house.browser(house.ada).post(f"/{what}", {what: value}).status_code == 422


def _without_token(answer) -> str:
    page = answer.get_data(as_text=True)
    return "".join(line for line in page.splitlines() if "csrf_token" not in line)
