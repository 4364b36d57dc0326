"""A file of a record: given to whoever may read, just now, the field that names it."""

from __future__ import annotations

from flask import Blueprint, g, request, send_file

from ..platform.access.policy import member
from ..platform.errors import NotFound
from ..platform.records.attachments import content_of, one, waiting
from ..platform.records.comments import names_file
from ..platform.records.files import names
from ..platform.records.history import signed_with
from .opening import gate_of, reading

blueprint = Blueprint("files", __name__, url_prefix="/apps/<app_key>/<form_key>")

SANDBOX = "default-src 'none'; sandbox"


@blueprint.get("/<int:record_id>/files/<int:number>/<name>")
@member
def show(app_key: str, form_key: str, record_id: int, number: int, name: str):
    gate = gate_of(app_key)
    record = gate.record(form_key, record_id)
    form = gate.compiled.form(form_key)
    if names(form, record.values, f"{number}/{name}"):
        return _sent(one(reading(), number), name)
    if names_file(reading(), (app_key, form_key, record_id), f"{number}/{name}"):
        return _sent(one(reading(), number), name)
    if signed_with(reading(), (app_key, form_key, record_id), f"{number}/{name}"):
        return _sent(one(reading(), number), name)
    return _sent(waiting(reading(), form, number, g.actor), name)


@blueprint.get("/files/<int:number>/<name>")
@member
def show_unsaved(app_key: str, form_key: str, number: int, name: str):
    """One's own upload, while the record that it is for is not there yet."""
    gate = gate_of(app_key)
    gate.creation_modes(form_key)
    return _sent(waiting(reading(), gate.compiled.form(form_key), number, g.actor), name)


def _sent(row, name: str):
    """As a download; a picture that is safe to show also in its place."""
    if row is None or row.name != name:
        raise NotFound
    content = content_of(g.workspace, row)
    if not content.is_file():
        raise NotFound
    shown = row.mime.startswith("image/") and "show" in request.args
    answer = send_file(
        content, row.mime, as_attachment=not shown, download_name=row.name, conditional=True, etag=row.sha256, max_age=None
    )
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer
