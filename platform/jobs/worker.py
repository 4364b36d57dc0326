"""The worker: delivers the outbox of every workspace, one errand at a time.

One child process of `formloom run`; several would do no harm (see `claims.py`).
"""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Iterable

import sqlalchemy as sa
from flask import Flask

from ..access.workspaces import all_slugs
from ..db import Workspace, Workspaces
from ..records import attachments
from ..workflow import timers
from ..workflow.outbox import now
from . import claims, daily
from .deliveries import OUTSIDE, WITHIN
from .purge import purge

POLL_SECONDS = 0.25
LOOK_FOR_WORKSPACES_SECONDS = 2.0
PURGE_SECONDS = 3600.0
LOOK_FOR_DAILY_WORK_SECONDS = 600.0

log = logging.getLogger(__name__)


class Worker:
    """`slugs` lists the workspaces there are, read again every few seconds."""

    def __init__(self, workspaces: Workspaces, slugs: Callable[[], Iterable[str]]):
        self.workspaces = workspaces
        self.slugs = slugs
        self.stopping = False
        self._known: tuple[str, ...] = ()
        self._looked = self._daily = float("-inf")
        self._purged: dict[str, float] = {}

    def run(self) -> None:
        """Until `stop()`; whatever goes wrong in one round is logged and tried again in the next."""
        while not self.stopping:
            try:
                busy = self.round()
            except Exception:
                log.exception("a round of the worker failed")
                busy = False
            if not busy:
                time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """After the errand at hand; safe to call from a signal handler."""
        self.stopping = True

    def round(self) -> bool:
        """One batch from each workspace; whether there was anything to do."""
        if time.monotonic() - self._looked > LOOK_FOR_WORKSPACES_SECONDS:
            self._known, self._looked = tuple(self.slugs()), time.monotonic()
        delivered = [self._batch(slug) for slug in self._known]
        if not any(delivered) and time.monotonic() - self._daily > LOOK_FOR_DAILY_WORK_SECONDS:
            self._daily = time.monotonic()
            self._each(daily.checkpoint)
            self._each(lambda workspace: attachments.purge(workspace, now()))
        return any(delivered)

    def _each(self, work: Callable[[Workspace], object]) -> None:
        """What must be done now and then; what fails is tried again the next time."""
        for slug in self._known:
            try:
                work(self.workspaces[slug])
            except (sa.exc.DBAPIError, OSError):
                log.exception("workspace %s cannot be reached", slug)

    def _batch(self, slug: str) -> bool:
        try:
            busy = deliver_batch(self.workspaces[slug], lambda: self.stopping) > 0
            if not busy:
                self._purge(slug)
            return busy
        except sa.exc.DBAPIError:
            log.exception("workspace %s cannot be reached", slug)
            return False

    def _purge(self, slug: str) -> None:
        """Now and then, when there is nothing else to do; a batch in each round until nothing is left."""
        if time.monotonic() - self._purged.get(slug, float("-inf")) > PURGE_SECONDS and not purge(self.workspaces[slug], now()):
            self._purged[slug] = time.monotonic()


def drain(workspace: Workspace) -> int:
    """Deliver everything that is due now; how many errands were tried."""
    total = 0
    while tried := deliver_batch(workspace):
        total += tried
    return total


def deliver_batch(workspace: Workspace, stopping: Callable[[], bool] = lambda: False) -> int:
    """Claim some errands, those of timers that are due among them, and deliver them in order; how many were tried."""
    timers.hand_over(workspace, now())
    lease, errands = claims.claim(workspace)
    half_time = time.monotonic() + claims.LEASE.total_seconds() / 2
    for index, errand in enumerate(errands):
        if stopping() or time.monotonic() > half_time:
            with workspace.writing() as connection:
                claims.release(connection, errands[index:], lease)
            return index
        _try(workspace, errand, lease)
    return len(errands)


def _try(workspace: Workspace, errand: sa.Row, lease: str) -> None:
    try:
        _deliver(workspace, errand, lease)
    except Exception as error:
        log.warning("%s could not be delivered: %s", errand.key, error)
        with workspace.writing() as connection:
            claims.postpone(connection, errand, lease, f"{type(error).__name__}: {error}")


def _deliver(workspace: Workspace, errand: sa.Row, lease: str) -> None:
    if errand.attempts > claims.MOST_ATTEMPTS:
        raise RuntimeError("the worker stopped each time it tried this")
    if errand.kind in WITHIN:
        with workspace.writing() as connection:
            if claims.finish(connection, errand, lease):
                WITHIN[errand.kind](connection, errand)
        return
    OUTSIDE[errand.kind](workspace, errand)
    with workspace.writing() as connection:
        claims.finish(connection, errand, lease)


def work(app: Flask) -> None:
    """The life of a worker process: until SIGTERM or SIGINT, and then to the end of the errand at hand."""

    def slugs() -> list[str]:
        with app.app_context():
            return all_slugs()

    worker = Worker(app.extensions["workspaces"], slugs)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    worker.run()
