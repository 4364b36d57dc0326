"""A record's history as one actor may read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..access.rights import READABLE
from . import form_history, history
from .beyond import named_in_sight
from .replay import statuses_through
from .results import Event, Record, Titles, Told

OF_LINES = ("#", "status")  # what a line has beside its columns: its place, its status


def told(gate, record: Record) -> list[Event]:
    """The events of a record, newest first; a change shows where its field does at the present step."""
    place = (gate.connection, gate.compiled.app.key, record.form.key)
    through = list(statuses_through(history.of_record(*place, record.id), form_history.of_form(*place)))
    causes: dict[str, set[int]] = {}
    for row, _from, _to in through:
        if cause := row._mapping.get("cause"):
            causes.setdefault(cause["form"], set()).add(cause["id"])
    named = named_in_sight(gate, causes)
    return [_event(record, named, *passed) for passed in reversed(through)]


def _event(record: Record, named: Titles, row, from_status: str | None, to_status: str) -> Event:
    own = row._mapping
    told_of, cause = own.get("changes", {}), own.get("cause")
    found = (_told(record, path, change) for path, change in told_of.items())
    changes = tuple(told for told in found if told is not None)
    title = named.get((cause["form"], cause["id"])) if cause else None
    cause = {**cause, "title": title} if title is not None else None
    notes = {path: change.get("new") or "" for path, change in told_of.items() if path in history.NOTES}
    return Event(
        row.seq, row.at, row.actor_id, row.kind, own.get("transition"), from_status, to_status, changes, cause,
        notes.get(history.OPINION, ""), notes.get(history.STANDS_IN, ""), int(notes.get(history.VOIDED, 0)),
        tuple(notes.get(history.ACTS_FOR, ())), tuple(notes.get(history.ASKED, ())), notes.get(history.SIGNED) or {},
    )  # fmt: skip


def _told(record: Record, path: str, change: Mapping[str, Any]) -> Told | None:
    parts = path.split(".")
    rows = record.form.by_key.get(parts[0])
    if rows is None or record.modes.get(parts[0], "hidden") not in READABLE:
        return None
    erased = bool(change.get("erased"))
    if len(parts) == 2:
        old, new = (_readable_line(record, rows.key, change.get(name)) for name in ("old", "new"))
        return Told(path, old, new, erased)
    column = f"{parts[0]}.{parts[2]}" if len(parts) == 3 else parts[0]
    if parts[-1] not in OF_LINES and record.modes.get(column, "hidden") not in READABLE:
        return None
    return Told(path, change.get("old"), change.get("new"), erased)


def _readable_line(record: Record, rows_key: str, line: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if line is None:
        return None
    seen = (key for key in line if key == "status" or record.modes.get(f"{rows_key}.{key}", "hidden") in READABLE)
    return {key: line[key] for key in seen}
