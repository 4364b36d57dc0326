"""Getting started: templates used and looked at, an app from blank; each works at its own address at once."""

from __future__ import annotations

import re
import threading
from html import unescape

import pytest
from formloom.platform.definition import store
from formloom.platform.definition.beginning import first_app, key_from
from formloom.platform.definition.checks import problems
from formloom.platform.definition.findings import BLOCK
from formloom.platform.definition.schema import load
from formloom.platform.gallery import TEMPLATES, templates

HOME = "/build/"


@pytest.fixture
def ada(house):
    browser = house.browser(house.ada)
    browser.get(HOME)
    return browser


def words(answer) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))).split())


def test_the_templates_that_ship_are_shown_and_used_at_an_address_of_their_own(house, ada):
    page = words(ada.get(HOME))
    assert "No app yet" in page and all(load(document).label["en"] in page for document in templates().values())
    for key in ("orders", "orders_2"):
        answer = ada.post("/build/clones", {"template": "orders"})
        assert answer.status_code == 303 and answer.location.startswith(f"/apps/{key}/")
        assert ada.get(answer.location).status_code == 200
    with house.workspace.reading() as connection:
        assert store.app_row(connection, "orders_2").base["key"] == "orders"
    assert ada.post("/build/clones", {"app": "orders"}).location.startswith("/apps/orders_3/")
    assert ada.post("/build/clones", {"template": "nothing"}).status_code == 404
    assert house.browser(house.ben).post("/build/clones", {"template": "orders"}).status_code in (400, 404)


def test_a_template_comes_with_its_sample_data(house, ada):
    ada.post("/build/clones", {"template": "orders", "samples": "1"})
    for thread in threading.enumerate():
        if thread.name == "samples orders":
            thread.join()
    assert "SO-" in words(ada.get("/apps/orders/order/?view=all"))


def test_a_template_is_looked_at_as_each_role_sees_it(house, ada):
    for name in TEMPLATES[:1]:
        page = words(ada.get(f"/build/templates/{name}"))
        for thread in threading.enumerate():
            if thread.name.startswith("preview-"):
                thread.join()
        page = words(ada.get(f"/build/templates/{name}"))
        assert "SO-" in page and "records in the sample data" in page
        assert "This role does not see any" in words(ada.get(f"/build/templates/{name}?form=invoice&role=warehouse"))
    assert ada.get("/build/templates/nothing").status_code == 404
    assert ada.get("/build/templates/orders?form=nothing").status_code == 404
    assert "preview" not in words(ada.get("/workspaces"))


def test_from_blank_to_a_first_record(house, ada):
    assert ada.post(HOME, {"name": "", "record": "Visit"}).status_code == 422
    made = ada.post(HOME, {"name": "Site visits", "record": "Visit"})
    assert made.location == "/build/site_visits/"
    assert ada.post("/build/site_visits/publication").status_code == 303
    new = ada.get("/apps/site_visits/visit/new")
    assert new.status_code == 200
    saved = ada.post("/apps/site_visits/visit/new", {"title": "Berlin", "base": "{}"})
    assert saved.status_code == 303 and "Berlin" in words(ada.get("/apps/site_visits/visit/"))
    assert ada.post(HOME, {"name": "Site visits", "record": "Visit"}).location == "/build/site_visits_2/"
    assert ada.post(HOME, {"name": "现场走访", "record": "走访"}).location == "/build/app/"


def test_the_smallest_app_has_nothing_wrong():
    assert [one for one in problems(load(first_app("visits", {"en": "Visits"}, {"en": "Visit"}))) if one.severity == BLOCK] == []


@pytest.mark.parametrize(
    ("words", "key"),
    [("Site visits", "site_visits"), ("Über uns", "uber_uns"), ("现场", "thing"), ("1 2 3", "thing"), ("x" * 40, "x" * 20), ("A__b", "a_b")],
)
def test_keys_come_from_words(words, key):
    assert key_from(words, "thing") == key
    assert key_from(words, "thing", {key}) not in (key, "")
