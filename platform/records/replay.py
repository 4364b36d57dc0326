"""Replaying a record's history: its own events, and between them what befell all records of its form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..definition.reworked import WORKED_OUT
from ..registry import fields
from .compiled import Compiled
from .conversion import convert
from .form_history import MOVED, PURGED, SWITCHED
from .history import ERASED, NOTES, covers
from .tables import column_name

Versions = Callable[[int], Compiled]
"""A published version by its id."""


def merged(events: Sequence[Any], form_events: Sequence[Any]) -> Iterator[Any]:
    """A record's events with those of its form where they stand among them; those before the record was are left out."""
    waiting = list(form_events)
    for number, row in enumerate(events):
        while waiting and waiting[0].version_id <= row.version_id:
            earlier = waiting.pop(0)
            if number:
                yield earlier
        yield row
    yield from waiting


class Replay:
    """A record as its history tells it, in JSON form.

    values: by path; line items as "lines.<id>" -> {column: value}, a line's place under "#".
    spoken: the paths that events told of since their column was switched.
    untold: the paths that hold what was once worked out, and history says nothing of.
    """

    def __init__(self, versions: Versions | None = None):
        self.versions = versions
        self.status: str | None = None
        self.values: dict[str, Any] = {}
        self.spoken: set[str] = set()
        self.untold: set[str] = set()
        self.jumps: list[str] = []  # events that start where the one before did not end
        self._column: dict[str, str] = {}  # path -> the column in use, where it was switched
        self._aside: dict[tuple[str, str], Any] = {}  # (path, column) -> what stands in a column out of use

    def run(self, events: Sequence[Any], form_events: Sequence[Any] = ()) -> Replay:
        for row in merged(events, form_events):
            if "facts" in row._mapping:
                self.take_of_form(row)
            else:
                self.take(row)
        return self

    def take(self, row: Any) -> None:
        """The next event of the record."""
        if row.from_status is not None and row.from_status != self.status:
            self.jumps.append(f"event {row.seq} leaves {row.from_status}, where it stood at {self.status}")
        self.status = row.to_status
        for path, change in row.changes.items():
            if path not in NOTES:
                self._change(path, change.get("new"))
        if row.kind == ERASED:
            kept = self._aside.items()
            self._aside = {(place, column): v for (place, column), v in kept if not _any_covers(row.changes, place)}

    def _change(self, path: str, new: Any) -> None:
        line, _, column = path.rpartition(".")
        self.spoken.add(path)
        self.untold.discard(path)
        if "." not in line:
            if new is None:
                self.values.pop(path, None)
            else:
                self.values[path] = new
        elif line.endswith(".*"):
            for place in self._lines(line[:-2]):
                self.values[place] = {**self.values[place], column: new}
        else:
            self.values[line] = {**self.values.get(line, {}), column: new}

    def _lines(self, rows_key: str) -> list[str]:
        return [path for path in self.values if path.startswith(f"{rows_key}.")]

    def take_of_form(self, row: Any) -> None:
        """What next befell all records of its form."""
        if row.kind == MOVED:
            self.status = row.facts.get(self.status, self.status)
        elif row.kind == SWITCHED:
            for path, (before, now, converting, left) in row.facts.items():
                self._switch(row, path, before, now, converting, left)
        elif row.kind == PURGED:
            for path, columns in row.facts.items():
                for column in columns:
                    self._purge(path, column)

    def _switch(self, row: Any, path: str, before: str, now: str, converting: bool, left: bool) -> None:
        new = self.versions(row.version_id).form(row.form_key).shown[path]
        old = self.versions(row.before_id).form(row.form_key).shown.get(path) if row.before_id else None
        worked_out = converting and computed(self.versions(row.before_id), row.form_key, path)
        anew = self.versions(row.version_id).form(row.form_key).form.field_at(path).type in WORKED_OUT
        self._column[path] = now
        for holder, key, place in self._places(path):
            present = holder.pop(key, None)
            self._aside[place, before] = present
            kept = self._aside.pop((place, now), None)
            value = taken_over(old, new, present, kept, left) if converting and old else kept
            if anew:  # whatever that column had kept
                value = None
            if value is not None:
                holder[key] = value
            self.spoken.discard(place)
            if worked_out:
                self.untold.add(place)

    def _places(self, path: str) -> Iterator[tuple[dict, str, str]]:
        """(what holds it, under which key, path) of a field, or of a column in every line."""
        rows_key, dot, column = path.rpartition(".")
        if not dot:
            yield self.values, path, path
            return
        for line in self._lines(rows_key):
            self.values[line] = dict(self.values[line])
            yield self.values[line], column, f"{line}.{column}"

    def _purge(self, path: str, column: str) -> None:
        """A column that no version used any more; where it was the field's last one, its values go."""
        if column == "*":
            self.values = {place: v for place, v in self.values.items() if place.partition(".")[0] != path}
            return
        for holder, key, place in list(self._places(path)):
            if (place, column) in self._aside:
                del self._aside[place, column]
            elif self._column.get(path, column_name(key)) == column:
                holder.pop(key, None)


def _any_covers(erased: Iterable[str], place: str) -> bool:
    return any(covers(one, place) for one in erased)


def taken_over(old, new, present: Any, kept: Any, left: bool) -> Any:
    """What a field holds after its type changed: what it held, where the new type takes that. Where it was empty,
    what its new column has kept from earlier, unless that was taken over then (`left`) and emptied since.
    """
    if present is not None:
        return convert(old, new, present)
    if kept is not None and left and convert(new, old, kept) is not None:
        return None
    return kept


def computed(compiled: Compiled, form_key: str, path: str) -> bool:
    """Whether a field was worked out, so that no event tells its values."""
    field = compiled.form(form_key).form.field_at(path)
    return field is not None and field.type in fields and fields[field.type].computed


def statuses_through(events: Sequence[Any], form_events: Sequence[Any]) -> Iterator[tuple[Any, str | None, str]]:
    """(event, status before, status after) of everything that touched a record, a form's move only where it did."""
    status: str | None = None
    for row in merged(events, form_events):
        if "facts" not in row._mapping:
            yield row, row.from_status, row.to_status
            status = row.to_status
        elif row.kind == MOVED and status in row.facts:
            yield row, status, row.facts[status]
            status = row.facts[status]


def final(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty, in lines too."""
    found = {}
    for path, value in values.items():
        if isinstance(value, Mapping):
            value = {name: cell for name, cell in value.items() if cell is not None}
        if value is not None:
            found[path] = value
    return found
