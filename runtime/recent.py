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
    by_app = {gate.compiled.app.key: gate for gate in gates}
    touched = touched_by(gates[0].connection, g.actor.id, SHOWN) if gates else {}
    found: list[Found] = []
    for (app_key, form_key), ids in touched.items():
        gate = by_app.get(app_key)
        if gate is not None and form_key in {form.key for form in gate.forms()} and gate.may_create(form_key):
            found += found_records(gate, Query(form_key, where={"in": [{"var": "id"}, ids]}), formats)[0]
    return sorted(found, key=lambda record: record.at, reverse=True)
