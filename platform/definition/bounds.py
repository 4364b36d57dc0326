"""What a definition document may be made of, looked at without recursion, before anything else reads it."""

from __future__ import annotations

import math
import re
from typing import Any

from flask_babel import gettext as _

from ..errors import Invalid, Problem
from .paths import LISTS, written

DEEPEST = 200
MOST_NODES = 1_000_000
LONGEST_TEXT = 100_000
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def within_bounds(document: Any) -> None:
    """Raise Invalid where the document is too deep, too large, or holds what no database can keep."""
    if _plainly_good(document):
        return
    nodes = 0
    waiting: list[tuple[int, Any, Any]] = [(0, document, None)]  # depth, value, its trail: (holder, name, trail)
    while waiting:
        depth, value, trail = waiting.pop()
        problem = _problem(depth, value, nodes)
        if problem:
            raise Invalid([Problem(_written(trail), problem)])
        if isinstance(value, dict):
            _judge_names(value, trail)
            children = value.items()
        elif isinstance(value, list):
            children = enumerate(value)
        else:
            continue
        nodes += len(value)
        waiting.extend((depth + 1, child, (value, name, trail)) for name, child in children)


def _plainly_good(document: Any) -> bool:
    """Whether nothing is wrong, told level by level in a tenth of the time that finding out where takes."""
    level, names, nodes = [document], set(), 0
    for _depth in range(DEEPEST):
        below: list[Any] = []
        for value in level:
            kind = value.__class__
            if kind is str:
                if len(value) > LONGEST_TEXT or not (value.isprintable() or not _UNSTORABLE.search(value)):
                    return False
            elif kind is dict:
                names.update(value)
                below += value.values()
            elif kind is list:
                below += value
            elif value is not None and kind is not int and kind is not bool:
                return False
        nodes += len(below)
        if nodes > MOST_NODES:
            return False
        if not below:
            return all(_is_name(name) for name in names)
        level = below
    return False


def _judge_names(value: dict[Any, Any], trail: Any) -> None:
    for key in value:
        if not _is_name(key):
            raise Invalid([Problem(_written(trail), _("A name in this document is not a short text."))])


def _is_name(key: Any) -> bool:
    return isinstance(key, str) and len(key) <= 200 and not _UNSTORABLE.search(key)


def _problem(depth: int, value: Any, nodes: int) -> str | None:
    if depth > DEEPEST:
        return _("This is nested more than %(n)s levels deep.", n=DEEPEST)
    if nodes > MOST_NODES:
        return _("The document has more than %(n)s parts.", n=MOST_NODES)
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            return _("This text is longer than %(n)s characters.", n=LONGEST_TEXT)
        if _UNSTORABLE.search(value):
            return _("This text holds a character that cannot be stored.")
    elif isinstance(value, float) and not math.isfinite(value):
        return _("This is not a number.")
    elif not isinstance(value, (dict, list, int, float, type(None))):
        return _("This is not JSON.")
    return None


def _written(trail: Any) -> str:
    """The path of what a trail leads to; elements of lists are named by their keys, or else by their places."""
    steps = []
    while trail:
        holder, name, trail = trail
        steps.append((holder, name))
    path: tuple[str, ...] = ()
    for holder, name in steps[:-13:-1]:
        path = (*path, name if isinstance(name, str) else _name(path, name, holder[name]))
    return written(path)


def _name(path: tuple[str, ...], place: int, child: Any) -> str:
    key = LISTS.get(path[-1]) if path else None
    named = child.get(key) if key and isinstance(child, dict) else None
    return named if isinstance(named, str) else str(place)
