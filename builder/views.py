"""The views of a form: which columns its list shows, in which order, of which records, to whom."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, request

from ..platform.access.policy import admin
from ..platform.definition.model import View, say
from ..platform.definition.scope import has_value
from ..platform.errors import NotFound
from .attributes import OWN_NAMES
from .canvas import Canvas, Chosen, written_path
from .keys import fresh_key
from .settings import in_order
from .workshop import Workshop, design_pages

blueprint = design_pages("views", "/forms/<form_key>/views")


@blueprint.post("")
@admin
def add(app_key: str, form_key: str):
    """A view of the field that names a record, and of its status."""
    canvas = Canvas(Workshop(app_key), form_key)
    key = fresh_key({}, set(canvas.form.view_by_key), "view")
    columns = [name for name in (canvas.form.title, "status" if canvas.form.status_list else "") if name]
    element = {"key": key, "label": {"en": "View", "zh": "视图"}, "columns": columns}
    canvas.workshop.edit("add", path=f"{written_path(form_key)}.views", element=element)
    return redirect(canvas.at(f"views.{key}"), 303)


@blueprint.post("/properties")
@admin
def change(app_key: str, form_key: str):
    """Label, columns, order and roles of the selected view, as far as they were changed."""
    canvas = Canvas(Workshop(app_key), form_key)
    one = _selected(canvas)
    view: View = one.element
    roles = in_order(view.roles, [role for role in request.form.getlist("roles") if role])
    sent = {"label": _label(), "columns": _columns(), "sort": _sort(), "roles": roles}
    now = {
        "label": dict(view.label), "columns": list(view.columns), "roles": list(view.roles),
        "sort": [{"field": sort.field, **({"descending": True} if sort.descending else {})} for sort in view.sort],
    }  # fmt: skip
    values = {name: value for name, value in sent.items() if value != now[name]}
    if values:
        canvas.workshop.edit("patch", path=canvas.full(one), values=values)
    return redirect(canvas.at(one.name), 303)


def _selected(canvas: Canvas) -> Chosen:
    if canvas.one is None or canvas.one.kind != "views":
        raise NotFound
    return canvas.one


def _label() -> dict[str, str]:
    return {code: text for code in ("en", "zh") if (text := request.form.get(f"label-{code}", "").strip())}


def _columns() -> list[str]:
    """As they were sent, with one more at the end, or one moved or taken away by its button."""
    found = [name for name in request.form.get("columns", "").split(",") if name]
    act, _dot, name = request.form.get("act", "").partition(".")
    if name in found:
        at = found.index(name)
        found.remove(name)
        if act != "remove":
            found.insert(max(0, at + (1 if act == "down" else -1)), name)
    return list(dict.fromkeys([*found, *filter(None, [request.form.get("column")])]))


def _sort() -> list[dict[str, Any]]:
    """The fields that rows are ordered by, the first one first."""
    found: dict[str, dict[str, Any]] = {}
    place = 0
    while f"sort-{place}" in request.form:
        name, last = request.form[f"sort-{place}"], request.form.get(f"descending-{place}") == "true"
        if name and name not in found:
            found[name] = {"field": name, **({"descending": True} if last else {})}
        place += 1
    return list(found.values())


@blueprint.app_template_filter("column_names")
def column_names(canvas: Canvas) -> dict[str, str]:
    """Everything that a list of the form can show, by key."""
    own = {key: str(name) for key, name in OWN_NAMES.items() if key not in ("status", "status_since") or canvas.form.status_list}
    return {field.key: say(field.label, g.language) for field in canvas.form.fields if has_value(field)} | own
