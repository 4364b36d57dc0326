"""Timers of records that finish on the flow they started with."""

from __future__ import annotations

from datetime import datetime

import pytest
from claims import Claims, claims_app
from formloom.platform.jobs.worker import drain
from formloom.platform.workflow.soundness import check
from small_app import form_of, status, transition
from test_timers import DAY, NOW, closing, reminder, rows, stands_at, with_


@pytest.fixture
def build(workspace):
    yield lambda document: Claims(workspace, document)
    drain(workspace)
    assert check(workspace) == []


def test_who_finishes_on_an_earlier_flow_goes_on_by_itself_when_that_says(build):
    claims = build(with_(closing(days=2)))
    old, new = claims.handed_in(now=NOW - 3 * DAY), claims.handed_in(now=NOW - DAY)
    claims.publishes(claims_app(), finish=["claim"])
    claims.handed_in(now=NOW - 3 * DAY)
    drain(claims.workspace)
    assert (stands_at(claims, old), stands_at(claims, new)) == ("paid", "waiting")
    assert [(row.record_id, row.due_at) for row in rows(claims)] == [(new.id, NOW + DAY)]


def test_another_calendar_moves_the_timers_of_an_earlier_flow_too(build):
    claims = build(with_(closing(days=1, hours=3, working=True), calendar={}))
    claim = claims.handed_in(now=datetime(2027, 1, 1, 17))  # a Friday
    claims.publishes(claims_app() | {"calendar": {}}, finish=["claim"])
    claims.publishes(claims_app() | {"calendar": {"holidays": ["2027-01-04"]}})
    drain(claims.workspace)
    assert [(row.record_id, row.due_at) for row in rows(claims)] == [(claim.id, datetime(2027, 1, 6, 11))]


def test_reminders_are_those_of_today_on_whatever_flow(build):
    claims = build(with_(closing(days=20), reminders=[reminder(key="old")]))
    claim = claims.handed_in(now=NOW - DAY)
    claims.publishes(with_(reminders=[reminder(key="new", wait={"days": 3})]), finish=["claim"])
    drain(claims.workspace)
    assert [(row.record_id, row.what) for row in rows(claims)] == [(claim.id, "go:close"), (claim.id, "remind:new")]
    claims.publishes(claims_app())
    drain(claims.workspace)
    assert [(row.record_id, row.what) for row in rows(claims)] == [(claim.id, "go:close")]


def test_a_reminder_at_a_new_status_is_none_for_those_who_finish_on_an_earlier_flow(build):
    claims = build(claims_app())
    old = claims.handed_in(now=NOW - 3 * DAY)
    document = with_(reminders=[reminder(key="both", statuses=["waiting", "checked"]), reminder(key="new", statuses=["checked"])])
    document["status_lists"][0]["statuses"].insert(2, status("checked"))
    form_of(document, "claim")["transitions"][1]["sources"] = ["checked"]
    form_of(document, "claim")["transitions"].append(transition("see", "waiting", "checked", who={"roles": ["manager"]}))
    claims.publishes(document, finish=["claim"])
    drain(claims.workspace)
    assert [(row.record_id, row.what) for row in rows(claims)] == [(old.id, "remind:both")]
    assert claims.votes("cem", old).status == "approved"
