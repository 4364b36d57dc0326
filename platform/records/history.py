"""History: one hash chain a record, append-only.

An event's hash covers the previous hash, the event's own facts and a salted digest of every value it
wrote. The values and their salts stand beside the digests, so that a personal value can be erased
(value and salt) while the chain still proves whole.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ..db import Json, metadata
from ..quick import Quick

event = sa.Table(
    "event",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("app_key", sa.Text, nullable=False),
    sa.Column("form_key", sa.Text, nullable=False),
    sa.Column("record_id", sa.Integer, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("actor_id", sa.Integer),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("transition", sa.Text),
    sa.Column("from_status", sa.Text),
    sa.Column("to_status", sa.Text, nullable=False),
    sa.Column("version_id", sa.Integer, nullable=False),
    sa.Column("changes", Json, nullable=False),
    sa.Column("digests", Json, nullable=False),
    sa.Column("prev", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("cause", Json),
    sa.UniqueConstraint("app_key", "form_key", "record_id", "seq"),
    sa.Index("ix_event_actor_id_id", "actor_id", "id"),
    sqlite_autoincrement=True,
)

INSERT = Quick(sa.insert(event).inline())
OF_RECORD = Quick(
    sa.select(event)
    .where(
        event.c.app_key == sa.bindparam("app_key"),
        event.c.form_key == sa.bindparam("form_key"),
        event.c.record_id == sa.bindparam("record_id"),
    )
    .order_by(event.c.seq)
)
SALT_BYTES = 8
OPINION, STANDS_IN, VOIDED, COMMENTS = "#opinion", "#stands_in", "#voided", "#comments"
ACTS_FOR, ASKED, SIGNED = "#acts_for", "#asked", "#signed"
NOTES = (OPINION, STANDS_IN, VOIDED, COMMENTS, ACTS_FOR, ASKED, SIGNED)
"""What an event tells beside changes of fields: digested like them, part of no value."""
ERASED = "erased"


@dataclass(frozen=True)
class Happening:
    """What an event tells: to which record, by whom, and every path changed as path -> (old, new), in JSON form."""

    app_key: str
    form_key: str
    record_id: int
    seq: int
    at: datetime
    actor_id: int | None
    kind: str
    to_status: str
    version_id: int
    changes: Mapping[str, tuple[Any, Any]]
    from_status: str | None = None
    transition: str | None = None
    cause: Mapping[str, Any] | None = None  # the transition of another record: form, id, transition


def chained(happening: Happening, prev: str) -> dict[str, Any]:
    """The event row that continues a chain whose head is `prev` ("" for the first)."""
    salts = os.urandom(SALT_BYTES * len(happening.changes)).hex()
    width = SALT_BYTES * 2
    changes, digests = {}, {}
    for index, (path, (old, new)) in enumerate(happening.changes.items()):
        salt = salts[index * width : (index + 1) * width]
        changes[path] = {"old": old, "new": new, "salt": salt}
        digests[path] = digest(salt, old, new)
    row = {name: getattr(happening, name) for name in FACTS}
    row |= {"changes": changes, "digests": digests, "prev": prev, "cause": happening.cause}
    return row | {"hash": chain_hash(row)}


FACTS = (
    "app_key", "form_key", "record_id", "seq", "at", "actor_id", "kind", "transition", "from_status", "to_status",
    "version_id",
)  # fmt: skip


def chain_hash(row: Mapping[str, Any]) -> str:
    """SHA-256 over the previous hash, the facts and the digests of an event row."""
    facts = [row[name] if name != "at" else row[name].isoformat() for name in FACTS]
    facts += [row["cause"]] if row["cause"] else []  # which older events have none of
    text = json.dumps([row["prev"], facts, row["digests"]], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def digest(salt: str, old: Any, new: Any) -> str:
    text = json.dumps([salt, old, new], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def append(connection: sa.Connection, rows: list[dict[str, Any]]) -> None:
    """Write event rows; the caller holds each record's lock and sets its head."""
    if rows:
        INSERT.write(connection, rows)


def of_record(connection: sa.Connection, app_key: str, form_key: str, record_id: int) -> list[sa.Row]:
    """A record's events, oldest first."""
    return OF_RECORD.all(connection, app_key=app_key, form_key=form_key, record_id=record_id)


def signed_with(connection: sa.Connection, place: tuple[str, str, int], reference: str) -> bool:
    """Whether a vote on a record was signed with a file."""
    notes = (row.changes.get(SIGNED, {}).get("new") for row in of_record(connection, *place))
    return any(note and note.get("file") == reference for note in notes)


def broken_links(events: list[sa.Row], forgotten: Iterable[str] = ()) -> list[str]:
    """What is wrong with one record's chain, in words; nothing when it is whole.

    forgotten: what was erased from the histories of all records of its form.
    """
    wrong, prev = [], ""
    erased = erased_paths(events).union(forgotten)
    for number, row in enumerate(events, 1):
        facts = row._mapping
        if row.seq != number or row.prev != prev or chain_hash(facts) != row.hash:
            wrong.append(f"{row.app_key}/{row.form_key}/{row.record_id}: event {row.seq} does not continue the chain")
        for path, change in row.changes.items():
            if not _holds(path, change, row.digests.get(path), erased):
                wrong.append(f"{row.app_key}/{row.form_key}/{row.record_id}: event {row.seq} changed at {path}")
        prev = row.hash
    return wrong


def _holds(path: str, change: Mapping[str, Any], known: str | None, erased: set[str]) -> bool:
    """Whether a value is the one that was written; without its salt, whether it was erased."""
    if "salt" in change:
        return digest(change["salt"], change["old"], change["new"]) == known
    return bool(change.get("erased")) and any(covers(one, path) for one in erased)


def erased_paths(events: list[sa.Row]) -> set[str]:
    """What was erased from a record: its own fields, and columns of its lines as "lines.*.name"."""
    return {path for row in events if row.kind == ERASED for path in row.changes}


def covers(erased: str, path: str) -> bool:
    """Whether an erased path takes something of a changed one away: itself, a cell of a line that came or went,
    or (as "lines.*") all that concerns lines.
    """
    rows_key, star, column = erased.partition(".*")
    if not star:
        return erased == path
    parts = path.split(".")
    if parts[0] != rows_key or len(parts) == 1:
        return False
    return not column or len(parts) == 2 or parts[2:] == [column[1:]]


def last_record(connection: sa.Connection, app_key: str, form_key: str) -> int | None:
    """The highest number that a record of a form has had; None where there never was one."""
    here = (event.c.app_key == app_key, event.c.form_key == form_key)
    return connection.scalar(sa.select(sa.func.max(event.c.record_id)).where(*here))
