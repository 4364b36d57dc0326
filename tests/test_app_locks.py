"""Commands share an app; whoever needs it alone waits for those that run, and later ones wait behind."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from formloom.platform.definition import store
from small_app import small_app

WAITING = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted AND database = :database")
HERE = sa.text("SELECT oid FROM pg_database WHERE datname = current_database()")


@pytest.fixture
def app_key(workspace):
    with workspace.writing() as connection:
        row = store.create_app(connection, small_app(), by=None)
        store.add_version(connection, row.id, small_app(), by=None)
    return row.key


@pytest.mark.databases("postgresql")
def test_commands_that_come_later_do_not_pass_a_publish_that_waits(workspace, app_key):
    order, release = [], threading.Event()

    def shares(name, until=None):
        with workspace.writing() as connection:
            store.live(connection, app_key, share=True)
            order.append(name)
            if until:
                assert until.wait(10)

    def publishes():
        with workspace.writing() as connection:
            store.held(connection, app_key)
            order.append("publish")

    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(shares, "running", release)]
        wait_for(lambda: order == ["running"])
        running.append(pool.submit(publishes))
        wait_for(lambda: waiting(workspace) == 1)
        running.append(pool.submit(shares, "later"))
        wait_for(lambda: waiting(workspace) == 2)
        release.set()
        for one in running:
            one.result(10)
    assert order == ["running", "publish", "later"]


def waiting(workspace) -> int:
    with workspace.reading() as connection:
        return connection.scalar(WAITING, {"database": connection.scalar(HERE)})


def wait_for(holds) -> None:
    for _turn in range(500):
        if holds():
            return
        time.sleep(0.02)
    raise AssertionError("it never came to that")
