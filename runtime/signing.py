"""An approval handed on to somebody else, and a signer asked for besides."""

from __future__ import annotations

from flask import Blueprint, flash, g, render_template, request, url_for
from flask_babel import gettext as _

from ..platform.access.policy import member
from ..platform.definition.model import say
from ..platform.errors import Conflict, Invalid, NotFound, Refused
from ..platform.workflow.signing import Signing
from . import json_requests
from .record_page import RecordPage
from .returning import asked_next, behind
from .showing import anew, opened

blueprint = Blueprint("signing", __name__, url_prefix="/apps/<app_key>/<form_key>/<int:record_id>/transitions/<key>")
HAND_ON, ADD = "hand-on", "signers"
WAYS = f'<any("{HAND_ON}", "{ADD}"):way>'


@blueprint.get(f"/{WAYS}")
@member
def show(app_key: str, form_key: str, record_id: int, key: str, way: str):
    """Whom to ask, and why."""
    return _asked(opened(app_key, form_key, record_id), key, way)


@blueprint.post(f"/{WAYS}")
@member
def ask(app_key: str, form_key: str, record_id: int, key: str, way: str):
    if request.is_json:
        return json_requests.sign(app_key, form_key, record_id, key, add=way == ADD)
    page = opened(app_key, form_key, record_id)
    title, to = page.title, request.form.get("to", type=int)
    signing = Signing(g.workspace, g.actor, app_key)
    act = signing.add_signer if way == ADD else signing.hand_on
    try:
        act(form_key, record_id, key, to, request.form.get("reason"), request.form.get("key"))
    except Invalid as refusal:
        problems = {problem.path: str(problem.message) for problem in refusal.problems}
        return _asked(anew(page), key, way, problems), 422
    except (Refused, Conflict) as refusal:
        return _asked(anew(page), key, way, refusal=str(refusal.sentence)), refusal.status
    flash(_("%(title)s: a signer is added.", title=title) if way == ADD else _("%(title)s is handed on.", title=title), "good")
    return behind(url_for("records.show", app_key=app_key, form_key=form_key, record_id=record_id))


def _asked(page: RecordPage, key: str, way: str, problems: dict[str, str] | None = None, refusal: str = "") -> str:
    transition = page.compiled.form.transition_by_key.get(key)
    if transition is None:
        raise NotFound
    people = []
    try:
        signing = Signing(g.workspace, g.actor, page.app_key)
        people = signing.candidates(page.compiled.key, page.record.id, key, page.gate)
    except (Refused, Conflict) as error:
        refusal = refusal or str(error.sentence)
    return render_template(
        "runtime/signing.html", page=page, label=say(transition.label, page.formats.language), people=people, adding=way == ADD,
        action=request.path, problems=problems or {}, refusal=refusal, typed=request.form, next=asked_next(),
    )  # fmt: skip
