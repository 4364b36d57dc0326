"""Line items of a sheet: several rows of one record, read as its lines and laid over those that it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ..access.rights import READABLE, WRITABLE
from ..records.compiled import CompiledForm
from ..records.results import Record
from ..records.values import to_json

Line = dict[str, Any]


def split_path(path: str) -> tuple[str, str]:
    """("lines", "price") of "lines.price"; of a field of the record ("", its key)."""
    rows, dot, column = path.rpartition(".")
    return (rows, column) if dot else ("", path)


class Laid(NamedTuple):
    """lines: as they shall be, each from which of those sent.  before: those that are there.  gone: how many of them go."""

    lines: list[Line]
    sources: list[int]
    before: list[Line]
    gone: int


class LinesNow:
    """The lines of a record as its person sees them, and what a sheet makes of them: those that are the same stay, those
    that begin alike are changed, others come in; those that the sheet does not name are taken away.
    """

    def __init__(self, form: CompiledForm, key: str, record: Record, columns: Sequence[str], same: Callable[[str, Any, Any], bool]):
        self.form, self.key, self.columns, self.same = form, key, columns, same
        self.lines = [dict(line) for line in record.values.get(key) or ()]
        paths = {c.key: record.modes.get(f"{key}.{c.key}", "hidden") for c in form.form.by_key[key].fields}
        self.kept = [name for name, mode in paths.items() if mode in WRITABLE or (name in columns and mode in READABLE)]

    def laid_over(self, sent: Sequence[Line]) -> Laid | None:
        """None where nothing changes."""
        found = self._matched(sent)
        if len(found) == len(sent) == len(self.lines) and all(self._equal(self.lines[place], sent[index]) for place, index in found.items()):
            return None
        stay = sorted(found)
        new = [index for index in range(len(sent)) if index not in found.values()]
        lines = [{"id": self.lines[place]["id"]} | sent[found[place]] for place in stay] + [sent[index] for index in new]
        before = [{"id": line["id"]} | {name: self._json(name, line.get(name)) for name in self.kept} for line in self.lines]
        return Laid(lines, [found[place] for place in stay] + new, before, len(self.lines) - len(found))

    def _matched(self, sent: Sequence[Line]) -> dict[int, int]:
        """Place of a line that is there -> the one of the sheet that it is: first what is equal, then what begins alike."""
        found: dict[int, int] = {}
        for alike in (self._equal, self._begins):
            for index, line in enumerate(sent):
                if index in found.values():
                    continue
                place = next((place for place, here in enumerate(self.lines) if place not in found and alike(here, line)), None)
                if place is not None:
                    found[place] = index
        return found

    def _equal(self, here: Mapping[str, Any], line: Line) -> bool:
        return all(self.same(f"{self.key}.{name}", value, here.get(name)) for name, value in line.items())

    def _begins(self, here: Mapping[str, Any], line: Line) -> bool:
        first = next((name for name in self.columns if name in line), None)
        return first is not None and self.same(f"{self.key}.{first}", line[first], here.get(first))

    def _json(self, name: str, value: Any) -> Any:
        return to_json(self.form, f"{self.key}.{name}", value)


def given_back(lines: Sequence[Line], now: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """(what to send, what it starts from) to have lines as they once were: those that are gone come in anew."""
    there = {line["id"] for line in now}
    names = dict.fromkeys(name for line in lines for name in line if name != "id")
    sent = [line if line.get("id") in there else {name: value for name, value in line.items() if name != "id"} for line in lines]
    return sent, [{"id": line["id"]} | {name: line.get(name) for name in names} for line in now]
