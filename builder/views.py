"""The views of a form: as a list, a board, a calendar or a timeline; what they show, in which order, of which records, to whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import g, redirect, request
from flask_babel import lazy_gettext as __

from ..platform.access.policy import admin
from ..platform.definition.checks_views import NEEDED, view_choices, view_findings
from ..platform.definition.model import VIEW_FIELDS, VIEW_KINDS, View, say
from ..platform.definition.scope import has_value
from ..platform.errors import NotFound
from .attributes import OWN_NAMES
from .canvas import Canvas, Chosen, written_path
from .keys import fresh_key
from .settings import in_order
from .workshop import Workshop, design_pages

SETTINGS = {"board": ("by", "total"), "calendar": ("start", "end", "title"), "timeline": ("start", "end", "by", "title")}
LABELS = {
    "by": __("A column for each"), "groups": __("Groups by"), "total": __("Sum up"), "start": __("Begins at"), "end": __("Ends at"),
    "title": __("Named by"),
}  # fmt: skip


@dataclass(frozen=True)
class ViewSetting:
    """A setting that names a field: which one, which could be chosen, and what is wrong with it."""

    name: str
    label: str
    value: str
    needed: bool
    choices: list[tuple[str, str]]
    problems: list[str]


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
    sent = {"label": _label(), "columns": _columns(), "sort": _sort(), "roles": roles, **_kind(canvas, view)}
    now = {
        "kind": view.kind, **{name: getattr(view, name) for name in VIEW_FIELDS}, "label": dict(view.label), "columns": list(view.columns), "roles": list(view.roles),
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


def _kind(canvas: Canvas, view: View) -> dict[str, str]:
    """The kind with its settings; one that is chosen just now begins with the first fields that suit it."""
    kind = request.form.get("kind", view.kind)
    if kind == view.kind or kind not in VIEW_KINDS:
        return {name: request.form.get(name, getattr(view, name)) for name in VIEW_FIELDS}
    found = dict.fromkeys(VIEW_FIELDS, "") | {"kind": kind}
    for name in NEEDED.get(kind, ()):
        suited = (key for key in view_choices(canvas.workshop.app, canvas.form, kind, name) if key not in found.values())
        found[name] = next(suited, "")
    return found


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


@blueprint.app_template_filter("view_settings")
def view_settings(canvas: Canvas, view: View) -> list[ViewSetting]:
    """What a view of its kind goes by, with the fields to choose from."""
    names = column_names(canvas) | {field.key: say(field.label, g.language) for field in canvas.form.fields}
    wrong = list(view_findings(canvas.workshop.app, canvas.form, view, ""))
    found = []
    for name in SETTINGS.get(view.kind, ()):
        keys = view_choices(canvas.workshop.app, canvas.form, view.kind, name)
        keys += [key for key in [getattr(view, name)] if key and key not in keys]
        label = LABELS["groups" if view.kind == "timeline" and name == "by" else name]
        problems = [str(finding.message) for finding in wrong if finding.path == f".{name}"]
        choices = [(key, names.get(key, key)) for key in keys]
        found.append(ViewSetting(name, str(label), getattr(view, name), name in NEEDED[view.kind], choices, problems))
    return found
