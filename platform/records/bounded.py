"""Stops a question that takes too long: whatever people filter by, nobody holds the database for minutes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from ..errors import TooSlow

STEPS = 20_000  # SQLite looks at the clock after so many of its steps: a few ms
QUERY_CANCELED = "57014"
SET = sa.text("SELECT set_config('statement_timeout', :ms, true)")


@contextmanager
def bounded(connection: sa.Connection) -> Iterator[None]:
    """What is read inside is stopped when it takes longer than `config.longest_question`; TooSlow says so."""
    seconds = connection.get_execution_options().get("longest_question")
    if not seconds:
        yield
        return
    within = _sqlite if connection.dialect.name == "sqlite" else _postgresql
    with within(connection, seconds):
        yield


@contextmanager
def _sqlite(connection: sa.Connection, seconds: float) -> Iterator[None]:
    raw = connection.connection.dbapi_connection
    until = time.monotonic() + seconds
    raw.set_progress_handler(lambda: time.monotonic() > until, STEPS)
    try:
        yield
    except sa.exc.OperationalError as error:
        raise TooSlow if str(error.orig) == "interrupted" else error from None
    finally:
        raw.set_progress_handler(None, STEPS)


@contextmanager
def _postgresql(connection: sa.Connection, seconds: float) -> Iterator[None]:
    """Until the transaction ends, which spares a second statement that would lift it."""
    connection.execute(SET, {"ms": str(int(seconds * 1000))})
    try:
        yield
    except sa.exc.OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != QUERY_CANCELED:
            raise
        connection.rollback()  # what was stopped has broken it, and the rest of the page still reads
        raise TooSlow from None
