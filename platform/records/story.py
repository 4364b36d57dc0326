"""A record's history as one actor may read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..access.rights import READABLE
from . import history
from .beyond import named_in_sight
from .results import Event, Record, Titles, Told

OF_LINES = ("#", "status")  # what a line has beside its columns: its place, its status


def told(gate, record: Record) -> list[Event]:
    """The events of a record, newest first; a change shows where its field does at the present step."""
    rows = history.of_record(gate.connection, gate.compiled.app.key, record.form.key, record.id)
    causes: dict[str, set[int]] = {}
    for row in rows:
        if row.cause:
            causes.setdefault(row.cause["form"], set()).add(row.cause["id"])
    named = named_in_sight(gate, causes)
    return [_event(record, row, named) for row in reversed(rows)]


def _event(record: Record, row, named: Titles) -> Event:
    changes = tuple(
        told for path, change in row.changes.items() if (told := _told(record, path, change)) is not None
    )
    title = named.get((row.cause["form"], row.cause["id"])) if row.cause else None
    cause = {**row.cause, "title": title} if title is not None else None
    notes = {path: change.get("new") or "" for path, change in row.changes.items() if path in history.NOTES}
    return Event(
        row.seq, row.at, row.actor_id, row.kind, row.transition, row.from_status, row.to_status, changes, cause,
        notes.get(history.OPINION, ""), notes.get(history.STANDS_IN, ""),
    )  # fmt: skip


def _told(record: Record, path: str, change: Mapping[str, Any]) -> Told | None:
    parts = path.split(".")
    rows = record.form.by_key.get(parts[0])
    if rows is None or record.modes.get(parts[0], "hidden") not in READABLE:
        return None
    if len(parts) == 2:
        return Told(path, _readable_line(record, rows.key, change["old"]), _readable_line(record, rows.key, change["new"]))
    column = f"{parts[0]}.{parts[2]}" if len(parts) == 3 else parts[0]
    if parts[-1] not in OF_LINES and record.modes.get(column, "hidden") not in READABLE:
        return None
    return Told(path, change.get("old"), change.get("new"))


def _readable_line(record: Record, rows_key: str, line: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if line is None:
        return None
    seen = (key for key in line if key == "status" or record.modes.get(f"{rows_key}.{key}", "hidden") in READABLE)
    return {key: line[key] for key in seen}
