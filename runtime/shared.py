"""What people see who have a link: a page of its own, without anything of the workspace around it."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request

from ..platform.access.links import note_use
from ..platform.access.policy import by_link
from ..platform.access.workspaces import name_of
from .opening import formats, gate_of
from .tracked import Tracked

blueprint = Blueprint("shared", __name__, url_prefix="/s/<workspace>/<token>")


@blueprint.get("")
@by_link
def show():
    """A record that is followed."""
    tracked = Tracked(gate_of(g.link.app_key), g.link.form_key, g.link.record_id, formats())
    note_use(g.workspace, g.link)
    return render_template("shared/tracked.html", tracked=tracked, owner=name_of(g.workspace.slug))


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
    return f"{request.path}?language={language}"
