"""Transitions of a record: what they ask for, and taking them."""

from __future__ import annotations

import re

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from ..platform.access.policy import member
from ..platform.definition.flow import Transition
from ..platform.definition.model import say
from ..platform.errors import Conflict, Invalid, NotFound, Refused
from ..platform.workflow.commands import Saved
from . import json_requests
from .foreseeing import seen
from .opening import commands_of, end_reading
from .question import Question
from .record_form import place
from .record_page import RecordPage
from .returning import asked_next, behind
from .rework import rework
from .showing import drawn, moved, opened, refused
from .uploads import takes_files

blueprint = Blueprint("transitions", __name__, url_prefix="/apps/<app_key>/<form_key>/<int:record_id>/transitions")


@blueprint.get("/<key>")
@member
def show(app_key: str, form_key: str, record_id: int, key: str):
    """What a transition asks for, or why it can't be taken."""
    return asked(foreseen(Question(opened(app_key, form_key, record_id), key)))


@blueprint.get("/<key>/<int:row>")
@member
def show_line(app_key: str, form_key: str, record_id: int, key: str, row: int):
    """The same of a line."""
    return asked(foreseen(Question(opened(app_key, form_key, record_id), key, row=row)))


@blueprint.post("/<key>")
@takes_files
@member
def perform(app_key: str, form_key: str, record_id: int, key: str):
    if request.is_json:
        return json_requests.perform(app_key, form_key, record_id, key)
    return answered(Question(opened(app_key, form_key, record_id), key, request.form))


@blueprint.post("/<key>/<int:row>")
@takes_files
@member
def perform_line(app_key: str, form_key: str, record_id: int, key: str, row: int):
    if request.is_json:
        return json_requests.perform(app_key, form_key, record_id, key, row)
    return answered(Question(opened(app_key, form_key, record_id), key, request.form, row))


def answered(question: Question):
    """Take the transition with what was filled in; or the question again with whatever stands against it."""
    page = question.page
    if rework(page, question.form, request.form):
        return asked(question)
    if "foresee" in request.form:
        return asked(foreseen(question))
    status, rev = request.form.get("status"), request.form.get("rev", type=int)
    try:
        changes, base = question.answers
        seen_as = {"rev": rev, "status": status, "key": request.form.get("key"), "row": question.row}
        said = question.paper.filled()
        saved = commands_of(page.app_key).perform(
            page.compiled.key, page.record.id, question.transition.key, changes, base, **said, **seen_as
        )
    except Invalid as refusal:
        question.place(refusal)
        return asked(question), 422
    except (Refused, Conflict) as refusal:
        question.notice = str(refusal.sentence)
        return asked(question), refusal.status
    return done(page, question.transition, saved)


def foreseen(question: Question) -> Question:
    """Look at what the transition would change, where that is to be shown and enough is filled in."""
    if not question.transition.preview:
        return question
    page, sent = question.page, request.method == "POST"
    try:
        changes = question.answers[0] if sent else {}
        found = commands_of(page.app_key).effects(page.compiled.key, page.record.id, question.transition.key, changes, question.row)
        question.effects = seen(page.gate.compiled, found, page.formats)
    except Invalid as refusal:
        if sent:
            question.place(refusal)
    except (Refused, Conflict) as refusal:
        question.notice = str(refusal.sentence)
    return question


@blueprint.post("/<key>/withdrawal")
@member
def withdraw(app_key: str, form_key: str, record_id: int, key: str):
    """Takes back one's vote."""
    if request.is_json:
        return json_requests.withdraw(app_key, form_key, record_id, key)
    page = opened(app_key, form_key, record_id)
    transition = page.compiled.form.transition_by_key.get(key)
    if transition is None:
        raise NotFound
    try:
        commands_of(app_key).withdraw(form_key, record_id, key, key=request.form.get("key"))
    except Refused as refusal:
        return _not_now(page, transition, refusal)
    flash(_("%(title)s: your yes is taken back.", title=page.title), "good")
    return redirect(url_for("records.show", app_key=app_key, form_key=form_key, record_id=record_id), 303)


def asked(question: Question) -> str:
    page = question.page
    page.can(commands_of(page.app_key).available_with_lines(page.compiled.key, page.record.id, page.gate))
    return render_template("runtime/question.html", question=question, page=page, next=asked_next())


def next_step(page: RecordPage, saved: Saved, key: str):
    """After a record was saved: the transition that was pressed, or first what it asks for."""
    rows, row, key = _named(key)
    transition = page.compiled.form.transition_by_key.get(key)
    if transition is None or transition.rows != rows:
        raise NotFound
    end_reading()
    page = opened(page.app_key, saved.form, saved.id)
    if transition.halts:
        return redirect(page.transition_at(transition, row), 303)
    seen_at = None if rows else request.form.get("status") or saved.status
    try:
        done_with = commands_of(page.app_key).perform(saved.form, saved.id, key, rev=_rev_seen(saved), status=seen_at, row=row)
    except Invalid as refusal:
        place(page.form, refusal)
        return drawn(page), 422
    except (Refused, Conflict) as refusal:
        return _not_now(page, transition, refusal)
    return done(page, transition, done_with)


def done(page: RecordPage, transition: Transition, saved: Saved):
    """Back to the record; to a dialog, word of where to go."""
    label = say(transition.label, page.formats.language)
    voted = transition.approval is not None and saved.status in transition.sources and saved.status != transition.leads(saved.status)
    flash(_("%(title)s: your yes to “%(label)s” counts.", title=page.title, label=label) if voted else f"{page.title}: {label}", "good")
    return behind(url_for("records.show", app_key=page.app_key, form_key=saved.form, record_id=saved.id))


def _named(pressed: str) -> tuple[str | None, int | None, str]:
    """A button says which transition it takes: "ship", or of a line "lines.12.ship"."""
    rows, _dot, rest = pressed.partition(".")
    row, _dot, key = rest.partition(".")
    if not rest:
        return None, None, pressed
    if not re.fullmatch("[0-9]{1,18}", row, re.ASCII):
        raise NotFound
    return rows, int(row), key


def _not_now(page: RecordPage, transition: Transition, refusal: Refused | Conflict):
    label = say(transition.label, page.formats.language)
    return refused(page, label, refusal) if isinstance(refusal, Refused) else moved(page, refusal)


def _rev_seen(saved: Saved) -> int:
    """The record as the person saw it, and one further where they have just saved a change of their own."""
    seen = request.form.get("rev", type=int)
    return saved.rev if not seen else min(saved.rev, seen + 1)
