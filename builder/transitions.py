"""The transitions of a flow: drawn, changed; who, when, what is asked, approval, time, effects."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, request
from flask_babel import gettext as _

from ..platform.access.policy import admin
from ..platform.definition.flow import Approval, Transition
from ..platform.errors import Invalid, NotFound, Problem
from .diagram import Flow
from .flows import here
from .keys import fresh_key
from .statuses import text, ticked
from .workshop import Workshop, design_pages, go_on

blueprint = design_pages("transitions_design", "/flows/<form_key>/transitions")

FLAGS = {"automatic": False, "preview": False, "bulk": True}


@blueprint.post("")
@admin
def add(app_key: str, form_key: str):
    """From one status to another; called as it was typed, else after where it leads."""
    flow = Flow(Workshop(app_key), form_key)
    source, target = request.form.get("source", ""), request.form.get("target", "")
    known = flow.statuses.by_key if flow.statuses else {}
    if source not in known or target not in {*known, "*"}:
        raise Invalid([Problem("target", _("There is nothing at this place."))])
    label = text("label") or (dict(known[target].label) if target in known else {"en": "Step", "zh": "操作"})
    key = fresh_key(label, set(flow.form.transition_by_key), "step")
    roles = [role.key for role in flow.workshop.app.roles][:1]
    made = {"key": key, "label": label, "sources": [source], "target": target, "who": {"roles": roles}} | ({"rows": flow.rows_key} if flow.rows else {})
    flow.workshop.edit("add_transition", form=form_key, transition=made)
    return redirect(here(flow, transition=key), 303)


@blueprint.post("/<key>")
@admin
def change(app_key: str, form_key: str, key: str):
    """The part of a transition that a form of the page is about, named by `part`."""
    flow = Flow(Workshop(app_key), form_key)
    one = flow.form.transition_by_key.get(key)
    if one is None:
        raise NotFound
    part = PARTS.get(request.form.get("part", ""))
    if part is None:
        raise NotFound
    values = part(flow, one)
    if values:
        flow.workshop.edit("patch", path=flow.path(one), values=values)
    return go_on(app_key)


def _main(flow: Flow, one: Transition) -> dict[str, Any]:
    label, sources, target = text("label"), request.form.getlist("sources"), request.form.get("target", one.target)
    if not label:
        raise Invalid([Problem("label", _("This needs a name in one language at least."))])
    if not sources:
        raise Invalid([Problem("sources", _("Choose where it begins."))])
    found = {"label": label, "sources": sources, "target": target, "tone": request.form.get("tone", one.tone), "confirm": text("confirm")}
    found = {name: value for name, value in found.items() if value != _plain(getattr(one, name))}
    found |= {name: ticked(name) for name in FLAGS if name in request.form and ticked(name) is not getattr(one, name)}
    return {name: None if value in ({}, "normal") or value is FLAGS.get(name) else value for name, value in found.items()}


def _line(flow: Flow, one: Transition) -> dict[str, Any]:
    """What its line of the table changes: its name in the reader's language, where it leads, whether by itself."""
    label = {**one.label, g.language: request.form.get("name", "").strip()}
    label = {code: said for code, said in label.items() if said}
    if not label:
        raise Invalid([Problem("label", _("This needs a name in one language at least."))])
    found = {"label": label} if label != dict(one.label) else {}
    if (target := request.form.get("target", one.target)) != one.target:
        found["target"] = target
    if ticked("automatic") is not one.automatic:
        found["automatic"] = ticked("automatic") or None
    return found


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else dict(value) if hasattr(value, "items") else value


def _who(flow: Flow, one: Transition) -> dict[str, Any]:
    who = {"roles": request.form.getlist("roles"), "fields": request.form.getlist("fields")}
    who |= {name: True for name in ("creator", "head") if ticked(name)}
    return {"who": {name: value for name, value in who.items() if value}}


def _approval(flow: Flow, one: Transition) -> dict[str, Any]:
    kind = request.form.get("kind", "")
    if not kind:
        return {"approval": None}
    usual = one.approval or Approval()
    found = {"kind": kind, "count": request.form.get("count", usual.count, type=int), "not_self": ticked("not_self"), "opinion": request.form.get("opinion", usual.opinion)}
    found |= {"signature": True} if ticked("signature") else {}
    return {"approval": found}


def _ask(flow: Flow, one: Transition) -> dict[str, Any]:
    """A field more is asked, or each as its select says: no, asked, needed."""
    asks = [{"field": ask.field, "required": request.form.get(f"ask-{ask.field}") == "needed"} for ask in one.ask if request.form.get(f"ask-{ask.field}", "asked") != "no"]
    more = request.form.get("more", "")
    if more and more not in {ask["field"] for ask in asks}:
        asks.append({"field": more, "required": False})
    return {"ask": asks or None}


def _wait(flow: Flow, one: Transition) -> dict[str, Any]:
    wait = {"field": request.form.get("field", ""), "days": request.form.get("days", 0, type=int), "hours": request.form.get("hours", 0, type=int), "working": ticked("working")}
    return {"wait": {name: value for name, value in wait.items() if value} if ticked("waits") else None}


def _guard(flow: Flow, one: Transition) -> dict[str, Any]:
    """Sentences of the conditions, who can help, and one condition more."""
    guards = []
    for guard in one.guards:
        found = {"key": guard.key, "rule": guard.rule, "message": text(f"message.{guard.key}") or dict(guard.message)}
        lift = request.form.getlist(f"lift.{guard.key}") if f"lifts.{guard.key}" in request.form else list(guard.lift)
        guards.append(found | ({"lift": lift} if lift else {}))
    if "more" in request.form:
        key = fresh_key({}, {guard.key for guard in one.guards}, "check")
        guards.append({"key": key, "rule": True, "message": {"en": "Not now.", "zh": "现在不行。"}})
    return {"guards": guards}


PARTS = {"main": _main, "line": _line, "who": _who, "approval": _approval, "ask": _ask, "wait": _wait, "guard": _guard}
