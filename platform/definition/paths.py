"""Places in a definition document: `forms[order].fields[total].label.en`, as tuples of keys.

Elements of a list are named by key, never by index. What lies inside a rule has no path of its own:
a rule changes as a whole, or merging two versions of it could give a third that nobody wrote.
"""

from __future__ import annotations

import json
import re
from typing import Any

Path = tuple[str, ...]

LISTS = {
    "roles": "key", "status_lists": "key", "forms": "key", "statuses": "key", "fields": "key", "layout": "key",
    "transitions": "key", "views": "key", "checks": "key", "guards": "key", "effects": "key", "access": "role",
    "ask": "field", "sort": "field", "options": "key", "holds": "key",
}  # fmt: skip
"""The lists whose elements have an identity, and which attribute holds it."""

WHOLE = frozenset({"rule", "where", "scope", "show", "required", "default", "when"})
"""Attributes that hold a rule."""

MAPPINGS = frozenset({"cells", "values", "changes", "samples"})
"""Attributes that map a free key (often a field path, with a dot in it) to something."""

_SEGMENT = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)|(\.)")


def written(path: Path) -> str:
    """A path as text: keys of elements in brackets, attributes after dots."""
    text = ""
    for place, segment in enumerate(path):
        named = place > 0 and (path[place - 1] in LISTS or path[place - 1] in MAPPINGS)
        if named or "." in segment:
            text += f"[{segment}]"
        else:
            text += f".{segment}" if text else segment
    return text


def parsed(text: str) -> Path:
    """A path from text; `forms.order.label` and `forms[order].label` mean the same."""
    return tuple(bracketed or plain for bracketed, plain, _dot in _SEGMENT.findall(text) if bracketed or plain)


def identity(name: str, value: Any) -> str | None:
    """The attribute that tells the elements of the list `name` apart; None where it is not such a list."""
    key = LISTS.get(name)
    if key is None or not isinstance(value, list) or not value:
        return None
    keys = [element.get(key) if isinstance(element, dict) else None for element in value]
    distinct = all(isinstance(k, str) for k in keys) and len(set(keys)) == len(keys)
    return key if distinct else None


def whole(path: Path) -> bool:
    """Whether what stands at a path changes as one: rules, and all of an effect's or field's own settings."""
    if path[-1] in WHOLE:
        return True
    parent = path[-2] if len(path) > 1 else ""
    return parent in ("values", "changes", "samples") or (parent == "settings" and path[-1] not in _DEEP)


_DEEP = frozenset({"options", "holds", "values", "changes"})


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: unlike in Python, 1 is not true."""
    return one == other and json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
