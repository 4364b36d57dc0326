"""The sections and tabs of a form's layout: added after what is selected, moved, taken away."""

from __future__ import annotations

from functools import partial

from flask import redirect, request
from flask_babel import gettext as _

from ..platform.access.policy import admin
from ..platform.definition.model import Section
from ..platform.definition.places import END
from ..platform.errors import Invalid, Problem
from .canvas import Canvas, written_path
from .keys import fresh_key
from .workshop import Workshop, design_pages

blueprint = design_pages("sections", "/forms/<form_key>/sections")


@blueprint.post("")
@admin
def add(app_key: str, form_key: str):
    """A section after the one that is selected, or at the end; with `tab` on a tab of its own."""
    canvas = Canvas(Workshop(app_key), form_key)
    form, edits = written_path(form_key), []
    last = _selected(canvas) or (canvas.form.layout[-1] if canvas.form.layout else None)
    key = fresh_key({}, {section.key for section in canvas.form.layout}, "section")
    section = {"key": key, "label": {"en": "Section", "zh": "分区"}}
    if "tab" in request.form:
        tab = fresh_key({}, {tab.key for tab in canvas.form.tabs}, "tab")
        edits.append(("add", {"path": f"{form}.tabs", "element": {"key": tab, "label": {"en": "Tab", "zh": "标签页"}}}))
        section["tab"] = tab
    elif last is not None and last.tab:
        section["tab"] = last.tab
    after = END if last is None or "tab" in request.form else last.key
    edits.append(("add", {"path": f"{form}.layout", "element": section, "after": after}))
    canvas.workshop.edit_all(*edits)
    return redirect(canvas.at(f"tabs.{section['tab']}" if "tab" in request.form else f"layout.{key}"), 303)


def _selected(canvas: Canvas) -> Section | None:
    """The section that is selected, or in which something selected stands; of a tab its last."""
    for one in canvas.chosen:
        if one.kind == "layout":
            return one.element
        if one.kind == "tabs":
            return next((s for s in reversed(canvas.form.layout) if s.tab == one.key), None)
        if one.path[0] == "fields" and (section := canvas.section_of(one.path[1])):
            return section
    return None


@blueprint.post("/acts")
@admin
def act(app_key: str, form_key: str):
    """What a button or a key does with the section or tab that is selected."""
    canvas = Canvas(Workshop(app_key), form_key)
    one, name = canvas.one, request.form.get("act", "")
    if one is None or (one.kind, name) not in ACTS:
        raise Invalid([Problem("act", _("Select a section first."))])
    ACTS[one.kind, name](canvas)
    return redirect(canvas.at() if name == "remove" else canvas.at(one.name), 303)


def _shift_section(canvas: Canvas, step: int) -> None:
    """Behind the next section of its tab, or before the last one; at the edge of a tab onto the next."""
    moving, places, at = canvas.one.key, [], 0  # (tab, section that it can stand behind, or the head of the tab)
    for tab in ("", *(tab.key for tab in canvas.form.tabs)):
        places.append((tab, None))
        for section in (one for one in canvas.form.layout if canvas.tab_of(one) == tab):
            if section.key == moving:
                at = len(places) - 1
            else:
                places.append((tab, section.key))
    if 0 <= at + step < len(places):
        tab, after = places[at + step]
        canvas.workshop.edit("move_section", form=canvas.form.key, section=moving, after=after, tab=tab)


def _shift_tab(canvas: Canvas, step: int) -> None:
    order = [tab.key for tab in canvas.form.tabs]
    at = order.index(canvas.one.key) + step
    rest = [key for key in order if key != canvas.one.key]
    if 0 <= at <= len(rest):
        canvas.workshop.edit("move", path=canvas.full(canvas.one), after=rest[at - 1] if at else None)


def _remove_section(canvas: Canvas) -> None:
    """Its fields go where the form says: to another section, or away with it."""
    section, into = canvas.one.element, request.form.get("into", "")
    edits = []
    if into == "away":
        edits = [("remove_field", {"form": canvas.form.key, "field": key}) for key in section.fields]
        into = ""
    canvas.workshop.edit_all(*edits, ("remove_section", {"form": canvas.form.key, "section": section.key, "into": into or None}))


def _remove_tab(canvas: Canvas) -> None:
    canvas.workshop.edit("remove_tab", form=canvas.form.key, tab=canvas.one.key)


ACTS = {
    ("layout", "up"): partial(_shift_section, step=-1), ("layout", "down"): partial(_shift_section, step=1),
    ("layout", "remove"): _remove_section, ("tabs", "remove"): _remove_tab,
    ("tabs", "up"): partial(_shift_tab, step=-1), ("tabs", "down"): partial(_shift_tab, step=1),
}  # fmt: skip
