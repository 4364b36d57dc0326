"""Search over every form that the person may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, render_template, request

from ..platform.access.policy import member
from ..platform.definition.model import Form
from ..platform.formats import Formats
from ..platform.records.query import Gate
from ..platform.records.results import Query
from .found import Found, found_records
from .navigation import list_path
from .opening import formats, gate_of, live_apps

blueprint = Blueprint("search", __name__)

SHOWN = 6  # of each form


@dataclass(frozen=True)
class Hits:
    form: Form
    records: Sequence[Found]
    more: str  # where the rest of them is listed


@blueprint.get("/search")
@member
def show():
    text = request.args.get("q", "").strip()
    gates = [gate_of(key) for key in live_apps()] if text else []
    found = [_hits(gate, form, text, formats()) for gate in gates for form in gate.forms()]
    return render_template("runtime/search.html", text=text, found=[hits for hits in found if hits.records])


def _hits(gate: Gate, form: Form, text: str, formats: Formats) -> Hits:
    records, more = found_records(gate, Query(form.key, search=text, limit=SHOWN), formats)
    whole = next((view.key for view in form.views if view.where is True), "")
    address = f"{list_path(gate.compiled.app.key, form.key)}?{urlencode({'view': whole, 'q': text} if whole else {'q': text})}"
    return Hits(form, records, address if more else "")
