"""A newer template is taken by an app that was built on: what both changed is chosen, the rest is merged."""

from __future__ import annotations

import copy
import json
import re
from html import unescape

import pytest
from formloom.platform import gallery
from formloom.platform.definition import drafts, store
from formloom.platform.definition.diff import changes
from formloom.platform.definition.schema import normal
from formloom.platform.definition.upgrading import Upgrade
from small_app import field, field_of, form_of, small_app, text

HERE = "/build/visits/upgrade"


def visible(answer) -> str:
    """The words of a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))).split())


@pytest.fixture
def seeds(tmp_path, monkeypatch):
    """A folder of templates, which holds the small app."""
    folder = tmp_path / "seeds"
    folder.mkdir()
    monkeypatch.setattr(gallery, "SEEDS", folder)
    ships(folder, small_app())
    return folder


def ships(folder, document: dict) -> dict:
    (folder / "visits.json").write_text(json.dumps(document))
    return normal(document)


def newer(folder) -> dict:
    """The template as its makers went on: a field, another label, another type, a field that went."""
    document = copy.deepcopy(small_app())
    form = form_of(document, "visit")
    form["fields"].append(field("mood"))
    form["label"] = text("Call")
    field_of(document, "visit", "about")["label"] = text("Theirs")
    form["fields"] = [one for one in form["fields"] if one["key"] != "day"]
    return ships(folder, document)


@pytest.fixture
def visits(house, seeds):
    gallery.start_app(house.workspace, small_app(), house.ada.id)
    return house


def draft(house) -> dict:
    with house.workspace.reading() as connection:
        return store.draft(connection, store.app_row(connection, "visits").id).document


def stands_on(house) -> dict:
    with house.workspace.reading() as connection:
        return drafts.base(connection, "visits")


def builds(browser, name: str, **given) -> None:
    answer = browser.post("/build/visits/edits", {"name": name, "arguments": json.dumps(given)})
    assert answer.status_code == 303, answer.get_data(as_text=True)


def test_an_app_from_a_template_stands_on_it(visits, seeds):
    assert stands_on(visits) == gallery.shipped("visits")
    ada = visits.browser(visits.ada)
    assert "Nothing newer" in visible(ada.get(HERE))
    assert "Newer template" not in visible(ada.get("/build/visits/versions"))
    newer(seeds)
    assert "Newer template" in visible(ada.get("/build/visits/versions"))
    assert visits.browser(visits.ben).get(HERE).status_code == 404


def test_what_it_brings_is_added_and_what_both_changed_is_chosen(visits, seeds):
    ada = visits.browser(visits.ada)
    builds(ada, "rename", path="forms[visit].fields[about]", label=text("Mine"))
    builds(ada, "add_field", form="visit", field=field("place"))
    builds(ada, "patch", path="forms[visit].fields[day]", values={"help": text("Which day?")})
    template = newer(seeds)
    said = visible(ada.get(HERE))
    assert "You and the template changed the same" in said and "Keep mine" in said
    assert "Mine" in said and "Theirs" in said and "mood" in said.lower() and "Visit → Call" in said
    before = draft(visits)
    names = [contest.name for contest in Upgrade(small_app(), before, template).contests]
    assert names == ["forms[visit].fields[day]", "forms[visit].fields[about].label.en"]
    assert ada.post(HERE, {names[0]: "theirs"}).status_code == 303
    document = draft(visits)
    keys = [one["key"] for one in form_of(document, "visit")["fields"]]
    assert "place" in keys and "mood" in keys and "day" not in keys
    assert form_of(document, "visit")["label"] == text("Call")
    assert field_of(document, "visit", "about")["label"] == text("Mine")
    assert stands_on(visits) == template and "Nothing newer" in visible(ada.get(HERE))
    ada.post("/build/visits/undo")
    assert draft(visits) == before and stands_on(visits) == normal(small_app())
    ada.post("/build/visits/redo")
    assert draft(visits) == document and stands_on(visits) == template


def test_each_side_can_be_had_whole(seeds):
    mine = copy.deepcopy(small_app())
    field_of(mine, "visit", "about")["label"] = text("Mine")
    form_of(mine, "visit")["fields"] = [one for one in form_of(mine, "visit")["fields"] if one["key"] != "total"]
    theirs = copy.deepcopy(small_app())
    field_of(theirs, "visit", "about")["label"] = text("Theirs")
    field_of(theirs, "visit", "total")["label"] = text("Sum")
    base, mine, theirs = normal(small_app()), mine, normal(theirs)
    upgrade = Upgrade(base, mine, theirs)
    assert upgrade.taken(()) == mine
    assert changes(upgrade.taken({contest.name for contest in upgrade.contests}), theirs) == []


def test_a_copy_of_an_app_stands_on_the_same_template(visits, seeds):
    gallery.clone_app(visits.workspace, "visits", "calls", visits.ada.id)
    with visits.workspace.reading() as connection:
        assert drafts.base(connection, "calls") == gallery.shipped("visits")
