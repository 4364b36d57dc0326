"""What people see who have a link: a page of its own, without anything of the workspace around it."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request

from ..platform.access.limits import count_sending
from ..platform.access.links import has_room, note_use
from ..platform.access.policy import by_link
from ..platform.access.workspaces import name_of
from ..platform.definition.model import Form
from ..platform.errors import Invalid, KeyReused, LinkFull, NotFound, Refused
from .opening import commands_of, formats, gate_of
from .record_form import place, values_from
from .record_page import RecordPage
from .rework import rework
from .tracked import Tracked

blueprint = Blueprint("shared", __name__, url_prefix="/s/<workspace>/<token>")

TRAP = "confirm-address"
"""An input that no person sees: what fills it in is a machine."""


@blueprint.get("")
@by_link
def show():
    """A record that is followed, or a form to fill in."""
    if g.link.record_id is not None:
        tracked = Tracked(gate_of(g.link.app_key), g.link.form_key, g.link.record_id, formats())
        note_use(g.workspace, g.link)
        return render_template("shared/tracked.html", tracked=tracked, owner=_owner())
    if "sent" in request.args:
        return _closing()
    page = _blank()
    note_use(g.workspace, g.link)
    return _drawn(page)


@blueprint.post("")
@by_link
def send():
    """A new record, as far as the link asks for it."""
    if g.link.record_id is not None:
        raise NotFound
    count_sending(f"{g.workspace.slug}/{g.link.id}", request.remote_addr or "")
    if request.form.get(TRAP):
        return _thanks()
    page = _blank(posted=True)
    if rework(page, page.form, page.posted):
        return _drawn(page)
    try:
        values, _start = values_from(page.form)
        commands_of(g.link.app_key).create(g.link.form_key, values, request.form.get("key"))
    except Invalid as refusal:
        place(page.form, refusal)
        return _drawn(page), 422
    except (Refused, KeyReused) as refusal:
        page.warning = str(refusal.sentence)
        return _drawn(page), refusal.status
    return _thanks()


def _blank(posted: bool = False) -> RecordPage:
    """The form with nothing in it, or with what was sent; as long as it takes anything."""
    gate = gate_of(g.link.app_key)
    record, public = gate.blank(g.link.form_key), _form().public
    if not has_room(g.link, public, gate.compiled.app.day(gate.now)):
        raise LinkFull
    sent = request.form.copy() if posted else None
    if sent is not None:
        sent.poplist(TRAP)
    return RecordPage(gate, g.link.form_key, record, formats(), sent)


def _drawn(page: RecordPage) -> str:
    return render_template("shared/form.html", page=page, public=_form().public, trap=TRAP, owner=_owner())


def _thanks():
    return redirect(f"{request.path}?sent=1&language={g.language}", 303)


def _closing() -> str:
    """What is said afterwards; the same to a machine."""
    return render_template("shared/closing.html", public=_form().public, owner=_owner())


def _form() -> Form:
    """The form of a link, as long as it takes new records."""
    gate = gate_of(g.link.app_key)
    gate.creation_modes(g.link.form_key)
    return gate.compiled.form(g.link.form_key).form


def _owner() -> str:
    return name_of(g.workspace.slug)


@blueprint.after_request
def _to_nobody_else(response):
    """Neither search engines nor the pages that one goes on to, nor a cache, learn of the address."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.app_template_global()
def in_language(language: str) -> str:
    """The address of this page in another language."""
    sent = "sent=1&" if "sent" in request.args else ""
    return f"{request.path}?{sent}language={language}"
