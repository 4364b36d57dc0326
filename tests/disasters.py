"""What goes wrong with the machine: a disk that is full, a database server that dies, a receiver that counts."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from postgresql_server import PostgresqlServer


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A file system of its own at a folder; only root may make one."""
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "none", str(folder)], capture_output=True)
    if done.returncode:
        pytest.skip("only root may mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path, leaving: int) -> Path:
    """A file that takes all but so many bytes."""
    filler = disk / "filler"
    there = os.statvfs(disk)
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, there.f_bavail * there.f_frsize - leaving)
    return filler


@contextmanager
def server_of_its_own(folder: Path) -> Iterator[PostgresqlServer]:
    """A PostgreSQL server for one test, whose commits are durable."""
    server = PostgresqlServer(folder / "server", durable=True)
    try:
        yield server
    finally:
        server.stop()


def kill_server(server: PostgresqlServer) -> None:
    """The postmaster dies at once, and the others find that out."""
    file = server.folder / "data" / "postmaster.pid"
    pid = int(file.read_text().splitlines()[0])
    below = [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    for one in (pid, *below):
        try:
            os.kill(one, signal.SIGKILL)
        except ProcessLookupError:
            continue
    while any(_alive(one) for one in (pid, *below)):
        pass
    file.unlink()
    for lock in server.folder.glob(".s.PGSQL.*.lock"):  # its owner may be a zombie here, which looks alive
        lock.unlink()


def tables_on(server: PostgresqlServer, disk: Path, database: str) -> None:
    """Let the tables that a database gets from now on lie on another disk than its journal."""
    space = disk / "space"
    space.mkdir()
    if server.user:
        shutil.chown(space, server.user)
    server.execute(f"CREATE TABLESPACE small LOCATION '{space}'", f'ALTER DATABASE "{database}" SET default_tablespace = small')


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@contextmanager
def receiver() -> Iterator[tuple[str, Counter]]:
    """(address, how often each key came): an HTTP server that tells repetitions by their key."""
    seen: Counter = Counter()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            seen[self.headers["Idempotency-Key"]] += 1
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
