"""Transitions of a record: what they ask for, and taking them."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for

from ..platform.access.policy import member
from ..platform.definition.flow import Transition
from ..platform.definition.model import say
from ..platform.errors import Conflict, Invalid, NotFound, Refused
from ..platform.workflow.commands import Saved
from .opening import commands_of, end_reading
from .question import Question
from .record_form import place, values_from
from .record_page import RecordPage
from .returning import local_path
from .rework import rework
from .showing import drawn, moved, opened, refused
from .uploads import takes_files

blueprint = Blueprint("transitions", __name__, url_prefix="/apps/<app_key>/<form_key>/<int:record_id>/transitions")


@blueprint.get("/<key>")
@member
def show(app_key: str, form_key: str, record_id: int, key: str):
    """What a transition asks for, or why it can't be taken."""
    return asked(Question(opened(app_key, form_key, record_id), key))


@blueprint.post("/<key>")
@takes_files
@member
def perform(app_key: str, form_key: str, record_id: int, key: str):
    question = Question(opened(app_key, form_key, record_id), key, request.form)
    if rework(question.page, question.form, request.form):
        return asked(question)
    status, rev = request.form.get("status"), request.form.get("rev", type=int)
    try:
        changes, base = values_from(question.form)
        saved = commands_of(app_key).perform(
            form_key, record_id, key, changes, base, rev=rev, status=status, key=request.form.get("key")
        )
    except Invalid as refusal:
        place(question.form, refusal)
        return asked(question), 422
    except (Refused, Conflict) as refusal:
        question.notice = str(refusal.sentence)
        return asked(question), refusal.status
    return done(question.page, question.transition, saved)


def asked(question: Question) -> str:
    page = question.page
    page.options = commands_of(page.app_key).available(page.compiled.key, page.record.id)
    return render_template("runtime/question.html", question=question, page=page)


def next_step(page: RecordPage, saved: Saved, key: str):
    """After a record was saved: the transition that was pressed, or first what it asks for."""
    transition = page.compiled.form.transition_by_key.get(key)
    if transition is None:
        raise NotFound
    if transition.ask or transition.confirm:
        where = {"app_key": page.app_key, "form_key": saved.form, "record_id": saved.id, "key": key}
        return redirect(url_for("transitions.show", **where), 303)
    end_reading()
    page = opened(page.app_key, saved.form, saved.id)
    seen = request.form.get("status") or saved.status
    try:
        done_with = commands_of(page.app_key).perform(saved.form, saved.id, key, rev=_rev_seen(saved), status=seen)
    except Invalid as refusal:
        place(page.form, refusal)
        return drawn(page), 422
    except (Refused, Conflict) as refusal:
        return _not_now(page, transition, refusal)
    return done(page, transition, done_with)


def done(page: RecordPage, transition: Transition, saved: Saved):
    """Back to the record; to a dialog, word of where to go."""
    flash(f"{page.title}: {say(transition.label, page.formats.language)}", "good")
    where = url_for("records.show", app_key=page.app_key, form_key=saved.form, record_id=saved.id)
    if request.headers.get("HX-Target") == "dialog":
        return "", 204, {"HX-Redirect": where}
    return redirect(local_path(request.form.get("next"), where), 303)


def _not_now(page: RecordPage, transition: Transition, refusal: Refused | Conflict):
    label = say(transition.label, page.formats.language)
    return refused(page, label, refusal) if isinstance(refusal, Refused) else moved(page, refusal)


def _rev_seen(saved: Saved) -> int:
    """The record as the person saw it, and one further where they have just saved a change of their own."""
    seen = request.form.get("rev", type=int)
    return saved.rev if not seen else min(saved.rev, seen + 1)
