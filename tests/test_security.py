"""What a hostile request gets: nothing, and a clear answer."""

from __future__ import annotations

import gzip

import pytest
import sqlalchemy as sa
from formloom.platform.access.members import change_member
from formloom.platform.access.sessions import Session
from formloom.runtime.returning import local_path
from house import ADA, BEN, add_workspace
from people import PASSWORD

FOREIGN = (
    "https://evil.example/", "//evil.example", "/\\evil.example", "\\/evil.example", "/\t/evil.example",
    "http:evil", "javascript:alert(1)", "evil", " /x", "/x\r\nSet-Cookie: a=b", "",
)  # fmt: skip


@pytest.mark.parametrize("path", ["/language", "/theme", "/sign-out", "/profile", "/members", "/departments"])
def test_a_request_without_the_pages_token_changes_nothing(house, path):
    browser = house.browser(house.ada)
    browser.token = ""
    answer = browser.post(path, {"language": "zh", "theme": "dark", "name": "X", "department": "0"})
    assert answer.status_code == 400
    assert "too old" in answer.get_data(as_text=True)
    assert browser.get("/profile").status_code == 200
    assert house.actor(ADA).name == "Ada"


def test_a_token_of_another_session_is_no_token(house):
    ada, ben = house.browser(house.ada), house.browser(house.ben)
    ada.token = ben.token
    assert ada.post("/profile", {"name": "X", "language": "en", "theme": "dark"}).status_code == 400


def test_htmx_sends_the_token_in_its_header(house):
    answer = house.browser(house.ada).post("/language", {"language": "zh"}, headers={"HX-Request": "true"})
    assert answer.status_code == 303


@pytest.mark.parametrize("path", FOREIGN)
def test_after_sign_in_one_stays_on_this_site(house, path):
    assert house.sign_in(house.browser(), ADA.email, next=path).location == "/"
    assert local_path(path) == "/"


@pytest.mark.databases("sqlite", "postgresql")
def test_a_session_of_one_workspace_is_nobody_in_another(house):
    with house.app.app_context():
        add_workspace(house.app, "other", BEN)
    with house.app.extensions["workspaces"]["other"].writing() as connection:
        change_member(connection, 1, name="Ben of the others")
    ada = house.browser(house.ada)
    assert ada.post("/workspaces/other/choice").status_code == 404
    assert "Ben of the others" not in ada.get("/members").get_data(as_text=True)
    ben = house.browser(house.ben)
    ben.post("/workspaces/other/choice")
    assert "Ben of the others" in ben.get("/members").get_data(as_text=True)
    assert ada.get("/members/1").status_code == 200
    assert "Ada" in ada.get("/members/1").get_data(as_text=True)


def test_a_body_over_the_limit_is_refused_in_words(house):
    browser = house.browser(house.ada)
    huge = {"name": "x" * (house.config.max_body + 1), "language": "en", "theme": "dark"}
    answer = browser.post("/profile", huge)
    assert answer.status_code == 413
    assert "more than can be taken" in answer.get_data(as_text=True)
    told = browser.post("/profile", huge, headers={"Accept": "application/json"})
    assert (told.status_code, told.json["error"]["code"]) == (413, "too_large")
    assert house.actor(ADA).name == "Ada"


def test_an_unknown_address_is_a_page_that_helps(house):
    for browser in (house.browser(), house.browser(house.ada)):
        answer = browser.get("/nowhere/at/all")
        assert answer.status_code == 404
        page = answer.get_data(as_text=True)
        assert "There is nothing here" in page and 'href="/"' in page


@pytest.mark.parametrize(("method", "path", "status", "code"), [
    ("get", "/nowhere", 404, "not_found"),
    ("get", "/sign-out", 405, "wrong_method"),
    ("post", "/profile", 400, "page_expired"),
])  # fmt: skip
def test_who_asks_for_json_gets_errors_as_json(house, method, path, status, code):
    answer = getattr(house.browser().http, method)(path, headers={"Accept": "application/json"})
    assert answer.status_code == status
    assert answer.json["error"].keys() == {"code", "message", "remedy"}
    assert answer.json["error"]["code"] == code


def test_a_part_of_a_page_gets_its_error_as_a_part(house):
    answer = house.browser(house.ada).get("/nowhere", headers={"HX-Request": "true"})
    assert answer.status_code == 404
    page = answer.get_data(as_text=True)
    assert 'role="alert"' in page and "<html" not in page


def test_errors_speak_the_language_of_the_one_who_asks(house):
    answer = house.browser().get("/nowhere", headers={"Accept-Language": "zh-CN"})
    assert "这里没有内容，或没有您可以查看的内容。" in answer.get_data(as_text=True)


def test_what_nobody_foresaw_is_told_without_its_inside(house):
    house.app.config["PROPAGATE_EXCEPTIONS"] = False
    house.app.view_functions["profile.show"] = _broken
    answer = house.browser(house.ada).get("/profile")
    assert answer.status_code == 500
    page = answer.get_data(as_text=True)
    assert "Something went wrong" in page and "secret inside" not in page


@pytest.mark.databases("sqlite", "postgresql")
def test_a_database_that_does_not_answer_is_said_so(house):
    house.app.config["PROPAGATE_EXCEPTIONS"] = False
    browser = house.browser(house.ada)
    engine = house.app.extensions["system"].read
    down = sa.exc.OperationalError("SELECT", {}, Exception("the server closed the connection"))
    sa.event.listen(engine, "checkout", lambda *_: (_ for _ in ()).throw(down))
    answer = browser.get("/profile")
    assert answer.status_code == 503
    assert "nothing was changed" in answer.get_data(as_text=True)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_every_answer_carries_the_strict_headers(house):
    for answer in (house.browser().get("/sign-in"), house.browser().get("/nowhere"), house.browser(ADA).get("/profile")):
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Permissions-Policy"].startswith("camera=(self)")  # codes are scanned
        assert answer.headers["X-Frame-Options"] == "DENY"


def test_no_page_needs_inline_script_or_style(house):
    ada = house.browser(house.ada)
    for path in ("/sign-in", "/profile", "/members", "/members/new", "/members/1", "/workspaces"):
        page = ada.get(path).get_data(as_text=True)
        assert "<style" not in page and " style=" not in page and " onclick=" not in page
        assert page.count("<script") == page.count("<script src=")


def test_what_somebody_typed_is_never_markup(house):
    ada = house.browser(house.ada)
    ada.post("/departments", {"name": "<script>alert(1)</script>"})
    ada.post("/profile", {"name": '"><img src=x>', "language": "en", "theme": "dark"})
    for path in ("/members", "/profile", "/members/1"):
        page = ada.get(path).get_data(as_text=True)
        assert "<script>alert" not in page and "<img src=x>" not in page


def test_static_files_come_compressed_and_stay_under_their_address(house):
    page = house.browser().get("/sign-in").get_data(as_text=True)
    address = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    answer = house.browser().get(address, headers={"Accept-Encoding": "gzip"}, buffered=True)
    assert answer.status_code == 200
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert b"@layer" in gzip.decompress(answer.data)
    for outside in ("/static/../pyproject.toml", "/static/%2e%2e/pyproject.toml", "/static/", "/static/x.css"):
        assert house.browser().get(outside).status_code == 404


def test_a_secure_cookie_belongs_to_this_host_alone(house):
    from dataclasses import replace

    from formloom.platform.app import close_app, create_app
    from web import WebClient

    app = create_app(replace(house.config, secure_cookies=True))
    browser = WebClient(app)
    browser.get("/sign-in", base_url="https://localhost")
    data = {"email": ADA.email, "password": PASSWORD}
    cookie = browser.post("/sign-in", data, base_url="https://localhost").headers["Set-Cookie"]
    assert cookie.startswith("__Host-formloom=") and "Secure" in cookie
    close_app(app)


def test_sessions_of_strangers_cannot_fill_the_database(house):
    for _ in range(20):
        house.browser().get("/profile")
    assert house.count(Session) == 0


def _broken():
    raise RuntimeError("secret inside")


_broken.policy = "anyone"
