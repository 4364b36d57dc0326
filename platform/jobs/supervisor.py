"""`formloom run`: the web server and the worker as children of one process that keeps them alive.

The application is loaded once, before the children are forked, so that they share its memory. No
database is open at that moment: a connection or a lock must never be shared between processes.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable

from flask import Flask

from ..config import Config
from .server import Server
from .worker import work

HEARD = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
STOP_SECONDS = 15
QUICK_DEATH_SECONDS = 2
MOST_QUICK_DEATHS = 5
M_ARENA_MAX = -8  # glibc: how many heaps there may be
PR_SET_PDEATHSIG = 1  # Linux: the signal that a child gets when its parent dies

log = logging.getLogger(__name__)


def supervise(app: Flask, config: Config, ready: Callable[[str], None]) -> int:
    """Serve until told to stop; the exit code. `ready` is called with the address once it answers."""
    if taken(config.host, config.port):
        print(f"{config.host}:{config.port} is in use: choose another port with PORT=", file=sys.stderr)
        return 1
    app.extensions["workspaces"].dispose()
    app.extensions["system"].dispose()
    parts = {
        "web server": lambda: Server(app, config.host, config.port, ready).run(),
        "worker": lambda: work(app),
    }
    return Supervisor(parts).run()


def taken(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


class Supervisor:
    """Runs each part in a child process, and again when it dies."""

    def __init__(self, parts: dict[str, Callable[[], None]]):
        self.parts = parts
        self.children: dict[int, tuple[str, float]] = {}  # pid -> part, started at
        self.quick_deaths = 0

    def run(self) -> int:
        signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
        _share_arenas()
        gc.collect()
        gc.freeze()
        for part in self.parts:
            self._start(part)
        while signal.sigwait(HEARD) == signal.SIGCHLD:
            for part in self._buried():
                if self.quick_deaths >= MOST_QUICK_DEATHS:
                    self._stop()
                    return 1
                self._start(part)
        self._stop()
        return 0

    def _start(self, part: str) -> None:
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            _be_child(self.parts[part])
        self.children[pid] = (part, time.monotonic())

    def _buried(self) -> list[str]:
        """The parts whose processes have ended; a pause after one that hardly lived."""
        ended = []
        while self.children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            part, started = self.children.pop(pid)
            log.error("the %s ended with %s and is started again", part, os.waitstatus_to_exitcode(status))
            if time.monotonic() - started < QUICK_DEATH_SECONDS:
                self.quick_deaths += 1
                time.sleep(self.quick_deaths)
            else:
                self.quick_deaths = 0
            ended.append(part)
        return ended

    def _stop(self) -> None:
        """Ask the children to finish what they do; end those that don't."""
        for pid in self.children:
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while self.children and time.monotonic() < deadline:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            self.children.pop(pid, None)
            if pid == 0:
                time.sleep(0.02)
        for pid in self.children:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _share_arenas() -> None:
    """Keeps glibc from giving each thread a heap of its own, which together hold a third more than is used."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 2)


def _be_child(part: Callable[[], None]) -> None:
    """The life of a child process, from the fork to its end."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)
    code = 0
    try:
        part()
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else 1
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
