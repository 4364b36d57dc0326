"""How a publish goes can be read; one that stopped is resumed, dropped, or started again."""

from __future__ import annotations

import pytest
from formloom.platform.errors import Busy, NotFound
from formloom.platform.workflow import backfill, publication
from formloom.platform.workflow.publication import alone, drop, resume
from formloom.platform.workflow.publication_log import latest
from formloom.platform.workflow.soundness import check
from small_app import field
from visits import TOTAL, Visits


@pytest.fixture
def running(workspace, monkeypatch):
    monkeypatch.setattr(backfill, "BATCH", 2)
    visits = Visits(workspace)
    visits.publishes()
    return visits


@pytest.fixture
def failing(monkeypatch):
    """Backfills fail when they come to their third batch, as long as this holds True."""
    broken, batch, count = [True], backfill.Backfill._batch, [0]

    def sometimes(self, connection, stage, last, changed_since=None):
        count[0] += 1
        if broken[0] and count[0] == 3:
            raise ConnectionError("the network is down")
        return batch(self, connection, stage, last, changed_since)

    monkeypatch.setattr(backfill.Backfill, "_batch", sometimes)
    return broken


@pytest.fixture
def stopped(running, failing):
    """Seven visits, of which four have got the new formula."""
    running.visits = [running.create() for _ in range(7)]
    with pytest.raises(ConnectionError):
        running.publishes(running.with_fields(field("double", "formula", settings=TOTAL)), note="Twice")
    failing[0] = False
    return running


def log(visits):
    with visits.workspace.reading() as connection:
        return latest(connection, visits.app_id)


def test_it_tells_how_far_it_has_come_and_why_it_stopped(stopped):
    row = log(stopped)
    assert (row.state, row.step, row.done, row.total) == ("stopped", "backfill", 4, 7)
    assert row.error == "ConnectionError: the network is down"
    assert stopped.live_number() == 1
    stopped.create()


def test_what_stopped_goes_on_from_there(stopped, monkeypatch):
    begun = []
    batch = backfill.Backfill._batch

    def watched(self, connection, stage, last, changed_since=None):
        begun.append((last, changed_since is None))
        return batch(self, connection, stage, last, changed_since)

    monkeypatch.setattr(backfill.Backfill, "_batch", watched)
    late = stopped.create()
    stopped.becomes(stopped.with_fields(field("mood")))
    assert resume(stopped.workspace, "visits") == 2
    assert begun[0] == (stopped.visits[3].id, True)
    assert all(stopped.record(visit).values["double"] == 230 for visit in [*stopped.visits, late])
    assert "mood" not in stopped.record(late).values
    row = log(stopped)
    assert (row.state, row.done, row.number, row.note, row.error) == ("done", 8, 2, "Twice", None)
    assert check(stopped.workspace) == []
    with pytest.raises(NotFound, match="has stopped halfway"):
        resume(stopped.workspace, "visits")


def test_what_stopped_is_dropped(stopped):
    drop(stopped.workspace, "visits")
    assert log(stopped).state == "dropped"
    for act in (resume, drop):
        with pytest.raises(NotFound):
            act(stopped.workspace, "visits")
    assert stopped.live_number() == 1
    assert check(stopped.workspace) == []


def test_publishing_again_starts_over(stopped):
    assert stopped.publishes() == 2
    assert [stopped.record(visit).values["double"] for visit in stopped.visits] == [230] * 7
    assert log(stopped).done == 7


def test_what_was_published_meanwhile_makes_it_start_over(stopped):
    document = stopped.draft()
    stopped.publishes(stopped.without_field("day"))
    drop_row = log(stopped)
    assert drop_row.state == "done"
    stopped.publishes(document)
    assert check(stopped.workspace) == []


def test_a_killed_one_can_be_resumed(running, monkeypatch):
    visit = running.create()

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(publication, "_flip", killed)
        with pytest.raises(KeyboardInterrupt):
            running.publishes(running.with_fields(field("double", "formula", settings=TOTAL)))
    assert log(running).state == "running"
    assert resume(running.workspace, "visits") == 2
    assert running.record(visit).values["double"] == 230


def test_nobody_touches_one_that_is_at_work(running):
    with alone(running.workspace, "visits"):
        for act in (resume, drop):
            with pytest.raises(Busy, match="publishing this app right now"):
                act(running.workspace, "visits")
        with pytest.raises(Busy):
            running.publishes(running.with_fields(field("km", "number")))
