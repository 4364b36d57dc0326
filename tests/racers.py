"""What a test's processes do (see `processes.py`): functions of a config, a number, a start signal and arguments.

Each opens its own connections: none is ever shared between processes.
"""

from __future__ import annotations

import signal
from collections.abc import Callable

from databases import SLUG
from formloom.platform import db
from formloom.platform.config import Config
from formloom.platform.jobs.worker import drain

Wait = Callable[[], None]


def drains(config: Config, number: int, wait: Wait) -> int | None:
    """A worker on its own; the first is killed while it delivers."""
    workspace = db.Workspaces(config)[SLUG]
    wait()
    if number:
        return drain(workspace)
    signal.setitimer(signal.ITIMER_REAL, 0.05)  # ends the process wherever it is
    return drain(workspace)
