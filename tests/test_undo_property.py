"""Two people build at once, at random; when all of it is undone, the draft is what it was, to the letter."""

from __future__ import annotations

import copy
import os
from types import SimpleNamespace

import pytest
from documents import documents
from formloom.platform.definition import drafts, store
from formloom.platform.definition.schema import normal
from formloom.platform.errors import FormloomError
from formloom.platform.gallery import template
from formloom.platform.registry import fields
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from test_definition_edits import LAYOUT

LONG = bool(os.environ.get("FORMLOOM_SOAK"))
ORDERS = normal(template("orders"))
SIMPLE = [one.name for one in fields if not one.Options().fields and one.name != "rows"]
KEYS = st.sampled_from(["a", "b_2", "note", "label", "fields", "sum"])
WORDS = st.dictionaries(st.sampled_from(["en", "zh"]), st.text("abc订单. ", min_size=1, max_size=6).map(lambda said: f"{said}."), min_size=1)
UNLIMITED = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]}


class Nothing(Exception):
    """There is nothing of the kind to choose from."""


class Hand:
    """Draws one edit after the other that makes sense in a document (it may be refused all the same)."""

    def __init__(self, draw, document: dict):
        self.draw = draw
        self.document = document
        self.form = draw(st.sampled_from(document["forms"])) if document["forms"] else None

    def one(self, elements):
        if not elements:
            raise Nothing
        return self.draw(st.sampled_from(list(elements)))

    def edit(self) -> tuple[str, dict]:
        does = (self.adds, self.removes, self.renames, self.moves, self.places, self.tabs, self.empties, self.rekeys, self.rules, self.rights, self.drops)
        return self.draw(st.sampled_from(does))()

    @property
    def path(self) -> str:
        return f"forms[{self.form['key']}]"

    def adds(self):
        field = {"key": self.draw(KEYS), "type": self.draw(st.sampled_from(SIMPLE)), "label": self.draw(WORDS)}
        section = next((one["key"] for one in self.form.get("layout", ())), None)
        return "add_field", {"form": self.form["key"], "field": field, "section": section}

    def removes(self):
        return "remove_field", {"form": self.form["key"], "field": self.one(self.form["fields"])["key"]}

    def renames(self):
        element = self.one([("", self.form), *((f".fields[{field['key']}]", field) for field in self.form.get("fields", ()))])
        return "rename", {"path": self.path + element[0], "label": self.draw(WORDS)}

    def moves(self):
        field, other = self.one(self.form["fields"]), self.one(self.form["fields"])
        after = None if field is other else other["key"]
        return "move", {"path": f"{self.path}.fields[{field['key']}]", "after": after}

    def places(self):
        section = self.one(self.form["layout"])
        chosen = self.draw(st.lists(st.sampled_from([field["key"] for field in self.form["fields"]]), min_size=1, max_size=4, unique=True))
        after = self.draw(st.sampled_from([None, *section.get("fields", ())]))
        return "place", {"form": self.form["key"], "fields": chosen, "section": section["key"], "after": after}

    def tabs(self):
        tab = {"key": self.draw(KEYS), "label": self.draw(WORDS)}
        section = self.one(self.form["layout"])["key"]
        edits = [("add", {"path": f"{self.path}.tabs", "element": tab}), ("move_section", {"form": self.form["key"], "section": section, "after": None, "tab": tab["key"]})]
        return "several", {"edits": [{"name": name, "arguments": arguments} for name, arguments in edits]}

    def empties(self):
        one, other = self.one(self.form["layout"]), self.one([*self.form["layout"], {"key": None}])
        return "remove_section", {"form": self.form["key"], "section": one["key"], "into": other["key"]}

    def rekeys(self):
        return "change_key", {"path": f"{self.path}.fields[{self.one(self.form['fields'])['key']}]", "key": self.draw(KEYS)}

    def rules(self):
        field = self.one(self.form["fields"])
        value = self.draw(st.sampled_from([True, False, {"===": [{"var": "id"}, 1]}, {"var": field["key"]}]))
        return "put", {"path": f"{self.path}.fields[{field['key']}].{self.draw(st.sampled_from(['show', 'required']))}", "value": value}

    def rights(self):
        access = self.one(self.form["access"])
        cells = {self.one(self.form["fields"])["key"]: {self.draw(st.sampled_from(["*", "new"])): self.draw(st.sampled_from(["read", "edit", None]))}}
        return "set_cells", {"form": self.form["key"], "role": access["role"], "cells": cells}

    def drops(self):
        return "remove_form", {"form": self.form["key"]}


def built(document: dict) -> dict:
    """The small app in a random state, with a layout to build on."""
    for form in document["forms"]:
        keys = [field["key"] for field in form.get("fields", ())]
        form |= copy.deepcopy(LAYOUT)
        form["layout"][0]["fields"], form["layout"][1]["fields"] = keys[::2], keys[1::2]
    return normal(document)


@pytest.fixture
def draft(workspace):
    """One draft that is set to whatever is built on, without anybody's edits."""
    with workspace.writing() as connection:
        app_id = store.create_app(connection, ORDERS, None).id

    return SimpleNamespace(workspace=workspace, id=app_id)


def builds(draft, data, document: dict, most: int) -> None:
    """Two people edit in turns, each on what they last saw; then each undoes until nothing of theirs is left."""
    with draft.workspace.writing() as connection:
        store_at(connection, draft.id, document)
        seen, made = {1: 0, 2: 0}, 0
        for _turn in range(data.draw(st.integers(2, most))):
            who = data.draw(st.sampled_from([1, 2]))
            present = store.draft(connection, draft.id)
            if data.draw(st.booleans()):
                seen[who] = present.rev  # looks
            made += attempt(connection, draft.id, Hand(data.draw, present.document), seen[who], who)
        event(f"{made} edits made")
        undo_all(connection, draft.id)
        assert store.draft(connection, draft.id).document == document
        connection.rollback()


def store_at(connection, app_id: int, document: dict) -> None:
    connection.execute(store.draft_table.update().where(store.draft_table.c.app_id == app_id).values(document=document, rev=0))


def attempt(connection, app_id: int, hand: Hand, base: int, who: int) -> int:
    """1 where the edit was made; 0 where it was refused, or there was nothing to do it to."""
    if hand.form is None:
        return 0
    try:
        name, arguments = hand.edit()
    except (KeyError, Nothing):
        return 0
    before = store.draft(connection, app_id)
    try:
        drafts.change(connection, app_id, name, arguments, base, who)
    except FormloomError:
        assert store.draft(connection, app_id) == before
        return 0
    return 1


def undo_all(connection, app_id: int) -> None:
    """The last edit first, whoever made it: so later ones never stand in the way."""
    while standing := [row for row in drafts.standing(drafts.log(connection, app_id)) if row.undoes is None]:
        drafts.undo(connection, app_id, standing[-1].by)


@pytest.mark.long
@settings(max_examples=400 if LONG else 25, **UNLIMITED)
@given(data=st.data(), document=documents())
def test_undoing_all_restores_a_random_app(draft, data, document):
    builds(draft, data, built(document), 12)


@pytest.mark.long
@settings(max_examples=60 if LONG else 5, **UNLIMITED)
@given(data=st.data())
def test_undoing_all_restores_the_order_app(draft, data):
    builds(draft, data, ORDERS, 12)
