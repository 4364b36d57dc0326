"""Statuses of lines come and go with versions of the app."""

from __future__ import annotations

import pytest
from formloom.platform.definition.checks import problems
from formloom.platform.definition.schema import load
from formloom.platform.errors import Invalid
from formloom.platform.workflow.soundness import check
from small_app import field_of, form_of, small_app, status, text, transition
from visits import Visits

LIST = {"key": "parts", "label": text("Parts"), "statuses": [status("planned", "start"), status("held"), status("billed", "done")]}


def with_line_statuses(document: dict) -> dict:
    document["status_lists"].append(LIST | {"statuses": list(LIST["statuses"])})
    field_of(document, "visit", "lines")["settings"] = {"status_list": "parts"}
    form_of(document, "visit")["transitions"] += [
        transition("hold", "planned", "held", rows="lines"),
        transition("bill", "held", "billed", rows="lines"),
    ]
    return document


@pytest.fixture
def visits(workspace):
    found = Visits(workspace)
    found.publishes()
    return found


def statuses(visits, visit) -> list:
    return [line.get("status") for line in visits.record(visit).values["lines"]]


def test_lines_that_are_there_get_the_start(visits):
    visit = visits.create()
    assert statuses(visits, visit) == [None, None]
    visits.publishes(with_line_statuses(visits.draft()))
    assert statuses(visits, visit) == ["planned", "planned"]
    assert check(visits.workspace) == []
    first = visits.record(visit).values["lines"][0]["id"]
    visits.do.perform("visit", visit.id, "hold", row=first)
    assert statuses(visits, visit) == ["held", "planned"]
    assert check(visits.workspace) == []


def test_a_status_with_lines_cannot_go_and_one_without_can(visits):
    visits.publishes(with_line_statuses(visits.draft()))
    visit = visits.create()
    visits.do.perform("visit", visit.id, "hold", row=visits.record(visit).values["lines"][0]["id"])
    document = visits.draft()
    document["status_lists"][1]["statuses"] = [status("planned", "start")]
    form_of(document, "visit")["transitions"] = form_of(document, "visit")["transitions"][:2]
    with pytest.raises(Invalid, match="1 lines stand at “held”"):
        visits.publishes(document)
    visits.do.perform("visit", visit.id, "bill", row=visits.record(visit).values["lines"][0]["id"])
    with pytest.raises(Invalid, match="billed"):
        visits.publishes(document)
    document["status_lists"][1]["statuses"].append(status("billed", "done"))
    visits.publishes(document)
    assert statuses(visits, visit) == ["billed", "planned"]
    assert check(visits.workspace) == []


def test_lines_may_stop_having_statuses(visits):
    visits.publishes(with_line_statuses(visits.draft()))
    visit = visits.create()
    document = visits.draft()
    field_of(document, "visit", "lines")["settings"] = {}
    form_of(document, "visit")["transitions"] = form_of(document, "visit")["transitions"][:2]
    visits.publishes(document)
    visits.do.edit("visit", visit.id, {"about": "Coffee"}, {"about": "Tea"})
    assert statuses(visits, visit) == [None, None]
    assert check(visits.workspace) == []


def test_a_line_without_a_record_of_its_status_is_found_by_the_checker(visits):
    import sqlalchemy as sa

    visits.publishes(with_line_statuses(visits.draft()))
    visits.create()
    with visits.workspace.writing() as connection:
        connection.execute(sa.text("UPDATE visits__visit__lines SET status = 'billed' WHERE position = 1"))
    assert ["lines" in wrong and "planned" in wrong for wrong in check(visits.workspace)] == [True]


WRONG = [
    ("transitions[hold].rows", lambda form: form["transitions"][2].update(rows="nowhere")),
    ("transitions[hold].rows", lambda form: form["fields"][3].update(settings={})),
    ("transitions[hold].sources", lambda form: form["transitions"][2].update(sources=["open"])),
    ("transitions[hold].target", lambda form: form["transitions"][2].update(target="done")),
    ("transitions[hold].ask[about]", lambda form: form["transitions"][2].update(ask=[{"field": "about"}])),
    ("transitions[hold].ask[cost]", lambda form: form["transitions"][2].update(ask=[{"field": "cost"}])),
    ("transitions[hold].who.fields", lambda form: form["transitions"][2].update(who={"fields": ["header.about"]})),
    ("transitions[hold].approval", lambda form: form["transitions"][2].update(approval={"kind": "one"})),
    ("transitions[hold].wait", lambda form: form["transitions"][2].update(automatic=True, who={}, wait={"days": 1})),
    (
        "transitions[hold].guards[g].rule.===[0].var",
        lambda form: form["transitions"][2].update(guards=[{"key": "g", "rule": {"===": [{"var": "about"}, "x"]}, "message": text("No.")}]),
    ),
    (
        "transitions[hold].effects[e].settings.values[nowhere]",
        lambda form: form["transitions"][2].update(effects=[{"key": "e", "type": "set", "settings": {"values": {"nowhere": 1}}}]),
    ),
    ("fields[lines].settings.status_list", lambda form: form["fields"][3].update(settings={"status_list": "nowhere"})),
]


@pytest.mark.parametrize(("place", "spoil"), WRONG, ids=[place for place, _ in WRONG])
def test_what_cannot_be_is_named(place, spoil):
    document = with_line_statuses(small_app())
    spoil(form_of(document, "visit"))
    blocking = [p.path for p in problems(load(document)) if p.severity == "block"]
    assert f"forms[visit].{place}" in blocking


def test_what_is_never_reached_is_warned_of():
    document = with_line_statuses(small_app())
    del form_of(document, "visit")["transitions"][3]
    (finding,) = [p for p in problems(load(document)) if "nothing leads to" in str(p.message)]
    assert (finding.severity, "billed" in str(finding.message).lower()) == ("warn", True)
    assert not [p for p in problems(load(with_line_statuses(small_app()))) if p.severity == "block"]
