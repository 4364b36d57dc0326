"""Comments on a record, and following it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, g, jsonify, redirect, request, url_for

from ..platform.access.policy import member
from ..platform.error_pages import wants_json
from ..platform.errors import Invalid, Refused
from ..platform.workflow.talk import Talk
from . import json_answers, json_requests
from .opening import end_reading, gate_of
from .showing import drawn, opened
from .uploads import for_comments, takes_files

blueprint = Blueprint("comments", __name__, url_prefix="/apps/<app_key>/<form_key>/<int:record_id>")


@blueprint.get("/comments")
@member
def show(app_key: str, form_key: str, record_id: int):
    """In JSON by themselves; as a page they stand in the record's."""
    if wants_json():
        return json_answers.comments(gate_of(app_key), form_key, record_id)
    return redirect(url_for("records.show", app_key=app_key, form_key=form_key, record_id=record_id, _anchor="talk"), 303)


@blueprint.post("/comments")
@takes_files
@member
def create(app_key: str, form_key: str, record_id: int):
    """Files are kept first, and stay at hand where the words are refused."""
    if request.is_json:
        return json_requests.comment(app_key, form_key, record_id)
    chosen = request.form.getlist("chosen", int)
    text, key = request.form.get("text", ""), request.form.get("key")
    gate = gate_of(app_key)
    gate.record(form_key, record_id)
    form = gate.compiled.form(form_key)
    end_reading()
    files = request.form.getlist("kept")

    def work(talk: Talk) -> None:
        files.extend(for_comments(form, request.files.getlist("files")))
        talk.comment(form_key, record_id, text, chosen, key, files)

    return _said(app_key, form_key, record_id, work, files=files)


@blueprint.post("/comments/<int:number>")
@member
def change(app_key: str, form_key: str, record_id: int, number: int):
    """One's own, in other words."""
    if request.is_json:
        return json_requests.reword(app_key, form_key, record_id, number)
    chosen = request.form.getlist("chosen", int)
    text = request.form.get("text", "")
    return _said(app_key, form_key, record_id, lambda talk: talk.reword(form_key, record_id, number, text, chosen), number)


@blueprint.post("/comments/<int:number>/deletion")
@member
def delete(app_key: str, form_key: str, record_id: int, number: int):
    """One's own; that there was one stays."""
    if request.is_json:
        return json_answers.answer({"id": Talk(g.workspace, g.actor, app_key).take_back(form_key, record_id, number)})
    return _said(app_key, form_key, record_id, lambda talk: talk.take_back(form_key, record_id, number), number)


@blueprint.post("/following")
@member
def follow(app_key: str, form_key: str, record_id: int):
    """Whether to be told of what happens to the record."""
    if request.is_json:
        return json_requests.follow(app_key, form_key, record_id)
    Talk(g.workspace, g.actor, app_key).follow(form_key, record_id, on=request.form.get("on") == "1")
    return redirect(url_for("records.show", app_key=app_key, form_key=form_key, record_id=record_id), 303)


@blueprint.get("/people")
@member
def people(app_key: str, form_key: str, record_id: int):
    """Whom a comment may call, of those whose name holds `q`."""
    talk, gate = Talk(g.workspace, g.actor, app_key), gate_of(app_key)
    found = talk.callable_people(form_key, record_id, request.args.get("q", "")[:100], gate)
    return jsonify([{"id": actor.id, "name": actor.name} for actor in found])


def _said(app_key: str, form_key: str, record_id: int, work, number: int | None = None, files: Sequence[str] = ()):
    """The record again; where it was refused with what was written, and why."""
    try:
        work(Talk(g.workspace, g.actor, app_key))
    except (Invalid, Refused) as refusal:
        page = opened(app_key, form_key, record_id)
        page.talk.typed, page.talk.about, page.talk.kept = request.form.get("text", ""), number, files
        page.talk.problem = " ".join(str(p.message) for p in refusal.problems) if isinstance(refusal, Invalid) else str(refusal.sentence)
        return drawn(page), 422
    return redirect(url_for("records.show", app_key=app_key, form_key=form_key, record_id=record_id, _anchor="talk"), 303)
