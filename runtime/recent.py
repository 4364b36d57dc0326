"""The records that a person changed last, as far as they may still see them."""

from __future__ import annotations

from collections.abc import Sequence

from flask import g

from ..platform.formats import Formats
from ..platform.records.query import Gate
from ..platform.records.recent import touched_by
from ..platform.records.results import Query
from .found import Found, found_records

SHOWN = 8


def recent_records(gates: Sequence[Gate], formats: Formats) -> list[Found]:
    """Of forms in which the person makes records; what effects made for them elsewhere is left out."""
    mine = {
        (gate.compiled.app.key, form.key): gate for gate in gates for form in gate.forms() if gate.may_create(form.key)
    }
    touched = touched_by(gates[0].connection, g.actor.id, mine, SHOWN) if gates else {}
    found: list[Found] = []
    for place, ids in touched.items():
        found += found_records(mine[place], Query(place[1], where={"in": [{"var": "id"}, ids]}), formats)[0]
    return sorted(found, key=lambda record: record.at, reverse=True)
