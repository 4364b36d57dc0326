"""The statuses of a flow: added, changed, removed with what leads there."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, request
from flask_babel import gettext as _

from ..platform.access.policy import admin
from ..platform.definition.model import Form
from ..platform.errors import Invalid, NotFound, Problem
from .diagram import Flow
from .flows import here
from .keys import fresh_key
from .workshop import Workshop, design_pages, go_on

blueprint = design_pages("statuses", "/flows/<form_key>/statuses")

WORDS = ("kind", "colour", "in_charge")


@blueprint.post("")
@admin
def add(app_key: str, form_key: str):
    flow = _flow(app_key, form_key)
    label = text("label")
    if not label:
        raise Invalid([Problem("label", _("Give the status a name."))])
    key = fresh_key(label, set(flow.statuses.by_key) | {"new"}, "status")
    flow.workshop.edit("add_status", status_list=flow.statuses.key, status={"key": key, "label": label, "colour": "blue"})
    return redirect(here(flow, status=key), 303)


@blueprint.post("/<key>")
@admin
def change(app_key: str, form_key: str, key: str):
    flow = _flow(app_key, form_key)
    status = flow.statuses.by_key.get(key)
    if status is None:
        raise NotFound
    values: dict[str, Any] = {}
    if name := request.form.get("name", "").strip():
        values |= {"label": {**status.label, g.language: name}} if status.label.get(g.language) != name else {}
    if "label-en" in request.form and (label := text("label")) != dict(status.label):
        if not label:
            raise Invalid([Problem("label", _("This needs a name in one language at least."))])
        values["label"] = label
    values |= {w: request.form[w] or None for w in WORDS if w in request.form and (request.form[w] or None) != getattr(status, w)}
    if "hours_allowed" in request.form:
        hours = request.form.get("hours_allowed", type=int)
        values |= {"hours_allowed": hours} if hours != status.hours_allowed else {}
    if "clock_stands" in request.form and ticked("clock_stands") is not status.clock_stands:
        values["clock_stands"] = ticked("clock_stands") or None
    if values:
        flow.workshop.edit("patch", path=f"status_lists[{flow.statuses.key}].statuses[{key}]", values=values)
    return go_on(app_key)


@blueprint.post("/<key>/removal")
@admin
def remove(app_key: str, form_key: str, key: str):
    """Takes the status away, and the transitions that lead only from it or to it."""
    flow = _flow(app_key, form_key)
    edits: list[tuple[str, dict[str, Any]]] = []
    for form in flow.workshop.app.forms:
        edits += _without(form, key) if form.status_list == flow.statuses.key else []
        for one in form.transitions:
            statuses = flow.workshop.app.line_statuses(form.by_key[one.rows]) if one.rows else flow.workshop.app.statuses(form)
            if statuses is None or statuses.key != flow.statuses.key:
                continue
            path, left = f"forms[{form.key}].transitions[{one.key}]", [source for source in one.sources if source != key]
            if one.target == key or not left:
                edits.append(("remove", {"path": path}))
            elif len(left) < len(one.sources):
                edits.append(("patch", {"path": path, "values": {"sources": left}}))
    flow.workshop.edit_all(*edits, ("remove_status", {"status_list": flow.statuses.key, "status": key}))
    return redirect(here(flow), 303)


def _without(form: Form, key: str) -> list[tuple[str, dict[str, Any]]]:
    """The reminders of a form for its other statuses only; one that was for this alone goes with it."""
    edits: list[tuple[str, dict[str, Any]]] = []
    for one in form.reminders:
        path, left = f"forms[{form.key}].reminders[{one.key}]", [status for status in one.statuses if status != key]
        if not left:
            edits.append(("remove", {"path": path}))
        elif len(left) < len(one.statuses):
            edits.append(("patch", {"path": path, "values": {"statuses": left}}))
    return edits


def _flow(app_key: str, form_key: str) -> Flow:
    flow = Flow(Workshop(app_key), form_key)
    if flow.statuses is None:
        raise NotFound
    return flow


def text(name: str) -> dict[str, str]:
    """A text in both languages, as its inputs were sent."""
    return {code: said for code in ("en", "zh") if (said := request.form.get(f"{name}-{code}", "").strip())}


def ticked(name: str) -> bool:
    """A box after a hidden "false"."""
    return request.form.getlist(name)[-1:] == ["true"]
