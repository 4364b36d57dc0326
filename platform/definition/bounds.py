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
    nodes = 0
    waiting: list[tuple[tuple[str, ...], Any]] = [((), document)]
    while waiting:
        path, value = waiting.pop()
        nodes += 1
        problem = _problem(path, value, nodes)
        if problem:
            raise Invalid([Problem(written(path[:12]), problem)])
        if isinstance(value, dict):
            waiting.extend(((*path, str(key)), _checked_key(path, key, child)) for key, child in value.items())
        elif isinstance(value, list):
            waiting.extend(((*path, _name(path, place, child)), child) for place, child in enumerate(value))


def _problem(path: tuple[str, ...], value: Any, nodes: int) -> str | None:
    if len(path) > DEEPEST:
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


def _checked_key(path: tuple[str, ...], key: Any, child: Any) -> Any:
    if not isinstance(key, str) or _UNSTORABLE.search(key) or len(key) > 200:
        raise Invalid([Problem(written(path[:12]), _("A name in this document is not a short text."))])
    return child


def _name(path: tuple[str, ...], place: int, child: Any) -> str:
    """How a list's element is called in a path: by its key, else by its place."""
    key = LISTS.get(path[-1]) if path else None
    named = child.get(key) if key and isinstance(child, dict) else None
    return named if isinstance(named, str) else str(place)
