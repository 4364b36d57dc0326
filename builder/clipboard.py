"""Fields that were copied in this or another form or app, and are put in here; the browser keeps what was copied."""

from __future__ import annotations

import json

from flask import flash, redirect, request
from flask_babel import gettext as _

from ..platform.access.policy import admin
from ..platform.definition.places import END
from ..platform.errors import Invalid, Problem
from .canvas import Canvas
from .fields import Edit, goes_to
from .pasting import Pasting
from .workshop import Workshop, design_pages

blueprint = design_pages("clipboard", "/forms/<form_key>/clipboard")


@blueprint.post("")
@admin
def paste(app_key: str, form_key: str):
    """After what is selected: beside a column as columns, else as fields of the form."""
    canvas = Canvas(Workshop(app_key), form_key)
    last = canvas.chosen[-1] if canvas.chosen else None
    rows = last.path[1] if last is not None and last.kind == "columns" else ""
    pasting = Pasting(canvas.workshop.document, form_key, _sent(), rows)
    for sentence in pasting.behind:
        flash(sentence, "bad")
    keys = [one["key"] for one in pasting.elements]
    if rows:
        afters = [last.key, *keys]
        added: list[Edit] = [
            ("add_column", {"form": form_key, "rows": rows, "column": one, "after": after})
            for one, after in zip(pasting.elements, afters, strict=False)
        ]
        canvas.workshop.edit_all(*added)
        return redirect(canvas.at(*(f"fields.{rows}.fields.{key}" for key in keys)), 303)
    added = [("add_field", {"form": form_key, "field": one}) for one in pasting.elements]
    section, after = goes_to(canvas)
    if section is not None and keys:
        added.append(("place", {"form": form_key, "fields": keys, "section": section, "after": after or END}))
    canvas.workshop.edit_all(*added)
    return redirect(canvas.at(*(f"fields.{key}" for key in keys)), 303)


def _sent():
    try:
        return json.loads(request.form.get("elements", ""))
    except ValueError:
        raise Invalid([Problem("elements", _("There is nothing here that could be put in."))]) from None
