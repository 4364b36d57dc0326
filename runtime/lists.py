"""Lists of records."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request

from ..platform.access.policy import member
from ..platform.error_pages import wants_json
from . import json_answers
from .filter_editor import FilterEditor
from .listing import Listing
from .opening import formats, gate_of
from .selection import MOST

blueprint = Blueprint("lists", __name__)


@blueprint.get("/apps/<app_key>/<form_key>/")
@member
def show(app_key: str, form_key: str):
    listing = Listing(gate_of(app_key), form_key, request.args, formats())
    if wants_json():
        return json_answers.page(listing)
    editor = FilterEditor.asked(listing)
    if editor is not None and editor.finished:
        return redirect(listing.address.with_filter(editor.parameter), 303)
    return render_template("runtime/list.html", listing=listing, editor=editor, most_at_once=MOST)
