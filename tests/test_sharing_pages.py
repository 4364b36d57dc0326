"""The pages of links: made and revoked on the record, opened by strangers, settled in the builder."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from databases import SLUG
from formloom.platform import db
from formloom.platform.access import links
from formloom.platform.access.accounts import now
from formloom.platform.access.joining import Person, bring_in
from formloom.platform.access.members import set_roles
from house import ADA, BEN, add_workspace
from people import PASSWORD
from shared_visits import tracked_app, visit
from small_app import form_of, status, transition
from small_world import World

ADDRESS = re.compile(r'value="http://127\.0\.0\.1:8000(/s/[^"]+)"')


@pytest.fixture
def shop(house):
    """Ben makes visits and links; Cleo sees visits and makes no links."""
    document = tracked_app()
    document["roles"].append({"key": "guest", "label": {"en": "Guest"}})
    document["status_lists"][0]["statuses"].insert(1, status("waiting"))
    form_of(document, "visit")["transitions"].append(transition("wait", "open", "waiting"))
    form_of(document, "visit")["access"].append({"role": "guest", "scope": "all", "cells": {"*": {"*": "read"}}})
    house.world = World(house.workspace, document)
    with house.app.app_context():
        bring_in(house.workspace, Person("Cleo", "cleo@example.com", {"visits": ["guest"]}), PASSWORD)
        db.system.session.commit()
    with house.workspace.writing() as connection:
        set_roles(connection, BEN.id, "visits", ["staff"])
    house.record = visit(house.world)
    house.place = f"/apps/visits/visit/{house.record.id}"
    return house


def shares(shop, browser, label: str = "Zhang", days: str = "7") -> str:
    """The address of a new link."""
    browser.get(f"{shop.place}/sharing")
    answer = browser.post(f"{shop.place}/sharing", {"label": label, "days": days})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return ADDRESS.search(browser.get(answer.location).get_data(as_text=True))[1]


def test_a_link_is_shown_once_and_a_reload_makes_no_other(shop):
    ben = shop.browser(BEN)
    ben.get(f"{shop.place}/sharing")
    answer = ben.post(f"{shop.place}/sharing", {"label": "Zhang", "days": "7"})
    assert (answer.status_code, answer.location) == (303, f"{shop.place}/sharing")
    elsewhere = ben.get("/apps/visits/visit/").get_data(as_text=True)  # opened beside it
    page = ben.get(answer.location)
    address = ADDRESS.search(page.get_data(as_text=True))[1]
    assert page.headers["Cache-Control"] == "no-store" and address not in elsewhere
    again = ben.get(answer.location).get_data(as_text=True)
    assert "/s/demo/" not in again and again.count("Revoke the link") == 1
    assert shop.browser().get(address).status_code == 200
    ben.post(f"{shop.place}/sharing", {"label": "Li", "days": "7"})
    other = visit(shop.world, "Roof")
    assert "/s/demo/" not in ben.get(f"/apps/visits/visit/{other.id}/sharing").get_data(as_text=True)


def test_a_stranger_follows_a_record_by_its_link(shop):
    ben, stranger = shop.browser(BEN), shop.browser()
    assert "/sharing" in ben.get(shop.place).get_data(as_text=True)
    address = shares(shop, ben)
    assert "Waiting" in stranger.get(address).get_data(as_text=True)
    shop.world.do("staff").perform("visit", shop.record.id, "finish")
    answer = stranger.get(address)
    page = answer.get_data(as_text=True)
    for shown in ("Garden", "Mowing", "Hedges", "Open", "Done", "Demo"):
        assert shown in page, shown
    for hidden in ("Waiting", "Zhang", "230", "Total", "Rate", "/apps/", "/s/demo/x", "csrf", "<script"):
        assert hidden not in page.replace(address, ""), hidden
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers.getlist("Referrer-Policy") == ["no-referrer"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert "last used" in ben.get(f"{shop.place}/sharing").get_data(as_text=True)


def test_a_link_speaks_the_visitors_language_and_switches(shop):
    address = shares(shop, shop.browser(BEN))
    stranger = shop.browser()
    assert "当前进度" in stranger.get(address, headers={"Accept-Language": "zh-CN"}).get_data(as_text=True)
    assert "Where it stands" in stranger.get(f"{address}?language=en", headers={"Accept-Language": "zh-CN"}).get_data(as_text=True)
    assert 'lang="zh-CN"' in stranger.get(f"{address}?language=zh").get_data(as_text=True)


def test_a_link_is_the_same_for_somebody_who_is_signed_in(shop):
    address = shares(shop, shop.browser(BEN))
    page = shop.browser(shop.ada).get(address).get_data(as_text=True)
    assert "Garden" in page and "230" not in page and "/apps/" not in page


def test_every_link_that_opens_nothing_gets_the_same_page(shop):
    ben, stranger = shop.browser(BEN), shop.browser()
    address = shares(shop, ben)
    ben.post(f"{shop.place}/sharing/1/revocation")
    expired = shares(shop, ben)
    with shop.workspace.writing() as connection:
        connection.execute(sa.update(links.shared_link).where(links.shared_link.c.id == 2).values(expires_at=now()))
    wanted = [address, expired, "/s/demo/" + "x" * 32, "/s/nowhere/" + "x" * 32]
    for browser in (stranger, ben):
        pages = [browser.get(path) for path in wanted]
        assert {page.status_code for page in pages} == {404}
        texts = {page.get_data(as_text=True).replace(path, "HERE") for page, path in zip(pages, wanted, strict=True)}
        assert len(texts) == 1 and "opens nothing" in texts.pop()
    assert {page.headers["X-Robots-Tag"] for page in pages} == {"noindex, nofollow"}
    listed = ben.get(f"{shop.place}/sharing").get_data(as_text=True)
    assert "Revoked" in listed and "Expired" in listed and expired not in listed


def test_a_deleted_record_is_followed_by_nobody(shop):
    address = shares(shop, shop.browser(BEN))
    shop.world.do("staff").delete("visit", shop.record.id)
    assert shop.browser().get(address).status_code == 404


def test_only_the_roles_chosen_make_links(shop):
    ada, cleo = shop.browser(shop.ada), shop.browser(SimpleNamespace(email="cleo@example.com"))
    assert cleo.get(shop.place).status_code == 200
    assert "/sharing" not in cleo.get(shop.place).get_data(as_text=True)
    for browser in (cleo, ada):
        assert browser.get(f"{shop.place}/sharing").status_code == 404
        assert browser.post(f"{shop.place}/sharing", {"label": "x", "days": "1"}).status_code == 404
        assert browser.post(f"{shop.place}/sharing/1/revocation").status_code == 404
    assert shop.browser().get(f"{shop.place}/sharing").status_code == 303


def test_a_link_lasts_no_longer_than_the_form_says(shop):
    ben = shop.browser(BEN)
    ben.get(f"{shop.place}/sharing")
    for sent in ({"label": "Zhang", "days": "31"}, {"label": "Zhang", "days": "-1"}, {"label": " ", "days": "3"}, {}):
        assert ben.post(f"{shop.place}/sharing", sent).status_code == 422
    assert "Links to this record" not in ben.get(f"{shop.place}/sharing").get_data(as_text=True)


def test_a_link_of_one_record_is_not_revoked_on_the_page_of_another(shop):
    ben = shop.browser(BEN)
    address = shares(shop, ben)
    other = visit(shop.world, "Roof")
    assert ben.post(f"/apps/visits/visit/{other.id}/sharing/1/revocation").status_code == 404
    assert shop.browser().get(address).status_code == 200


def test_a_link_opens_nothing_in_another_workspace(shop):
    address = shares(shop, shop.browser(BEN))
    with shop.app.app_context():
        add_workspace(shop.app, "other", ADA)
    assert shop.browser().get(address.replace(f"/{SLUG}/", "/other/")).status_code == 404


def test_a_link_takes_no_other_kind_of_request(shop):
    address = shares(shop, shop.browser(BEN))
    answer = shop.browser(BEN).http.post(address, data={"about": "Mine"})
    assert answer.status_code == 404 and "/apps/" not in answer.get_data(as_text=True)
    assert shop.world.sees(shop.record, "staff")["about"] == "Garden"


# the builder


def test_a_builder_chooses_what_links_show(shop):
    ada = shop.browser(shop.ada)
    page = ada.get("/build/visits/sharing/visit/").get_data(as_text=True)
    assert 'value="lines.hours" checked' in page and 'value="total" checked' not in page
    sent = {"on": "true", "statuses": "false", "fields": ["about", "total"], "days": "10", "roles": ["staff", "guest"]}
    assert ada.post("/build/visits/sharing/visit/tracking", sent).status_code == 303
    page = ada.get("/build/visits/sharing/visit/").get_data(as_text=True)
    assert 'value="total" checked' in page and 'value="lines.hours" checked' not in page
    assert ada.post("/build/visits/sharing/visit/tracking", sent | {"days": "0"}).status_code == 422
    assert ada.post("/build/visits/undo").status_code == 303
    assert 'value="lines.hours" checked' in ada.get("/build/visits/sharing/visit/").get_data(as_text=True)
    ada.post("/build/visits/sharing/visit/tracking", {"on": "false"})
    assert "Off: no link" in ada.get("/build/visits/sharing/visit/").get_data(as_text=True)
    ada.post("/build/visits/sharing/visit/tracking", {"on": ["false", "true"]})
    assert 'value="about" checked' in ada.get("/build/visits/sharing/visit/").get_data(as_text=True)
    assert shop.browser(BEN).get("/build/visits/sharing/visit/").status_code == 404
