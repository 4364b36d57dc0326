"""Disks that are full, servers that die: a clear word, nothing acknowledged lost, every effect once."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from conftest import FOLDER
from databases import SLUG, Databases, build_empty
from disasters import fill, kill_server, receiver, server_of_its_own, small_disk, tables_on
from formloom.platform import db
from formloom.platform.errors import Busy, DiskFull, FormloomError
from formloom.platform.jobs import claims, deliveries
from formloom.platform.jobs.worker import drain
from formloom.platform.records.results import Query
from formloom.platform.workflow.outbox import DELIVERED, outbox
from formloom.platform.workflow.soundness import check
from processes import together
from publishers import call
from serving import FORMLOOM, answering, family, running, signed_in
from sqlalchemy import make_url, select
from visits import Visits

SOAK = bool(os.environ.get("FORMLOOM_SOAK"))


@contextmanager
def opened(databases: Databases, database: str, folder, disk=None) -> Visits:
    config = databases.fresh(database, "empty", build_empty, folder / "instance")
    if disk is not None and config.postgresql:
        tables_on(databases.server, disk, make_url(config.database_url).database)
    workspaces = db.Workspaces(config)
    try:
        visits = Visits(workspaces[SLUG])
        visits.publishes()
        visits.config = config
        yield visits
    finally:
        workspaces.dispose()


def all_there(visits: Visits, acknowledged: dict) -> None:
    """Everything that was answered is there, and asked again is answered the same."""
    for key, saved in acknowledged.items():
        assert visits.record(saved).values["about"] == key
        assert visits.do.create("visit", {"about": key}, key=key) == saved
    assert check(visits.workspace) == []


@pytest.fixture
def folder():
    """Where a database server that runs as somebody else may go too."""
    made = Path(tempfile.mkdtemp(dir=os.environ[FOLDER], prefix="disaster-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def test_a_full_disk_is_said_and_loses_nothing(database, folder):
    with small_disk(folder / "disk", 40) as disk, server_of_its_own(folder) as server:  # noqa: SIM117
        with opened(Databases(folder / "made", server), database, disk if database == "sqlite" else folder, disk) as visits:
            acknowledged, refused = {"first": visits.do.create("visit", {"about": "first"}, key="first")}, []
            for turn in range(3):
                filler = fill(disk, leaving=300_000)
                for number in range(3000):
                    key = f"{turn} {number} " + "x" * 80
                    try:
                        acknowledged[key] = visits.do.create("visit", {"about": key}, key=key)
                    except FormloomError as error:
                        refused.append(error)
                        break
                assert len(refused) == turn + 1, "the disk never was full"
                assert visits.record(next(iter(acknowledged.values()))).rev == 1
                filler.unlink()
            assert {type(error) for error in refused} == {DiskFull}, refused
            assert "no space left" in str(refused[0])
            assert len(acknowledged) > 10
            all_there(visits, acknowledged)


@pytest.mark.databases("postgresql")
def test_the_database_server_dies_under_load(database, folder):
    with server_of_its_own(folder) as server, opened(Databases(folder / "made", server), database, folder) as visits:
        acknowledged, wrong, stop = {}, [], threading.Event()

        def work(name: int):
            number = 0
            while not stop.is_set():
                key = f"{name} {number}"
                try:
                    acknowledged[key] = visits.do.create("visit", {"about": key}, key=key)
                    number += 1
                except Busy:
                    time.sleep(0.02)  # and the same again: nobody knows what became of it
                except Exception as error:
                    wrong.append(error)
                    return

        threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(10 if SOAK else 2):
            before = len(acknowledged)
            while len(acknowledged) < before + 20 and not wrong:
                time.sleep(0.01)
            kill_server(server)
            server.start()
        stop.set()
        for thread in threads:
            thread.join()
        assert wrong == []
        all_there(visits, acknowledged)


def test_every_call_arrives_and_repetitions_are_told_by_their_key(database, durable_databases, tmp_path, monkeypatch):
    monkeypatch.setattr(claims, "LEASE", timedelta(seconds=1))
    with receiver() as (url, seen), opened(durable_databases, database, tmp_path) as visits:
        monkeypatch.setitem(deliveries.OUTSIDE, "call", lambda _workspace, errand: call(url, errand.key))
        owed = [key for keys in together(visits.config, "calls", 6, url, 60) for key in keys or ()]
        time.sleep(1.1)  # what the dead have claimed comes free
        drain(visits.workspace)
        with visits.workspace.reading() as connection:
            rows = connection.execute(select(outbox.c.key, outbox.c.state)).all()
        assert {row.key for row in rows} == set(owed) == set(seen)
        assert {row.state for row in rows} == {DELIVERED}
        assert len(owed) == 120
        assert sum(seen.values()) < 2 * len(owed)
        assert check(visits.workspace) == []


def test_web_servers_and_worker_die_under_load(orders, order_config):
    """Through the pages, as people send them: what does not answer is sent again under the same key."""
    with running(FORMLOOM, order_config) as (process, port):
        cookie, token = signed_in(port, orders.sales.email)
        acknowledged, answers, stop = [], Counter(), threading.Event()

        def work(name: int):
            number = 0
            while not stop.is_set():
                form = {"csrf_token": token, "key": f"{name} {number}", "base": "{}", "name": f"Customer {name} {number}"}
                if _post(port, "/apps/orders/customer/new", form, cookie) == "303":
                    acknowledged.append(form["name"])
                    number += 1

        threads = [threading.Thread(target=work, args=(name,)) for name in range(3)]
        for thread in threads:
            thread.start()
        for _ in range(10 if SOAK else 2):
            before = len(acknowledged)
            deadline = time.monotonic() + 20
            while len(acknowledged) < before + 10 and time.monotonic() < deadline:
                time.sleep(0.02)
            for pid in family(process.pid)[1:]:
                _kill(pid)
            answering(process, port)
        stop.set()
        for thread in threads:
            thread.join()
    with orders.sales.gate() as gate:
        there = {row.values["name"] for row in gate.page(Query("customer", ("name",), limit=500)).rows}
        number = gate.count(Query("customer")).number
    assert set(acknowledged) <= there
    assert number == len(there)
    assert len(acknowledged) > 20, answers
    drain(orders.workspace)
    assert check(orders.workspace) == []


def _post(port: int, path: str, form: dict, cookie: str) -> str:
    """The status of the answer; "" for none."""
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        head = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", path, urlencode(form), head)
        return str(connection.getresponse().status)
    except (OSError, http.client.HTTPException):
        time.sleep(0.05)
        return ""
    finally:
        connection.close()


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
