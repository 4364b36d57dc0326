"""A field that finds its record by itself: the best price for a line, kept until what it stands on changes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from formloom.platform.definition import checks
from formloom.platform.definition.schema import load
from formloom.platform.errors import Invalid
from formloom.platform.workflow.commands import Loaded
from formloom.platform.workflow.soundness import check
from small_app import ACCESS, field, field_of, form_of, small_app, text
from small_world import World
from test_statements import counted  # noqa: F401


def same_or_any(key, own):
    """The candidate's `key` is empty, or ours."""
    return {"or": [{"===": [{"var": f"target.{key}"}, None]}, {"===": [{"var": f"target.{key}"}, {"var": own}]}]}


RATE = {
    "key": "rate",
    "label": text("Rate"),
    "plural": text("Rates"),
    "title": "name",
    "fields": [
        field("name"),
        field("customer", "link", settings={"form": "customer"}),
        field("tier", "choice", settings={"options": [{"key": "gold", "label": text("Gold")}]}),
        field("least", "number"),
        field("from", "date"),
        field("price", "money"),
        field("rank", "number"),
    ],
    "access": ACCESS,
}
WHERE = {
    "and": [
        same_or_any("customer", "header.customer"),
        same_or_any("tier", "header.customer.tier"),
        {"<=": [{"var": "target.least"}, {"var": "hours"}]},
        {"or": [{"===": [{"var": "target.from"}, None]}, {"<=": [{"var": "target.from"}, {"var": "header.day"}]}]},
    ]
}
SORT = [{"field": "rank", "descending": True}, {"field": "least", "descending": True}]


def priced() -> dict:
    """Visits whose lines take the best rate."""
    document = small_app()
    document["forms"].append(RATE)
    rows = next(f for f in form_of(document, "visit")["fields"] if f["key"] == "lines")
    rows["fields"] += [
        field("found", "match", settings={"form": "rate", "where": WHERE, "sort": SORT}),
        field("usual", "lookup", settings={"via": "found", "field": "price"}),
        field("worth", "formula", settings={"rule": {"*": [{"var": "hours"}, {"var": "usual"}]}, "result": "money"}),
    ]
    return document


@pytest.fixture
def world(workspace):
    made = World(workspace, priced())
    staff = made.do("staff")
    made.gold = staff.create("customer", {"name": "Ernst Handel", "tier": "gold"})
    made.plain = staff.create("customer", {"name": "Alfred", "tier": None})
    made.rates = {
        name: staff.create("rate", {"name": name, "least": 0} | values)
        for name, values in {
            "list": {"price": "10", "rank": 0},
            "many": {"price": "9", "rank": 0, "least": 10},
            "gold": {"price": "8", "rank": 1, "tier": "gold"},
            "later": {"price": "7", "rank": 2, "from": "2026-12-01"},
            "alfred": {"price": "5", "rank": 3, "customer": made.plain.id, "least": 20},
        }.items()
    }
    return made


def visit(world, customer, *hours, day="2026-11-24"):
    lines = [{"what": "talk", "hours": number} for number in hours]
    return world.do("staff").create("visit", {"about": "It", "customer": customer.id, "day": day, "lines": lines})


def usual(world, saved):
    return [line["usual"] for line in world.sees(saved)["lines"]]


def edits(world, saved, **changes):
    seen = world.sees(saved)
    seen["lines"] = [{key: line[key] for key in ("id", "what", "hours")} for line in seen["lines"]]
    return world.do("staff").edit("visit", saved.id, changes, {key: seen[key] for key in changes})


def test_each_line_finds_the_best_record_for_itself(world):
    assert usual(world, visit(world, world.plain, 1, 10, 20)) == [10, 9, 5]
    assert usual(world, visit(world, world.gold, 1, 10, 20)) == [8, 8, 8]
    assert usual(world, visit(world, world.gold, 1, day="2026-12-01")) == [7]
    found = world.sees(visit(world, world.plain, 20))["lines"][0]
    assert (found["found"], found["worth"]) == (world.rates["alfred"].id, Decimal(100))
    assert check(world.workspace) == []


def test_nothing_suits(world):
    [line] = world.sees(visit(world, world.plain, -1))["lines"]
    assert (line["found"], line["usual"], line["worth"]) == (None, None, None)


def test_it_is_found_anew_when_what_it_stands_on_changes(world):
    saved = visit(world, world.plain, 1, 10)
    [first, second] = world.sees(saved)["lines"]
    edits(world, saved, lines=[{"id": first["id"], "hours": 20}, {"id": second["id"]}])
    assert usual(world, saved) == [5, 9]
    edits(world, saved, customer=world.gold.id)
    assert usual(world, saved) == [8, 8]


def test_it_stays_when_only_the_others_change(world):
    saved = visit(world, world.plain, 1)
    rate = world.rates["list"]
    world.do("staff").edit("rate", rate.id, {"price": "99"}, {"price": "10"})
    world.do("staff").create("rate", {"name": "new", "least": 0, "price": "1", "rank": 9})
    edits(world, saved, about="Something else")
    assert usual(world, saved) == [10]
    assert usual(world, visit(world, world.plain, 1)) == [1]


def test_a_deleted_record_is_not_found(world):
    world.do("staff").delete("rate", world.rates["list"].id)
    assert usual(world, visit(world, world.plain, 1)) == [None]


def test_a_preview_finds_it_before_anything_is_written(world):
    seen = world.do("staff").preview("visit", None, {"customer": world.gold.id, "lines": [{"what": "x", "hours": 2}]})
    assert seen.values["lines"][0]["usual"] == 8


def test_nobody_enters_it(world):
    for number in (world.rates["gold"].id, None, "x", 10**30):
        with pytest.raises(Invalid):
            visit_lines = [{"what": "x", "hours": 1, "found": number}]
            world.do("staff").create("visit", {"about": "It", "lines": visit_lines})


def test_many_lines_ask_in_few_statements(world, counted):  # noqa: F811
    def asked(*hours):
        with counted() as sent:
            visit(world, world.plain, *hours)
        return len(sent)

    asked(1)
    few = asked(1, 2)
    assert asked(*range(60)) == few
    records = [Loaded("open", {"about": "x", "lines": [{"hours": n}]}) for n in range(150)]
    with counted() as sent:
        world.engine.load("visit", records)
    assert sum("asked" in statement for statement in sent) == 3


def test_who_may_not_see_what_it_chooses_from_does_not_see_what_it_found(workspace):
    document = priced()
    document["roles"].append({"key": "guest", "label": text("Guest")})
    everything = {"scope": "all", "create": True, "cells": {"*": {"*": "edit"}}}
    form_of(document, "visit")["access"].append({"role": "guest", **everything})
    form_of(document, "customer")["access"].append({"role": "guest", **everything})
    world = World(workspace, document)
    saved = world.do("staff").create("visit", {"about": "It", "lines": [{"hours": 1}]})
    assert not {"found", "usual", "worth"} & world.sees(saved, "guest")["lines"][0].keys()
    assert "found" in world.sees(saved, "staff")["lines"][0]


@pytest.mark.parametrize("settings, told", [
    ({"form": "price"}, "There is no “price” here."),
    ({"where": {"===": [{"var": "target.price"}, "x"]}}, ""),
    ({"where": {"var": "target.name"}}, ""),
    ({"where": {"===": [{"var": "target.colour"}, None]}}, "colour"),
    ({"where": {"in": ["staff", {"var": "user.roles"}]}}, "“user.roles” is not one value."),
    ({"where": {">": [{"count": [{"var": "header.lines"}]}, 1]}}, "“header.lines” is not one value."),
    ({"sort": [{"field": "colour"}]}, "There is no “colour” here."),
])  # fmt: skip
def test_what_it_cannot_look_for_is_told_before_it_is_published(settings, told):
    document = priced()
    rows = field_of(document, "visit", "lines")
    next(f for f in rows["fields"] if f["key"] == "found")["settings"] |= settings
    found = [one for one in checks.problems(load(document)) if one.severity == "block"]
    assert found and told in str(found[0].message) and "fields[found].settings" in found[0].path


def test_standing_on_itself_is_told():
    document = priced()
    rows = field_of(document, "visit", "lines")
    next(f for f in rows["fields"] if f["key"] == "found")["settings"]["where"] = {
        ">": [{"var": "usual"}, {"var": "target.price"}]
    }
    assert any("stands on itself" in str(one.message) for one in checks.problems(load(document)))
