"""Blind changes of a definition: something at a random place of its JSON goes, comes twice, or becomes something else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

UNTOUCHED = ("samples", "label", "plural", "help", "message", "icon", "colour", "group", "format", "title_zh", "x", "y")
"""What is words and looks, or material beside the app."""

Place = tuple[Any, ...]


def mutant(document: dict[str, Any], random: Random) -> tuple[dict[str, Any], str]:
    """A copy with one change, and the change in words."""
    changed = json.loads(json.dumps(document))
    places = list(_places(changed, ()))
    place = random.choice(places)
    holder = changed
    for step in place[:-1]:
        holder = holder[step]
    name = ".".join(str(step) for step in place)
    return changed, f"{name}: {_change(holder, place[-1], [_at(changed, one) for one in places], random)}"


def _places(value: Any, here: Place) -> Iterator[Place]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        if step not in UNTOUCHED:
            yield (*here, step)
            yield from _places(inner, (*here, step))


def _at(value: Any, place: Place) -> Any:
    for step in place:
        value = value[step]
    return value


def _change(holder: Any, step: Any, pool: list[Any], random: Random) -> str:
    value = holder[step]
    kind = random.choice(("gone", "other", "other", "twice" if isinstance(holder, list) else "gone"))
    if kind == "gone":
        del holder[step]
        return "gone"
    if kind == "twice":
        holder.insert(step, json.loads(json.dumps(value)))
        return "twice"
    holder[step] = _other(value, pool, random)
    return f"{json.dumps(value)[:60]} → {json.dumps(holder[step])[:60]}"


def _other(value: Any, pool: list[Any], random: Random) -> Any:
    """Something of the same type, as a slip would put it there."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return random.choice((0, -value, value + 1, value * 1000))
    alike = [one for one in pool if type(one) is type(value) and one != value]
    return json.loads(json.dumps(random.choice(alike))) if alike else None
