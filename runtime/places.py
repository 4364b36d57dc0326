"""A record's place on a board or in a calendar: its status, or the value of a field; dragged, or chosen from a menu."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext as _

from ..platform.access.policy import member
from ..platform.definition.model import STATUS
from ..platform.error_pages import wants_json
from ..platform.errors import Conflict, FormloomError, Invalid, NotFound, Refused
from . import json_answers
from .moving import StatusMove, ValueMove
from .record_page import RecordPage
from .returning import asked_next, behind
from .showing import anew, opened
from .transitions import done

blueprint = Blueprint("places", __name__, url_prefix="/apps/<app_key>/<form_key>/<int:record_id>/place")


@blueprint.get("")
@member
def show(app_key: str, form_key: str, record_id: int):
    """Where the record can go from here, and why not elsewhere; in JSON the places that are open to it, null for all."""
    move = _move(opened(app_key, form_key, record_id))
    return json_answers.answer({"open": move.places}) if wants_json() else _drawn(move)


@blueprint.post("")
@member
def change(app_key: str, form_key: str, record_id: int):
    """Put it to the place `to`; or by the transition `take`, where several lead there."""
    page = opened(app_key, form_key, record_id)
    return _to_status(page) if request.form.get("by") == STATUS else _to_value(page)


def _to_status(page: RecordPage):
    move = StatusMove(page, request.form.get("to", ""))
    seen, rev = request.form.get("status"), request.form.get("rev", type=int)
    take = request.form.get("take", "")
    if seen and seen != page.record.status:
        return _stays(move, Conflict(_("Somebody was faster: this now stands at “%(status)s”.", status=move.here)))
    ways = [move.way(take)] if take else move.ways
    if len(ways) != 1:
        return _drawn(move), 200 if ways else 422
    if ways[0].question:
        return redirect(_with_next(ways[0].question), 303)
    try:
        saved = move.taken(ways[0], rev, seen, request.form.get("key"))
    except (Invalid, Refused, Conflict) as refusal:
        return _stays(StatusMove(anew(page)), refusal)
    return done(page, ways[0].transition, saved)


def _to_value(page: RecordPage):
    move = _move(page)
    try:
        sent = request.form
        move.taken(sent.get("to", ""), sent.get("base", ""), sent.get("key"), sent.get("from", ""))
    except (Invalid, Refused, Conflict) as refusal:
        return _stays(_move(anew(page)), refusal)
    flash(_("%(title)s: %(field)s is changed.", title=page.title, field=move.label), "good")
    return behind(page.path)


def _move(page: RecordPage) -> StatusMove | ValueMove:
    by = request.values.get("by", "")
    if by == STATUS:
        return StatusMove(page)
    if by not in page.compiled.shown:
        raise NotFound
    return ValueMove(page, by, request.values.get("end", ""))


def _stays(move: StatusMove | ValueMove, refusal: FormloomError):
    """The record where it stands, with what came between."""
    if isinstance(refusal, Invalid):
        move.notice = _("It stays where it is.")
        move.problems = refusal.problems
    else:
        move.notice = str(refusal.sentence)
    return _drawn(move), refusal.status


def _drawn(move: StatusMove | ValueMove) -> str:
    return render_template("runtime/move.html", move=move, page=move.page, next=asked_next())


def _with_next(address: str) -> str:
    return f"{address}?{urlencode({'next': asked_next()})}"
