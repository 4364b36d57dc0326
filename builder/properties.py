"""What is selected in the form designer gets other properties: each only where it was changed."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _

from ..platform.access.policy import admin
from ..platform.errors import Invalid, Problem
from .canvas import Canvas, Chosen, written_path
from .keys import fresh_key, suggested
from .settings import taken
from .workshop import Workshop, design_pages

blueprint = design_pages("properties", "/forms/<form_key>/properties")

TEXTS = ("label", "plural", "help", "group", "message")
WORDS = ("title", "subtitle", "status_list", "icon", "tab")


@blueprint.post("")
@admin
def change(app_key: str, form_key: str):
    """The properties of the one thing that is selected, or of the form where nothing is."""
    canvas = Canvas(Workshop(app_key), form_key)
    one = canvas.one
    if canvas.chosen and one is None:
        raise Invalid([Problem("select", _("Select one thing."))])
    path, element = (canvas.full(one), one.element) if one else (written_path(form_key), canvas.form)
    if key := request.form.get("check"):
        path, element = _check(path, element, key)
    values = _sent(element, f".{key}" if key else "")
    followed = values.pop("status_list") if values.get("status_list") else None  # rights go along with that
    edits = [("patch", {"path": path, "values": values})] if values else []
    if followed:
        edits.append(("follow", {"form": form_key, "status_list": followed}))
    if one is not None and one.kind in ("fields", "columns") and "label-en" in request.form:
        edits += _field(canvas, one, path)
    name = one.name if one else ""
    if one is not None and "label" in values and (key := _follows(canvas, one, values["label"])):
        edits.append(("change_key", {"path": path, "key": key}))
        name = ".".join((*one.path[:-1], key))
    canvas.workshop.edit_all(*edits)
    return redirect(canvas.at(*([name] if name else ())), 303)


def _follows(canvas: Canvas, one: Chosen, label: dict[str, str]) -> str:
    """The key that a new label suggests, for what still has the key it was added with; "" where it keeps that."""
    stem = one.key.rstrip("0123456789").rstrip("_")
    given = one.element.type if one.kind in ("fields", "columns") else {"layout": "section", "tabs": "tab"}[one.kind]
    if stem != given or not suggested(label) or canvas.workshop.published(canvas.full(one)):
        return ""
    key = fresh_key(label, canvas.keys_beside(one) - {one.key}, stem)
    return key if key != one.key else ""


@blueprint.post("/key")
@admin
def change_key(app_key: str, form_key: str):
    """Another key for what is selected, or for the form; every reference goes along."""
    canvas = Canvas(Workshop(app_key), form_key)
    one, key = canvas.one, request.form.get("key", "").strip()
    canvas.workshop.edit("change_key", path=canvas.full(one) if one else written_path(form_key), key=key)
    if one is None:
        return redirect(url_for("forms.show", app_key=app_key, form_key=key), 303)
    return redirect(canvas.at(".".join((*one.path[:-1], key))), 303)


def _check(path: str, field: Any, key: str) -> tuple[str, Any]:
    """A check of the field, by its key."""
    found = next((check for check in getattr(field, "checks", ()) if check.key == key), None)
    if found is None:
        raise Invalid([Problem("check", _("There is nothing at this place."))])
    return f"{path}.checks[{key}]", found


def _sent(element: Any, ending: str = "") -> dict[str, Any]:
    """Texts, words, numbers and names that were sent and are not what stands there."""
    found: dict[str, Any] = {}
    for name in TEXTS:
        if f"{name}{ending}-en" in request.form:
            text = {code: said for code in ("en", "zh") if (said := request.form[f"{name}{ending}-{code}"].strip())}
            found |= {name: text or None} if text != dict(getattr(element, name)) else {}
    for name in WORDS:
        if name in request.form and request.form[name].strip() != (getattr(element, name) or ""):
            found[name] = request.form[name].strip() or None
    if "comments" in request.form and (on := request.form.getlist("comments")[-1] == "true") != element.comments:
        found["comments"] = None if on else False
    if "columns" in request.form and request.form.get("columns", type=int) != element.columns:
        found["columns"] = request.form.get("columns", type=int)
    return _said(found)


def _said(found: dict[str, Any]) -> dict[str, Any]:
    """A label is never taken away: what is empty is refused in words."""
    for name in ("label", "plural", "message"):
        if name in found and found[name] is None:
            raise Invalid([Problem(name, _("This needs a name in one language at least."))])
    return found


def _field(canvas: Canvas, one: Chosen, path: str) -> list[tuple[str, dict[str, Any]]]:
    """The settings of a field that were changed, and whether it is always required or shown."""
    settings = taken(canvas.setting(one), request.form) if "settings" in request.form else dict(one.element.settings)
    names = dict.fromkeys((*one.element.settings, *settings))
    changed = {name: settings.get(name) for name in names if settings.get(name) != one.element.settings.get(name)}
    edits = [("patch", {"path": f"{path}.settings", "values": changed})] if changed else []
    rules = {}
    for name, usual in (("required", False), ("show", True), ("lock", False)):
        word = request.form.get(name)
        if word in ("always", "never") and getattr(one.element, name) is not (word == "always"):
            rules[name] = None if (word == "always") is usual else word == "always"
    return [*edits, ("patch", {"path": path, "values": rules})] if rules else edits


@blueprint.post("/several")
@admin
def gather(app_key: str, form_key: str):
    """All selected fields to the end of one section."""
    canvas = Canvas(Workshop(app_key), form_key)
    keys = [one.key for one in canvas.fields if one.kind == "fields"]
    canvas.workshop.edit("place", form=form_key, fields=keys, section=request.form.get("section", ""))
    return redirect(canvas.at(*canvas.selected), 303)
