"""Checkpoints: a digest over the heads of all histories, so that one that was cut short or written anew is found.

A record's chain proves itself, but not that its end is there. A checkpoint digests the last event of every
record up to an event, in buckets of neighbouring records, and continues the checkpoint before it.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ..db import Json, Workspace, metadata
from ..definition import store
from .form_history import form_event
from .history import event

BUCKET = 1000  # records, by their numbers

checkpoint = sa.Table(
    "checkpoint",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("last_event", sa.Integer, nullable=False),
    sa.Column("last_form_event", sa.Integer, nullable=False),
    sa.Column("records", sa.Integer, nullable=False),
    sa.Column("buckets", Json, nullable=False),
    sa.Column("prev", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)
"""buckets: "app/form/7" -> [how many records, digest], of the records 7000-7999; "app/form": of the form's own events."""

Buckets = dict[str, list]


def take(workspace: Workspace, at: datetime) -> sa.Row:
    """A checkpoint of this moment; the last one again where nothing has happened since."""
    last_event, last_form_event = _reach(workspace)
    with workspace.reading() as connection:
        buckets = digested(connection, last_event, last_form_event)
        records = sum(number for name, (number, _digest) in buckets.items() if name.count("/") == 2)
    with workspace.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.DDL("LOCK TABLE checkpoint IN EXCLUSIVE MODE"))
        before = latest(connection)
        if before is not None and (before.last_event, before.last_form_event) == (last_event, last_form_event):
            return before
        row = {"at": at, "last_event": last_event, "last_form_event": last_form_event, "records": records}
        row |= {"buckets": buckets, "prev": before.hash if before else ""}
        written = sa.insert(checkpoint).values(row | {"hash": _hash(row)}).returning(checkpoint)
        return connection.execute(written).one()


def latest(connection: sa.Connection) -> sa.Row | None:
    return connection.execute(sa.select(checkpoint).order_by(checkpoint.c.id.desc()).limit(1)).first()


def contradicted(connection: sa.Connection) -> Iterator[str]:
    """What is not as the checkpoints say it was, in words."""
    prev = ""
    for row in connection.execute(sa.select(checkpoint).order_by(checkpoint.c.id)):
        if row.prev != prev or _hash(row._mapping) != row.hash:
            yield f"checkpoint {row.id} does not continue the one before"
        prev = row.hash
    last = latest(connection)
    if last is None:
        return
    now = digested(connection, last.last_event, last.last_form_event)
    for name in sorted(now.keys() | last.buckets.keys()):
        if now.get(name) != last.buckets.get(name):
            yield f"{_named(name)}: the history up to {last.at:%Y-%m-%d %H:%M} is not what the checkpoint of then saw"


def digested(connection: sa.Connection, last_event: int, last_form_event: int) -> Buckets:
    """The heads of all histories up to these events."""
    return _digests(_heads(connection, last_event)) | _digests(_form_heads(connection, last_form_event))


def _digests(lines: Iterable[tuple[str, str]]) -> Buckets:
    found = {}
    for name, bucket in itertools.groupby(lines, key=lambda line: line[0]):
        written = [line for _name, line in bucket]
        found[name] = [len(written), hashlib.sha256("".join(written).encode()).hexdigest()]
    return found


def _heads(connection: sa.Connection, last: int) -> Iterator[tuple[str, str]]:
    """(bucket, line) of every record's last event, in the order of the records."""
    ends = (
        sa.select(event.c.app_key, event.c.form_key, event.c.record_id, sa.func.max(event.c.seq).label("seq"))
        .where(event.c.id <= last)
        .group_by(event.c.app_key, event.c.form_key, event.c.record_id)
        .subquery()
    )
    same = sa.and_(*(event.c[name] == ends.c[name] for name in ("app_key", "form_key", "record_id", "seq")))
    found = sa.select(ends, event.c.hash).select_from(ends.join(event, same))
    ordered = found.order_by(ends.c.app_key, ends.c.form_key, ends.c.record_id)
    for row in connection.execution_options(yield_per=BUCKET).execute(ordered):
        yield f"{row.app_key}/{row.form_key}/{row.record_id // BUCKET}", f"{row.record_id}:{row.seq}:{row.hash}\n"


def _form_heads(connection: sa.Connection, last: int) -> Iterator[tuple[str, str]]:
    here = sa.select(form_event).where(form_event.c.id <= last)
    for row in connection.execute(here.order_by(form_event.c.app_key, form_event.c.form_key, form_event.c.seq)):
        yield f"{row.app_key}/{row.form_key}", f"{row.seq}:{row.hash}\n"


def _reach(workspace: Workspace) -> tuple[int, int]:
    """The last events there are, at a moment when no command has any on its way."""
    with workspace.writing() as connection:
        for app in store.apps(connection):
            store.held(connection, app.key)
        return tuple(connection.scalar(sa.select(sa.func.max(t.c.id))) or 0 for t in (event, form_event))


def _named(name: str) -> str:
    app_key, form_key, *bucket = name.split("/")
    if not bucket:
        return f"{app_key}/{form_key}"
    first = int(bucket[0]) * BUCKET
    return f"{app_key}/{form_key}/{first}-{first + BUCKET - 1}"


def _hash(row: Mapping[str, Any]) -> str:
    facts = [row["prev"], row["at"].isoformat(), row["last_event"], row["last_form_event"], row["records"], row["buckets"]]
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
