"""The builder's home: the apps of this workspace and the templates that ship; one app's design begins at its first form."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, url_for

from ..platform.access.policy import admin
from ..platform.definition import store
from ..platform.definition.schema import load
from .workshop import Workshop

blueprint = Blueprint("apps", __name__, url_prefix="/build")


@blueprint.get("/")
@admin
def home():
    with g.workspace.reading() as connection:
        rows = store.apps(connection)
        apps = [(row, load(store.draft(connection, row.id).document)) for row in rows]
    return render_template("builder/home.html", apps=apps)


@blueprint.get("/<app_key>/")
@admin
def show(app_key: str):
    workshop = Workshop(app_key)
    forms = workshop.app.forms
    if not forms:
        return redirect(url_for("apps.home"), 303)
    return redirect(url_for("forms.show", app_key=app_key, form_key=forms[0].key), 303)
