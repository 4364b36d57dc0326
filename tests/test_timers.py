"""What happens by itself in time: automatic transitions, reminders, and the rows that keep them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from claims import Claims, claims_app
from formloom.platform.jobs import claims as leases
from formloom.platform.jobs import deliveries
from formloom.platform.jobs.worker import drain
from formloom.platform.workflow import reminding
from formloom.platform.workflow.commands import Loaded
from formloom.platform.workflow.outbox import outbox
from formloom.platform.workflow.soundness import check
from formloom.platform.workflow.timers import hand_over, timer
from processes import together
from small_app import form_of, status, text, transition

NOW = datetime.now(timezone.utc).replace(tzinfo=None, microsecond=0)
DAY = timedelta(days=1)
TODAY = NOW.date()


def closing(**wait) -> dict:
    """A claim that is paid by itself."""
    guard = {"key": "some", "rule": {">": [{"var": "amount"}, 0]}, "message": text("Nothing to pay.")}
    return transition("close", "waiting", "paid", who={}, automatic=True, wait=wait, guards=[guard])


def reminder(**change) -> dict:
    told = {"key": "soon", "statuses": ["waiting"], "wait": {"days": 2}, "to": {"roles": ["manager"]}}
    return told | {"message": text("{about} waits, worth {salary}.")} | change


def with_(*transitions: dict, reminders=(), **rest) -> dict:
    document = claims_app() | rest
    form_of(document, "claim")["transitions"] += transitions
    form_of(document, "claim")["reminders"] = list(reminders)
    return document


def stands_at(claims, claim) -> str:
    with claims.gate("cem") as gate:
        return gate.record("claim", claim.id).status


def rows(claims) -> list[sa.Row]:
    with claims.workspace.reading() as connection:
        return list(connection.execute(sa.select(timer).order_by(timer.c.record_id, timer.c.what)))


def changes(claims, claim, **values):
    with claims.gate("ann") as gate:
        before = gate.record("claim", claim.id).values
    return claims.do("ann").edit("claim", claim.id, values, {key: before[key] for key in values})


@pytest.fixture
def build(workspace):
    yield lambda document: Claims(workspace, document)
    drain(workspace)
    assert check(workspace) == []


def test_after_a_delay_a_record_goes_on_by_itself(build):
    claims = build(with_(closing(days=2)))
    old, new = claims.handed_in(now=NOW - 3 * DAY), claims.handed_in(now=NOW - DAY)
    drain(claims.workspace)
    assert (stands_at(claims, old), stands_at(claims, new)) == ("paid", "waiting")
    assert [(row.record_id, row.due_at) for row in rows(claims)] == [(new.id, NOW + DAY)]
    assert claims.history(old)[0].actor_id is None
    claims.votes("cem", new)
    assert rows(claims) == []


def test_a_date_of_the_record_decides_and_moves_the_timer(build):
    claims = build(with_(closing(field="wanted", days=-1), zone="Europe/Berlin"))
    claim = claims.handed_in(wanted=str(TODAY + 9 * DAY))
    before = rows(claims)[0].due_at
    changes(claims, claim, wanted=str(TODAY + 5 * DAY))
    assert before - rows(claims)[0].due_at in (4 * DAY, 4 * DAY + timedelta(hours=1), 4 * DAY - timedelta(hours=1))
    changes(claims, claim, wanted=None)
    assert rows(claims) == []
    drain(claims.workspace)
    assert stands_at(claims, claim) == "waiting"
    changes(claims, claim, wanted=str(TODAY))
    assert stands_at(claims, claim) == "paid"


def test_where_a_condition_does_not_hold_in_time_the_next_change_decides(build):
    claims = build(with_(closing(days=2)))
    claim = claims.handed_in(now=NOW - 3 * DAY, amount=0)
    drain(claims.workspace)
    assert stands_at(claims, claim) == "waiting"
    assert hand_over(claims.workspace, NOW + 100 * DAY) == 0
    changes(claims, claim, amount=5)
    assert stands_at(claims, claim) == "paid"


def test_on_the_working_calendar(build):
    claims = build(with_(closing(days=1, hours=3, working=True), calendar={}))
    claim = claims.handed_in(now=datetime(2027, 1, 1, 17))  # a Friday
    (row,) = rows(claims)
    assert (row.record_id, row.due_at) == (claim.id, datetime(2027, 1, 5, 11))


def test_a_reminder_is_sent_once_and_says_what_each_may_read(build):
    claims = build(with_(reminders=[reminder(to={"roles": ["manager", "finance"], "creator": True})]))
    claims.handed_in(now=NOW - 3 * DAY, salary=900)
    drain(claims.workspace)
    drain(claims.workspace)
    assert claims.told("cem") == ["Taxi waits, worth …."]
    assert claims.told("eva") == ["Taxi waits, worth 900."]
    assert claims.told("ann") == ["Taxi waits, worth 900."]
    assert claims.told("ben") == []


def test_a_reminder_to_the_head_and_one_that_escalates(build):
    soon, later = reminder(to={"head": True}), reminder(key="late", wait={"days": 4}, to={"roles": ["manager"]})
    claims = build(with_(reminders=[soon, later]))
    claims.handed_in(now=NOW - 3 * DAY)
    drain(claims.workspace)
    assert (claims.told("fay"), claims.told("cem")) == (["Taxi waits, worth ."], [])
    claims.handed_in(now=NOW - 5 * DAY)
    drain(claims.workspace)
    assert (len(claims.told("fay")), len(claims.told("cem"))) == (2, 1)


def test_who_does_not_see_the_record_is_told_nothing(build):
    claims = build(with_(reminders=[reminder(to={"roles": ["finance", "clerk"]})]))
    claims.handed_in(now=NOW - 3 * DAY, amount=5)
    drain(claims.workspace)
    assert (claims.told("eva"), claims.told("ben"), len(claims.told("ann"))) == ([], [], 1)


def test_again_with_each_stay_and_with_each_new_date(build):
    by_date = reminder(key="date", wait={"field": "wanted", "days": -1}, message=text("due {wanted}"))
    claims = build(with_(reminders=[reminder(), by_date]))
    claim = claims.handed_in(now=NOW - 3 * DAY, wanted=str(TODAY))
    drain(claims.workspace)
    changes(claims, claim, about="Train")
    drain(claims.workspace)
    assert len(claims.told("cem")) == 2
    changes(claims, claim, wanted=str(TODAY - DAY))
    drain(claims.workspace)
    assert len(claims.told("cem")) == 3
    claims.do("cem", NOW - 2 * DAY).perform("claim", claim.id, "send_back")
    claims.do("ann", NOW - 2 * DAY).perform("claim", claim.id, "hand_in")
    drain(claims.workspace)
    assert len(claims.told("cem")) == 5


def test_no_reminder_once_the_status_or_the_condition_is_another(build):
    claims = build(with_(reminders=[reminder(when={">": [{"var": "amount"}, 100]})]))
    gone, small = claims.handed_in(now=NOW - 3 * DAY), claims.handed_in(now=NOW - 3 * DAY, amount=7)
    claims.votes("cem", gone)
    drain(claims.workspace)
    assert claims.told("dora") == []
    changes(claims, small, amount=700)  # its time has passed, and now it is worth it
    drain(claims.workspace)
    assert len(claims.told("dora")) == 1


def test_deleted_records_wait_for_nothing_and_restored_ones_do_again(build):
    claims = build(with_(reminders=[reminder(statuses=["draft"], to={"creator": True})]))
    made = claims.do("ann").create("claim", {"about": "Taxi"})
    claims.do("ann").delete("claim", made.id)
    assert rows(claims) == []
    claims.do("ann").restore("claim", made.id)
    assert [row.record_id for row in rows(claims)] == [made.id]


def test_history_that_is_brought_in_reminds_of_nothing_past(build):
    document = with_(closing(days=30), reminders=[reminder()])
    form_of(document, "claim")["access"][0]["load"] = True
    claims = build(document)
    at = [NOW - 3 * DAY, NOW - DAY]
    old, new = claims.do("ann").load("claim", [Loaded("waiting", {"about": "Taxi", "amount": 1}, moment) for moment in at])
    drain(claims.workspace)
    assert claims.told("cem") == []
    due = {(row.record_id, row.what): (row.due_at, row.state) for row in rows(claims)}
    assert due[new.id, "remind:soon"] == (NOW + DAY, "waiting")
    assert due[old.id, "remind:soon"][1] == "done"
    assert due[old.id, "go:close"] == (NOW + 27 * DAY, "waiting")


def test_a_new_version_sets_the_timers_of_the_records_there_are(build, monkeypatch):
    monkeypatch.setattr(reminding, "BATCH", 2)
    claims = build(with_(reminders=[reminder(key="old")]))
    waiting = [claims.handed_in(now=NOW - n * DAY) for n in range(1, 6)]
    claims.publishes(with_(closing(days=4, hours=12), reminders=[reminder(wait={"days": 10})]))
    drain(claims.workspace)
    assert [stands_at(claims, claim) for claim in waiting] == ["waiting"] * 4 + ["paid"]
    kept = {(row.record_id, row.what, row.due_at) for row in rows(claims)}
    assert kept == {
        *((claim.id, "remind:soon", NOW + (10 - n) * DAY) for n, claim in enumerate(waiting[:4], 1)),
        *((claim.id, "go:close", NOW + (4 - n) * DAY + timedelta(hours=12)) for n, claim in enumerate(waiting[:4], 1)),
    }
    before = len(claims.told("cem"))
    claims.publishes(with_(reminders=[reminder(key="tardy")]))
    drain(claims.workspace)
    assert len(claims.told("cem")) == before  # what was late before it came is not news
    claims.publishes(claims_app())
    assert rows(claims) == []


def test_records_that_a_new_version_moves_wait_as_their_new_status_says(build):
    claims = build(with_(reminders=[reminder()]))
    claim = claims.handed_in()
    document = with_(reminders=[reminder(key="other", statuses=["approved"])])
    document["status_lists"][0]["statuses"] = [status("draft", "start"), status("approved"), status("paid", "done")]
    form_of(document, "claim")["transitions"] = []
    claims.publishes(document, mapping={"claim": {"waiting": "approved"}})
    drain(claims.workspace)
    assert [(row.record_id, row.what) for row in rows(claims)] == [(claim.id, "remind:other")]


def test_a_clock_that_is_put_back_makes_nothing_happen_twice(build):
    claims = build(with_(closing(days=20), reminders=[reminder()]))
    claim = claims.handed_in(now=NOW - 3 * DAY)
    drain(claims.workspace)
    assert hand_over(claims.workspace, NOW - 9 * DAY) == 0
    claims.do("ann", NOW - 9 * DAY).edit("claim", claim.id, {"about": "Bus"}, {"about": "Taxi"})
    drain(claims.workspace)
    assert len(claims.told("cem")) == 1


def test_a_clock_that_ran_ahead_loses_nothing(build):
    claims = build(with_(closing(days=2)))
    claim = claims.handed_in(now=NOW - DAY)
    assert hand_over(claims.workspace, NOW + 5 * DAY) == 1
    drain(claims.workspace)
    assert (stands_at(claims, claim), [row.state for row in rows(claims)]) == ("waiting", ["waiting"])


def test_a_worker_that_dies_between_claim_and_completion_loses_nothing_and_doubles_nothing(build):
    claims = build(with_(closing(days=2), reminders=[reminder(when={"===": [{"var": "amount"}, 0]})]))
    paid, reminded = claims.handed_in(now=NOW - 3 * DAY), claims.handed_in(now=NOW - 3 * DAY, amount=0)
    hand_over(claims.workspace, NOW)
    lease, errands = leases.claim(claims.workspace)
    assert {errand.record_id for errand in errands} == {paid.id, reminded.id}
    for errand in errands:
        deliveries.OUTSIDE[errand.kind](claims.workspace, errand)  # done, and never marked as that
    drain(claims.workspace)
    with claims.workspace.writing() as connection:
        connection.execute(sa.update(outbox).where(outbox.c.lease == lease).values(leased_until=NOW - DAY))
    drain(claims.workspace)
    assert stands_at(claims, paid) == "paid"
    assert Counter(event.kind for event in claims.history(paid)) == {"created": 1, "performed": 2}
    assert len(claims.told("cem")) == 1


def test_several_workers_one_of_them_killed_send_each_reminder_once(build, config):
    claims = build(with_(reminders=[reminder(to={"creator": True}, message=text("{id}"))]))
    made = [claims.handed_in(now=NOW - 3 * DAY) for _ in range(12)]
    together(config, "drains", 4)
    with claims.workspace.writing() as connection:
        connection.execute(sa.update(outbox).values(leased_until=None))
    drain(claims.workspace)
    assert Counter(claims.told("ann")) == {str(claim.id): 1 for claim in made}


def test_a_check_tells_of_timers_that_are_missing_or_left_over(workspace):
    claims = Claims(workspace, with_(reminders=[reminder()]))
    claim, other = claims.handed_in(), claims.handed_in()
    with workspace.writing() as connection:
        connection.execute(sa.update(timer).where(timer.c.record_id == claim.id).values(record_id=other.id, what="remind:x"))
    assert len(check(workspace)) == 2


def test_a_check_tells_of_timers_of_a_form_that_waits_for_nothing(workspace):
    claims = Claims(workspace, with_(reminders=[reminder()]))
    claim = claims.handed_in()
    (row,) = rows(claims)
    claims.publishes(claims_app())
    with workspace.writing() as connection:
        connection.execute(sa.insert(timer), [row._mapping])
    assert check(workspace) == [f"claims/claim/{claim.id}: waits for ['remind:soon'], should for []"]


def test_timers_cost_the_same_for_two_records_and_forty(build):
    document = with_(closing(days=2), reminders=[reminder()])
    form_of(document, "claim")["access"][0]["load"] = True
    claims = build(document)
    counts = []
    for number in (2, 40, 2, 40):
        sent = []
        sa.event.listen(sa.Engine, "before_cursor_execute", note := lambda _c, _cu, statement, *_r, sent=sent: sent.append(statement))
        claims.do("ann").load("claim", [Loaded("waiting", {"about": "Taxi", "amount": 1})] * number)
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
        counts.append(len(sent))
    assert counts[2] == counts[3]
