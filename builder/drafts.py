"""The draft of an app: edits that gestures and buttons make, undo and redo, what others did meanwhile."""

from __future__ import annotations

import json
from typing import Any

from flask import g, make_response, render_template, request
from flask_babel import gettext as _

from ..platform.access import members
from ..platform.access.policy import admin
from ..platform.errors import Invalid, Problem
from .workshop import Workshop, design_pages, go_on

blueprint = design_pages("drafts")


@blueprint.post("/edits")
@admin
def edit(app_key: str):
    """An edit by its name and arguments (JSON), as `definition/edits.py` has them."""
    Workshop(app_key).edit(request.form.get("name", ""), **_arguments(request.form.get("arguments", "")))
    return go_on(app_key)


@blueprint.post("/undo")
@admin
def undo(app_key: str):
    Workshop(app_key).undo()
    return go_on(app_key)


@blueprint.post("/redo")
@admin
def redo(app_key: str):
    Workshop(app_key).redo()
    return go_on(app_key)


@blueprint.get("/findings")
@admin
def findings(app_key: str):
    """What is wrong or doubtful, for the mark in the bar."""
    return render_template("builder/findings.html", workshop=Workshop(app_key))


@blueprint.get("/news")
@admin
def news(app_key: str):
    """Nothing while the draft stands where the page has it; else who changed it, and the page draws itself anew."""
    workshop, seen = Workshop(app_key), request.args.get("rev", 0, type=int)
    later = [row for row in workshop.log if row.rev > seen]
    if not later:
        return "", 204
    with g.workspace.reading() as connection:
        names = members.names(connection, {row.by for row in later} - {g.actor.id, None})
    response = make_response(render_template("builder/news.html", workshop=workshop, changed_by=sorted(names.values())))
    response.headers["HX-Trigger"] = "draft-changed"
    return response


def _arguments(text: str) -> dict[str, Any]:
    try:
        arguments = json.loads(text)
    except ValueError:
        arguments = None
    if not isinstance(arguments, dict):
        raise Invalid([Problem("arguments", _("This page is damaged; reload it."))])
    return arguments
