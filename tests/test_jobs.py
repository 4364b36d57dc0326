"""The outbox and its worker: everything once, in order for each record, whatever dies."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

import pytest
import sqlalchemy as sa
from formloom.platform.jobs import claims, deliveries
from formloom.platform.jobs.worker import Worker, deliver_batch, drain
from formloom.platform.workflow.notices import mark_read, notice, of_member, unread_count
from formloom.platform.workflow.outbox import DEAD, DELIVERED, WAITING, now, outbox, put
from processes import together

ORDER = ("orders", "order", 7)


def tells(workspace, key, member_ids=(1,), record=ORDER, due_at=None):
    message = {"en": f"{key} happened", "zh": f"{key} 发生了"}
    app, form, record_id = record
    payload = {"member_ids": list(member_ids), "message": message, "app": app, "form": form, "record_id": record_id}
    with workspace.writing() as connection:
        put(connection, "notify", key, payload, record, due_at)


def states(workspace):
    with workspace.reading() as connection:
        return {row.key: row.state for row in connection.execute(sa.select(outbox))}


def told(workspace, member_id=1):
    with workspace.reading() as connection:
        return [row.key for row in reversed(of_member(connection, member_id, limit=1000))]


@pytest.fixture
def impatient(monkeypatch):
    """Errands that fail are due again at once."""
    monkeypatch.setattr(claims, "LONGEST_WAIT", timedelta(0))


@pytest.fixture
def broken(monkeypatch):
    """A kind of errand that fails as long as it is in here."""
    failing = set()

    def deliver(workspace, errand):
        if errand.key in failing:
            raise ConnectionError("nobody answers")

    monkeypatch.setitem(deliveries.OUTSIDE, "broken", deliver)
    return failing


def test_everybody_is_told_once(workspace):
    tells(workspace, "shipped", [1, 2])
    tells(workspace, "shipped", [1, 2])
    assert drain(workspace) == 1
    assert told(workspace, 1) == told(workspace, 2) == ["shipped"]
    assert states(workspace) == {"shipped": DELIVERED}


def test_a_notice_is_unread_until_it_is_read(workspace):
    tells(workspace, "shipped", [1, 2])
    drain(workspace)
    with workspace.writing() as connection:
        (mine,) = of_member(connection, 1, unread=True)
        assert mine.text == {"en": "shipped happened", "zh": "shipped 发生了"}
        mark_read(connection, 2, [mine.id])
        assert unread_count(connection, 1) == 1
        mark_read(connection, 1, [mine.id])
        assert unread_count(connection, 1) == 0


def test_what_rolls_back_tells_nobody(workspace):
    with pytest.raises(RuntimeError), workspace.writing() as connection:
        put(connection, "notify", "shipped", {}, ORDER)
        raise RuntimeError
    assert drain(workspace) == 0


def test_what_is_due_later_waits_and_holds_nothing_up(workspace):
    tells(workspace, "reminder", due_at=now() + timedelta(days=1))
    tells(workspace, "shipped")
    drain(workspace)
    assert states(workspace) == {"reminder": WAITING, "shipped": DELIVERED}


def test_a_failure_holds_up_its_own_record_alone(workspace, broken):
    broken.add("first")
    with workspace.writing() as connection:
        put(connection, "broken", "first", {}, ORDER)
    tells(workspace, "second")
    tells(workspace, "elsewhere", record=("orders", "order", 8))
    drain(workspace)
    assert states(workspace) == {"first": WAITING, "second": WAITING, "elsewhere": DELIVERED}


def test_a_dead_letter_is_kept_with_its_reason_and_can_be_sent_again(workspace, broken, impatient):
    broken.add("first")
    with workspace.writing() as connection:
        put(connection, "broken", "first", {}, ORDER)
    tells(workspace, "second")
    drain(workspace)
    assert states(workspace) == {"first": DEAD, "second": DELIVERED}
    broken.clear()
    with workspace.writing() as connection:
        (letter,) = claims.dead_letters(connection)
        assert (letter.attempts, letter.error) == (claims.MOST_ATTEMPTS, "ConnectionError: nobody answers")
        assert claims.retry(connection, letter.id)
    drain(workspace)
    assert states(workspace)["first"] == DELIVERED


def test_each_failure_waits_twice_as_long(workspace, broken):
    broken.add("first")
    with workspace.writing() as connection:
        put(connection, "broken", "first", {}, ORDER)
    deliver_batch(workspace)
    with workspace.reading() as connection:
        waits = connection.execute(sa.select(outbox.c.due_at)).scalar() - now()
    assert timedelta(seconds=1) < waits <= timedelta(seconds=2)
    assert deliver_batch(workspace) == 0


def test_a_lease_that_ran_out_is_worth_nothing(workspace, monkeypatch):
    tells(workspace, "shipped")
    monkeypatch.setattr(claims, "LEASE", timedelta(seconds=-1))
    slow, (errand,) = claims.claim(workspace)
    monkeypatch.undo()
    quick, (again,) = claims.claim(workspace)
    assert again.id == errand.id
    with workspace.writing() as connection:
        assert not claims.finish(connection, errand, slow)
        assert claims.finish(connection, errand, quick)


def test_nobody_else_gets_what_is_leased(workspace):
    tells(workspace, "shipped")
    assert claims.claim(workspace)[1]
    assert claims.claim(workspace)[1] == []


def test_what_was_claimed_and_not_begun_is_given_back(workspace):
    for number in range(3):
        tells(workspace, f"n{number}", record=("orders", "order", number))
    stops = iter([False, True])
    assert deliver_batch(workspace, lambda: next(stops)) == 1
    assert sorted(states(workspace).values()) == [DELIVERED, WAITING, WAITING]
    assert drain(workspace) == 2


def test_an_errand_that_kills_its_worker_each_time_ends_as_a_dead_letter(workspace, impatient, monkeypatch):
    tells(workspace, "deadly")
    monkeypatch.setattr(claims, "LEASE", timedelta(seconds=-1))
    for _death in range(claims.MOST_ATTEMPTS):
        assert claims.claim(workspace)[1]
    monkeypatch.undo()
    drain(workspace)
    assert states(workspace) == {"deadly": DEAD}


def test_a_worker_looks_into_every_workspace_and_outlives_one_that_is_broken(workspace):
    class Shelf(dict):
        def __missing__(self, slug):
            raise sa.exc.OperationalError("no such database", None, Exception())

    tells(workspace, "shipped")
    worker = Worker(Shelf(demo=workspace), lambda: ["lost", "demo"])
    worker.round()
    assert told(workspace) == ["shipped"]


def test_four_workers_one_killed_deliver_everything_once_in_order(workspace, config):
    records, each = 40, 10
    for number in range(each):
        for record_id in range(records):
            tells(workspace, f"{record_id}:{number}", record=("orders", "order", record_id))
    killed, *delivered = together(config, "drains", 4)
    assert killed is None
    with workspace.writing() as connection:
        connection.execute(sa.update(outbox).where(outbox.c.leased_until.is_not(None)).values(leased_until=now()))
    drain(workspace)
    order = defaultdict(list)
    with workspace.reading() as connection:
        for row in connection.execute(sa.select(notice).order_by(notice.c.id)):
            record_id, number = row.key.split(":")
            order[record_id].append(int(number))
    assert len(order) == records
    assert all(numbers == list(range(each)) for numbers in order.values())
