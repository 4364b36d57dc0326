"""What a workspace need not keep for ever: delivered errands, old idempotency keys, notices that were read, the rows
of sheets that were brought in.

A batch at a time, so that nobody waits for it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from ..db import Workspace
from ..workflow.notices import notice
from ..workflow.outbox import DELIVERED, outbox
from ..workflow.requests import request
from ..workflow.sheet_log import sheet_import

BATCH = 500
KEPT_ERRANDS = timedelta(days=14)
KEPT_KEYS = timedelta(days=14)
KEPT_NOTICES = timedelta(days=90)
KEPT_SHEETS = timedelta(days=30)

_before = sa.bindparam("before", type_=sa.DateTime)
_delivered = (outbox.c.state == sa.literal_column(f"'{DELIVERED}'"), outbox.c.finished_at < _before)
_old_key = sa.select(request.c.actor_id, request.c.key).where(request.c.at < _before).order_by(request.c.at).limit(BATCH)


def _oldest(table: sa.Table, moment: sa.Column, *here: sa.ColumnElement[bool]) -> sa.Delete:
    some = sa.select(table.c.id).where(*here).order_by(moment).limit(BATCH)
    return sa.delete(table).where(table.c.id.in_(some))


PURGES = (
    (KEPT_ERRANDS, _oldest(outbox, outbox.c.finished_at, *_delivered)),
    (KEPT_NOTICES, _oldest(notice, notice.c.read_at, notice.c.read_at < _before)),
    (KEPT_SHEETS, _oldest(sheet_import, sheet_import.c.at, sheet_import.c.at < _before)),
    (KEPT_KEYS, sa.delete(request).where(sa.tuple_(request.c.actor_id, request.c.key).in_(_old_key))),
)


def purge(workspace: Workspace, moment: datetime) -> bool:
    """One batch of each kind; whether there may be more."""
    full = False
    for kept, statement in PURGES:
        with workspace.writing() as connection:
            full |= connection.execute(statement, {"before": moment - kept}).rowcount >= BATCH
    return full
