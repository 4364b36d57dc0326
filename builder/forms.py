"""The form designer: palette, canvas, properties."""

from __future__ import annotations

from flask import render_template

from ..platform.access.policy import admin
from .workshop import Workshop, design_pages

blueprint = design_pages("forms", "/forms")


@blueprint.get("/<form_key>/")
@admin
def show(app_key: str, form_key: str):
    workshop = Workshop(app_key)
    return render_template("builder/form.html", workshop=workshop, form=workshop.form(form_key))
