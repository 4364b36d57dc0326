"""The fields of a form and the columns of its line items, as the designer adds, moves, copies and removes them."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

from flask import g, redirect, request
from flask_babel import gettext as _

from ..platform import registry
from ..platform.access.policy import admin
from ..platform.definition.model import Field
from ..platform.definition.places import END
from ..platform.errors import Invalid, Problem
from ..platform.field_type import FieldType
from .canvas import Canvas, Chosen, written_path
from .forms import copied_label
from .keys import fresh_key
from .references import Setting
from .settings import beginnings
from .workshop import Workshop, design_pages

blueprint = design_pages("fields", "/forms/<form_key>/fields")
Edit = tuple[str, dict[str, Any]]


@blueprint.post("")
@admin
def add(app_key: str, form_key: str):
    """A field of a type: where it was dropped, after what is selected, or at the end."""
    canvas = Canvas(Workshop(app_key), form_key)
    field_type = _type(request.form.get("type", ""))
    rows = _rows(canvas, field_type)
    if rows is not None:
        return _add_column(canvas, field_type, *rows)
    key = fresh_key({"en": field_type.name}, {field.key for field in canvas.form.fields}, "field")
    field = _new(canvas, field_type, key)
    section, after = goes_to(canvas)
    edits: list[Edit] = []
    if section is None:
        section = "main"
        edits.append(("add", {"path": f"{_form(canvas)}.layout", "element": {"key": section, "label": dict(canvas.form.label)}}))
    edits += [("add_field", {"form": form_key, "field": field}), ("place", {"form": form_key, "fields": [key], "section": section, "after": after})]
    canvas.workshop.edit_all(*edits)
    return redirect(canvas.at(f"fields.{key}"), 303)


def _type(name: str) -> FieldType:
    if name not in registry.fields:
        raise Invalid([Problem("type", _("There is no such type."))])
    return registry.fields[name]


def _form(canvas: Canvas) -> str:
    return written_path(canvas.form.key)


def _rows(canvas: Canvas, field_type: FieldType) -> tuple[str, str | None] | None:
    """(line items, column before) where a column is meant; None where a field of the form is."""
    if not field_type.columnar:
        return None
    if dropped := request.form.get("rows"):
        return dropped, request.form.get("after") or END
    last = canvas.chosen[-1] if canvas.chosen else None
    return (last.path[1], last.key) if last is not None and last.kind == "columns" and not request.form.get("section") else None


def _add_column(canvas: Canvas, field_type: FieldType, rows: str, after: str | None):
    holder = canvas.form.by_key.get(rows)
    if holder is None:
        raise Invalid([Problem("rows", _("There is nothing at this place."))])
    key = fresh_key({"en": field_type.name}, set(holder.by_key), "column")
    column = _new(canvas, field_type, key, holder)
    canvas.workshop.edit("add_column", form=canvas.form.key, rows=rows, column=column, after=after)
    return redirect(canvas.at(f"fields.{rows}.fields.{key}"), 303)


def _new(canvas: Canvas, field_type: FieldType, key: str, holder: Field | None = None) -> dict[str, Any]:
    """A field of a type with the settings that it cannot be without; line items begin with a column."""
    field = Field(key, field_type.name, field_type.label)
    setting = Setting(canvas.workshop.app, canvas.form, holder or canvas.form, field, g.language)
    made: dict[str, Any] = {"key": key, "type": field_type.name, "label": dict(field_type.label), "settings": beginnings(setting)}
    if field_type.name == "rows":
        text = registry.fields["text"]
        made["fields"] = [{"key": "text", "type": "text", "label": dict(text.label)}]
    return made


def goes_to(canvas: Canvas) -> tuple[str | None, str | None]:
    """(section, field before) where something new goes; no section where the form has none."""
    if section := request.form.get("section"):
        return section, request.form.get("after") or None
    if canvas.chosen:
        last = canvas.chosen[-1]
        if last.kind == "layout":
            return last.key, END
        here = canvas.section_of(last.path[1])
        if here is not None and last.path[0] == "fields":
            return here.key, last.path[1]
    return (canvas.form.layout[-1].key, END) if canvas.form.layout else (None, END)


@blueprint.post("/type")
@admin
def retype(app_key: str, form_key: str):
    """Another type for the selected field, with those of its settings that the new one has too."""
    canvas = Canvas(Workshop(app_key), form_key)
    field_type, one = _type(request.form.get("type", "")), canvas.one
    if one is None or one.kind not in ("fields", "columns") or "rows" in (field_type.name, one.element.type):
        raise Invalid([Problem("type", _("This cannot become something else."))])
    setting = replace(canvas.setting(one), field=replace(one.element, type=field_type.name, settings={}))
    kept = {name: one.element.settings[name] for name in field_type.Options().fields if name in one.element.settings}
    canvas.workshop.edit("patch", path=canvas.full(one), values={"type": field_type.name, "settings": beginnings(setting) | kept})
    return redirect(canvas.at(one.name), 303)


@blueprint.post("/acts")
@admin
def act(app_key: str, form_key: str):
    """What a button or a key does with all that is selected: up, down, duplicate, remove."""
    canvas = Canvas(Workshop(app_key), form_key)
    does = ACTS.get(request.form.get("act", ""))
    if does is None or not canvas.fields:
        raise Invalid([Problem("act", _("Select a field first."))])
    return redirect(canvas.at(*does(canvas)), 303)


def _up(canvas: Canvas) -> list[str]:
    return _shifted(canvas, -1)


def _down(canvas: Canvas) -> list[str]:
    return _shifted(canvas, 1)


def _shifted(canvas: Canvas, step: int) -> list[str]:
    """Before the one above the first, or behind the one below the last; at the edge of a section into the next."""
    if canvas.fields[0].kind == "columns":
        return _shifted_columns(canvas, step)
    moving = {one.key for one in canvas.fields if one.kind == "fields"}
    places: list[tuple[str, str | None]] = []  # where something can stand: behind a section's head, or a field
    stands: dict[str, int] = {}
    for section in _in_order(canvas):
        places.append((section.key, None))
        for key in section.fields:
            if key in moving:
                stands[key] = len(places) - 1
            else:
                places.append((section.key, key))
    keys = [*stands, *sorted(moving - stands.keys())]
    at = stands.get(keys[0] if step < 0 else keys[-1], len(places)) + step
    if 0 <= at < len(places):
        canvas.workshop.edit("place", form=canvas.form.key, fields=keys, section=places[at][0], after=places[at][1])
    return canvas.selected


def _in_order(canvas: Canvas):
    return [section for sheet in canvas.sheets for section in sheet.sections]


def _shifted_columns(canvas: Canvas, step: int) -> list[str]:
    rows = canvas.fields[0].path[1]
    order = [column.key for column in canvas.form.by_key[rows].fields]
    moving = sorted((one.key for one in canvas.fields if one.path[1] == rows), key=order.index)
    rest = [key for key in order if key not in moving]
    at = sum(order.index(key) < order.index(moving[0]) for key in rest) + step
    if 0 <= at <= len(rest):
        after = [rest[at - 1] if at else None, *moving]
        path = written_path(canvas.form.key, "fields", rows)
        edits = [("move", {"path": f"{path}.fields[{key}]", "after": after[place]}) for place, key in enumerate(moving)]
        canvas.workshop.edit_all(*edits)
    return canvas.selected


def _duplicate(canvas: Canvas) -> list[str]:
    """Each again, right after itself."""
    edits: list[Edit] = []
    names, known = [], _known(canvas)
    for one in canvas.fields:
        made = copy.deepcopy(canvas.written(one))
        holder = one.path[1] if one.kind == "columns" else ""
        made["key"] = fresh_key({"en": one.key}, known[holder], "field")
        known[holder].add(made["key"])
        made["label"] = copied_label(made["label"])
        names.append(".".join((*one.path[:-1], made["key"])))
        edits += _beside(canvas, one, made)
    canvas.workshop.edit_all(*edits)
    return names


def _known(canvas: Canvas) -> dict[str, set[str]]:
    """The keys that are taken: in the form (""), and in each of its line items."""
    return {"": set(canvas.form.by_key), **{rows.key: set(rows.by_key) for rows in canvas.form.rows}}


def _beside(canvas: Canvas, one: Chosen, made: dict[str, Any]) -> list[Edit]:
    form = canvas.form.key
    if one.kind == "columns":
        return [("add_column", {"form": form, "rows": one.path[1], "column": made, "after": one.key})]
    section = canvas.section_of(one.key)
    added: Edit = ("add_field", {"form": form, "field": made, "after": one.key})
    placed = {"form": form, "fields": [made["key"]], "section": section.key, "after": one.key} if section else None
    return [added, ("place", placed)] if placed else [added]


def _remove(canvas: Canvas) -> list[str]:
    canvas.workshop.edit_all(*(_removal(canvas.form.key, one) for one in canvas.fields))
    return []


def _removal(form: str, one: Chosen) -> Edit:
    if one.kind == "columns":
        return "remove_column", {"form": form, "rows": one.path[1], "column": one.key}
    return "remove_field", {"form": form, "field": one.key}


ACTS = {"up": _up, "down": _down, "duplicate": _duplicate, "remove": _remove}
