"""The settings of every type of field, drawn from its schema: shown, saved as they were, changed, refused in words."""

from __future__ import annotations

import pytest
from design_desk import Desk
from formloom.builder.settings import kind_of
from formloom.platform import registry
from formloom.platform.definition import store
from small_app import field, form_of, small_app, text


def settings_that_fit(settings: dict) -> dict:
    """The settings of an example, in the small app: its "other" form is the customer."""
    found = dict(settings)
    if found.get("form") == "other":
        found["form"] = "customer"
    if found.get("via") == "to":
        found["via"] = "customer"
    return found


def examples(name: str) -> list[dict]:
    seen: list[dict] = []
    for settings, _value in registry.fields[name].examples_good:
        if settings not in seen:
            seen.append(dict(settings))
    return seen


@pytest.fixture
def desk(house):
    document = small_app()
    form_of(document, "visit")["layout"] = [{"key": "main", "label": text("Main"), "fields": ["about", "customer", "day", "lines", "total"]}]
    with house.workspace.writing() as connection:
        store.create_app(connection, document, house.ada.id)
    return Desk(house, house.browser(house.ada), "visits", "visit")


NAMES = [one.name for one in registry.fields]


@pytest.mark.parametrize("names", (NAMES[::2], NAMES[1::2]))
def test_the_settings_of_every_type_are_shown_and_saved_as_they_are(desk, names):
    for name, settings in [(one, settings) for one in names for settings in examples(one)]:
        made = field("new", name, settings=settings_that_fit(settings))
        if name == "rows":
            made["fields"] = [field("what")]
        desk.edits("add_field", form="visit", field=made, section="main")
        before = desk.document
        page = desk.selects("fields.new")
        for key, declared in registry.fields[name].Options().fields.items():
            label = declared.metadata.get("label", {}).get("en", key)
            assert label in page.html.replace("&#39;", "'"), (name, key)
        assert page.send("properties").status == 303
        assert desk.document == before, (name, settings)
        desk.edits("remove_field", form="visit", field="new")


def test_every_type_can_be_added_and_taken_back(desk):
    before = desk.document
    for name in NAMES:
        key = desk.adds(name, "fields.about").rpartition(".")[2]
        assert desk.field(key)["type"] == name
        assert desk.section("main")[1] == key
        assert desk.field(key)["label"] == dict(registry.fields[name].label)
        desk.undoes()
        assert desk.document == before, name


OTHER = {"number": "3", "flag": "true", "amount": "4"}


def test_every_simple_setting_can_be_changed_and_emptied(desk):
    found = [(name, setting, OTHER.get(kind_of(declared))) for name in NAMES for setting, declared in registry.fields[name].Options().fields.items()]
    for name, setting, value in [one for one in found if one[2]]:
        key = desk.adds(name).rpartition(".")[2]
        desk.selects(f"fields.{key}").send("properties", **{f"settings.{setting}": value})
        assert str(desk.field(key)["settings"][setting]).lower() == value, (name, setting)
        desk.selects(f"fields.{key}").send("properties", **{f"settings.{setting}": "false" if value == "true" else ""})
        assert setting not in desk.field(key).get("settings", {}), (name, setting)


def test_choices_are_added_named_moved_and_removed(desk):
    key = desk.adds("choice").rpartition(".")[2]
    name = f"fields.{key}"
    desk.selects(name).send("properties", **{"settings.options.2.label-en": "Third one"})
    assert [one["key"] for one in desk.field(key)["settings"]["options"]] == ["first", "second", "third_one"]
    desk.selects(name).send("properties", **{"settings.options.act": "up.2"})
    assert [one["key"] for one in desk.field(key)["settings"]["options"]] == ["first", "third_one", "second"]
    desk.selects(name).send("properties", **{"settings.options.act": "remove.0", "settings.options.1.colour": "red"})
    assert [(one["key"], one.get("colour")) for one in desk.field(key)["settings"]["options"]] == [("third_one", "red"), ("second", None)]


def test_a_lookup_offers_the_links_beside_it_and_the_fields_beyond(desk):
    key = desk.adds("lookup").rpartition(".")[2]
    assert desk.field(key)["settings"] == {"via": "customer", "field": "name"}
    page = desk.selects(f"fields.{key}")
    assert '<option value="tier"' in page.html
    page.send("properties", **{"settings.field": "tier"})
    assert desk.field(key)["settings"] == {"via": "customer", "field": "tier"}


def test_a_form_is_told_to_be_without_comments_and_with_them_again(desk):
    desk.selects().send("properties", comments="false")
    assert desk.built["comments"] is False
    page = desk.selects()
    assert page.form("properties").fields["comments"] == "false"
    page.send("properties", comments="true")
    assert "comments" not in desk.built


def test_what_a_type_refuses_is_said_and_changes_nothing(desk):
    key = desk.adds("number").rpartition(".")[2]
    before = desk.document
    answer = desk.selects(f"fields.{key}").send("properties", **{"settings.scale": "9"})
    assert answer.status == 422
    assert desk.selects(f"fields.{key}").send("properties", **{"settings.min": "5", "settings.max": "1"}).status == 422
    assert desk.document == before
