"""Bringing in an app from its file: checked and looked at first, then a draft of this workspace under a key of its own."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from ..platform.access.policy import admin
from ..platform.definition import bundle
from ..platform.definition.checks import problems
from ..platform.definition.findings import BLOCK
from ..platform.definition.model import App
from ..platform.definition.schema import load
from ..platform.errors import Conflict, Invalid, Problem
from ..platform.gallery import free_key

blueprint = Blueprint("imports", __name__, url_prefix="/build/imports")


@blueprint.get("")
@admin
def new():
    return render_template("builder/imports.html")


@blueprint.post("")
@admin
def check():
    """What is in a file, and under which key it would come in; or what is wrong with it."""
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise Invalid([Problem("", _("Choose a file."))])
        document = bundle.parse(sent.read())
        app = load(document)
    except Invalid as error:
        return render_template("builder/imports.html", wrong=error.problems, name=sent.filename if sent else ""), 422
    return _looked_at(document, app, free_key(g.workspace, app.key))


@blueprint.post("/apps")
@admin
def create():
    """The app that was looked at, as a draft."""
    document = bundle.parse(request.form.get("document", ""))
    key = request.form.get("key", "").strip()
    try:
        with g.workspace.writing() as connection:
            row = bundle.import_app(connection, document, g.actor.id, key or None)
    except (Conflict, Invalid) as error:
        refused = error.problems[0].message if isinstance(error, Invalid) else error.sentence
        return _looked_at(document, load(document), key, refused), error.status
    flash(_("The app is here, as a draft. Look at it, and publish it."), "good")
    return redirect(url_for("apps.show", app_key=row.key), 303)


def _looked_at(document: dict[str, Any], app: App, key: str, refused: str = ""):
    found = sorted(problems(app), key=lambda finding: finding.severity != BLOCK)
    kept = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    values = {"app": app, "found": found, "document": kept, "key": key, "refused": refused}
    return render_template("builder/import_check.html", **values, taken=key != app.key)
