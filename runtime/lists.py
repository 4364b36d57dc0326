"""Lists of records."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.datastructures import MultiDict

from ..platform.access.policy import member
from ..platform.error_pages import wants_json
from ..platform.records.changes import seen_now
from . import json_answers
from .board import Board
from .calendar import Calendar
from .filter_editor import FilterEditor
from .listing import Listing
from .opening import formats, gate_of
from .selection import MOST
from .shapes import ICONS, fields_to_go_by, switches
from .timeline import Timeline

blueprint = Blueprint("lists", __name__)

SHAPES = {"board": Board, "calendar": Calendar, "timeline": Timeline}


@blueprint.get("/apps/<app_key>/<form_key>/")
@member
def show(app_key: str, form_key: str):
    listing = Listing(gate_of(app_key), form_key, request.args, formats())
    if wants_json():
        return json_answers.page(listing)
    if not request.args and (mine := _usual(listing)) is not None:
        return redirect(f"{listing.path}?view={mine}", 303)
    editor = FilterEditor.asked(listing)
    if editor is not None and editor.finished:
        return redirect(editor.address, 303)
    version = seen_now(listing.gate, form_key)
    view = listing.shown
    shape = SHAPES[view.kind](listing, view) if view.kind in SHAPES else None
    shape.columns if shape else listing.page  # noqa: B018 - what can't be asked is refused before anything is drawn
    if listing.grouping and not shape:
        listing.grouping.sections  # noqa: B018 - as above
    return render_template(
        "runtime/list.html", listing=listing, editor=editor, version=version, most_at_once=MOST, shape=shape, switches=switches(listing, view),
        goes_by=fields_to_go_by(listing, view), kind_icons=ICONS,
    )  # fmt: skip


def _usual(listing: Listing) -> int | None:
    """The view that this person's list opens with, as long as they may ask what it asks."""
    for saved in listing.own_views:
        if saved.by_default:
            asked = MultiDict({"view": str(saved.id)})
            return None if Listing(listing.gate, listing.form.key, asked, listing.formats).refused else saved.id
    return None
