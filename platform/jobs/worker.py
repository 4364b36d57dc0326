"""The worker: delivers the outbox of every workspace, one errand at a time.

One child process of `formloom run`; several would do no harm (see `claims.py`).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable

import sqlalchemy as sa

from ..db import Workspace, Workspaces
from . import claims
from .deliveries import OUTSIDE, WITHIN

POLL_SECONDS = 0.25
LOOK_FOR_WORKSPACES_SECONDS = 2.0

log = logging.getLogger(__name__)


class Worker:
    """`slugs` lists the workspaces there are, read again every few seconds."""

    def __init__(self, workspaces: Workspaces, slugs: Callable[[], Iterable[str]]):
        self.workspaces = workspaces
        self.slugs = slugs
        self.stopping = threading.Event()
        self._known: tuple[str, ...] = ()
        self._looked = float("-inf")

    def run(self) -> None:
        """Until `stop()`; whatever goes wrong in one round is logged and tried again in the next."""
        while not self.stopping.is_set():
            try:
                busy = self.round()
            except Exception:
                log.exception("a round of the worker failed")
                busy = False
            if not busy:
                self.stopping.wait(POLL_SECONDS)

    def stop(self) -> None:
        self.stopping.set()

    def round(self) -> bool:
        """One batch from each workspace; whether there was anything to do."""
        if time.monotonic() - self._looked > LOOK_FOR_WORKSPACES_SECONDS:
            self._known, self._looked = tuple(self.slugs()), time.monotonic()
        delivered = [self._batch(self.workspaces[slug]) for slug in self._known]
        return any(delivered)

    def _batch(self, workspace: Workspace) -> bool:
        try:
            return deliver_batch(workspace) > 0
        except sa.exc.DBAPIError:
            log.exception("workspace %s cannot be reached", workspace.slug)
            return False


def drain(workspace: Workspace) -> int:
    """Deliver everything that is due now; how many errands were tried."""
    total = 0
    while tried := deliver_batch(workspace):
        total += tried
    return total


def deliver_batch(workspace: Workspace) -> int:
    """Claim some errands and deliver them in order; how many were tried."""
    lease, errands = claims.claim(workspace)
    for errand in errands:
        try:
            _deliver(workspace, errand, lease)
        except Exception as error:
            log.warning("%s could not be delivered: %s", errand.key, error)
            with workspace.writing() as connection:
                claims.postpone(connection, errand, lease, f"{type(error).__name__}: {error}")
    return len(errands)


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
