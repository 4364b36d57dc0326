"""What changed between definitions: applied, turned round, merged."""

from __future__ import annotations

import json

import pytest
from documents import documents
from formloom.platform.definition.diff import Change, apply, changes, merge, overlap
from formloom.platform.definition.paths import parsed, written
from formloom.platform.definition.schema import normal
from hypothesis import given, settings
from hypothesis import strategies as st
from small_app import field, field_of, form_of, small_app

TWO = documents().flatmap(lambda base: st.tuples(st.just(base), documents(base)))
THREE = documents().flatmap(lambda base: st.tuples(st.just(base), documents(base), documents(base)))
quickly = settings(max_examples=40, deadline=None)


def kept(made: list[Change]) -> list[Change]:
    """The changes as a database gives them back."""
    return [Change.from_json(json.loads(json.dumps(change.as_json()))) for change in made]


@quickly
@given(TWO)
def test_changes_lead_there_and_back(two):
    old, new = two
    made = kept(changes(old, new))
    assert apply(old, made) == new
    assert apply(new, [change.turned() for change in made]) == old
    assert bool(made) == (old != new)


@quickly
@given(TWO)
def test_merging_with_what_did_not_change(two):
    base, mine = two
    for merged in (merge(base, mine, base), merge(base, base, mine), merge(base, mine, mine)):
        assert merged.document == mine
        assert not merged.clashes


@quickly
@given(THREE)
def test_a_merge_adds_to_mine_only_what_they_did(three):
    base, mine, theirs = three
    taken = {change.path for change in changes(mine, merge(base, mine, theirs).document) if not change.moves}
    assert taken <= {change.path for change in changes(base, theirs)}


def test_an_element_that_moves_is_one_change():
    base, mine = normal(small_app()), normal(small_app())
    fields = form_of(mine, "visit")["fields"]
    fields.append(fields.pop(0))
    assert [change.as_json() for change in changes(base, mine)] == [
        {"path": ["forms", "visit", "fields", "about"], "old_after": None, "after": "total"}
    ]


def test_two_people_add_to_the_same_list():
    base, mine, theirs = (normal(small_app()) for _ in range(3))
    form_of(mine, "visit")["fields"].insert(1, field("mine"))
    form_of(theirs, "visit")["fields"].append(field("theirs"))
    merged = merge(base, mine, theirs)
    keys = [f["key"] for f in form_of(merged.document, "visit")["fields"]]
    assert keys == ["about", "mine", "customer", "day", "lines", "total", "theirs"]
    assert not merged.clashes


def test_a_rule_changes_as_a_whole():
    base, mine, theirs = (normal(small_app()) for _ in range(3))
    field_of(mine, "visit", "about")["show"] = {"!==": [{"var": "day"}, None]}
    field_of(theirs, "visit", "about")["show"] = {"===": [{"var": "customer"}, None]}
    (clash,) = merge(base, mine, theirs).clashes
    assert clash.path == "forms[visit].fields[about].show"
    assert merge(base, mine, theirs).document == mine


def test_what_one_removes_and_the_other_changes_clashes():
    base, mine, theirs = (normal(small_app()) for _ in range(3))
    form_of(mine, "visit")["fields"].pop(0)
    field_of(theirs, "visit", "about")["label"] = {"en": "Subject"}
    (clash,) = merge(base, mine, theirs).clashes
    assert clash.path == "forms[visit].fields[about].label.en"


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        ("forms[visit].label.en", "forms[visit].label", True),
        ("forms[visit].label.en", "forms[visit].label.zh", False),
        ("forms[visit]", "forms[visit].fields[day]", True),
        ("forms[visit].fields[day]", "forms[visit].fields[about]", False),
    ],
)
def test_places_that_overlap(one, other, clash):
    assert overlap(parsed(one), parsed(other)) is clash
    assert overlap(parsed(other), parsed(one)) is clash


def test_the_place_of_an_element_is_not_its_content():
    element, label, place = ("forms", "visit"), ("forms", "visit", "label"), ("forms", "visit", "#")
    assert overlap(place, place)
    assert overlap(place, element)
    assert not overlap(place, label)
    assert not overlap(label, place)


@pytest.mark.parametrize("text", ["forms[visit].access[staff].cells[lines.rate][open]", "label.en", "forms[a].fields[b]"])
def test_paths_as_text(text):
    assert written(parsed(text)) == text
    assert parsed("forms.visit.fields.day.label.en") == parsed("forms[visit].fields[day].label.en")
