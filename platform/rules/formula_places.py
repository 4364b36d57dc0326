"""Parts of a rule that remember where in a formula's text they stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

INDEX = re.compile(r"\[(\d+)\]")


class Placed(dict):
    """An operation of a rule with the places in the text of itself and of its arguments."""

    def __init__(self, name: str, arguments: Any, position: int, positions: Sequence[int] = (), *, each: bool = False):
        super().__init__({name: arguments})
        self.position = position
        self.positions = tuple(positions)
        self.each = each  # `lines.amount`: an expression over the items of a list
        self.closed = False  # in parentheses of its own


def bare(rule: Any) -> Any:
    """The rule as plain JSON."""
    if isinstance(rule, dict):
        return {name: bare(arguments) for name, arguments in rule.items()}
    return [bare(part) for part in rule] if isinstance(rule, list) else rule


def varies(part: Any) -> bool:
    """Whether anything in it is not written out."""
    if isinstance(part, dict):
        ((name, arguments),) = part.items()
        return name in ("var", "missing", "missing_some") or varies(arguments)
    return isinstance(part, list) and any(map(varies, part))


def place_of(rule: Any, path: str, position: int) -> int:
    """Where in the text the part of the rule at a RuleError's path stands."""
    here = rule
    for step in path.replace("[", ".[").split("."):
        index = INDEX.fullmatch(step)
        if index is None or not isinstance(here, (Placed, list)):
            position = getattr(here, "position", position)
            continue
        at = int(index[1])
        if isinstance(here, Placed):
            ((_name, arguments),) = here.items()
            position = here.positions[at] if at < len(here.positions) else here.position
            here = arguments[at] if isinstance(arguments, list) and at < len(arguments) else None
        else:
            here = here[at] if at < len(here) else None
    return getattr(here, "position", position)
