"""Claiming errands from the outbox: leased rows, so that several workers, or a dead one, do no harm."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from ..db import Workspace
from ..workflow.outbox import DEAD, DELIVERED, WAITING, now, outbox

LEASE = timedelta(seconds=30)
BATCH = 20
MOST_ATTEMPTS = 10
LONGEST_WAIT = timedelta(hours=1)

_earlier = outbox.alias("earlier")
_due = sa.bindparam("now", type_=sa.DateTime)


def _claim_statement(dialect: str) -> sa.Update:
    """The oldest errands that are due, free, and first among those of their record."""
    blocked = sa.exists().where(
        _earlier.c.app_key == outbox.c.app_key,
        _earlier.c.form_key == outbox.c.form_key,
        _earlier.c.record_id == outbox.c.record_id,
        _earlier.c.id < outbox.c.id,
        _earlier.c.state == sa.literal_column(f"'{WAITING}'"),
        sa.or_(_earlier.c.attempts > 0, _earlier.c.due_at <= _due),
    )
    candidates = (
        sa.select(outbox.c.id)
        .where(
            outbox.c.state == sa.literal_column(f"'{WAITING}'"),
            outbox.c.due_at <= _due,
            sa.or_(outbox.c.leased_until.is_(None), outbox.c.leased_until < _due),
            ~blocked,
        )
        .order_by(outbox.c.due_at, outbox.c.id)
        .limit(BATCH)
    )
    if dialect == "postgresql":
        candidates = candidates.with_for_update(skip_locked=True)
    values = {"lease": sa.bindparam("mine"), "leased_until": sa.bindparam("until"), "attempts": outbox.c.attempts + 1}
    return sa.update(outbox).where(outbox.c.id.in_(candidates)).values(values).returning(outbox)


CLAIM = {name: _claim_statement(name) for name in ("sqlite", "postgresql")}
DUE = (
    sa.select(outbox.c.id)
    .where(
        outbox.c.state == sa.literal_column(f"'{WAITING}'"),
        outbox.c.due_at <= _due,
        sa.or_(outbox.c.leased_until.is_(None), outbox.c.leased_until < _due),
    )
    .limit(1)
)


def anything_due(workspace: Workspace, moment: datetime) -> bool:
    """A look that takes no lock, so that an idle worker disturbs nobody."""
    with workspace.reading() as connection:
        return connection.scalar(DUE, {"now": moment}) is not None


def claim(workspace: Workspace) -> tuple[str, list[sa.Row]]:
    """(lease, errands): what this caller alone may deliver until the lease ends, oldest first."""
    moment, lease = now(), secrets.token_hex(8)
    if not anything_due(workspace, moment):
        return lease, []
    bound = {"now": moment, "mine": lease, "until": moment + LEASE}
    with workspace.writing() as connection:
        rows = connection.execute(CLAIM[workspace.dialect], bound).all()
    return lease, sorted(rows, key=lambda row: row.id)


def finish(connection: sa.Connection, errand: sa.Row, lease: str) -> bool:
    """Mark as delivered; False where the lease has gone to somebody else meanwhile."""
    return _settle(connection, errand, lease, state=DELIVERED, finished_at=now(), error=None)


def postpone(connection: sa.Connection, errand: sa.Row, lease: str, error: str) -> bool:
    """Try again later, each time after twice as long; after the last try a dead letter."""
    if errand.attempts >= MOST_ATTEMPTS:
        return _settle(connection, errand, lease, state=DEAD, finished_at=now(), error=error)
    wait = min(timedelta(seconds=2**errand.attempts), LONGEST_WAIT)
    return _settle(connection, errand, lease, due_at=now() + wait, error=error)


def release(connection: sa.Connection, errands: Sequence[sa.Row], lease: str) -> None:
    """Give back what was claimed and not tried."""
    untried = (outbox.c.id.in_([errand.id for errand in errands]), outbox.c.lease == lease)
    values = {"lease": None, "leased_until": None, "attempts": outbox.c.attempts - 1}
    connection.execute(sa.update(outbox).where(*untried).values(values))


def _settle(connection: sa.Connection, errand: sa.Row, lease: str, **values) -> bool:
    mine = (outbox.c.id == errand.id, outbox.c.lease == lease, outbox.c.state == WAITING)
    done = connection.execute(sa.update(outbox).where(*mine).values(lease=None, leased_until=None, **values))
    return done.rowcount == 1


def dead_letters(connection: sa.Connection, limit: int | None = 100) -> list[sa.Row]:
    """What could not be delivered, newest first, with the reason in `error`."""
    return list(
        connection.execute(sa.select(outbox).where(outbox.c.state == DEAD).order_by(outbox.c.id.desc()).limit(limit))
    )


def retry(connection: sa.Connection, errand_id: int) -> bool:
    """Give a dead letter its tries again; False where there is none of that id."""
    dead = (outbox.c.id == errand_id, outbox.c.state == DEAD)
    values = {"state": WAITING, "attempts": 0, "due_at": now(), "finished_at": None}
    return connection.execute(sa.update(outbox).where(*dead).values(values)).rowcount == 1
