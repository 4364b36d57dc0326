"""A question that takes too long is stopped, says so, and leaves the connection as it was."""

from __future__ import annotations

import time

import pytest
import sqlalchemy as sa
from formloom.platform.errors import TooSlow
from formloom.platform.records.bounded import bounded
from formloom.platform.records.results import Query, Summary
from small_app import small_app
from small_world import World

SLOW = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(20)",
}


@pytest.fixture
def hurried(workspace):
    workspace.read = workspace.read.execution_options(longest_question=0.2)
    return workspace


def test_a_question_that_takes_too_long_is_stopped(hurried):
    with hurried.reading() as connection:
        started = time.monotonic()
        with pytest.raises(TooSlow, match="takes too long"), bounded(connection):
            connection.execute(sa.text(SLOW[hurried.dialect])).all()
        assert time.monotonic() - started < 15
        assert connection.scalar(sa.text("SELECT 1")) == 1
        with bounded(connection):
            assert connection.scalar(sa.text("SELECT 2")) == 2


def test_other_refusals_stay_what_they_are(hurried):
    with hurried.reading() as connection, pytest.raises(sa.exc.DBAPIError), bounded(connection):
        connection.execute(sa.text("SELECT nothing FROM nowhere"))


@pytest.mark.parametrize(
    "ask",
    [
        lambda gate: gate.page(Query("visit", search="roof")),
        lambda gate: gate.count(Query("visit", where={"===": [{"var": "about"}, "Roof"]})),
        lambda gate: gate.summary(Summary("visit")),
        lambda gate: gate.choices("visit", "customer"),
    ],
    ids=["search", "filter", "summary", "choices"],
)
def test_what_people_make_up_is_bounded(hurried, monkeypatch, ask):
    world = World(hurried, small_app())
    with world.gate("staff") as gate:
        plain = gate.connection.execute

        def slow(statement, *rest):
            if not isinstance(statement, sa.TextClause):
                plain(sa.text(SLOW[hurried.dialect])).all()
            return plain(statement, *rest)

        monkeypatch.setattr(gate.connection, "execute", slow)
        with pytest.raises(TooSlow):
            ask(gate)
