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
    "ask": "field", "sort": "field", "options": "key", "holds": "key", "reminders": "key", "tabs": "key",
}  # fmt: skip
"""The lists whose elements have an identity, and which attribute holds it."""

WHOLE = frozenset({"rule", "where", "scope", "show", "required", "lock", "default", "when"})
"""Attributes that hold a rule."""

MAPPINGS = frozenset({"cells", "values", "changes", "samples"})
"""Attributes that map a free key (often a field path, with a dot in it) to something."""

_SEGMENT = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)|(\.)")


def kinds(path: Path) -> tuple[str, ...]:
    """What each segment is: the "name" of an attribute, the "key" of an element, or a "free" key."""
    found, expected = [], "name"
    for segment in path:
        found.append(expected)
        if expected == "name":
            expected = "key" if segment in LISTS else "free" if segment in MAPPINGS else "name"
        elif expected == "key":
            expected = "name"
    return tuple(found)


def written(path: Path) -> str:
    """A path as text: keys in brackets, attributes after dots."""
    text = ""
    for segment, kind in zip(path, kinds(path), strict=True):
        if kind != "name" or "." in segment:
            text += f"[{segment}]"
        else:
            text += f".{segment}" if text else segment
    return text


def parsed(text: str) -> Path:
    """A path from text; `forms.order.label` and `forms[order].label` mean the same."""
    return tuple(bracketed or plain for bracketed, plain, _dot in _SEGMENT.findall(text) if bracketed or plain)


def whole(path: Path) -> bool:
    """Whether what stands at a path changes as one: rules, and most of an effect's or a field's own settings."""
    kind = kinds(path)
    if kind[-1] == "name":
        inside = len(path) > 1 and path[-2] == "settings" and kind[-2] == "name"
        return path[-1] in WHOLE or (inside and path[-1] not in ("options", "holds", "values", "changes"))
    return kind[-1] == "free" and "cells" not in (path[-2], *path[-3:-2])


def listed(path: Path, value: Any) -> bool:
    """Whether a value is a list of elements that are told apart by their keys (an empty one may become one)."""
    if kinds(path)[-1] != "name" or path[-1] not in LISTS or whole(path) or not isinstance(value, list):
        return False
    keys = [element.get(LISTS[path[-1]]) if isinstance(element, dict) else None for element in value]
    return all(isinstance(key, str) for key in keys) and len(set(keys)) == len(keys)


def left_out_when_empty(path: Path) -> bool:
    """Whether no list and an empty list are the same; in settings, which types define, they need not be."""
    return path[-1] in LISTS and path[-1] not in ("options", "holds")


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: unlike in Python, 1 is not true."""
    if one != other:
        return False
    return json.dumps(one) == json.dumps(other) or json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
