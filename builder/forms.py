"""The form designer: palette, canvas, properties; and which forms there are."""

from __future__ import annotations

import copy

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _

from ..platform.access.policy import admin
from ..platform.errors import Invalid, Problem
from .attributes import GROUP_NAMES
from .canvas import Canvas, palette
from .keys import fresh_key
from .settings import controls
from .workshop import Workshop, design_pages

blueprint = design_pages("forms", "/forms")

ICONS = [
    "file", "file-text", "clipboard-list", "clipboard-check", "receipt", "shopping-cart", "package", "boxes", "truck", "ship", "warehouse", "store",
    "factory", "users", "user", "contact", "building-2", "briefcase", "handshake", "headset", "ticket", "message-square", "mail", "phone", "calendar",
    "clock", "timer", "palmtree", "plane", "coins", "wallet", "credit-card", "banknote", "chart-column", "tag", "list-checks", "wrench", "settings",
    "shield-check", "star",
]  # fmt: skip
"""What a form may be drawn as, of the icons that there are."""


@blueprint.get("/<form_key>/")
@admin
def show(app_key: str, form_key: str):
    canvas = Canvas(Workshop(app_key), form_key)
    return render_template(
        "builder/form.html", workshop=canvas.workshop, canvas=canvas, form=canvas.form, groups=palette(), names=GROUP_NAMES,
        controls=controls, icons=ICONS, new_key=lambda known: fresh_key({}, known, "check"),
    )  # fmt: skip


@blueprint.get("")
@admin
def index(app_key: str):
    """All forms of the app: to add, order, copy and remove."""
    return render_template("builder/forms.html", workshop=Workshop(app_key))


@blueprint.post("")
@admin
def add(app_key: str):
    """A new form with one section and a field that names its records; every role sees and fills it."""
    workshop = Workshop(app_key)
    label = {code: text for code in ("en", "zh") if (text := request.form.get(f"label-{code}", "").strip())}
    if not label:
        raise Invalid([Problem("label", _("Give the form a name."))])
    key = fresh_key(label, set(workshop.app.form_by_key), "form")
    workshop.edit("add_form", form=_blank(workshop, key, label))
    return redirect(url_for("forms.show", app_key=app_key, form_key=key), 303)


def _blank(workshop: Workshop, key: str, label: dict[str, str]) -> dict:
    name = {"key": "name", "type": "text", "label": {"en": "Name", "zh": "名称"}, "required": True}
    cells = {"*": {"*": "edit"}}
    return {
        "key": key, "label": label, "plural": label, "title": "name", "fields": [name],
        "layout": [{"key": "main", "label": label, "fields": ["name"]}],
        "access": [{"role": role.key, "scope": "all", "create": True, "cells": cells} for role in workshop.app.roles],
        "views": [{"key": "all", "label": {"en": "All", "zh": "全部"}, "columns": ["name"]}],
    }  # fmt: skip


@blueprint.post("/<form_key>/copies")
@admin
def duplicate(app_key: str, form_key: str):
    """The same form again, under another name; its records are its own."""
    workshop = Workshop(app_key)
    form = workshop.form(form_key)
    document = copy.deepcopy(next(one for one in workshop.document["forms"] if one["key"] == form.key))
    key = fresh_key({"en": form.key}, set(workshop.app.form_by_key), "form")
    document |= {"key": key, "label": copied_label(form.label), "plural": copied_label(form.plural)}
    workshop.edit("add_form", form=document, after=form.key)
    return redirect(url_for("forms.show", app_key=app_key, form_key=key), 303)


def copied_label(label) -> dict[str, str]:
    """The label of a copy, in the languages that the label has."""
    endings = {"en": "{0} (copy)", "zh": "{0}（副本）"}
    return {code: endings[code].format(text) for code, text in label.items()}


@blueprint.post("/<form_key>/removal")
@admin
def remove(app_key: str, form_key: str):
    workshop = Workshop(app_key)
    workshop.edit("remove_form", form=workshop.form(form_key).key)
    return redirect(url_for("forms.index", app_key=app_key), 303)

