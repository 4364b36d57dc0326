"""Drafts: several people edit, each change is known and can be taken back."""

from __future__ import annotations

import copy

import pytest
from documents import documents
from formloom.platform.access.members import add_member
from formloom.platform.db import Workspace
from formloom.platform.definition import drafts, store
from formloom.platform.definition.edits import EDITS, edited
from formloom.platform.definition.schema import normal
from formloom.platform.errors import Conflict, Invalid, Refused
from hypothesis import HealthCheck, given, settings
from small_app import field, field_of, form_of, small_app, status, text, transition


class Builder:
    """A person who builds: edits what he last looked at."""

    def __init__(self, workspace: Workspace, app_id: int, name: str):
        self.workspace = workspace
        self.app_id = app_id
        with workspace.writing() as connection:
            self.id = add_member(connection, name, f"{name}@example.com", {})
        self.looks()

    def looks(self) -> dict:
        with self.workspace.reading() as connection:
            self.seen = store.draft(connection, self.app_id)
        return self.seen.document

    def does(self, edit: str, **arguments) -> dict:
        with self.workspace.writing() as connection:
            self.seen = drafts.change(connection, self.app_id, edit, arguments, self.seen.rev, self.id)
        return self.seen.document

    def undoes(self) -> dict:
        with self.workspace.writing() as connection:
            self.seen = drafts.undo(connection, self.app_id, self.id)
        return self.seen.document

    def redoes(self) -> dict:
        with self.workspace.writing() as connection:
            self.seen = drafts.redo(connection, self.app_id, self.id)
        return self.seen.document


@pytest.fixture
def app_id(workspace):
    with workspace.writing() as connection:
        return store.create_app(connection, small_app(), None).id


@pytest.fixture
def ann(workspace, app_id):
    return Builder(workspace, app_id, "Ann")


@pytest.fixture
def bob(workspace, app_id):
    return Builder(workspace, app_id, "Bob")


def test_two_people_build_at_once(ann, bob):
    ann.does("add_field", form="visit", field=field("place"), after="about")
    document = bob.does("put", path="forms[visit].label.en", value="Call")
    assert form_of(document, "visit")["label"] == text("Call")
    assert [f["key"] for f in form_of(document, "visit")["fields"]][:2] == ["about", "place"]


def test_the_second_to_change_the_same_is_told_by_whom(ann, bob):
    ann.does("rename", path="forms[visit]", label={"en": "Call"})
    with pytest.raises(Conflict) as caught:
        bob.does("put", path="forms[visit].label.en", value="Meeting")
    assert str(caught.value) == "Ann changed this meanwhile: forms[visit].label.en."
    (clash,) = caught.value.clashes
    assert (clash.base, clash.current, clash.mine, clash.by) == ("Visit", "Call", "Meeting", "Ann")
    assert form_of(bob.looks(), "visit")["label"] == text("Call")
    bob.does("put", path="forms[visit].label.en", value="Meeting")


def test_what_was_removed_meanwhile_cannot_be_changed(ann, bob):
    ann.does("remove_field", form="visit", field="day")
    with pytest.raises(Conflict, match="Ann"):
        bob.does("patch", path="forms[visit].fields[day]", values={"required": True})


def test_undo_restores_what_stood_there(ann):
    before = ann.looks()
    ann.does("remove_field", form="visit", field="day")
    ann.does("move", path="forms[visit].fields[total]", after=None)
    ann.does("set_cells", form="visit", role="staff", cells={"lines.rate": {"open": "hidden"}})
    for _ in range(3):
        after = ann.undoes()
    assert after == before
    with pytest.raises(Refused):
        ann.undoes()


def test_redo_makes_again_what_was_taken_back(ann):
    documents = [ann.looks(), *(ann.does("put", path="label.en", value=f"Turn {n}") for n in range(3))]
    assert [ann.undoes() for _n in range(3)] == documents[2::-1]
    assert [ann.redoes() for _n in range(3)] == documents[1:]
    assert ann.undoes() == documents[2]
    assert ann.redoes() == documents[3]
    with pytest.raises(Refused):
        ann.redoes()


def test_there_is_nothing_to_redo_after_another_edit(ann, bob):
    ann.does("put", path="label.en", value="Mine")
    ann.undoes()
    bob.looks()
    bob.does("put", path="icon", value="star")
    assert ann.redoes()["label"]["en"] == "Mine"
    ann.undoes()
    ann.does("put", path="label.zh", value="我的")
    with pytest.raises(Refused):
        ann.redoes()


def test_undo_leaves_what_others_did(ann, bob):
    ann.does("put", path="forms[visit].fields[about].required", value=True)
    bob.looks()
    bob.does("put", path="forms[visit].fields[about].help", value=text("What for?"))
    document = ann.undoes()
    assert field_of(document, "visit", "about") == field("about", help=text("What for?"))


def test_undo_says_who_stands_in_the_way(ann, bob):
    ann.does("add_field", form="visit", field=field("place"))
    bob.looks()
    bob.does("put", path="forms[visit].fields[place].label.zh", value="地点")
    with pytest.raises(Conflict, match=r"Bob changed this meanwhile: forms\[visit\].fields\[place\].label.zh"):
        ann.undoes()
    bob.undoes()
    assert "place" not in [f["key"] for f in form_of(ann.undoes(), "visit")["fields"]]


def test_an_edit_that_changes_nothing_is_not_one(ann):
    rev = ann.seen.rev
    ann.does("put", path="forms[visit].label.en", value="Visit")
    assert ann.seen.rev == rev


DEEP = []
for _ in range(10_000):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("edit", "arguments"),
    [
        ("put", {"path": "forms[visit].nonsense", "value": 1}),
        ("put", {"path": "forms[nowhere].label.en", "value": "x"}),
        ("put", {"path": "forms[visit].key", "value": "call"}),
        ("put", {"path": "key", "value": "call"}),
        ("put", {"path": "", "value": {}}),
        ("put", {"path": "forms[visit].fields[x]", "value": field("y")}),
        ("patch", {"path": "forms[visit].fields[day]", "values": {"key": "night"}}),
        ("patch", {"path": "forms[visit].access[staff]", "values": {"role": "boss"}}),
        ("add", {"path": "forms[visit].fields", "element": field("day")}),
        ("add", {"path": "forms[visit].fields", "element": field("new"), "after": "nothing"}),
        ("add", {"path": "forms[visit].label", "element": field("new")}),
        ("remove", {"path": "forms[visit].fields[nothing]"}),
        ("remove", {"path": "forms[visit].title.deeper"}),
        ("move", {"path": "forms[visit].label", "after": None}),
        ("set_cells", {"form": "visit", "role": "staff", "cells": {"day": {"open": "purple"}}}),
        ("explode", {}),
        ("put", {"path": 7, "value": 1}),
        ("put", {"path": "label", "value": DEEP}),
        ("set_cells", {"form": "visit", "role": "staff", "cells": 7}),
        ("put", {"nonsense": 1}),
    ],
)
def test_edits_that_cannot_be(edit, arguments):
    document = small_app()
    with pytest.raises(Invalid):
        normal(edited(document, edit, arguments))
    assert document == small_app()


EXAMPLES = {
    "put": {"path": "forms[visit].fields[day].label.zh", "value": "日期"},
    "patch": {"path": "forms[visit].fields[day]", "values": {"required": True, "help": text("When?")}},
    "add": {"path": "forms[visit].views", "element": {"key": "mine", "label": text("Mine")}, "after": None},
    "remove": {"path": "forms[visit].views[all]"},
    "move": {"path": "forms[customer]", "after": None},
    "rename": {"path": "roles[staff]", "label": {"zh": "员工"}},
    "several": {"edits": [
        {"name": "put", "arguments": {"path": "icon", "value": "star"}},
        {"name": "rename", "arguments": {"path": "roles[staff]", "label": {"en": "Crew"}}},
    ]},
    "set_cells": {"form": "visit", "role": "staff", "cells": {"day": {"open": "read", "new": "hidden"}, "*": {"*": None}}},
    "add_form": {"form": {"key": "place", "label": text("P"), "plural": text("Ps")}, "after": "visit"},
    "add_field": {"form": "visit", "field": field("place"), "after": "about"},
    "add_column": {"form": "visit", "rows": "lines", "column": field("note"), "after": None},
    "add_status": {"status_list": "flow", "status": status("late"), "after": "open"},
    "add_transition": {"form": "visit", "transition": transition("reopen", "done", "open")},
    "follow": {"form": "customer", "status_list": "flow"},
    "add_role": {"role": {"key": "boss", "label": text("Boss")}},
    "remove_field": {"form": "visit", "field": "day"},
    "remove_status": {"status_list": "flow", "status": "open"},
    "replace": {"by": small_app() | {"label": text("Other"), "forms": []}},
    "upgrade": {"by": small_app() | {"label": text("Newer")}, "template": small_app()},
    "change_key": {"path": "forms[visit].fields[lines]", "key": "items"},
    "place": {"form": "visit", "fields": ["total", "about"], "section": "more", "after": "day"},
    "remove_section": {"form": "visit", "section": "main", "into": "more"},
    "move_section": {"form": "visit", "section": "more", "after": None, "tab": "later"},
    "remove_tab": {"form": "visit", "tab": "later"},
    "remove_column": {"form": "visit", "rows": "lines", "column": "rate"},
    "remove_form": {"form": "customer"},
}
LAYOUT = {
    "tabs": [{"key": "later", "label": text("Later")}],
    "layout": [
        {"key": "main", "label": text("Main"), "fields": ["about", "customer"]},
        {"key": "more", "label": text("More"), "tab": "later", "fields": ["day", "lines", "total"]},
    ],
}


def test_every_edit_can_be_taken_back(ann):
    before = copy.deepcopy(ann.does("patch", path="forms[visit]", values=LAYOUT))
    for edit in EDITS:
        assert ann.does(edit, **EXAMPLES[edit]) != before
        assert ann.undoes() == before


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(target=documents())
def test_whatever_an_edit_did_undo_restores_it(ann, target):
    before = ann.looks()
    if ann.does("replace", by=target) != before:
        assert ann.undoes() == before
