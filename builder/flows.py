"""The flow designer: a diagram and a table of statuses and transitions, and the properties of what is selected."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _

from ..platform.access.policy import admin
from ..platform.definition.flow import COLOURS, STATUS_KINDS
from ..platform.errors import Invalid, Problem
from ..platform.registry import actions
from .attributes import CHOICES, COLOUR_NAMES, STATUS_KIND_NAMES
from .diagram import Flow
from .keys import fresh_key
from .layout import HEIGHT, WIDTH
from .workshop import Workshop, design_pages

blueprint = design_pages("flows", "/flows")


@blueprint.get("/<form_key>/")
@admin
def show(app_key: str, form_key: str):
    flow = Flow(Workshop(app_key), form_key)
    return render_template(
        "builder/flow.html", workshop=flow.workshop, flow=flow, form=flow.form, width=WIDTH, height=HEIGHT, colours=COLOURS,
        kinds=STATUS_KINDS, kind_names=STATUS_KIND_NAMES, colour_names=COLOUR_NAMES, choices=CHOICES, actions=list(actions),
        new_key=lambda known, stem: fresh_key({}, known, stem),
    )  # fmt: skip


@blueprint.post("/<form_key>/status-list")
@admin
def follow(app_key: str, form_key: str):
    """The form, or its lines, follow a status list: one there is, a copy of its own, or a new one with a start and an end."""
    flow = Flow(Workshop(app_key), form_key)
    key, copied = request.form.get("list", ""), "copy" in request.form and flow.statuses
    edits: list[tuple[str, dict[str, Any]]] = []
    if copied:
        key = fresh_key({"en": f"{form_key} flow"}, set(flow.workshop.app.status_list_by_key), "flow")
        edits.append(("add", {"path": "status_lists", "element": _copy(flow, key), "after": copied.key}))
    elif not key:
        key = fresh_key({"en": f"{form_key} flow"}, set(flow.workshop.app.status_list_by_key), "flow")
        edits.append(("add", {"path": "status_lists", "element": _first_statuses(key, flow)}))
    elif key not in flow.workshop.app.status_list_by_key:
        raise Invalid([Problem("list", _("There is nothing at this place."))])
    if flow.rows:
        edits.append(("patch", {"path": f"forms[{form_key}].fields[{flow.rows.key}].settings", "values": {"status_list": key}}))
    else:
        edits.append(("follow", {"form": form_key, "status_list": key}))
    flow.workshop.edit_all(*edits)
    return redirect(here(flow), 303)


def _copy(flow: Flow, key: str) -> dict[str, Any]:
    """The list that is followed, under a key of its own, called as who follows it."""
    element = next(one for one in flow.workshop.document["status_lists"] if one["key"] == flow.statuses.key)
    return {**element, "key": key, "label": dict(flow.rows.label if flow.rows else flow.form.label)}


def _first_statuses(key: str, flow: Flow) -> dict[str, Any]:
    return {
        "key": key, "label": dict(flow.rows.label if flow.rows else flow.form.label),
        "statuses": [
            {"key": "draft", "label": {"en": "Draft", "zh": "草稿"}, "kind": "start", "colour": "grey"},
            {"key": "done", "label": {"en": "Done", "zh": "完成"}, "kind": "done", "colour": "green"},
        ],
    }  # fmt: skip


@blueprint.post("/<form_key>/tidiness")
@admin
def tidy(app_key: str, form_key: str):
    """Every status back into its column."""
    flow = Flow(Workshop(app_key), form_key)
    statuses = flow.statuses.statuses if flow.statuses else ()
    places = ((f"status_lists[{flow.statuses.key}].statuses[{one.key}]", one) for one in statuses if one.x is not None)
    flow.workshop.edit_all(*(("patch", {"path": path, "values": {"x": None, "y": None}}) for path, _one in places))
    return redirect(here(flow), 303)


def here(flow: Flow, **selected: str) -> str:
    """The page of a flow with this selected."""
    kept = {"rows": flow.rows_key, "as": "table" if flow.as_table else None}
    return url_for("flows.show", app_key=flow.workshop.key, form_key=flow.form.key, **{k: v for k, v in kept.items() if v}, **selected)
