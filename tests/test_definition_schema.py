"""Definitions as JSON: read strictly, written briefly, refused with a place and a sentence."""

from __future__ import annotations

import json

import pytest
from documents import documents
from formloom.platform.definition.schema import dump, load
from formloom.platform.errors import Invalid
from hypothesis import given, settings
from small_app import field, field_of, form_of, small_app, text


def refused(document) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        load(document)
    return {problem.path: str(problem.message) for problem in caught.value.problems}


@settings(max_examples=60, deadline=None)
@given(documents())
def test_what_is_written_is_read_as_the_same(document):
    app = load(document)
    assert dump(app) == document
    assert load(json.loads(json.dumps(dump(app)))) == app


def test_defaults_are_left_out():
    document = small_app()
    field_of(document, "visit", "about").update(required=False, show=True, help={}, settings={}, checks=[])
    document["forms"][0]["transitions"][0]["automatic"] = False
    assert dump(load(document)) == small_app()


def test_false_and_zero_are_not_the_same_default():
    document = small_app()
    field_of(document, "visit", "about")["required"] = 0
    assert field_of(dump(load(document)), "visit", "about")["required"] == 0


def test_every_error_names_its_place_by_keys():
    document = small_app()
    visit = form_of(document, "visit")
    visit["transitions"][0]["guards"] = [{"key": "credit", "message": text("No")}]
    visit["access"][0]["cells"]["lines.rate"] = {"open": "blue"}
    visit["fields"][3]["fields"][2]["nonsense"] = 1
    document["colour"] = "red"
    form_of(document, "customer")["fields"][1]["settings"]["options"][0]["label"] = 7
    wrong = refused(document)
    assert wrong["forms[visit].transitions[finish].guards[credit].rule"] == "This is missing."
    assert wrong["forms[visit].fields[lines].fields[rate].nonsense"] == "There is no such setting."
    assert wrong["colour"] == "There is no such setting."
    assert "forms[visit].access[staff].cells[lines.rate][open]" in wrong
    assert "forms[customer].fields[tier].settings.options[gold].label" in wrong


@pytest.mark.parametrize("key", ["Order", "1st", "a__b", "a-b", "a_", "", "x" * 21, "status", "header", None, 7])
def test_a_key_that_cannot_be(key):
    document = small_app()
    form_of(document, "visit")["fields"].append(field("ok") | {"key": key})
    assert any(path.startswith("forms[visit].fields[") for path in refused(document))


def test_a_key_is_used_once_in_its_list():
    document = small_app()
    form_of(document, "visit")["fields"].append(field("day"))
    assert refused(document) == {"forms[visit].fields[day].key": "This is used twice."}


def test_types_and_settings_are_those_of_the_registry():
    document = small_app()
    form_of(document, "visit")["fields"] += [field("a", "hologram"), field("b", "link"), field("c", settings={"x": 1})]
    form_of(document, "visit")["transitions"][0]["effects"] = [{"key": "e", "type": "explode"}]
    wrong = refused(document)
    assert wrong["forms[visit].fields[a].type"] == "There is no such type."
    assert wrong["forms[visit].fields[b].settings.form"] == "This is missing."
    assert wrong["forms[visit].fields[c].settings.x"] == "There is no such setting."
    assert wrong["forms[visit].transitions[finish].effects[e].type"] == "There is no such type."


def test_a_published_version_of_another_release_still_loads():
    document = small_app()
    document["hologram"] = True
    form_of(document, "visit")["fields"].append(field("a", "hologram", settings={"depth": 3}, shine=2))
    app = load(document, lenient=True)
    assert app.form_by_key["visit"].by_key["a"].type == "hologram"


def test_columns_have_no_columns():
    document = small_app()
    field_of(document, "visit", "lines")["fields"][0] = field("deep", "rows")
    field_of(document, "visit", "about")["fields"] = [field("a")]
    wrong = refused(document)
    assert wrong["forms[visit].fields[lines].fields[deep].type"] == "Line items cannot hold line items."
    assert wrong["forms[visit].fields[about].fields"] == "Only line items have columns."


def test_a_rule_nested_ten_thousand_deep():
    rule = True
    for _ in range(10_000):
        rule = {"!": [rule]}
    document = small_app()
    field_of(document, "visit", "about")["show"] = rule
    (sentence,) = refused(document).values()
    assert sentence == "This is nested more than 200 levels deep."


@pytest.mark.parametrize(
    "value", ["nul \x00", "half \ud800", float("nan"), float("inf"), {1: 2}, b"bytes", "x" * 100_001]
)
def test_what_no_database_can_keep(value):
    document = small_app()
    field_of(document, "visit", "about")["default"] = value
    assert len(refused(document)) == 1


@pytest.mark.parametrize("document", [None, [], "app", 7, {"forms": {}}, {"forms": [None]}, {"format": 2}])
def test_what_is_no_definition(document):
    assert refused(document)
