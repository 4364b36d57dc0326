"""What a transition would change, seen by trying it: everything it touches, before and after, as its actor reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..errors import NotFound
from ..records.query import Gate
from ..records.results import Record
from .change import Change

MOST = 40  # records that are told

Touched = tuple[str, int, bool]
"""(form key, id, whether it is new) of a record that was written."""


@dataclass(frozen=True)
class Foreseen:
    """One record that would change; a new one has no `before`."""

    before: Record | None
    after: Record

    @property
    def changes(self) -> Iterator[tuple[str, Any, Any]]:
        """(path, old, new) of every field that is read both before and after; a column is "lines.12.price", a line
        that comes or goes "lines.12".
        """
        old = self.before.values if self.before else {}
        for key, new in self.after.values.items():
            if self.before is not None and not self.before.shows(key):
                continue
            if any(rows.key == key for rows in self.after.form.rows):
                yield from self._lines(key, old.get(key) or [], new or [])
            elif old.get(key) != new:
                yield key, old.get(key), new

    def _lines(self, key: str, old: list, new: list) -> Iterator[tuple[str, Any, Any]]:
        before, after = ({line["id"]: line for line in lines} for lines in (old, new))
        for line_id in dict.fromkeys([*before, *after]):
            was, now = before.get(line_id), after.get(line_id)
            if was is None or now is None:
                yield f"{key}.{line_id}", was, now
                continue
            for name in was.keys() & now.keys():
                if was[name] != now[name]:
                    yield f"{key}.{line_id}.{name}", was[name], now[name]


def touched(change: Change, first: tuple[str, int]) -> list[Touched]:
    """The records that a change wrote, the one it is about first; no more than can be told."""
    found = [(form, record_id, new) for (form, record_id), new in change.saving.written.items()]
    return sorted(found, key=lambda one: (one[:2] != first, one[2]))[:MOST]


def readings(gate: Gate, records: list[Touched]) -> dict[tuple[str, int], Record]:
    """Those of the records that the gate's actor sees, as they stand."""
    found = {}
    for form, record_id, _new in records:
        try:
            found[form, record_id] = gate.record(form, record_id)
        except NotFound:
            continue
    return found


def foreseen(records: list[Touched], before: dict, after: dict) -> list[Foreseen]:
    """What changes for whoever sees a record both before and after, or sees the new one."""
    pairs = [(before.get(one[:2]), after.get(one[:2]), one[2]) for one in records]
    found = [Foreseen(None if new else was, now) for was, now, new in pairs if now is not None and (new or was is not None)]
    return [one for one in found if one.before is None or one.before.status != one.after.status or any(one.changes)]

