"""What is said about a definition before it is published."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from formloom.platform import db
from formloom.platform.definition.checks import problems
from formloom.platform.definition.schema import load
from small_app import field, field_of, form_of, small_app, text, transition

VAR = {"about": {"var": "about"}, "day": {"var": "day"}}


def found(document, severity="block") -> dict[str, str]:
    return {p.path: str(p.message) for p in problems(load(document)) if p.severity == severity}


def visit_with(**change) -> dict:
    document = small_app()
    form_of(document, "visit").update(change)
    return document


def effect(type: str, **values) -> dict:
    return {"key": "e", "type": type, "settings": values}


def finishing(*effects, **rest) -> dict:
    document = small_app()
    form_of(document, "visit")["transitions"][0].update(effects=list(effects), **rest)
    return document


def view(**settings) -> dict:
    return {"views": [{"key": "v", "label": text("V")} | settings]}


@pytest.mark.parametrize(
    "settings",
    [
        {"kind": "board", "by": "status", "total": "total"},
        {"kind": "calendar", "start": "day", "end": "created_at", "title": "customer"},
        {"kind": "timeline", "start": "day", "end": "day", "by": "customer"},
        {"by": "nothing", "start": "nothing"},  # of no account for a list
    ],
)
def test_a_view_that_has_what_its_kind_needs_is_sound(settings):
    assert found(visit_with(**view(**settings))) == {}


def test_nothing_is_wrong_with_a_sound_app():
    assert problems(load(small_app())) == []


@pytest.mark.parametrize("file", sorted((Path(db.__file__).parent.parent / "seeds").glob("*.json")), ids=lambda f: f.stem)
def test_what_we_ship_can_be_published(file):
    document = json.loads(file.read_text())
    if "forms" in document:
        assert found(document) == {}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"title": "nothing"}, "title"),
        ({"status_list": "nothing"}, "status_list"),
        ({"layout": [{"key": "a", "label": text("A"), "fields": ["nothing"]}]}, "layout[a].fields"),
        ({"layout": [{"key": k, "label": text("A"), "fields": ["day"]} for k in "ab"]}, "layout[b].fields"),
        ({"views": [{"key": "v", "label": text("V"), "columns": ["nothing"]}]}, "views[v].columns"),
        ({"views": [{"key": "v", "label": text("V"), "sort": [{"field": "nothing"}]}]}, "views[v].sort[nothing]"),
        ({"views": [{"key": "v", "label": text("V"), "roles": ["boss"]}]}, "views[v].roles"),
        ({"views": [{"key": "v", "label": text("V"), "where": VAR["day"]}]}, "views[v].where"),
        (view(kind="board"), "views[v].by"),
        (view(kind="board", by="day"), "views[v].by"),
        (view(kind="board", by="nothing"), "views[v].by"),
        (view(kind="board", by="status", total="about"), "views[v].total"),
        (view(kind="calendar"), "views[v].start"),
        (view(kind="calendar", start="about"), "views[v].start"),
        (view(kind="calendar", start="status"), "views[v].start"),
        (view(kind="calendar", start="day", end="customer"), "views[v].end"),
        (view(kind="calendar", start="day", title="lines.what"), "views[v].title"),
        (view(kind="timeline", start="day"), "views[v].end"),
        (view(kind="timeline", start="day", end="day", by="total"), "views[v].by"),
        ({"access": [{"role": "boss", "scope": "all"}]}, "access[boss]"),
        ({"access": [{"role": "staff", "scope": "mine"}]}, "access[staff].scope"),
        ({"access": [{"role": "staff", "scope": VAR["day"]}]}, "access[staff].scope"),
        ({"access": [{"role": "staff", "scope": "all", "delete": ["new"]}]}, "access[staff].delete"),
        ({"access": [{"role": "staff", "cells": {"gone": {"*": "read"}}}]}, "access[staff].cells[gone]"),
        ({"access": [{"role": "staff", "cells": {"day": {"late": "read"}}}]}, "access[staff].cells[day][late]"),
    ],
)
def test_names_that_lead_nowhere(change, place):
    (wrong,) = found(visit_with(**change))
    assert wrong.startswith(f"forms[visit].{place}")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"sources": ["new"]}, "sources"),
        ({"sources": []}, "sources"),
        ({"target": "nowhere"}, "target"),
        ({"who": {"roles": ["boss"]}}, "who.roles"),
        ({"who": {"fields": ["about"]}}, "who.fields"),
        ({"ask": [{"field": "nothing"}]}, "ask[nothing]"),
        ({"ask": [{"field": "total"}]}, "ask[total]"),
        ({"automatic": True, "ask": [{"field": "day"}]}, "ask"),
        ({"automatic": True, "target": "open"}, "target"),
        ({"confirm": text("Really, {nobody}?")}, "confirm"),
        ({"guards": [{"key": "g", "rule": VAR["day"], "message": text("No")}]}, "guards[g].rule"),
        ({"guards": [{"key": "g", "rule": {"<": [VAR["day"], 3]}, "message": text("No")}]}, "guards[g].rule.<"),
        ({"guards": [{"key": "g", "rule": True, "message": text("{lines}")}]}, "guards[g].message"),
        ({"guards": [{"key": "g", "rule": True, "message": text("No"), "lift": ["boss"]}]}, "guards[g].lift"),
    ],
)
def test_transitions_that_cannot_be(change, place):
    (wrong,) = found(finishing(**change))
    assert wrong.startswith(f"forms[visit].transitions[finish].{place}")


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        (effect("set", values={"nothing": 1}), "values[nothing]"),
        (effect("set", values={"total": 1}), "values[total]"),
        (effect("set", values={"day": {"var": "about"}}), "values[day]"),
        (effect("set", values={"lines.hours": {"var": "line.what"}}), "values[lines.hours]"),
        (effect("set", values={"lyrics.hours": 1}), "values[lyrics.hours]"),
        (effect("create", form="nothing", values={}), "form"),
        (effect("create", form="customer", values={"name": VAR["day"]}), "values[name]"),
        (effect("create", form="customer", values={"tier": "tin"}), "values[tier]"),
        (effect("create", form="customer", values={}, status="open"), "status"),
        (effect("create", form="customer", values={}, each="about"), "each"),
        (effect("create", form="visit", values={}, rows={"lines": {"each": "lines", "values": {"gone": 1}}}), "rows[lines].values[gone]"),
        (effect("adjust", target="about", changes={}), "target"),
        (effect("adjust", target="customer", changes={"name": 1}), "changes[name]"),
        (effect("adjust", target="customer", changes={}, when={"var": "line.hours"}), "when"),
        (
            effect("adjust", target="customer", changes={}, holds=[{"key": "h", "rule": {"var": "target.gone"}, "message": {}}]),
            "holds[h].rule",
        ),
        (effect("notify", to={"roles": ["boss"]}, message=text("Hi")), "to.roles"),
        (effect("notify", to={"fields": ["about"]}, message=text("Hi")), "to.fields"),
        (effect("notify", to={}, message=text("{customer.gone}")), "message"),
    ],
)  # fmt: skip
def test_effects_that_cannot_be(settings, place):
    (wrong,) = found(finishing(settings))
    assert wrong.startswith(f"forms[visit].transitions[finish].effects[e].settings.{place}")


def test_effects_that_can_be():
    line = effect("set", values={"lines.hours": "2.5", "lines.what": {"var": "about"}, "customer": None})
    link = effect("create", form="visit", values={"about": "again", "day": {"var": "today"}, "customer": {"var": "customer"}})
    told = effect("notify", to={"creator": True}, message=text("{about} of {customer.name}"))
    for good in (line, link, told):
        assert found(finishing(good)) == {}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"required": VAR["day"]}, "required"),
        ({"show": {"var": "nothing"}}, "show"),
        ({"checks": [{"key": "c", "rule": VAR["day"], "message": text("No")}]}, "checks[c].rule"),
        ({"default": {"var": "today"}}, "default"),
        ({"type": "link", "settings": {"form": "nothing"}}, "settings.form"),
        ({"type": "link", "settings": {"form": "customer", "where": {"var": "name"}}}, "settings.where"),
        ({"type": "lookup", "settings": {"via": "day", "field": "name"}}, "settings.via"),
        ({"type": "lookup", "settings": {"via": "customer", "field": "gone"}}, "settings.field"),
        ({"type": "formula", "settings": {"rule": {"cat": ["a"]}}}, "settings.rule"),
        ({"type": "formula", "settings": {"rule": {"var": "today"}, "result": "date"}}, "settings.rule"),
        ({"type": "formula", "settings": {"rule": {"var": "customer.name"}, "result": "text"}}, "settings.rule"),
        ({"type": "rows"}, "fields"),
        ({"type": "serial", "settings": {"pattern": "{n}"}, "default": "7"}, "default"),
    ],
)
def test_fields_that_cannot_be(change, place):
    document = small_app()
    field_of(document, "visit", "about").update(change)
    wrong = found(document)
    assert any(path.startswith(f"forms[visit].fields[about].{place}") for path in wrong), wrong


@pytest.mark.parametrize("default", ["0.5", 3, {"var": "hours"}, {"+": [{"var": "hours"}, 1]}])
def test_a_default_is_a_value_or_a_rule(default):
    document = small_app()
    field_of(document, "visit", "lines")["fields"][2]["default"] = default
    assert found(document) == {}


def computed(key: str, reads: str) -> dict:
    return field(key, "formula", settings={"rule": {"+": [{"var": reads}, 1]}})


def test_values_that_stand_on_each_other():
    document = small_app()
    form_of(document, "visit")["fields"] += [computed("a", "b"), computed("b", "c"), computed("c", "a")]
    (sentence,) = found(document).values()
    assert sentence == "This stands on itself: a → b → c → a."


def test_a_value_that_stands_on_itself_alone():
    document = small_app()
    form_of(document, "visit")["fields"].append(computed("a", "a"))
    assert found(document) == {"forms[visit].fields[a]": "This stands on itself: a → a."}


def test_a_circle_through_lines():
    document = small_app()
    field_of(document, "visit", "lines")["fields"].append(computed("share", "header.total"))
    assert found(document) == {}
    field_of(document, "visit", "lines")["fields"][2]["show"] = {">": [{"var": "header.total"}, 0]}
    (sentence,) = found(document).values()
    assert "lines.rate" in sentence
    assert "total" in sentence


def test_many_fields_in_a_row_are_no_circle():
    document = small_app()
    numbers = [f"n{n}" for n in range(300)]
    form_of(document, "visit")["fields"] += [field("n", "number")]
    reads = dict(zip(numbers, ["n", *numbers], strict=False))
    form_of(document, "visit")["fields"] += [computed(key, read) for key, read in reads.items()]
    assert found(document) == {}


def test_a_status_list_starts_somewhere():
    document = small_app()
    document["status_lists"][0]["statuses"][0]["kind"] = "active"
    document["status_lists"][0]["statuses"][1]["in_charge"] = "boss"
    assert list(found(document)) == ["status_lists[flow].statuses", "status_lists[flow].statuses[done].in_charge"]


def test_what_would_run_and_surprise():
    document = visit_with(transitions=[transition("finish", "open", "done", who={})], title="")
    form_of(document, "customer")["access"] = []
    shown = {"about": {"*": "read"}, "lines": {"*": "read"}, "total": {"*": "read"}, "lines.rate": {"open": "hidden"}}
    form_of(document, "visit")["access"][0] |= {"cells": shown | {"lines.cost": {"*": "read"}}, "create": False}
    assert found(document) == {}
    warned = found(document, "warn")
    assert set(warned) == {
        "forms[visit].title",
        "status_lists[flow].statuses[dropped]",
        "forms[visit].transitions[finish].who",
        "forms[visit].access",
        "forms[visit].access[staff].cells[lines.cost]",
        "forms[customer].access",
    }
    assert warned["forms[visit].access[staff].cells[lines.cost]"].endswith("hidden fields: lines.rate.")


@pytest.mark.parametrize(
    ("extra", "place"),
    [
        ([field("tier", "lookup", settings={"via": "customer", "field": "tier", "at": ["nothing"]})], "fields[tier].settings.at"),
        (
            [field("tier", "lookup", settings={"via": "customer", "field": "tier", "live": True, "at": ["finish"]})],
            "fields[tier].settings.at",
        ),
        ([field("place", "rows", fields=[field("at", "address")])], "fields[place].fields[at].type"),
        ([field("place", "rows", fields=[field("at", "heading")])], "fields[place].fields[at].type"),
        ([field("note", "heading", default="x")], "fields[note].default"),
        ([field("note", "heading"), field("f", "formula", settings={"rule": {"var": "note"}})], "fields[f].settings.rule.var"),
    ],
)
def test_what_the_newer_types_cannot_be_is_said(extra, place):
    document = small_app()
    form_of(document, "visit")["fields"] += extra
    assert f"forms[visit].{place}" in found(document)


def test_a_heading_stands_in_no_list_and_names_nothing():
    document = small_app()
    visit = form_of(document, "visit")
    visit["fields"].append(field("note", "heading"))
    assert found(document) == {}
    visit["views"][0]["columns"].append("note")
    visit["title"] = "note"
    assert set(found(document)) == {"forms[visit].views[all].columns", "forms[visit].title"}


def test_a_look_up_may_be_taken_anew_at_a_transition():
    document = small_app()
    form_of(document, "visit")["fields"].append(field("tier", "lookup", settings={"via": "customer", "field": "tier", "at": ["finish"]}))
    assert found(document) == {}
