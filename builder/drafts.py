"""Undo and redo of one's own edits of a draft."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for

from ..platform.access.policy import admin
from ..platform.local_path import local_path
from .workshop import Workshop

blueprint = Blueprint("drafts", __name__, url_prefix="/build/<app_key>")


@blueprint.post("/undo")
@admin
def undo(app_key: str):
    Workshop(app_key).undo()
    return _back(app_key)


@blueprint.post("/redo")
@admin
def redo(app_key: str):
    Workshop(app_key).redo()
    return _back(app_key)


def _back(app_key: str):
    return redirect(local_path(request.form.get("next"), url_for("apps.show", app_key=app_key)), 303)
