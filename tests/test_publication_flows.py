"""Running records when the flow changes: moved, or left to finish on the flow that they started with."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from databases import SLUG, build_empty
from formloom.platform import db
from formloom.platform.errors import Invalid, NotFound, Refused
from formloom.platform.jobs.worker import drain
from formloom.platform.records.compiled import open_app
from formloom.platform.records.query import Gate
from formloom.platform.records.results import Query
from formloom.platform.workflow import timers
from formloom.platform.workflow.publication import prospect_of
from formloom.platform.workflow.soundness import check
from small_app import field, form_of, status, transition
from visits import STAFF, TOTAL, Visits


@pytest.fixture
def running(workspace):
    """Visits go from open through review to done; those in review ask for their day."""
    visits = Visits(workspace)
    document = visits.draft()
    document["status_lists"][0]["statuses"].insert(1, status("review") | {"hours_allowed": 4, "colour": "violet"})
    checked = {"key": "day_known", "rule": {"!": [{"===": [{"var": "day"}, None]}]}, "message": {"en": "Which day?"}}
    form_of(document, "visit")["transitions"] = [
        transition("send", "open", "review"),
        transition("accept", "review", "done", guards=[checked]),
        transition("drop", "open", "dropped"),
    ]
    visits.publishes(document)
    return visits


def without_review(visits: Visits) -> dict:
    """The next version: no review, and whoever is open is done at once."""
    document = visits.draft()
    flow = document["status_lists"][0]
    flow["statuses"] = [s for s in flow["statuses"] if s["key"] != "review"]
    form_of(document, "visit")["transitions"] = [transition("finish", "open", "done"), transition("drop", "open", "dropped")]
    return document


def ways(visits: Visits, saved) -> list[str]:
    return [option.transition.key for option in visits.do.available("visit", saved.id)]


def rows(visits: Visits, where=True) -> dict:
    with visits.workspace.reading() as connection:
        gate = Gate(connection, open_app(visits.workspace, connection, "visits"), STAFF)
        return {row.id: row for row in gate.page(Query("visit", ("about", "day"), where)).rows}


def test_they_finish_on_the_flow_that_they_started_with(running):
    waiting, reviewed = running.create(day="2026-11-24"), running.create()
    running.do.perform("visit", reviewed.id, "send")
    running.publishes(without_review(running), finish=["visit"])
    fresh = running.create()
    assert ways(running, fresh) == ["finish", "drop"]
    assert ways(running, waiting) == ["send", "drop"]
    with pytest.raises(NotFound):
        running.do.perform("visit", waiting.id, "finish")
    with pytest.raises(NotFound):
        running.do.perform("visit", fresh.id, "send")
    running.do.perform("visit", waiting.id, "send")
    with pytest.raises(Refused, match="Which day"):
        running.do.perform("visit", reviewed.id, "accept")
    running.do.perform("visit", waiting.id, "accept")
    assert running.record(waiting).status == "done"
    assert check(running.workspace) == []


def test_a_retired_status_keeps_its_name_colour_and_time(running):
    visit = running.create(about="Tea")
    running.do.perform("visit", visit.id, "send")
    running.publishes(without_review(running), finish=["visit"])
    with running.workspace.reading() as connection:
        compiled = open_app(running.workspace, connection, "visits")
    retired = compiled.form("visit").statuses.by_key["review"]
    assert (retired.label, retired.colour, retired.retired) == ({"en": "Review"}, "violet", True)
    row = rows(running, {"===": [{"var": "status"}, "review"]})[visit.id]
    assert row.values["about"] == "Tea"
    assert compiled.form("visit", row.flow_id).statuses.by_key["review"].hours_allowed == 4
    running.do.edit("visit", visit.id, {"about": "Coffee"}, {"about": "Tea"})
    assert running.record(visit).values["about"] == "Coffee"


def test_nobody_brings_a_record_to_a_retired_status(running):
    from formloom.platform.access.actor import SYSTEM
    from formloom.platform.workflow.commands import Commands, Loaded

    running.do.perform("visit", running.create().id, "send")
    running.publishes(without_review(running), finish=["visit"])
    (refused,) = Commands(running.workspace, SYSTEM, "visits").load("visit", [Loaded("review", {"about": "Tea"})])
    assert isinstance(refused, Invalid)


def test_fields_labels_and_access_are_those_of_today(running):
    visit = running.create()
    running.do.perform("visit", visit.id, "send")
    document = without_review(running)
    form = form_of(document, "visit")
    form["fields"].append(field("note"))
    form["access"][0]["cells"]["about"] = {"*": "hidden"}
    running.publishes(document, finish=["visit"])
    running.do.edit("visit", visit.id, {"note": "new"}, {"note": None})
    values = running.record(visit).values
    assert values["note"] == "new"
    assert "about" not in values


def test_a_field_that_a_running_flow_reads_stays_until_the_flow_ends(running):
    visit = running.create(day="2026-11-24")
    running.do.perform("visit", visit.id, "send")
    running.publishes(without_review(running), finish=["visit"])
    without_day = running.without_field("day")
    with pytest.raises(Invalid, match=r"transitions\[accept\].*1 records still follow version 1"):
        running.publishes(without_day)
    running.do.perform("visit", visit.id, "accept")
    running.publishes(without_day)
    assert check(running.workspace) == []
    assert ways(running, visit) == []


def test_the_field_is_missed_at_once_where_records_are_left_on_their_flow(running):
    running.create()
    running.becomes(running.without_field("day"))
    document = without_review(running)
    with pytest.raises(Invalid, match="1 records still follow version 1"):
        running.publishes(document, finish=["visit"])
    running.publishes(document)


def test_the_flow_ends_with_its_last_record(running):
    visit = running.create(day="2026-11-24")
    running.do.perform("visit", visit.id, "send")
    running.publishes(without_review(running), finish=["visit"])
    running.publishes(running.with_fields(field("km", "number")))
    assert rows(running)[visit.id].flow_id is not None
    running.do.perform("visit", visit.id, "accept")
    running.publishes(running.with_fields(field("miles", "number")))
    assert rows(running)[visit.id].flow_id is None
    with running.workspace.reading() as connection:
        compiled = open_app(running.workspace, connection, "visits")
    assert compiled.flows == {}
    assert "review" not in compiled.form("visit").statuses.by_key


def test_who_ended_where_there_is_no_status_any_more_stays_there(running):
    visit = running.create()
    running.do.perform("visit", visit.id, "drop")
    document = without_review(running)
    document["status_lists"][0]["statuses"] = document["status_lists"][0]["statuses"][:2]
    form_of(document, "visit")["transitions"] = [transition("finish", "open", "done")]
    running.publishes(document, finish=["visit"])
    assert running.record(visit).status == "dropped"
    assert ways(running, visit) == []
    assert check(running.workspace) == []
    running.publishes(running.without_field("day"))
    assert running.record(visit).status == "dropped"


def test_some_are_moved_and_the_others_finish(running):
    waiting, reviewed = running.create(), running.create()
    running.do.perform("visit", reviewed.id, "send")
    running.publishes(without_review(running), mapping={"visit": {"review": "open"}}, finish=["visit"])
    assert running.record(reviewed).status == "open"
    assert ways(running, reviewed) == ["finish", "drop"]
    assert ways(running, waiting) == ["send", "drop"]
    assert check(running.workspace) == []


def test_who_was_left_on_a_flow_can_be_moved_later(running):
    visit = running.create()
    running.do.perform("visit", visit.id, "send")
    running.publishes(without_review(running), finish=["visit"])
    running.publishes(running.with_fields(field("km", "number")), mapping={"visit": {"review": "open"}})
    assert ways(running, visit) == ["finish", "drop"]
    assert [(e.kind, e.from_status, e.to_status) for e in running.story(visit)][0] == ("moved", "review", "open")
    assert check(running.workspace) == []


def test_two_flows_of_the_past_go_on_beside_each_other(running):
    first = running.create(day="2026-11-24")
    running.do.perform("visit", first.id, "send")
    running.publishes(without_review(running), finish=["visit"])
    second = running.create()
    document = running.draft()
    form_of(document, "visit")["transitions"] = [transition("close", "open", "done")]
    running.publishes(document, finish=["visit"])
    third = running.create()
    assert [ways(running, visit) for visit in (first, second, third)] == [["accept"], ["finish", "drop"], ["close"]]
    for visit, way in ((first, "accept"), (second, "finish"), (third, "close")):
        running.do.perform("visit", visit.id, way)
    assert check(running.workspace) == []


def test_what_stands_between_is_counted_before(running):
    running.create()
    running.do.perform("visit", running.create().id, "send")
    running.do.perform("visit", running.create().id, "drop")
    running.becomes(without_review(running))
    with running.workspace.reading() as connection:
        prospect = prospect_of(running.workspace, connection, "visits")
        assert prospect.homeless == {"visit": {"review": 1}}
        assert prospect.running == {"visit": 2}


def test_new_formulas_know_those_who_follow_an_earlier_flow(running):
    visit = running.create()
    running.publishes(without_review(running), finish=["visit"])
    running.publishes(running.with_fields(field("double", "formula", settings=TOTAL)))
    assert running.record(visit).values["double"] == 230
    assert ways(running, visit) == ["send", "drop"]
    assert check(running.workspace) == []


def test_an_unchanged_flow_pins_nobody(running):
    visit = running.create()
    running.publishes(running.with_fields(field("km", "number")), finish=["visit"])
    assert rows(running)[visit.id].flow_id is None


def test_without_statuses_no_flow_goes_on(running):
    running.create()
    document = running.draft()
    form = form_of(document, "visit")
    form["status_list"], form["transitions"] = None, []
    form["access"][0]["delete"] = []
    with pytest.raises(Invalid, match="1 records stand here"):
        running.publishes(document, finish=["visit"])
    running.publishes(mapping={"visit": {"open": "saved"}})
    assert check(running.workspace) == []


def test_records_that_finish_as_they_started_keep_their_timers_and_get_new_ones_when_they_are_let_go(running):
    document = running.draft()
    stale = transition("stale", "open", "dropped", automatic=True, wait={"days": 2})
    del stale["who"]
    form_of(document, "visit")["transitions"] = [transition("finish", "open", "done"), stale]
    running.publishes(document)
    visit = running.create()
    archive = transition("archive", "done", "dropped", automatic=True, wait={"days": 30})
    del archive["who"]
    document = running.draft()
    form_of(document, "visit")["transitions"] = [transition("finish", "open", "done"), archive]
    running.publishes(document, finish=["visit"])
    drain(running.workspace)
    assert waits(running) == ["go:stale"]
    running.do.perform("visit", visit.id, "finish")
    document = running.draft()
    form_of(document, "visit")["transitions"].append(transition("drop", "open", "dropped"))
    running.publishes(document)
    drain(running.workspace)
    assert waits(running) == ["go:archive"]
    assert check(running.workspace) == []


def waits(running) -> list[str]:
    with running.workspace.reading() as connection:
        return list(connection.scalars(sa.select(timers.timer.c.what)))


def test_flows_of_one_workspace_are_not_taken_for_those_of_another(workspace, database, databases, tmp_path):
    other = databases.fresh(database, "empty", build_empty, tmp_path / "other")
    workspaces = db.Workspaces(other)
    for place, finish in ((workspace, []), (workspaces[SLUG], ["visit"])):
        visits = Visits(place)
        visits.publishes()
        visit = visits.create()
        visits.publishes(visits.with_statuses("open", "done"), finish=finish)
        assert ways(visits, visit) == (["finish", "drop"] if finish else [])
        assert check(place) == []
    workspaces.dispose()
    databases.drop(other)
