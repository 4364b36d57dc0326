"""What a person may not see is nowhere: not in filters, previews, refusals, conflicts or choices."""

from __future__ import annotations

import pytest
from formloom.platform.errors import Conflict, Invalid, Refused
from formloom.platform.records import beyond
from formloom.platform.records.query import Query
from formloom.platform.workflow.commands import Loaded
from small_app import field, field_of, form_of, small_app, text, transition
from small_world import World

SEEN_WHILE_OPEN = {"new": "edit", "open": "edit", "done": "hidden"}
LIMIT = {"key": "limit", "rule": {"<": [{"var": "total"}, 50]}, "message": text("{customer.name} has {customer.limit}")}
DEAR = {"key": "dear", "rule": {"or": [{"<": [{"var": "grade"}, 5]}, {"===": [{"var": "about"}, "Dome"]}]}}
DEAR["message"] = text("Grade {grade} of {about}")
COSTLY = {"key": "costly", "rule": {"<": [{"var": "rate"}, 500]}, "message": text("{rate} for {what}, {header.about}")}


def document() -> dict:
    """Visits, of which the desk sees the customer and the lines only while they are open."""
    made = small_app()
    made["roles"].append({"key": "desk", "label": text("Desk")})
    made["roles"].append({"key": "boss", "label": text("Boss")})
    form_of(made, "customer")["fields"] += [field("limit", "number"), field("blocked", "flag")]
    form_of(made, "customer")["access"].append(
        {"role": "desk", "scope": {"!==": [{"var": "tier"}, "gold"]}, "cells": {"name": {"*": "read"}}}
    )
    visit = form_of(made, "visit")
    next(c for c in field_of(made, "visit", "lines")["fields"] if c["key"] == "rate")["checks"] = [COSTLY]
    visit["fields"] += [
        field("grade", "number", checks=[DEAR]),
        field("allowed", "lookup", settings={"via": "customer", "field": "limit"}),
    ]
    visit["transitions"] = [
        transition("finish", "open", "done", guards=[LIMIT], who={"roles": ["staff", "desk"]}),
        transition("drop", "open", "dropped"),
    ]
    visit["access"].append(
        {
            "role": "desk",
            "scope": "all",
            "create": True,
            "cells": {
                "about": {"*": "edit"},
                "customer": SEEN_WHILE_OPEN,
                "lines": SEEN_WHILE_OPEN,
                "lines.what": {"*": "edit"},
                "lines.rate": {"*": "hidden"},
                "lines.cost": {"*": "hidden"},
                "allowed": {"*": "read"},
            },
        }
    )
    return made


@pytest.fixture
def world(workspace):
    made = World(workspace, document())
    made.ernst, made.gold = made.engine.load(
        "customer", _loaded({"name": "Ernst", "limit": 70}, {"name": "Rich", "tier": "gold", "limit": 99})
    )
    return made


def _loaded(*values):
    return [Loaded("saved", value) for value in values]


def visit(world, **values):
    lines = [{"what": "advice", "hours": 2, "rate": 10}]
    return world.engine.create("visit", {"about": "Roof", "customer": world.ernst.id, "lines": lines} | values)


def found(world, where) -> int:
    with world.gate("desk") as gate:
        assert gate.count(Query("visit", where=where)).number == len(gate.page(Query("visit", where=where)).rows)
        return len(gate.page(Query("visit", where=where)).rows)


@pytest.mark.parametrize(
    "where",
    [
        {"===": [{"var": "customer.name"}, "Ernst"]},
        {"===": [{"var": "customer"}, 1]},
        {"some": [{"var": "lines"}, {"===": [{"var": "what"}, "advice"]}]},
        {"===": [{"count": [{"var": "lines"}]}, 1]},
        {"!": [{"empty": [{"var": "lines"}]}]},
    ],
)
def test_a_filter_finds_nothing_by_what_the_step_hides(world, where):
    made = visit(world)
    assert found(world, where) == 1
    world.engine.perform("visit", made.id, "finish")
    assert found(world, where) == 0


def test_two_people_of_other_roles_share_no_scope(workspace):
    """A row scope that asks for a role which itself sees nothing of the form."""
    made = document()
    form_of(made, "customer")["access"][1]["scope"] = {"in": ["boss", {"var": "user.roles"}]}
    world = World(workspace, made)
    customer = world.engine.create("customer", {"name": "Ernst", "limit": 70})
    for roles, seen in ((("desk", "boss"), 1), (("desk",), 0)):
        with world.gate(*roles) as gate:
            links = beyond.linked_values(
                gate, gate.compiled.form("visit"), {"customer": customer.id}, {"customer": ("name",)}
            )
            assert len(links) == seen


@pytest.mark.parametrize("name", ["linked", "looked_up"])
def test_filters_reach_two_links_far(workspace, name):
    """Past a link of a link, and past a look-up that shows a link."""
    made = document()
    region = form_of(small_app(), "customer") | {"key": "region", "fields": [field("name"), field("code", "number")]}
    made["forms"].append(region)
    form_of(made, "customer")["fields"].append(field("region", "link", settings={"form": "region"}))
    form_of(made, "visit")["fields"].append(field("region", "lookup", settings={"via": "customer", "field": "region"}))
    world = World(workspace, made)
    (north, south) = world.engine.load("region", _loaded({"name": "North", "code": 7}, {"name": "South"}))
    ernst = world.engine.create("customer", {"name": "Ernst", "region": north.id})
    world.engine.create("visit", {"about": "Roof", "customer": ernst.id})
    world.engine.create("visit", {"about": "Door"})
    path = {"linked": "customer.region", "looked_up": "region"}[name]
    with world.gate("staff") as gate:
        for where in ({"===": [{"var": f"{path}.code"}, 7]}, {"===": [{"var": f"{path}.name"}, "North"]}):
            (row,) = gate.page(Query("visit", ("about",), where=where)).rows
            assert row.values["about"] == "Roof"
        with pytest.raises(Invalid):
            gate.page(Query("region", where={"some": [{"var": "customer.lines"}, True]}))


def test_a_choice_is_narrowed_by_what_the_chooser_does_not_see(workspace):
    made = document()
    settings = field_of(made, "visit", "customer")["settings"]
    settings["where"] = {"!": [{"===": [{"var": "blocked"}, True]}]}
    world = World(workspace, made)
    world.engine.load("customer", _loaded({"name": "Ernst"}, {"name": "Slow", "blocked": True}))
    with world.gate("desk") as gate:
        (choice,) = gate.choices("visit", "customer")
    assert world.do("desk").create("visit", {"customer": choice.id}).id
    with pytest.raises(Invalid, match="customer"):
        world.do("desk").create("visit", {"customer": choice.id + 1})


def test_a_preview_looks_up_nothing_of_a_stranger(world):
    mine = world.do("desk").preview("visit", None, {"customer": world.ernst.id})
    assert mine.values["allowed"] == 70
    made = visit(world)
    for record_id in (None, made.id):
        theirs = world.do("desk").preview("visit", record_id, {"customer": world.gold.id})
        missing = world.do("desk").preview("visit", record_id, {"customer": 4711})
        assert theirs.values["allowed"] is missing.values["allowed"] is None
        assert [p.path for p in theirs.problems] == [p.path for p in missing.problems] == ["customer"]


def test_a_preview_counts_with_the_columns_it_does_not_show(world):
    made = visit(world)
    (line,) = world.sees(made)["lines"]
    preview = world.do("desk", "staff").preview("visit", made.id, {"lines": [{"id": line["id"], "what": "more"}]})
    assert preview.values["total"] == 20
    assert world.do("desk").preview("visit", made.id, {"lines": [{"id": 4711}]}).problems[0].path == "lines.0"


def test_a_refusal_names_no_hidden_value(world):
    made = visit(world, lines=[{"what": "advice", "hours": 20, "rate": 10}])
    with pytest.raises(Refused, match="Ernst has …"):
        world.do("desk").perform("visit", made.id, "finish")
    (option, _drop) = world.do("desk").available("visit", made.id)
    assert option.reasons[0].text == "Ernst has …"
    with pytest.raises(Refused, match="Ernst has 70"):
        world.do("staff").perform("visit", made.id, "finish")


def told(do, made, **changes) -> list[tuple[str, str]]:
    before = {"about": "Dome", "customer": None}
    with pytest.raises(Invalid) as wrong:
        do.edit("visit", made.id, changes, {key: before[key] for key in changes})
    return [(problem.path, problem.message) for problem in wrong.value.problems]


def test_a_check_says_neither_where_nor_what_is_hidden(world):
    made = visit(world, about="Dome", grade=9)
    assert told(world.do("staff"), made, about="Roof") == [("grade", "Grade 9 of Roof")]
    assert told(world.do("desk"), made, about="Roof") == [("", "Grade … of Roof")]
    seen = world.do("desk").preview("visit", made.id, {"about": "Roof"}).problems
    assert [(problem.path, problem.message) for problem in seen] == [("", "Grade … of Roof")]


def test_a_check_of_a_line_names_its_columns(world):
    with pytest.raises(Invalid) as wrong:
        visit(world, lines=[{"what": "advice", "rate": 700}])
    assert [(p.path, p.message) for p in wrong.value.problems] == [("lines.0.rate", "700.00 for advice, Roof")]


def test_a_stranger_is_no_more_told_of_than_nobody(world):
    made = visit(world, about="Dome", grade=9, customer=None)
    assert told(world.do("desk"), made, about="Roof", customer=world.gold.id) == told(
        world.do("desk"), made, about="Roof", customer=4711
    )


def test_a_conflict_shows_no_hidden_column(world):
    made = visit(world)
    (line,) = world.sees(made)["lines"]
    before, after = ([{"id": line["id"], "what": what}] for what in ("advice", "repair"))
    world.do("staff").edit("visit", made.id, {"lines": after}, {"lines": before})
    with pytest.raises(Conflict) as conflict:
        world.do("desk").edit("visit", made.id, {"lines": []}, {"lines": before})
    (clash,) = conflict.value.clashes
    assert clash.current == {"id": line["id"], "what": "repair", "hours": 2}


def test_what_refers_to_a_record_has_no_name_where_one_sees_nothing_of_it(workspace):
    made = document()
    form_of(made, "customer")["access"][1]["delete"] = ["saved"]
    form_of(made, "visit")["access"].pop()
    world = World(workspace, made)
    customer = world.engine.create("customer", {"name": "Ernst"})
    world.engine.create("visit", {"customer": customer.id})
    with pytest.raises(Refused, match="used by: Visits"):
        world.do("staff").delete("customer", customer.id)
    with pytest.raises(Refused, match="used by: what you may not see"):
        world.do("desk").delete("customer", customer.id)


def test_a_scope_past_a_link_is_of_the_record_at_hand_inside_its_lines_too(workspace):
    made = document()
    form_of(made, "visit")["access"][1]["scope"] = {"===": [{"var": "customer.name"}, "Ernst"]}
    world = World(workspace, made)
    other, ernst = world.engine.load("customer", _loaded({"name": "Rich"}, {"name": "Ernst"}))
    for customer in (other, ernst):
        world.engine.create("visit", {"customer": customer.id, "lines": [{"what": "advice"}]})
    assert found(world, {"===": [{"count": [{"var": "lines"}]}, 1]}) == 1
    assert found(world, {"some": [{"var": "lines"}, {"===": [{"var": "what"}, "advice"]}]}) == 1
