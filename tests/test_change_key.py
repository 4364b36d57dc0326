"""A key is changed before it was published, and every reference goes along."""

from __future__ import annotations

import os
import random

import pytest
from formloom.platform.definition import drafts, store
from formloom.platform.definition.checks import problems
from formloom.platform.definition.edits import edited
from formloom.platform.definition.renaming import CHANGEABLE
from formloom.platform.definition.schema import load, normal
from formloom.platform.errors import Invalid
from formloom.platform.gallery import template
from formloom.platform.workflow.publication import publish
from formloom.platform.workflow.samples import add_people, play
from small_app import small_app

LONG = bool(os.environ.get("FORMLOOM_SOAK"))


def elements(holder: dict, path: str = ""):
    """(path, key) of everything in a document whose key can be changed."""
    for name, value in holder.items():
        if name in ("settings", "samples"):
            continue
        for one in value if isinstance(value, list) else ():
            if isinstance(one, dict):
                here = f"{path}.{name}[{one.get('key')}]".lstrip(".")
                if name in CHANGEABLE:
                    yield here, one["key"]
                yield from elements(one, here)


def renamed(document: dict, path: str, key: str) -> dict:
    return normal(edited(document, "change_key", {"path": path, "key": key}))


@pytest.fixture(scope="module")
def orders() -> dict:
    return normal(template("orders"))


def some(found: list, count: int) -> list:
    """A few of them, always the same; all of them in a long run."""
    return found if LONG else random.Random(20).sample(found, count)


@pytest.mark.long
def test_a_key_of_the_order_app_can_be_changed_and_changed_back(orders):
    for path, key in some(list(elements(orders)), 25):
        changed = renamed(orders, path, "zz_new")
        assert changed != orders
        assert renamed(changed, f"{path.rpartition('[')[0]}[zz_new]", key) == orders, path


@pytest.mark.long
def test_a_document_with_other_keys_is_as_good_as_before(orders):
    """Fields, columns, statuses, transitions, roles, forms: what still had the old name, the checks would find."""
    document, names = orders, [path for path, _key in elements(orders)]
    for place, path in enumerate(sorted(some(names, 60), key=lambda one: -one.count("["))):
        document = edited(document, "change_key", {"path": path, "key": f"k{place}"})
    assert [(one.path, one.message) for one in problems(load(document))] == []


@pytest.mark.databases("sqlite")
def test_the_samples_go_along(workspace, orders):
    """The order app with other keys is published and lives through its samples as before."""
    document = orders
    for path, key in [
        ("forms[order].fields[lines].fields[quantity]", "pieces"), ("forms[order].fields[lines]", "items"), ("forms[order].fields[customer]", "buyer"),
        ("forms[order]", "sale"), ("forms[shipment].transitions[deliver]", "arrive"), ("roles[sales]", "seller"), ("forms[product].fields[on_hand]", "stock"),
    ]:  # fmt: skip
        document = renamed(document, path, key)
    app = load(document)
    with workspace.writing() as connection:
        row = store.create_app(connection, document, None)
        people = add_people(connection, app)
    publish(workspace, row.key, None)
    assert play(workspace, row.key, people) == len(document["samples"]["records"])


def test_names_change_where_they_mean_the_same_and_nowhere_else():
    document = small_app()
    visit, customer = document["forms"]
    visit["fields"] += [
        {"key": "name", "type": "text", "label": {"en": "Name"}},
        {"key": "tier", "type": "lookup", "label": {"en": "Tier"}, "settings": {"via": "customer", "field": "tier"}},
        {"key": "of_gold", "type": "formula", "label": {"en": "Of gold"}, "settings": {"rule": {"cat": [{"var": "name"}, {"var": "customer.name"}]}, "result": "text"}},
    ]
    visit["fields"][0]["show"] = {"===": [{"var": "status"}, "open"]}
    visit["fields"][2]["show"] = {"===": [{"var": "about"}, "open"]}
    visit["fields"][0]["checks"] = [{"key": "c", "rule": True, "message": {"en": "{customer.name} is not {name}."}}]
    visit["fields"][3]["fields"][0]["show"] = {"reduce": [{"var": "header.lines"}, {"or": [{"var": "accumulator"}, {"===": [{"var": "current.what"}, "x"]}]}, False]}
    document = normal(document)

    def by(key: str, changed: dict) -> dict:
        return next(field for field in changed["forms"][0]["fields"] if field["key"] == key)

    changed = renamed(document, "forms[customer].fields[name]", "title")
    assert by("of_gold", changed)["settings"]["rule"] == {"cat": [{"var": "name"}, {"var": "customer.title"}]}
    assert by("about", changed)["checks"][0]["message"] == {"en": "{customer.title} is not {name}."}
    assert changed["forms"][1]["title"] == "title" and changed["forms"][0]["title"] == "about"
    changed = renamed(document, "forms[customer].fields[tier]", "rank")
    assert by("tier", changed)["settings"] == {"via": "customer", "field": "rank"}
    changed = renamed(document, "status_lists[flow].statuses[open]", "begun")
    assert by("about", changed)["show"] == {"===": [{"var": "status"}, "begun"]}
    assert by("day", changed)["show"] == {"===": [{"var": "about"}, "open"]}
    assert changed["forms"][0]["transitions"][0]["sources"] == ["begun"]
    changed = renamed(document, "forms[visit].fields[lines].fields[what]", "thing")
    assert by("lines", changed)["fields"][0]["show"]["reduce"][1]["or"][1]["==="][0] == {"var": "current.thing"}
    changed = renamed(document, "forms[visit].fields[lines].fields[rate]", "price")
    assert by("lines", changed)["fields"][3]["settings"]["rule"] == {"*": [{"var": "hours"}, {"var": "price"}]}


def test_a_key_that_is_taken_or_none_is_refused():
    document = normal(small_app())
    for path, key in [
        ("forms[visit].fields[about]", "day"), ("forms[visit].fields[about]", "status"), ("forms[visit].fields[about]", "No Key"),
        ("forms[visit].fields[nothing]", "new_one"), ("forms[visit].label", "x"), ("forms[visit].access[staff]", "x"), ("", "x"),
    ]:  # fmt: skip
        with pytest.raises(Invalid):
            renamed(document, path, key)


def test_what_was_published_keeps_its_key(workspace):
    with workspace.writing() as connection:
        app_id = store.create_app(connection, small_app(), None).id
        asked = {"path": "forms[visit].fields[about]", "key": "subject"}
        assert drafts.change(connection, app_id, "change_key", asked, 0, None).rev == 1
        drafts.undo(connection, app_id, None)
        assert store.draft(connection, app_id).document == normal(small_app())
    publish(workspace, "visits", None)
    with workspace.writing() as connection:
        rev = store.draft(connection, app_id).rev
        several = {"edits": [{"name": "change_key", "arguments": asked}]}
        for name, arguments in [("change_key", asked), ("several", several), ("several", {"edits": [{"name": "several", "arguments": several}]})]:
            with pytest.raises(Invalid, match="version 1"):
                drafts.change(connection, app_id, name, arguments, rev, None)
        drafts.change(connection, app_id, "add_field", {"form": "visit", "field": {"key": "new_one", "type": "text", "label": {"en": "New"}}}, rev, None)
        drafts.change(connection, app_id, "change_key", {"path": "forms[visit].fields[new_one]", "key": "newer"}, rev + 1, None)
