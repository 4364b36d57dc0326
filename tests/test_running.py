"""`formloom run`: the web server and the worker, started, killed and stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from formloom.platform.workflow.outbox import put
from serving import FORMLOOM, children, family, memory, running, signed_in


def leaf(pid: int) -> int:
    """The child without children of its own: the worker."""
    return next(child for child in children(pid) if not children(child))


def eventually(holds: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.05)


def tell(orders, key: str) -> None:
    payload = {"member_ids": [orders.sales.id], "message": {"en": key}, "app": "orders", "form": "order", "record_id": 1}
    with orders.workspace.writing() as connection:
        put(connection, "notify", key, payload)


def told(orders) -> list[str]:
    from formloom.platform.workflow.notices import of_member

    with orders.workspace.reading() as connection:
        return [row.key for row in of_member(connection, orders.sales.id)]


def test_it_serves_delivers_and_stops(orders, order_config):
    with running(FORMLOOM, order_config) as (process, port):
        cookie, _token = signed_in(port, orders.sales.email)
        assert cookie.startswith("formloom=")
        tell(orders, "first")
        eventually(lambda: told(orders) == ["first"])
        assert memory(process.pid) < 250
        below = family(process.pid)[1:]
        process.terminate()
        assert process.wait(20) == 0
        assert "Formloom is at http://127.0.0.1" in process.stdout.read()
        assert not [pid for pid in below if Path(f"/proc/{pid}").exists()]


def test_a_killed_worker_is_started_again(orders, order_config):
    with running(FORMLOOM, order_config) as (process, port):
        killed = leaf(process.pid)
        os.kill(killed, signal.SIGKILL)
        tell(orders, "first")
        eventually(lambda: told(orders) == ["first"])
        assert leaf(process.pid) != killed
        assert signed_in(port, orders.sales.email)


@pytest.mark.databases("sqlite")
def test_when_the_supervisor_is_killed_nothing_is_left(order_config):
    with running(FORMLOOM, order_config) as (process, _port):
        below = list(children(process.pid))
        process.kill()
        process.wait()
        eventually(lambda: not [pid for pid in below if Path(f"/proc/{pid}").exists()])


@pytest.mark.databases("sqlite")
def test_a_port_in_use_is_named(order_config):
    with running(FORMLOOM, order_config) as (_process, port):
        settings = {"FORMLOOM_INSTANCE": str(order_config.instance), "PORT": str(port), "PATH": os.environ["PATH"]}
        second = subprocess.run(FORMLOOM, env=settings, capture_output=True, text=True, timeout=30)
    assert second.returncode == 1
    assert f"127.0.0.1:{port} is in use" in second.stderr
