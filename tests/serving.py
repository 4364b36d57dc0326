"""Real servers in processes of their own, for measuring and for watching how they live and die."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from databases import SLUG
from formloom.platform.config import Config
from people import PASSWORD

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
FORMLOOM = (sys.executable, "-c", "from formloom.platform.cli import main; main()", "run")
FLOOR = (sys.executable, str(Path(__file__).with_name("floor.py")), SLUG)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(command: tuple[str, ...], config: Config) -> Iterator[tuple[subprocess.Popen, int]]:
    """The process and its port, once it answers; stopped as an operator stops it."""
    port = free_port()
    settings = {
        "FORMLOOM_INSTANCE": str(config.instance), "DATABASE_URL": config.database_url, "PORT": str(port),
        "FORMLOOM_SECRET": config.secret, "PATH": os.environ["PATH"],
    }  # fmt: skip
    process = subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, text=True, cwd=config.instance)
    try:
        answering(process, port)
        yield process, port
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def answering(process: subprocess.Popen, port: int, seconds: float = 30) -> None:
    """Wait for the first answer, whatever it is."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as probe:
                probe.sendall(b"GET /sign-in HTTP/1.0\r\n\r\n")
                if probe.recv(1):
                    return
        except OSError:
            pass
        assert process.poll() is None, f"the server ended with {process.returncode}"
        assert time.monotonic() < deadline, "the server does not answer"
        time.sleep(0.01)


def signed_in(port: int, email: str) -> tuple[str, str]:
    """The cookie of a session, and the token for what it posts."""
    connection = http.client.HTTPConnection("127.0.0.1", port)

    def ask(method: str, path: str, body: str | None = None, cookie: str = "") -> tuple[str, str]:
        connection.request(method, path, body, {"Cookie": cookie, **(FORM if body else {})})
        answer = connection.getresponse()
        found = (answer.headers.get("Set-Cookie") or cookie).partition(";")[0]
        return found, answer.read().decode()

    cookie, page = ask("GET", "/sign-in")
    form = {"csrf_token": TOKEN.search(page)[1], "email": email, "password": PASSWORD}
    cookie, _page = ask("POST", "/sign-in", urlencode(form), cookie)
    _cookie, page = ask("GET", "/profile", cookie=cookie)
    connection.close()
    return cookie, TOKEN.search(page)[1]


def children(pid: int) -> list[int]:
    """The living processes right below one."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def family(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for one in found:
        found += children(one)
    return found


def memory(pid: int) -> int:
    """The proportional share of memory of a process and all below it, in MB."""
    rolled_up = [Path(f"/proc/{one}/smaps_rollup").read_text() for one in family(pid)]
    return sum(int(text.partition("\nPss:")[2].split()[0]) for text in rolled_up) // 1024


def processor_seconds(pid: int) -> float:
    """What a process and all below it have computed so far."""
    stats = [Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split() for one in family(pid)]
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / os.sysconf("SC_CLK_TCK")
