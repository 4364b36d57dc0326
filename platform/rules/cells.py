"""The cells into which its constants cut what a rule reads, each with an example: all that the rule can tell apart.

"Total > 1000 and Tier is gold" is told everything by totals of 999, 1000 and 1001 and by each of the tiers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import product
from math import prod
from typing import Any

from .literals import LISTING
from .node import Node, Path
from .types import Type

MOST_VARIABLES = 4
MOST_CELLS = 4096

Cell = Mapping[Path, Any]
"""A value for every path that is read."""

LOGIC = ("and", "or", "!", "!!", "if", "?:")
ORDER = ("<", "<=", ">", ">=")
EQUALITY = ("===", "!==")
ALWAYS_THERE = (("today",), ("now",), ("id",), ("status",), ("created_by",), ("created_at",), ("user", "id"))
STEPS = {"number": Decimal(1), "date": dt.timedelta(days=1), "moment": dt.timedelta(days=1)}
ORIGINS = {"number": Decimal(0), "date": dt.date(2026, 1, 15), "moment": dt.datetime(2026, 1, 15, 12)}


class NotAnalysed(ValueError):
    """A rule that does more than compare a few values with constants and each other."""


def cells(nodes: Iterable[Node], fixed: Cell | None = None) -> list[Cell]:
    """An example of every cell, of rules over one scope; `fixed` values stay. Raises NotAnalysed."""
    reading = Reading()
    for node in nodes:
        reading.take(node)
    return reading.cells(fixed or {})


def data_of(cell: Cell) -> dict[str, Any]:
    """What rules are asked about, for a cell."""
    data: dict[str, Any] = {}
    for path, value in cell.items():
        here = data
        for key in path[:-1]:
            here = here.setdefault(key, {"id": 1})
        here[path[-1]] = value
    return data


class Reading:
    """What rules read, and what each of it is compared with."""

    def __init__(self) -> None:
        self.types: dict[Path, Type] = {}
        self.constants: dict[Path, set[Any]] = {}
        self.together: dict[Path, set[Path]] = {}

    def take(self, node: Node) -> None:
        name = node.operator.name
        if node.literal:
            return
        if name in LOGIC:
            for arg in node.args:
                self.take(arg)
        elif name in ORDER or name in EQUALITY:
            self._compared(node)
        elif name == "in" and node.args[1].operator is LISTING:
            self._variable(node.args[0], [arg.value for arg in _literals(node.args[1].args)])
        elif name in ("empty", "var"):
            self._variable(node.args[0] if name == "empty" else node)
        else:
            raise NotAnalysed

    def _compared(self, node: Node) -> None:
        constants = [arg.value for arg in node.args if arg.literal]
        if node.operator.name in ORDER and any(arg.type.kind in ("text", "time") for arg in node.args):
            raise NotAnalysed
        read = [self._variable(arg, constants) for arg in node.args if not arg.literal]
        for path in read:
            self.together[path] |= set(read)

    def _variable(self, node: Node, constants: Sequence[Any] = ()) -> Path:
        if node.operator.name != "var" or node.args or not node.value or any(key.isdigit() for key in node.value):
            raise NotAnalysed
        if node.type.kind in ("list", "rows", "record"):
            raise NotAnalysed
        path = tuple(node.value)
        self.types[path] = node.type
        self.constants.setdefault(path, set()).update(one for one in constants if one is not None)
        self.together.setdefault(path, {path})
        return path

    def cells(self, fixed: Cell) -> list[Cell]:
        free = [path for path in self.types if path not in fixed]
        if len(free) > MOST_VARIABLES or any(a != b and b[: len(a)] == a for a in self.types for b in self.types):
            raise NotAnalysed
        choices = [self._values(path) for path in free]
        if prod(map(len, choices)) > MOST_CELLS:
            raise NotAnalysed
        kept = {path: value for path, value in fixed.items() if path in self.types}
        return [{**kept, **dict(zip(free, values, strict=True))} for values in product(*choices)]

    def _values(self, path: Path) -> list[Any]:
        group = self._group(path)
        constants = set().union(*(self.constants[one] for one in group))
        found = _examples(self.types[path], constants, len(group))
        return found if path in ALWAYS_THERE else [*found, None]

    def _group(self, path: Path) -> set[Path]:
        """The paths that are compared with each other, whose order matters too."""
        group, waiting = set(), [path]
        while waiting:
            one = waiting.pop()
            if one not in group:
                group.add(one)
                waiting += self.together[one]
        return group


def _literals(nodes: Sequence[Node]) -> Sequence[Node]:
    if not all(node.literal for node in nodes):
        raise NotAnalysed
    return nodes


def _examples(kind: Type, constants: set[Any], several: int) -> list[Any]:
    """The constants and as many values before, between and after them as can stand in any order."""
    if kind.kind == "flag":
        return [True, False]
    if kind.kind == "choice":
        others = [key for key in kind.options if key not in constants]
        return [*sorted(constants), *(others if not constants else others[:several])]
    if kind.kind in STEPS:
        return _along(sorted(constants), STEPS[kind.kind], ORIGINS[kind.kind], several)
    if kind.kind in ("person", "link"):
        return [*sorted(constants), *(max(constants, default=0) + 1 + one for one in range(several))]
    return [*sorted(constants), *("?" * (one + 1) for one in range(several))]


def _along(constants: list[Any], step: Any, origin: Any, several: int) -> list[Any]:
    if not constants:
        return [origin + step * one for one in range(several)]
    found = [constants[0] - step * one for one in range(several, 0, -1)]
    for low, high in zip(constants, [*constants[1:], None], strict=True):
        found.append(low)
        found += _between(low, high, step, several)
    return found


def _between(low: Any, high: Any, step: Any, several: int) -> list[Any]:
    """Values in the gap above a constant; days have none between neighbours."""
    if high is None:
        return [low + step * (one + 1) for one in range(several)]
    if isinstance(low, dt.date) and not isinstance(low, dt.datetime):
        return [low + step * (one + 1) for one in range(min(several, (high - low).days - 1))]
    return [low + (high - low) * (one + 1) / (several + 1) for one in range(several)]
