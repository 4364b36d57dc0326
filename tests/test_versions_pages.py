"""Versions on their pages: what each changed, fields restored with their data, purge; an app as a file and back."""

from __future__ import annotations

import io
import json
import re
import threading
from html import unescape

import pytest
from formloom.builder import publication as pages
from formloom.platform.access.actor import SYSTEM
from formloom.platform.definition import store
from formloom.platform.errors import Busy
from formloom.platform.gallery import start_app
from formloom.platform.records.compiled import open_app
from formloom.platform.records.query import Gate
from formloom.platform.workflow import publication
from formloom.platform.workflow.commands import Commands
from small_app import field, form_of, small_app

HERE = "/build/visits/versions"
FILE = "/build/visits/file"
PUBLICATION = "/build/visits/publication"


@pytest.fixture
def visits(house):
    document = small_app()
    form_of(document, "visit")["layout"] = [{"key": "main", "label": {"en": "Main"}, "fields": ["about", "day", "customer", "lines"]}]
    start_app(house.workspace, document, house.ada.id)
    return house


@pytest.fixture
def ada(visits, monkeypatch):
    monkeypatch.setattr(pages, "PATIENCE", 60)
    browser = visits.browser(visits.ada)
    browser.get(HERE)
    return browser


def words(answer) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))).split())


def builds(browser, name: str, **given) -> None:
    answer = browser.post("/build/visits/edits", {"name": name, "arguments": json.dumps(given)})
    assert answer.status_code == 303, answer.get_data(as_text=True)


def publishes(house, browser, note: str = "") -> None:
    assert browser.post(PUBLICATION, {"note": note}).status_code == 303


def apps(house) -> dict:
    with house.workspace.reading() as connection:
        return {row.key: store.draft(connection, row.id).document for row in store.apps(connection)}


def stands(house, record_id: int) -> dict:
    with house.workspace.reading() as connection:
        return Gate(connection, open_app(house.workspace, connection, "visits"), SYSTEM).record("visit", record_id).values


def test_each_version_says_who_when_why_and_what(visits, ada):
    builds(ada, "rename", path="forms[visit]", label={"en": "Call"})
    publishes(visits, ada, "As we say")
    said = words(ada.get(HERE))
    assert "Version 2 runs" in said and "As we say" in said and "Ada" in said
    changed = words(ada.get(f"{HERE}?from=1&to=2"))
    assert "Version 1 → Version 2" in changed and "Visit → Call" in changed
    assert "They are the same." in words(ada.get(f"{HERE}?from=2&to=0"))
    assert visits.browser(visits.ben).get(HERE).status_code == 404


def test_a_removed_field_comes_back_with_its_data_until_it_is_purged(visits, ada):
    commands = Commands(visits.workspace, SYSTEM, "visits")
    made = commands.create("visit", {"about": "Roof", "day": "2026-03-01", "lines": [{"what": "Tiles", "hours": "2"}]})
    builds(ada, "remove_field", form="visit", field="day")
    builds(ada, "remove", path="forms[visit].fields[lines].fields[what]")
    publishes(visits, ada)
    assert "day" not in stands(visits, made.id)
    said = words(ada.get(HERE))
    assert "Visit › Day 1 value" in said and "Visit › Lines › What 1 value" in said
    for path in ("day", "lines.what"):
        assert ada.post(f"{HERE}/restoration", {"form": "visit", "field": path, "next": HERE}).status_code == 303
    publishes(visits, ada)
    values = stands(visits, made.id)
    assert str(values["day"]) == "2026-03-01" and values["lines"][0]["what"] == "Tiles"
    assert form_of(apps(visits)["visits"], "visit")["layout"][0]["fields"][-1] == "day"
    builds(ada, "remove_field", form="visit", field="day")
    publishes(visits, ada)
    assert ada.post(f"{HERE}/purge").status_code == 422
    assert ada.post(f"{HERE}/purge", {"sure": "yes"}).status_code == 303
    said = words(ada.get(HERE))
    assert "Removed fields" not in said and "Left behind" not in said
    assert ada.post(f"{HERE}/restoration", {"form": "visit", "field": "day"}).status_code == 404


def test_a_field_that_only_the_draft_lost_is_put_back_too(visits, ada):
    builds(ada, "remove_field", form="visit", field="day")
    assert "Visit › Day" in words(ada.get(HERE))
    ada.post(f"{HERE}/restoration", {"form": "visit", "field": "day"})
    ada.get(HERE)  # says what was done
    assert "Visit › Day" not in words(ada.get(HERE))


def brings(browser, content: bytes, name: str = "visits.formloom.json"):
    return browser.post("/build/imports", {"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")


def kept(answer) -> str:
    return unescape(re.search(r'name="document" value="([^"]*)"', answer.get_data(as_text=True))[1])


def test_an_app_leaves_as_a_file_and_comes_in_under_another_key(visits, ada):
    builds(ada, "add_field", form="visit", field=field("mood"))
    runs, built = (ada.get(path) for path in (FILE, f"{FILE}?draft=1"))
    assert 'filename="visits.formloom.json"' in runs.headers["Content-Disposition"]
    assert "mood" not in runs.get_data(as_text=True) and "mood" in built.get_data(as_text=True)
    ada.get("/build/imports")
    looked = brings(ada, built.data)
    assert looked.status_code == 200 and "so this one gets another key" in words(looked) and 'value="visits_2"' in looked.get_data(as_text=True)
    taken = ada.post("/build/imports/apps", {"document": kept(looked), "key": "visits"})
    assert taken.status_code == 409 and "There is an app with this key already." in words(taken)
    wrong = ada.post("/build/imports/apps", {"document": kept(looked), "key": "Not a key"})
    assert wrong.status_code == 422 and "A key has small letters" in words(wrong)
    assert ada.post("/build/imports/apps", {"document": kept(looked), "key": "visits_2"}).location == "/build/visits_2/"
    assert apps(visits)["visits_2"] == apps(visits)["visits"] | {"key": "visits_2"}
    assert ada.post("/build/visits_2/publication").status_code == 303


def test_what_is_no_app_is_refused_with_each_reason(visits, ada):
    ada.get("/build/imports")
    broken = small_app()
    form_of(broken, "visit")["fields"][0]["colour"] = "red"
    for content, reason in [(b"{", "This is not JSON"), (b"[]", "A definition is a JSON object."), (json.dumps(broken).encode(), "forms[visit].fields[about].colour There is no such setting.")]:
        answer = brings(ada, content)
        assert answer.status_code == 422 and reason in words(answer)
    assert ada.post("/build/imports", {}).status_code == 422
    assert list(apps(visits)) == ["visits"]
    assert visits.browser(visits.ben).get("/build/imports").status_code == 404


def test_what_would_keep_it_from_being_published_is_named(visits, ada):
    doubtful = small_app()
    form_of(doubtful, "visit")["transitions"][0]["target"] = "nowhere"
    ada.get("/build/imports")
    assert "nowhere" in words(brings(ada, json.dumps(doubtful).encode()))


def test_what_stopped_is_gone_on_with_or_dropped(visits, ada, monkeypatch):
    for act, runs in (("drop", 1), ("resumption", 2)):
        builds(ada, "rename", path="forms[visit]", label={"en": f"Sale for {act}"})
        with monkeypatch.context() as patched:
            patched.setattr(publication, "_flip", dies)
            ada.post(PUBLICATION)
        assert "This publish stopped halfway." in words(ada.get(PUBLICATION))
        assert ada.post(f"{PUBLICATION}/{act}").status_code == 303 and number(visits) == runs
        assert "This publish stopped halfway." not in words(ada.get(PUBLICATION))


def dies(*_things) -> int:
    raise OSError("the power went")


def test_a_long_one_shows_how_far_it_has_come(visits, ada, monkeypatch):
    builds(ada, "rename", path="forms[visit]", label={"en": "Sale"})
    go_on, flip = threading.Event(), publication._flip
    monkeypatch.setattr(pages, "PATIENCE", 1)
    monkeypatch.setattr(publication, "_flip", lambda *things: go_on.wait(30) and flip(*things))
    ada.post(PUBLICATION)
    assert "You can leave this page and come back." in words(ada.get(PUBLICATION))
    go_on.set()
    visits.waits_for_publish("visits")
    assert number(visits) == 2


def test_one_publish_of_an_app_at_a_time(visits, ada):
    builds(ada, "rename", path="forms[visit]", label={"en": "Sale"})
    with publication.alone(visits.workspace, "visits"):
        answer = ada.post(PUBLICATION)
        assert answer.status_code == Busy.status and "Somebody is publishing this app right now." in answer.get_data(as_text=True)
    assert number(visits) == 1
    publication.publish(visits.workspace, "visits", None)
    assert ada.post(PUBLICATION).status_code == 303 and number(visits) == 2  # somebody else has published the same


def test_versions_are_compared_and_put_back(visits, ada):
    builds(ada, "add_field", form="visit", field={"key": "vip", "type": "flag", "label": {"en": "VIP", "zh": "贵宾"}}, section="main")
    ada.post(PUBLICATION)
    builds(ada, "rename", path="forms[visit]", label={"en": "Sale"})
    builds(ada, "remove_field", form="visit", field="vip")
    ada.post(PUBLICATION)
    said = words(ada.get(f"{HERE}?from=2&to=3"))
    assert "Visit → Sale" in said and "VIP is gone (Field)" in said and "Removed fields" in said
    assert ada.get(f"{HERE}?from=1&to=9").status_code == 404
    ada.post(f"{HERE}/restoration", {"form": "visit", "field": "vip", "next": PUBLICATION})
    assert any(one["key"] == "vip" for form in apps(visits)["visits"]["forms"] if form["key"] == "visit" for one in form["fields"])
    assert ada.post(f"{HERE}/1/rollback").status_code == 303
    with visits.workspace.reading() as connection:
        first = next(row for row in store.versions(connection, store.app_row(connection, "visits").id) if row.number == 1)
        assert store.checksum(apps(visits)["visits"]) == first.checksum
    ada.post("/build/visits/undo")
    assert store.checksum(apps(visits)["visits"]) != first.checksum


def number(house) -> int:
    with house.workspace.reading() as connection:
        return store.live(connection, "visits").number
