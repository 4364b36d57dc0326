"""Record ids: what a database column holds, and what a path may name."""

from __future__ import annotations

from werkzeug.routing import IntegerConverter

LARGEST_ID = 2**31 - 1  # PostgreSQL's INTEGER


def storable(record_id: int) -> bool:
    """Whether there can be a record of this id at all."""
    return 0 < record_id <= LARGEST_ID


class IdConverter(IntegerConverter):
    """`<int:id>` in a route: a number that no record can have leads nowhere."""

    def __init__(self, map, **limits):
        super().__init__(map, **({"max": LARGEST_ID} | limits))
