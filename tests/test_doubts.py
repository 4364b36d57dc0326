"""What would run and surprise: ways that end, overlap or leave cases out, conditions that are settled, effects in circles."""

from __future__ import annotations

import pytest
from formloom.platform.definition.checks import problems
from formloom.platform.definition.checks_ways import unanalysed
from formloom.platform.definition.schema import load
from formloom.platform.rules.cells import NotAnalysed, cells, data_of
from formloom.platform.rules.evaluate import compile_node
from formloom.platform.rules.sample import SAMPLE
from formloom.platform.rules.typing import elaborate
from small_app import field, form_of, small_app, status, text, transition
from test_definition_checks import found

TOTAL, DAY = {"var": "total"}, {"var": "day"}


def guarded(key: str, source: str, target: str, *rules, **rest) -> dict:
    guards = [{"key": f"g{n}", "rule": rule, "message": text("No.")} for n, rule in enumerate(rules)]
    return transition(key, source, target, guards=guards, **rest)


def flowing(*transitions: dict, statuses=("open", "small", "large", "done")) -> dict:
    """Visits that go through these statuses, and are dropped from any."""
    document = small_app()
    kinds = {"open": "start", "done": "done"}
    document["status_lists"][0]["statuses"] = [status(key, kinds.get(key, "active")) for key in statuses] + [status("dropped", "cancelled")]
    drop = {**transition("drop", "open", "dropped"), "sources": [key for key in statuses if key != "done"]}
    on = [transition(f"finish_{key}", key, "done") for key in statuses if key in ("small", "large")]
    form_of(document, "visit").update(transitions=[*transitions, drop, *on])
    return document


def doubts(document) -> list[tuple[str, str]]:
    assert found(document) == {}
    return [(one.path, str(one.message)) for one in problems(load(document))]


def test_ways_that_share_all_cases_are_right():
    assert doubts(flowing(guarded("a", "open", "small", {"<=": [TOTAL, 1000]}), guarded("b", "open", "large", {">": [TOTAL, 1000]}))) == []


@pytest.mark.parametrize("automatic", [False, True])
def test_a_case_that_is_left_out_is_told_with_an_example(automatic):
    rest = {"automatic": True, "who": {}} if automatic else {}
    document = flowing(guarded("a", "open", "small", {"<": [TOTAL, 1000]}, **rest), guarded("b", "open", "large", {">": [TOTAL, 1000]}, **rest))
    assert doubts(document) == [("forms[visit].transitions[a].guards", "From “Open” no way leads on, as with Total 1000.")]


@pytest.mark.parametrize("automatic", [False, True])
def test_a_case_that_two_ways_share_is_told_with_an_example(automatic):
    rest = {"automatic": True, "who": {}} if automatic else {}
    document = flowing(guarded("a", "open", "small", {"<=": [TOTAL, 1000]}, **rest), guarded("b", "open", "large", {">=": [TOTAL, 1000]}, **rest))
    assert doubts(document) == [("forms[visit].transitions[b].guards", "This and “A” both apply, as with Total 1000.")]


def test_what_happens_by_itself_later_and_never_is_told():
    by_itself = {"automatic": True, "who": {}}
    document = flowing(guarded("a", "open", "small", {">": [TOTAL, 10]}, **by_itself), guarded("b", "open", "large", {">": [TOTAL, 1000]}, **by_itself))
    assert doubts(document) == [("forms[visit].transitions[b].guards", "This never happens: wherever it could, “A” comes first.")]
    transitions = form_of(document, "visit")["transitions"]
    transitions[0], transitions[1] = transitions[1], transitions[0]
    assert doubts(document) == []


def test_choices_that_people_make_may_overlap():
    assert doubts(flowing(guarded("a", "open", "small", {"<": [TOTAL, 10]}), transition("b", "open", "large"))) == []
    assert doubts(flowing(guarded("a", "open", "small", {"<": [TOTAL, 10]}), guarded("b", "open", "large", {"<": [TOTAL, 1000]}))) == []


def test_what_is_not_analysed_is_known():
    both = {">": [{"+": [TOTAL, 1]}, 10]}
    document = flowing(guarded("a", "open", "small", {"<": [TOTAL, 5]}), guarded("b", "open", "large", both))
    assert doubts(document) == []
    app = load(document)
    assert [one.key for one in unanalysed(app, app.form_by_key["visit"])] == ["open"]


@pytest.mark.parametrize(("rule", "said"), [
    ({"and": [{">": [TOTAL, 10]}, {"<": [TOTAL, 5]}]}, "never holds"),
    ({"or": [{"!==": [DAY, "2026-01-01"]}, {"===": [DAY, "2026-01-01"]}]}, "always holds"),
    ({"and": [{"<": [DAY, {"var": "today"}]}, {">": [DAY, {"var": "today"}]}]}, "never holds"),
    ({"in": [{"var": "customer.tier"}, []]}, "never holds"),
])  # fmt: skip
def test_a_condition_with_one_answer_is_told(rule, said):
    ((place, words),) = doubts(flowing(guarded("a", "open", "small", rule), transition("b", "open", "large")))
    assert (place, said in words) == ("forms[visit].transitions[a].guards[g0].rule", True)


def test_conditions_that_exclude_each_other_are_told():
    document = flowing(guarded("a", "open", "small", {">": [TOTAL, 10]}, {"<": [TOTAL, 5]}), transition("b", "open", "large"))
    assert ("forms[visit].transitions[a].guards", "These conditions exclude each other, so this never happens.") in doubts(document)


def test_a_status_without_a_way_on_is_told():
    document = flowing(transition("a", "open", "small"), transition("b", "open", "large"))
    form_of(document, "visit")["transitions"] = [one for one in form_of(document, "visit")["transitions"] if one["key"] != "finish_small"]
    form_of(document, "visit")["transitions"][2]["sources"] = ["open", "large"]
    assert doubts(document) == [("status_lists[flow].statuses[small]", "Visit: nothing leads on from “Small”. If it is an end, say so by its kind.")]


@pytest.mark.parametrize("scope", ["none", "in_charge", {"===": [{"var": "status"}, "done"]}])
def test_those_who_do_not_see_the_record_cannot_act(scope):
    document = flowing(transition("a", "open", "small", who={"roles": ["boss"]}), transition("b", "open", "large"))
    document["roles"].append({"key": "boss", "label": text("Boss")})
    form_of(document, "visit")["access"].append({"role": "boss", "scope": scope, "cells": {"*": {"*": "read"}}})
    assert doubts(document) == [("forms[visit].transitions[a].who", "Those who may take this do not see the record then, so nobody can.")]


def test_what_is_needed_and_cannot_be_filled_in_is_told():
    document = small_app()
    visit = form_of(document, "visit")
    visit["fields"].append(field("reason", required=True))
    visit["access"][0]["cells"]["reason"] = {"new": "hidden"}
    assert [path for path, _words in doubts(document)] == ["forms[visit].access[staff].cells[reason]"]
    visit["fields"][-1]["default"] = "as usual"
    assert doubts(document) == []


def test_effects_that_come_back_are_told_with_their_way():
    document = small_app()
    document["status_lists"].append({"key": "of_customers", "label": text("Of customers"), "statuses": [status("fresh", "start"), status("met", "done")]})
    form_of(document, "customer").update(status_list="of_customers", transitions=[
        transition("meet", "fresh", "met", effects=[{"key": "e", "type": "update", "settings": {"form": "visit", "via": "customer", "transition": "finish"}}]),
    ])  # fmt: skip
    form_of(document, "customer")["access"] = [{**form_of(document, "customer")["access"][0], "delete": []}]
    form_of(document, "visit")["transitions"][0]["effects"] = [{"key": "e", "type": "update", "settings": {"target": "customer", "transition": "meet"}}]
    ((place, words),) = doubts(document)
    assert place == "forms[visit].transitions[finish].effects"
    assert words == "Its effects come back to itself: Visit “Finish” → Customer “Meet” → Visit “Finish”."


@pytest.mark.parametrize("rule", [
    {"and": [{">": [{"var": "amount"}, 1]}, {"<": [{"var": "amount"}, {"var": "rate"}]}, {"===": [{"var": "tier"}, "gold"]}]},
    {"or": [{"!": [{"var": "ok"}]}, {"<=": ["2026-01-01", {"var": "due"}, "2026-01-02"]}, {"empty": [{"var": "start"}]}]},
    {"in": [{"var": "customer.tier"}, ["gold"]]},
])  # fmt: skip
def test_every_answer_that_a_rule_can_give_is_among_its_cells(rule):
    node = elaborate(rule, SAMPLE)
    test = compile_node(node)
    few = {test(data_of(case)) for case in cells([node])}
    assert few == {True, False}


@pytest.mark.parametrize("rule", [
    {">": [{"+": [{"var": "amount"}, 1]}, 2]}, {"in": ["a", {"var": "tags"}]}, {"in": ["a", {"var": "name"}]}, {"<": [{"var": "name"}, "b"]},
    {"and": [{">": [{"var": key}, 1]} for key in ("amount", "rate", "customer.credit")] + [{"var": "ok"}, {"var": "rush"}]},
])  # fmt: skip
def test_what_is_more_than_comparing_is_not_analysed(rule):
    with pytest.raises(NotAnalysed):
        cells([elaborate(rule, SAMPLE)])
