"""What the checks let pass can be published, is drawn for everybody, and takes a record; whatever the definition."""

from __future__ import annotations

import os
from itertools import count

import pytest
from documents import documents
from formloom.platform import registry
from formloom.platform.access.members import set_roles
from formloom.platform.definition.checks import problems
from formloom.platform.definition.findings import BLOCK
from formloom.platform.definition.schema import load
from formloom.platform.errors import Invalid
from formloom.platform.records.compiled import Compiled
from formloom.platform.records.sayable import unsayable
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from small_app import field
from small_world import World
from walk import Walk

LONG = bool(os.environ.get("FORMLOOM_SOAK"))
NUMBERS = count(1)
UNLIMITED = {"deadline": None, "phases": set(Phase) if LONG else (Phase.explicit, Phase.reuse, Phase.generate), "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]}
RULES = {
    "visit": [True, False, {"empty": [{"var": "about"}]}, {"===": [{"var": "status"}, "open"]}, {">": [{"var": "total"}, 5]}, {"===": [{"var": "customer.name"}, "x"]}],
    "customer": [True, False, {"!": [{"empty": [{"var": "name"}]}]}, {"in": ["staff", {"var": "user.roles"}]}],
}
ALL = [True, False, {"<": [{"var": "created_at"}, {"var": "now"}]}]
NOBODY_YET = ("link", "department", "file", "image")
"""The types of which there is nothing yet that the first record could name."""
MODES = st.sampled_from(["hidden", "masked", "read", "edit", "required"])


REACHING = {
    ("visit", "link"): [{"form": "customer"}, {"form": "visit"}],
    ("visit", "lookup"): [{"via": "customer", "field": "name"}],
    ("visit", "formula"): [{"rule": {"cat": [{"var": "about"}, "!"]}}, {"rule": {"var": "status"}}, {"rule": {"+": [1, 2]}, "result": "number", "scale": 0}],
    ("customer", "link"): [{"form": "visit"}],
    ("customer", "rollup"): [{"form": "visit", "via": "customer", "measure": "count"}, {"form": "visit", "via": "customer", "measure": "sum", "field": "total"}],
}
"""Settings of the types that reach into other forms, or fields, of the small app."""
PLAIN = [one.name for one in registry.fields if one.name not in ("rows", "link", "lookup", "rollup", "formula", "match")]


def more(draw, form: str, number: int) -> dict:
    """A field of some type, with settings that fit it."""
    kind = draw(st.sampled_from(PLAIN + [name for holder, name in REACHING if holder == form]))
    good = REACHING.get((form, kind)) or [dict(options) for options, _value in registry.fields[kind].examples_good] or [{}]
    computed = kind in NOBODY_YET or registry.fields[kind].computed or not registry.fields[kind].valued
    rules = st.sampled_from(RULES.get(form, ALL))
    needed = {} if computed else {"required": draw(rules)}
    return field(f"more_{number}", kind, settings=draw(st.sampled_from(good)), show=draw(rules), **needed)


@st.composite
def apps(draw) -> dict:
    """Random definitions with fields of all types and settings, rules in all places, and roles that may do this or that."""
    document = draw(documents(most=2))
    document["key"] = f"promise_{next(NUMBERS)}"
    for form in document["forms"]:
        for number in range(draw(st.integers(0, 4))):
            form["fields"].append(more(draw, form["key"], number))
        for access in form.get("access", ()):
            access["create"] = draw(st.sampled_from([True, True, False]))
            access["scope"] = draw(st.sampled_from(["all", "own", {"!": [{"empty": [{"var": "id"}]}]}]))
            access.setdefault("cells", {})["*"] = {"*": draw(st.sampled_from(["edit", "read"])), "new": "edit"}
            for one in draw(st.lists(st.sampled_from(form["fields"]), max_size=3, unique_by=lambda one: one["key"])):
                mode = draw(MODES)
                access["cells"][one["key"]] = {"*": "edit" if mode == "required" and one["type"] in NOBODY_YET else mode}
        for one in form.get("transitions", ()):
            one["guards"] = [{"key": "if", "rule": draw(st.sampled_from(RULES.get(form["key"], ALL))), "message": {"en": "Not now."}}]
    return document


def sound(document) -> bool:
    try:
        app = load(document)
    except Invalid:
        return False
    return not any(one.severity == BLOCK for one in problems(app)) and not list(unsayable(Compiled(app, 0)))


@settings(max_examples=400 if LONG else 25, derandomize=not LONG, **UNLIMITED)
@given(document=apps())
@pytest.mark.long
def test_what_passes_the_checks_runs(orders, client, document):
    if not sound(document):
        event("named by the checks")
        return
    world = World(orders.workspace, document)
    with orders.workspace.writing() as connection:
        set_roles(connection, orders.sales.id, world.key, [role["key"] for role in document["roles"]])
    walk = Walk(orders.workspace, world.key, {"one": orders.sales.id})
    client.sign_in(orders.sales)
    for form in walk.compiled.app.forms:
        granted = walk.compiled.form(form.key).actor_grants(walk.actors[0])
        if not granted:
            continue
        assert client.get(f"/apps/{world.key}/{form.key}/").status_code == 200
        assert client.get(f"/build/{world.key}/forms/{form.key}/").status_code == 404  # not hers to build
        if any(grant.create for grant in granted):
            event("takes a record")
            assert client.get(f"/apps/{world.key}/{form.key}/new").status_code == 200
            saved = world.do(*[role["key"] for role in document["roles"]], id=orders.sales.id).create(form.key, walk.filled(form, granted))
            assert client.get(f"/apps/{world.key}/{form.key}/{saved.id}").status_code == 200
    assert walk.go().crashed == []
