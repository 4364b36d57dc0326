"""Two people's edits: mine, measured against what I started from, laid over what stands there now.

A header field or a column of a line that only I changed is taken; one that only somebody else changed
is kept; one that both changed differently is a clash.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any

from flask_babel import gettext as _

from ..access.rights import WRITABLE
from ..errors import Clash, Invalid, Problem
from ..records.draft import Draft

Line = dict[str, Any]


def merge(draft: Draft, mine: Mapping[str, Any], base: Mapping[str, Any], modes: Mapping[str, str]) -> list[Clash]:
    """Lay typed values over a draft; returns the clashes, and leaves their fields as they stand."""
    clashes: list[Clash] = []
    for key, value in mine.items():
        if key not in base:
            raise Invalid([Problem(key, _("Say what this value was before the change."))])
        if key in draft.form.rows:
            lines = Lines(draft, key, base[key], value, modes)
            draft.values[key] = lines.merged()
            clashes += lines.clashes
            continue
        current = draft.values.get(key)
        if current not in (base[key], value):
            clashes.append(Clash(key, base[key], current, value))
        else:
            draft.values[key] = value
    return clashes


class Lines:
    """The merge of one `rows` field; lines are known by their id, new ones have none."""

    def __init__(self, draft: Draft, key: str, base: list[Line], mine: list[Line], modes: Mapping[str, str]):
        self.key = key
        self.base = {line["id"]: line for line in base if "id" in line}
        self.mine = mine
        self.current = {line["id"]: line for line in draft.values.get(key) or []}
        self.whole = modes.get(key) in WRITABLE  # lines may be added, removed and reordered
        self.clashes: list[Clash] = []

    def merged(self) -> list[Line]:
        """My lines in my order, with the others' changes; lines that others added come last."""
        self._refuse_strangers()
        kept = [self._line(index, line) for index, line in enumerate(self.mine)]
        sent = {line.get("id") for line in self.mine}
        for line_id, line in self.current.items():
            if line_id in sent:
                continue
            if line_id not in self.base or not self._removed(line_id, line):
                kept.append(line)
        lines = [line for line in kept if line is not None]
        if not self.whole:
            places = list(self.current)
            lines.sort(key=lambda line: places.index(line["id"]))
        return lines

    def _refuse_strangers(self) -> None:
        problems = strange_lines(self.key, self.mine, self.base)
        for index, line in enumerate(self.mine):
            if "id" not in line and not self.whole:
                problems.append(Problem(f"{self.key}.{index}", _("Lines cannot be added here.")))
        if not self.whole and self.base.keys() - {line.get("id") for line in self.mine}:
            problems.append(Problem(self.key, _("Lines cannot be removed here.")))
        if problems:
            raise Invalid(problems)

    def _line(self, index: int, line: Line) -> Line | None:
        """One of my lines over its present self; None where somebody removed it and I changed nothing."""
        if "id" not in line:
            return dict(line)
        base = self.base[line["id"]]
        changed = {name: value for name, value in line.items() if value != base.get(name)}
        current = self.current.get(line["id"])
        if current is None:
            if changed:
                self.clashes.append(Clash(f"{self.key}.{index}", base, None, line))
            return None
        return current | {
            name: value for name, value in changed.items() if self._free(f"{self.key}.{index}.{name}", name, base, current, value)
        }

    def _free(self, path: str, name: str, base: Line, current: Line, value: Any) -> bool:
        if current.get(name) in (base.get(name), value):
            return True
        self.clashes.append(Clash(path, base.get(name), current.get(name), value))
        return False

    def _removed(self, line_id: int, current: Line) -> bool:
        """Whether my removal of a line stands: not if somebody changed it meanwhile."""
        base = self.base[line_id]
        if all(current.get(name) == value for name, value in base.items()):
            return True
        self.clashes.append(Clash(f"{self.key}.{line_id}", base, current, None))
        return False


def strange_lines(key: str, lines: Iterable[Line], known: Container[int] = ()) -> list[Problem]:
    """Lines that claim to be of this record and are not; a new record knows none."""
    strange = (index for index, line in enumerate(lines) if "id" in line and line["id"] not in known)
    return [Problem(f"{key}.{index}", _("This is not a line of this record.")) for index in strange]


def refuse_line_ids(values: Mapping[str, Any], rows: Iterable[str]) -> None:
    """Every line of a new record is new."""
    problems = [problem for key in rows for problem in strange_lines(key, values.get(key) or ())]
    if problems:
        raise Invalid(problems)
