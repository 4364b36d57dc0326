"""A record's history as one actor may read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..access.rights import READABLE
from . import history
from .results import Event, Record, Told


def told(gate, record: Record) -> list[Event]:
    """The events of a record, newest first; a change shows where its field does at the present step."""
    rows = history.of_record(gate.connection, gate.compiled.app.key, record.form.key, record.id)
    return [_event(record, row) for row in reversed(rows)]


def _event(record: Record, row) -> Event:
    changes = tuple(
        told for path, change in row.changes.items() if (told := _told(record, path, change)) is not None
    )
    notes = {path: change.get("new") or "" for path, change in row.changes.items() if path in history.NOTES}
    return Event(
        row.seq, row.at, row.actor_id, row.kind, row.transition, row.from_status, row.to_status, changes,
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
    if parts[-1] != "#" and record.modes.get(column, "hidden") not in READABLE:
        return None
    return Told(path, change.get("old"), change.get("new"))


def _readable_line(record: Record, rows_key: str, line: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if line is None:
        return None
    return {key: value for key, value in line.items() if record.modes.get(f"{rows_key}.{key}", "hidden") in READABLE}
