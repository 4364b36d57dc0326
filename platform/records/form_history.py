"""What befell all records of a form at once, told once: a new version moved them, changed what holds a field,
or a field was purged.

One hash chain a form. Such an event stands between those events of a record that earlier versions wrote and
those of its own version and later ones: no command runs while a version goes live.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ..db import Json, metadata

MOVED, SWITCHED, PURGED, FORGOTTEN = "moved", "switched", "purged", "forgotten"

form_event = sa.Table(
    "form_event",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("app_key", sa.Text, nullable=False),
    sa.Column("form_key", sa.Text, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("actor_id", sa.Integer),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("version_id", sa.Integer, nullable=False),
    sa.Column("before_id", sa.Integer),  # the version that was live before
    sa.Column("facts", Json, nullable=False),
    sa.Column("prev", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.UniqueConstraint("app_key", "form_key", "seq"),
    sqlite_autoincrement=True,
)
"""facts: of a move status -> status; of a switch path -> what `Switch.told` says; of a purge path -> columns,
["*"] for the line items themselves; of what was forgotten path -> how many events told of it."""

TOLD = ("app_key", "form_key", "seq", "actor_id", "kind", "version_id", "before_id", "facts")


def tell(
    connection: sa.Connection,
    app_key: str,
    form_key: str,
    kind: str,
    facts: Mapping[str, Any],
    by: int | None,
    at: datetime,
    version_id: int,
    before_id: int | None,
) -> None:
    """Write such an event; the caller holds the app against every command."""
    known = of_form(connection, app_key, form_key)
    row = {"app_key": app_key, "form_key": form_key, "seq": len(known) + 1, "at": at, "actor_id": by, "kind": kind}
    row |= {"version_id": version_id, "before_id": before_id, "facts": dict(facts)}
    row |= {"prev": known[-1].hash if known else ""}
    connection.execute(sa.insert(form_event), row | {"hash": _hash(row)})


def of_form(connection: sa.Connection, app_key: str, form_key: str) -> list[sa.Row]:
    """A form's events, oldest first."""
    here = (form_event.c.app_key == app_key, form_event.c.form_key == form_key)
    return list(connection.execute(sa.select(form_event).where(*here).order_by(form_event.c.seq)))


def broken_links(events: list[sa.Row]) -> list[str]:
    """What is wrong with one form's chain, in words; nothing when it is whole."""
    wrong, prev = [], ""
    for number, row in enumerate(events, 1):
        if row.seq != number or row.prev != prev or _hash(row._mapping) != row.hash:
            wrong.append(f"{row.app_key}/{row.form_key}: event {row.seq} of the form does not continue the chain")
        prev = row.hash
    return wrong


def _hash(row: Mapping[str, Any]) -> str:
    facts = [row["prev"], row["at"].isoformat(), *(row[name] for name in TOLD)]
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def forgotten_paths(events: list[sa.Row]) -> set[str]:
    """What was taken out of the histories of all records, as `history.covers` reads it."""
    return {path for row in events if row.kind == FORGOTTEN for path in row.facts}
