"""The order of what stands on each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Value = TypeVar("Value")


def in_order(values: Iterable[Value], reads: Callable[[Value], Iterable[Value]]) -> list[Value]:
    """Each value after those that it reads; a circle is cut where it was entered. Walks without recursion."""
    found: dict[Value, None] = {}
    for first in values:
        trail: dict[Value, Iterator[Value]] = {} if first in found else {first: iter(reads(first))}
        while trail:
            value, waiting = next(reversed(trail.items()))
            following = next((read for read in waiting if read not in found and read not in trail), None)
            if following is None:
                found[value] = None
                del trail[value]
            else:
                trail[following] = iter(reads(following))
    return list(found)
