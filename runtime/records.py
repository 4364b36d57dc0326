"""A record: read, made, changed, taken away."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from ..platform.access.policy import member
from ..platform.error_pages import wants_json
from ..platform.errors import Conflict, Invalid, KeyReused, Refused
from ..platform.workflow.commands import Saved
from . import json_answers, json_requests
from .clashes import theirs_kept
from .opening import commands_of, gate_of
from .record_form import place, values_from
from .record_page import RecordPage
from .rework import rework
from .showing import anew, blank, clashing, drawn, opened
from .transitions import next_step
from .uploads import takes_files

blueprint = Blueprint("records", __name__, url_prefix="/apps/<app_key>/<form_key>")


@blueprint.get("/new")
@member
def new(app_key: str, form_key: str):
    return drawn(blank(app_key, form_key))


@blueprint.post("/new")
@takes_files
@member
def create(app_key: str, form_key: str):
    if request.is_json:
        return json_requests.create(app_key, form_key)
    page = blank(app_key, form_key, request.form)
    return save(page, lambda changes, base: commands_of(app_key).create(form_key, changes, request.form.get("key")))


@blueprint.get("/<int:record_id>")
@member
def show(app_key: str, form_key: str, record_id: int):
    if wants_json():
        return json_answers.record(gate_of(app_key), form_key, record_id)
    return drawn(opened(app_key, form_key, record_id))


@blueprint.post("/<int:record_id>")
@takes_files
@member
def edit(app_key: str, form_key: str, record_id: int):
    if request.is_json:
        return json_requests.edit(app_key, form_key, record_id)
    page = opened(app_key, form_key, record_id, request.form)
    return save(page, lambda changes, base: change(page, changes, base))


@blueprint.get("/<int:record_id>/deletion")
@member
def ask_deletion(app_key: str, form_key: str, record_id: int):
    return render_template("runtime/deletion.html", page=opened(app_key, form_key, record_id), refusal="")


@blueprint.post("/<int:record_id>/deletion")
@member
def delete(app_key: str, form_key: str, record_id: int):
    if request.is_json:
        return json_requests.delete(app_key, form_key, record_id)
    page = opened(app_key, form_key, record_id)
    try:
        commands_of(app_key).delete(form_key, record_id)
    except Refused as refusal:
        return render_template("runtime/deletion.html", page=anew(page), refusal=refusal.sentence), 422
    return redirect(f"{page.list_path}?deleted={record_id}", 303)


@blueprint.post("/<int:record_id>/restoration")
@member
def restore(app_key: str, form_key: str, record_id: int):
    """Undoes a deletion."""
    if request.is_json:
        return json_requests.restore(app_key, form_key, record_id)
    commands_of(app_key).restore(form_key, record_id)
    flash(_("It is back."), "good")
    return redirect(url_for("records.show", app_key=app_key, form_key=form_key, record_id=record_id), 303)


def save(page: RecordPage, command: Callable[[Mapping, Mapping], Saved]):
    """Run a command on what was typed, and go on; or the page again with whatever it refuses."""
    if rework(page, page.form, request.form):
        return drawn(page)
    try:
        saved = command(*values_from(page.form))
    except Invalid as refusal:
        place(page.form, refusal)
        return drawn(page), 422
    except Conflict as conflict:
        return clashing(page, conflict)
    except KeyReused:
        page.warning = _("This page was sent before. Save it again if it is meant as another one.")
        return drawn(page), 409
    if request.form.get("then"):
        return next_step(page, saved, request.form["then"])
    flash(_("Saved"), "good")
    return redirect(url_for("records.show", app_key=page.app_key, form_key=saved.form, record_id=saved.id), 303)


def change(page: RecordPage, changes: Mapping, base: Mapping) -> Saved:
    """Edit what was changed, but for what the person gave up in a clash."""
    record = page.record
    changes = theirs_kept(changes, request.form)
    if not changes:
        return Saved(record.form.key, record.id, record.rev, record.status)
    base = {key: base[key] for key in changes}
    return commands_of(page.app_key).edit(record.form.key, record.id, changes, base, request.form.get("key"))
