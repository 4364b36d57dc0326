"""Checkpoints: a history that was cut short or written anew is found, though its chain is whole in itself."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from formloom.platform.jobs import daily
from formloom.platform.records import checkpoints, history
from formloom.platform.workflow.outbox import now
from formloom.platform.workflow.soundness import check
from visits import Visits

AT = now()


@pytest.fixture
def visits(workspace):
    visits = Visits(workspace)
    visits.publishes()
    visits.done = visits.create()
    visits.do.perform("visit", visits.done.id, "finish")
    visits.other = visits.create()
    return visits


def take(visits, days: int = 0):
    return checkpoints.take(visits.workspace, AT + timedelta(days=days))


def rewritten(visits, statement: str) -> None:
    with visits.workspace.writing() as connection:
        assert connection.execute(sa.text(statement)).rowcount


def test_work_that_goes_on_does_not_contradict_it(visits):
    first = take(visits)
    assert first.records == 2
    assert take(visits, 1).id == first.id
    visits.do.create("customer", {"name": "Ann"})
    visits.do.perform("visit", visits.other.id, "finish")
    second = take(visits, 1)
    assert (second.prev, second.records) == (first.hash, 3)
    visits.do.delete("customer", 1)
    assert check(visits.workspace) == []


def test_a_history_cut_short_is_found(visits):
    take(visits)
    with visits.workspace.reading() as connection:
        created, _finished = history.of_record(connection, "visits", "visit", visits.done.id)
    rewritten(visits, f"DELETE FROM event WHERE form_key = 'visit' AND record_id = {visits.done.id} AND seq = 2")
    rewritten(visits, f"UPDATE visits__visit SET seq = 1, head = '{created.hash}', status = 'open' WHERE id = {visits.done.id}")
    (said,) = check(visits.workspace)
    assert said.startswith("visits/visit/0-999: the history up to")


def test_a_history_written_anew_is_found(visits):
    take(visits)
    with visits.workspace.writing() as connection:
        event = history.event
        (row,) = history.of_record(connection, "visits", "visit", visits.other.id)
        facts = dict(row._mapping) | {"actor_id": 99}
        forged = history.chain_hash(facts)
        connection.execute(sa.update(event).where(event.c.id == row.id).values(actor_id=99, hash=forged))
    rewritten(visits, f"UPDATE visits__visit SET head = '{forged}' WHERE id = {visits.other.id}")
    (said,) = check(visits.workspace)
    assert "is not what the checkpoint of then saw" in said


def test_a_record_that_is_gone_with_its_history_is_found(visits):
    take(visits)
    rewritten(visits, f"DELETE FROM event WHERE record_id = {visits.other.id}")
    rewritten(visits, f"DELETE FROM visits__visit__lines WHERE record_id = {visits.other.id}")
    rewritten(visits, f"DELETE FROM visits__visit WHERE id = {visits.other.id}")
    assert len(check(visits.workspace)) == 1


def test_a_checkpoint_that_was_touched_is_found(visits):
    take(visits)
    visits.create()
    take(visits, 1)
    rewritten(visits, "UPDATE checkpoint SET last_event = 1 WHERE id = 1")
    assert "checkpoint 1 does not continue the one before" in check(visits.workspace)


def test_what_happened_to_all_records_at_once_is_part_of_it(visits):
    document = visits.with_statuses("open", "closed", "dropped")
    visits.publishes(document, mapping={"visit": {"done": "closed"}})
    take(visits)
    assert check(visits.workspace) == []
    rewritten(visits, "DELETE FROM form_event")
    assert any(said.startswith("visits/visit: the history up to") for said in check(visits.workspace))


def test_taken_while_people_work_it_holds(visits):
    stop = threading.Event()

    def work():
        while not stop.is_set():
            visits.create()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for day in range(5):
        take(visits, day)
    stop.set()
    for thread in threads:
        thread.join()
    assert check(visits.workspace) == []


def test_the_worker_takes_one_a_day(visits, monkeypatch):
    def latest():
        with visits.workspace.reading() as connection:
            return checkpoints.latest(connection)

    daily.checkpoint(visits.workspace)
    first = latest()
    visits.create()
    daily.checkpoint(visits.workspace)
    assert latest().id == first.id
    monkeypatch.setattr(daily, "now", lambda: now() + timedelta(days=1, minutes=1))
    daily.checkpoint(visits.workspace)
    assert latest().prev == first.hash
