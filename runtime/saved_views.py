"""Views that people save of a list: their name, with whom they are shared, what they show."""

from __future__ import annotations

from urllib.parse import parse_qsl

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from ..platform.access.policy import member
from ..platform.errors import Invalid, NotFound, Problem
from ..platform.records import saved_views
from ..platform.records.saved_views import SavedView
from .listing import Listing
from .opening import formats, gate_of
from .view_content import content_of

LONGEST = 20_000  # characters of what a list is asked
blueprint = Blueprint("saved_views", __name__, url_prefix="/apps/<app_key>/<form_key>/views")


@blueprint.get("/new")
@member
def new(app_key: str, form_key: str):
    """What the list of these parameters shows, to be named."""
    return _asked(_shown(app_key, form_key, request.args))


@blueprint.post("")
@member
def add(app_key: str, form_key: str):
    listing = _shown(app_key, form_key, _sent())
    content = _content(listing)
    try:
        with g.workspace.writing() as connection:
            added = saved_views.add(connection, g.actor, app_key, form_key, content=content, **_said(listing))
    except Invalid as refusal:
        return _asked(listing, refusal=refusal), 422
    return _go_on(listing, added)


@blueprint.get("/<int:view_id>")
@member
def show(app_key: str, form_key: str, view_id: int):
    """Its name, whom it is shared with, and what else can be done with it."""
    listing = _shown(app_key, form_key, request.args)
    return _asked(listing, _changeable(listing, view_id))


@blueprint.post("/<int:view_id>")
@member
def change(app_key: str, form_key: str, view_id: int):
    listing = _shown(app_key, form_key, _sent())
    saved = _changeable(listing, view_id)
    try:
        with g.workspace.writing() as connection:
            saved_views.rename(connection, g.actor, app_key, form_key, view_id, **_said(listing))
    except Invalid as refusal:
        return _asked(listing, saved, refusal), 422
    return _go_on(listing, view_id)


@blueprint.post("/<int:view_id>/content")
@member
def replace(app_key: str, form_key: str, view_id: int):
    """From now on it shows what the list of these parameters shows."""
    listing = _shown(app_key, form_key, _sent())
    content = _content(listing)
    with g.workspace.writing() as connection:
        saved_views.replace_content(connection, g.actor, app_key, form_key, view_id, content)
    return _go_on(listing, view_id)


@blueprint.post("/<int:view_id>/deletion")
@member
def delete(app_key: str, form_key: str, view_id: int):
    gate_of(app_key).readable_fields(form_key)
    with g.workspace.writing() as connection:
        saved_views.remove(connection, g.actor, app_key, form_key, view_id)
    return _leave(url_for("lists.show", app_key=app_key, form_key=form_key))


def _shown(app_key: str, form_key: str, parameters: MultiDict) -> Listing:
    return Listing(gate_of(app_key), form_key, parameters, formats())


def _sent() -> MultiDict:
    """The parameters of the list that the form came from."""
    text = request.form.get("list", "")
    if len(text) > LONGEST:
        raise Invalid([Problem("list", _("These filters are too long to be kept."))])
    return MultiDict(parse_qsl(text))


def _content(listing: Listing) -> dict:
    """What the list shows, once it is clear that this person may ask it."""
    listing.first(1)
    return content_of(listing)


def _said(listing: Listing) -> dict:
    known = listing.form.app.role_by_key
    roles = [role for role in dict.fromkeys(request.form.getlist("role")) if role in known]
    return {"name": request.form.get("name", ""), "roles": roles, "by_default": "default" in request.form}


def _changeable(listing: Listing, view_id: int) -> SavedView:
    for saved in listing.saved_views:
        if saved.id == view_id and saved.changeable_by(g.actor):
            return saved
    raise NotFound


def _asked(listing: Listing, saved: SavedView | None = None, refusal: Invalid | None = None) -> str:
    given = _said(listing) if refusal else {"name": saved.name, "roles": saved.roles, "by_default": saved.by_default} if saved else None
    return render_template("runtime/saved_view.html", listing=listing, saved=saved, given=given, refusal=refusal)


def _go_on(listing: Listing, view_id: int):
    return _leave(f"{listing.path}?view={view_id}")


def _leave(where: str):
    if request.headers.get("HX-Target") == "dialog":
        return "", 204, {"HX-Redirect": where}
    return redirect(where, 303)
