"""What the worker does once a day, when it has nothing else to do."""

from __future__ import annotations

import logging
from datetime import timedelta

from ..db import Workspace
from ..records import checkpoints
from ..workflow.outbox import now

DAY = timedelta(days=1)

log = logging.getLogger(__name__)


def checkpoint(workspace: Workspace) -> None:
    """Hold on to where all histories stand; the log says so too, outside the database."""
    with workspace.reading() as connection:
        last = checkpoints.latest(connection)
    if last is not None and now() - last.at < DAY:
        return
    taken = checkpoints.take(workspace, now())
    if last is None or taken.id != last.id:
        log.warning("checkpoint of %s: %s records, %s", workspace.slug, taken.records, taken.hash)
