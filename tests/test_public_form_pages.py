"""The pages of a form by link: filled in by strangers and machines, full, closed; settled in the builder."""

from __future__ import annotations

import re

import pytest
from formloom.platform.access import limits
from formloom.platform.access.members import set_roles
from formloom.platform.gallery import start_app, template
from formloom.platform.records.results import Query
from house import BEN
from shared_visits import public_app
from small_world import World

ADDRESS = re.compile(r'value="http://127\.0\.0\.1:8000(/s/[^"]+)"')
HIDDEN = re.compile(r'name="(base|key)" value="([^"]*)"')


@pytest.fixture
def shop(house):
    house.world = World(house.workspace, public_app())
    with house.workspace.writing() as connection:
        set_roles(connection, BEN.id, "visits", ["staff"])
    return house


def shares(shop, browser) -> str:
    browser.get("/apps/visits/visit/sharing")
    answer = browser.post("/apps/visits/visit/sharing", {"label": "Website", "days": "7"})
    assert answer.status_code == 303
    return ADDRESS.search(browser.get(answer.location).get_data(as_text=True))[1]


def fills_in(browser, address: str, **values):
    """Opens the form and sends it."""
    hidden = dict(HIDDEN.findall(browser.get(address).get_data(as_text=True)))
    sent = {name: text.replace("&#34;", '"') for name, text in hidden.items()}
    return browser.http.post(address, data=sent | values)


def made(shop) -> int:
    with shop.world.gate("staff") as gate:
        return gate.count(Query("visit", ())).number


def test_a_stranger_fills_in_the_form(shop):
    ben, stranger = shop.browser(BEN), shop.browser()
    assert "/apps/visits/visit/sharing" in ben.get("/apps/visits/visit/").get_data(as_text=True)
    address = shares(shop, ben)
    page = stranger.get(address)
    text = page.get_data(as_text=True)
    assert 'name="about"' in text and 'name="day"' in text and "lines-" in text
    for hidden in ("Note", "Customer", "Taken", "/apps/visits/visit/1", "csrf", "Website"):
        assert hidden not in text, hidden
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow" and page.headers["Cache-Control"] == "no-store"
    empty = fills_in(stranger, address, about="", day="2026-11-02")
    assert empty.status_code == 422 and "This is needed" in empty.get_data(as_text=True) and "2026-11-02" in empty.get_data(as_text=True)
    answer = fills_in(stranger, address, about="Garden", **{"lines-0-id": "", "lines-0-what": "Mowing", "lines-0-hours": "2"})
    assert answer.status_code == 303 and "Set-Cookie" not in answer.headers
    assert "See you soon." in stranger.get(answer.location).get_data(as_text=True)
    assert "link “Website”" in ben.get("/apps/visits/visit/1").get_data(as_text=True)
    assert "1 record made" in ben.get("/apps/visits/visit/sharing").get_data(as_text=True)


def test_forged_fields_are_refused_by_name(shop):
    address = shares(shop, shop.browser(BEN))
    for name, value in (("note", "x"), ("total", "9"), ("customer", "1"), ("lines-0-rate", "1"), ("status", "done"), ("created_by", "1")):
        answer = fills_in(shop.browser(), address, about="Garden", **{name: value})
        assert answer.status_code == 422, name
    assert fills_in(shop.browser(), address, about="Garden", base="{").status_code == 422
    assert made(shop) == 0


def test_a_machine_is_thanked_and_makes_nothing(shop):
    address = shares(shop, shop.browser(BEN))
    answer = fills_in(shop.browser(), address, about="Buy now", **{"confirm-address": "x@example.com"})
    assert answer.status_code == 303 and made(shop) == 0


def test_one_address_sends_so_much(shop, monkeypatch):
    monkeypatch.setattr(limits, "PER_SENDER", 2)
    address = shares(shop, shop.browser(BEN))
    stranger = shop.browser()
    assert [fills_in(stranger, address, about="x").status_code for _ in range(3)] == [303, 303, 429]
    other = shop.browser()
    other.http.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert fills_in(other, address, about="x").status_code == 303
    assert made(shop) == 3


def test_a_full_a_closed_and_a_revoked_form_say_so_kindly(shop):
    ben, stranger = shop.browser(BEN), shop.browser()
    address = shares(shop, ben)
    for _turn in range(3):
        assert fills_in(stranger, address, about="x").status_code == 303
    full = stranger.get(address)
    assert full.status_code == 429 and "takes no more for now" in full.get_data(as_text=True)
    assert "/apps/" not in full.get_data(as_text=True)
    assert stranger.http.post(address, data={"about": "x", "base": "{}"}).status_code == 429
    ben.post("/apps/visits/visit/sharing/1/revocation")
    for answer in (stranger.get(address), stranger.get(f"{address}?sent=1"), stranger.http.post(address, data={})):
        assert answer.status_code == 404 and "opens nothing" in answer.get_data(as_text=True)
    assert made(shop) == 3


def test_only_the_roles_chosen_make_links_to_the_form(shop):
    ada = shop.browser(shop.ada)
    assert ada.get("/apps/visits/visit/sharing").status_code == 404
    ben = shop.browser(BEN)
    assert ben.get("/apps/visits/customer/sharing").status_code == 404
    assert "/sharing" not in ben.get("/apps/visits/customer/").get_data(as_text=True)


def test_a_ticket_comes_in_by_link(house):
    start_app(house.workspace, template("service"), house.ada.id)
    with house.workspace.writing() as connection:
        set_roles(connection, BEN.id, "service", ["agent"])
    ben = house.browser(BEN)
    ben.get("/apps/service/ticket/sharing")
    made = ben.post("/apps/service/ticket/sharing", {"label": "Website", "days": "7"})
    address = ADDRESS.search(ben.get(made.location).get_data(as_text=True))[1]
    sent = {"subject": "It is dark", "description": "Since noon", "contact": "Zhang Wei"}
    assert fills_in(house.browser(), address, **sent).status_code == 422  # the mail address is needed here
    assert fills_in(house.browser(), address, **sent, mail="zhang@example.com", topic="trouble").status_code == 303
    page = ben.get("/apps/service/ticket/?view=all").get_data(as_text=True)
    assert "It is dark" in page


# the builder


def test_a_builder_says_what_comes_in_by_link(shop):
    ada, here = shop.browser(shop.ada), "/build/visits/sharing/visit/"
    page = ada.get(here).get_data(as_text=True)
    assert 'id="p-show-about" value="about" checked' in page and 'id="p-show-customer"' not in page and 'id="p-show-total"' not in page
    sent = {"is": "true", "on": "true", "fields": ["about", "day"], "required": ["day", "lines.what"], "days": "10", "a_day": "7", "in_all": ""}
    assert ada.post(f"{here}public", sent | {"roles": ["staff"], "closing-zh": "再见"}).status_code == 303
    page = ada.get(here).get_data(as_text=True)
    assert 'id="p-must-day" value="day" checked' in page and "再见" in page and 'value="7"' in page
    assert ada.post(f"{here}public", sent | {"a_day": "many"}).status_code == 422
    ada.post(f"{here}public", {"is": "false"})
    assert "nobody outside makes a record" in ada.get(here).get_data(as_text=True)
    ada.post(f"{here}public", {"is": ["false", "true"]})
    assert 'id="p-show-about" value="about" checked' in ada.get(here).get_data(as_text=True)
