"""Records in JSON, on the addresses of their pages, for whoever asks with `Accept: application/json`.

Values are those of history and bundles: numbers and dates as text, links by id, with titles beside them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from flask import Response

from ..platform.access.members import names
from ..platform.records.comments import said_about
from ..platform.records.compiled import CompiledForm
from ..platform.records.query import Gate
from ..platform.records.results import Row, Titles
from ..platform.records.seen import OWN_OF_LINES
from ..platform.records.values import to_json
from ..platform.workflow.commands import Saved
from .listing import Listing


def page(listing: Listing) -> Response:
    """{rows, titles, count, next, previous}; `next` and `previous` are addresses, null where there is no more."""
    found = listing.page
    to = listing.address.to
    return answer({
        "rows": _rows(listing.form, listing.query.fields, found.rows),
        "titles": _titles(found.titles),
        "count": {"number": listing.count.number, "exact": listing.count.exact},
        "next": to(after=found.next) if found.next else None,
        "previous": to(before=found.previous) if found.previous else None,
    })  # fmt: skip


def record(gate: Gate, form_key: str, record_id: int) -> Response:
    """{form, id, rev, status, ..., values, modes, titles}; `modes` says what may be done with each field by path."""
    found = gate.record(form_key, record_id)
    form = gate.compiled.form(form_key)
    return answer({
        "form": form.key,
        "id": found.id,
        "rev": found.rev,
        "status": found.status,
        "created_at": _moment(found.created_at),
        "created_by": found.created_by,
        "updated_at": _moment(found.updated_at),
        "updated_by": found.updated_by,
        "status_since": _moment(found.status_since),
        "values": {key: _value(form, key, value) for key, value in found.values.items()},
        "modes": {path: mode for path, mode in found.modes.items() if mode != "hidden"},
        "titles": _titles(found.titles),
    })  # fmt: skip


def comments(gate: Gate, form_key: str, record_id: int) -> Response:
    """What is said about a record, oldest first; no text where it was deleted or erased."""
    said = said_about(gate, gate.record(form_key, record_id))
    known = names(gate.connection, {one.by_id for one in said})
    return answer([
        {
            "id": one.id,
            "by": {"id": one.by_id, "name": known.get(one.by_id, "")},
            "at": _moment(one.at),
            "text": one.text,
            "mentions": [member for member, _name in one.mentions],
            "files": list(one.files),
            "edited_at": _moment(one.edited_at) if one.edited_at else None,
            "deleted_at": _moment(one.deleted_at) if one.deleted_at else None,
        }
        for one in said
    ])  # fmt: skip


def saved(what: Saved, status: int = 200) -> Response:
    """The record as a command left it: {form, id, rev, status}."""
    return answer({"form": what.form, "id": what.id, "rev": what.rev, "status": what.status}, status)


def answer(data: Any, status: int = 200) -> Response:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, mimetype="application/json")


def _rows(form: CompiledForm, keys: Iterable[str], rows: Iterable[Row]) -> list[dict[str, Any]]:
    dumps = [(key, _dump(form, key)) for key in keys]
    return [
        {
            "id": row.id,
            "rev": row.rev,
            "status": row.status,
            "created_at": _moment(row.created_at),
            "updated_at": _moment(row.updated_at),
            "values": {key: None if (value := row.values[key]) is None else dump(value) for key, dump in dumps if key not in row.hidden},
        }
        for row in rows
    ]


def _dump(form: CompiledForm, key: str) -> Callable[[Any], Any]:
    field_type, field = form.shown[key]
    return lambda value: field_type.dump(value, field)


def _value(form: CompiledForm, key: str, value: Any) -> Any:
    if key not in form.rows:
        return to_json(form, key, value)
    return [
        {name: cell if name in OWN_OF_LINES else to_json(form, f"{key}.{name}", cell) for name, cell in line.items()}
        for line in value
    ]


def _titles(titles: Titles) -> Mapping[str, dict[str, str]]:
    """form key or "person" -> id -> title."""
    found: dict[str, dict[str, str]] = {}
    for (target, number), title in titles.items():
        found.setdefault(target, {})[str(number)] = title
    return found


def _moment(value: datetime) -> str:
    return value.isoformat(timespec="milliseconds") + "Z"
