"""Many statuses or transitions of a flow changed at once, and taken back at once."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import gettext as _

from ..platform.access.policy import admin
from ..platform.errors import Invalid, Problem
from .diagram import Flow
from .workshop import Workshop, design_pages, go_on

blueprint = design_pages("flow_bulk", "/flows/<form_key>/bulk")


@blueprint.post("/statuses")
@admin
def statuses(app_key: str, form_key: str):
    """What was filled in, for every status that was picked."""
    flow = Flow(Workshop(app_key), form_key)
    values: dict[str, Any] = {name: given for name in ("kind", "colour", "in_charge") if (given := request.form.get(name))}
    if hours := request.form.get("hours_allowed", type=int):
        values["hours_allowed"] = hours
    known = flow.statuses.by_key if flow.statuses else {}
    paths = [f"status_lists[{flow.statuses.key}].statuses[{key}]" for key in _picked(known)]
    flow.workshop.edit_all(*(("patch", {"path": path, "values": values}) for path in paths if values))
    return go_on(app_key)


@blueprint.post("/transitions")
@admin
def transitions(app_key: str, form_key: str):
    """A role may take every transition that was picked, or no longer may."""
    flow = Flow(Workshop(app_key), form_key)
    role, may = request.form.get("role", ""), request.form.get("may") != "no"
    if role not in flow.workshop.app.role_by_key:
        raise Invalid([Problem("role", _("Choose a role."))])
    edits: list[tuple[str, dict[str, Any]]] = []
    by_key = {one.key: one for one in flow.transitions}
    for key in _picked(by_key):
        roles = [one for one in by_key[key].who.roles if one != role] + ([role] if may else [])
        edits.append(("patch", {"path": f"{flow.path(by_key[key])}.who", "values": {"roles": roles or None}}))
    flow.workshop.edit_all(*edits)
    return go_on(app_key)


def _picked(known: Any) -> list[str]:
    picked = [key for key in request.form.getlist("picked") if key in known]
    if not picked:
        raise Invalid([Problem("picked", _("Pick some first."))])
    return picked
