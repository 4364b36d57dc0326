"""The records that link to a record, read when its page is already there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template

from ..platform.access.policy import member
from ..platform.definition.model import Form
from ..platform.formats import Formats
from ..platform.records.query import Gate
from ..platform.records.results import Query
from .found import Found, found_records
from .navigation import list_path
from .opening import formats, gate_of

blueprint = Blueprint("links", __name__, url_prefix="/apps/<app_key>/<form_key>")

SHOWN = 5  # of each form


@dataclass(frozen=True)
class Linking:
    """Another form's field that links here, and the first records that do."""

    form: Form
    records: Sequence[Found]
    href: str
    more: bool


@blueprint.get("/<int:record_id>/links")
@member
def show(app_key: str, form_key: str, record_id: int):
    gate = gate_of(app_key)
    gate.record(form_key, record_id)
    found = [_linking(gate, form, key, record_id, formats()) for form, key in linking_fields(gate, form_key)]
    return render_template("runtime/links.html", linking=[one for one in found if one.records])


def linking_fields(gate: Gate, form_key: str) -> list[tuple[Form, str]]:
    """(form, field) of every link to this form that the person may see."""
    return [
        (form, field.key)
        for form in gate.forms()
        for field in form.fields
        if field.type == "link" and field.settings["form"] == form_key and field.key in gate.readable_fields(form.key)
    ]


def _linking(gate: Gate, form: Form, key: str, record_id: int, formats: Formats) -> Linking:
    records, more = found_records(gate, Query(form.key, where={"in": [{"var": key}, [record_id]]}, limit=SHOWN), formats)
    return Linking(form, records, f"{list_path(gate.compiled.app.key, form.key)}?f={key}~is~{record_id}", more)
