"""The form designer: palette, canvas, properties."""

from __future__ import annotations

from flask import Blueprint, render_template

from ..platform.access.policy import admin
from .workshop import Workshop

blueprint = Blueprint("forms", __name__, url_prefix="/build/<app_key>/forms")


@blueprint.get("/<form_key>/")
@admin
def show(app_key: str, form_key: str):
    workshop = Workshop(app_key)
    return render_template("builder/form.html", workshop=workshop, form=workshop.form(form_key))
