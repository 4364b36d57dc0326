"""Publishing while people work: they wait for milliseconds, and what was left halfway is finished."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from formloom.platform.definition import store
from formloom.platform.errors import Busy
from formloom.platform.workflow.soundness import check
from small_app import field, form_of
from visits import TOTAL, Visits


@pytest.fixture
def running(workspace):
    visits = Visits(workspace)
    visits.publishes()
    return visits


@contextmanager
def at_work(visits: Visits, people: int):
    """People who create visits as fast as they can; yields what was saved, and what went wrong."""
    saved, wrong, stop = [], [], threading.Event()

    def work():
        while not stop.is_set():
            try:
                saved.append(visits.create())
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=work) for _ in range(people)]
    for thread in threads:
        thread.start()
    try:
        yield saved, wrong
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_people_at_work_do_not_notice(running):
    with at_work(running, people=4) as (saved, wrong):
        for number in range(2, 5):
            key = f"double_{number}"
            assert running.publishes(running.with_fields(field(key, "formula", settings=TOTAL))) == number
    assert wrong == []
    assert len(saved) > 10
    assert all(running.record(visit).values["double_4"] == 230 for visit in saved[:: len(saved) // 10])
    assert check(running.workspace) == []


@pytest.mark.databases("postgresql")
def test_the_flip_waits_for_commands_and_commands_for_the_flip(running):
    running.becomes(running.with_fields(field("km", "number")))
    publisher = threading.Thread(target=running.publishes)
    with running.workspace.writing() as connection:
        before = store.live(connection, "visits", share=True)
        publisher.start()
        time.sleep(0.5)
        assert publisher.is_alive()
        assert store.live(connection, "visits") == before
    publisher.join(10)
    assert running.live_number() == 2


@pytest.mark.databases("postgresql")
def test_a_long_reader_holds_up_the_publish_alone(running):
    running.becomes(running.with_fields(field("km", "number")))
    publisher = threading.Thread(target=running.publishes)
    with running.workspace.reading() as connection:
        connection.execute(sa.text("SELECT 1 FROM visits__visit"))
        publisher.start()
        for _ in range(5):
            running.create()
        assert publisher.is_alive()
    publisher.join(20)
    assert running.live_number() == 2


@pytest.mark.databases("postgresql")
def test_one_publishes_at_a_time(running):
    running.becomes(running.with_fields(field("km", "number")))
    publisher = threading.Thread(target=running.publishes)
    with running.workspace.writing() as connection:
        store.live(connection, "visits", share=True)
        publisher.start()
        time.sleep(0.5)
        with pytest.raises(Busy, match="publishing this app right now"):
            running.publishes()
    publisher.join(10)
    assert running.live_number() == 2


@pytest.mark.databases("postgresql")
def test_an_index_that_was_cut_short_is_made_again(running):
    running.create(day="2026-11-24")
    running.create(day="2026-11-24")
    name = "ix_visits__visit_f_about_id"
    with running.workspace.write.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        twice = sa.text(f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON visits__visit (f_day)")
        with pytest.raises(sa.exc.IntegrityError):
            connection.execute(twice)
    document = running.draft()
    form_of(document, "visit")["views"][0]["sort"] = [{"field": "about"}]
    running.publishes(document)
    with running.workspace.reading() as connection:
        index = next(i for i in sa.inspect(connection).get_indexes("visits__visit") if i["name"] == name)
    assert index["column_names"] == ["f_about", "id"]
    assert not index["unique"]
