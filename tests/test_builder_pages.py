"""The design pages: who may open them, and what every one has."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from formloom.platform import db
from formloom.platform.access import members
from formloom.platform.access.joining import Person, bring_in
from formloom.platform.definition import store
from people import PASSWORD

HERE = "/build/orders/forms/order/"


@pytest.fixture
def ada(shop):
    browser = shop.browser(shop.ada)
    browser.get(HERE)
    return browser


@pytest.fixture
def cleo(shop):
    """A second administrator, who builds at the same time."""
    with shop.app.app_context():
        bring_in(shop.workspace, Person("Cleo", "cleo@example.com", {}, admin=True), PASSWORD)
        db.system.session.commit()
    browser = shop.browser(SimpleNamespace(email="cleo@example.com"))
    browser.get(HERE)
    return browser


def renames(browser, label: str, base=""):
    given = {"path": "forms[order]", "label": {"en": label}}
    sent = {"name": "rename", "arguments": json.dumps(given), "base": base, "next": HERE}
    return browser.post("/build/orders/edits", sent, headers={"HX-Request": "true"})


def draft(shop) -> store.Draft:
    with shop.workspace.reading() as connection:
        return store.draft(connection, store.app_row(connection, "orders").id)


def label(shop) -> str:
    return next(form["label"]["en"] for form in draft(shop).document["forms"] if form["key"] == "order")


def test_only_administrators_design(shop):
    for path in ("/build/", "/build/orders/", HERE, "/build/orders/findings", "/build/orders/news"):
        assert shop.browser(shop.ben).get(path).status_code == 404, path
        assert shop.browser().get(path).status_code == 303, path
    assert renames(shop.browser(shop.ben), "Mine").status_code == 404
    assert label(shop) == "Order"


def test_the_home_of_the_builder_leads_to_a_form(ada):
    assert "/build/orders/" in ada.get("/build/").get_data(as_text=True)
    answer = ada.get("/build/orders/", follow_redirects=True)
    assert answer.status_code == 200 and "Version 1" in answer.get_data(as_text=True)
    assert ada.get("/build/nothing/").status_code == 404


def test_an_edit_is_made_taken_back_and_made_again(shop, ada):
    assert renames(ada, "Sales order").location == HERE
    assert label(shop) == "Sales order"
    ada.post("/build/orders/undo", {"next": HERE})
    assert label(shop) == "Order"
    ada.post("/build/orders/redo", {"next": HERE})
    assert label(shop) == "Sales order"
    assert "Version 1 and changes" in ada.get(HERE).get_data(as_text=True)


def test_a_stale_edit_is_refused_with_both_values_and_can_be_made_all_the_same(shop, ada, cleo):
    seen = draft(shop).rev
    renames(cleo, "Her order", seen)
    refused = renames(ada, "My order", seen)
    page = refused.get_data(as_text=True)
    assert refused.status_code == 409 and refused.headers["HX-Retarget"] == "#toasts"
    assert all(word in page for word in ("Cleo", "Her order", "My order", "Make my change all the same"))
    assert label(shop) == "Her order"
    assert renames(ada, "My order").status_code == 303
    assert label(shop) == "My order"


def test_each_sees_what_the_other_did(shop, ada, cleo):
    news = f"/build/orders/news?rev={draft(shop).rev}"
    assert ada.get(news).status_code == 204
    renames(cleo, "Her order")
    told = ada.get(news)
    assert "Cleo changed this draft." in told.get_data(as_text=True)
    assert told.headers["HX-Trigger"] == "draft-changed"
    assert "Cleo" not in cleo.get(news).get_data(as_text=True)
    for page in ("versions", "forms/order/"):
        assert "changed this draft" not in ada.get(f"/build/orders/{page}").get_data(as_text=True)


def test_what_is_no_edit_is_refused_in_words(shop, ada):
    before = draft(shop)
    for name, given, base in [
        ("explode", "{}", ""), ("put", "[]", ""), ("put", "{", ""), ("put", '{"path": "forms[no].label"}', ""),
        ("rename", '{"path": "forms[order]", "label": {"en": "", "zh": ""}}', "0"), ("put", '{"path": "key", "value": "x"}', ""),
        ("put", "{}", "x"), ("put", "{}", "99999"), ("several", '{"edits": [1]}', ""), ("several", '{"edits": [{"name": "no"}]}', ""),
    ]:  # fmt: skip
        sent = {"name": name, "arguments": given, "base": base, "next": "https://example.com/"}
        answer = ada.post("/build/orders/edits", sent, headers={"HX-Request": "true"})
        assert answer.status_code == 422 and "alert" in answer.get_data(as_text=True), name
    assert draft(shop) == before


def test_what_is_wrong_is_counted_and_named(shop, ada):
    page = ada.get("/build/orders/findings").get_data(as_text=True)
    assert "Nobody has the role “Warehouse” yet" in page and "Order › " not in page
    with shop.workspace.writing() as connection:
        members.set_roles(connection, shop.ada.id, "orders", [role["key"] for role in draft(shop).document["roles"]])
    assert "Nothing to look at" in ada.get("/build/orders/findings").get_data(as_text=True)
    given = {"path": "forms[order].transitions[submit].target", "value": "nowhere"}
    ada.post("/build/orders/edits", {"name": "put", "arguments": json.dumps(given), "next": HERE})
    page = ada.get("/build/orders/findings").get_data(as_text=True)
    assert "Order › Submit" in page and "nowhere" in page
