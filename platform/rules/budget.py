"""A limit on what one evaluation of a rule may cost: steps over lists, and the size of what it builds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from ..errors import TooLarge

MOST_STEPS = 200_000
LARGEST = 100_000  # characters of a text, items of a list

_left = threading.local()


def limited(closure: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The closure, with a full budget at every call."""

    def run(data: Any) -> Any:
        _left.steps = MOST_STEPS
        return closure(data)

    return run


def spend(items: list | None) -> list:
    """The items of a list that will be walked over, paid for; an empty list for an empty value."""
    if items is None:
        return []
    _left.steps -= len(items)
    if _left.steps < 0:
        raise TooLarge
    return items


def sized(value: Any) -> Any:
    """A text or list that may grow at each step, while it is small enough."""
    if isinstance(value, (str, list)) and len(value) > LARGEST:
        raise TooLarge
    return value
