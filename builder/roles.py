"""The roles of an app: added, called, described, copied with all they may do, removed; and who has them."""

from __future__ import annotations

from typing import Any

from flask import g, render_template, request
from flask_babel import gettext as _

from ..platform.access import members
from ..platform.access.policy import admin
from ..platform.errors import Invalid, NotFound, Problem
from .forms import copied_label
from .keys import fresh_key
from .statuses import text
from .workshop import Workshop, design_pages, go_on

blueprint = design_pages("roles", "/roles")

Edit = tuple[str, dict[str, Any]]


@blueprint.get("")
@admin
def show(app_key: str):
    workshop = Workshop(app_key)
    with g.workspace.reading() as connection:
        has = {role.key: sorted(members.names_with_role(connection, app_key, [role.key]).values()) for role in workshop.app.roles}
    return render_template("builder/roles.html", workshop=workshop, has=has)


@blueprint.post("")
@admin
def add(app_key: str):
    """A new role, which may do nothing yet; or one like another."""
    workshop = Workshop(app_key)
    label, like = text("label"), request.form.get("like", "")
    if like and like not in workshop.app.role_by_key:
        raise NotFound
    label = label or (copied_label(workshop.app.role_by_key[like].label) if like else {})
    if not label:
        raise Invalid([Problem("label", _("Give the role a name."))])
    key = fresh_key(label, set(workshop.app.role_by_key), "role")
    workshop.edit_all(("add_role", {"role": {"key": key, "label": label}}), *_like(workshop, like, key))
    return go_on(app_key)


def _like(workshop: Workshop, like: str, key: str) -> list[Edit]:
    """The same rights on every form, and a place beside the other in every transition."""
    edits: list[Edit] = []
    for form in workshop.document.get("forms", ()) if like else ():
        access = next((one for one in form.get("access", ()) if one["role"] == like), None)
        if access is not None:
            edits.append(("add", {"path": f"forms[{form['key']}].access", "element": {**access, "role": key}}))
        for one in form.get("transitions", ()):
            who = one.get("who", {})
            if like in who.get("roles", ()):
                path = f"forms[{form['key']}].transitions[{one['key']}]"
                edits.append(("patch", {"path": path, "values": {"who": {**who, "roles": [*who["roles"], key]}}}))
    return edits


@blueprint.post("/<key>")
@admin
def change(app_key: str, key: str):
    workshop = Workshop(app_key)
    if key not in workshop.app.role_by_key:
        raise NotFound
    label = text("label")
    if not label:
        raise Invalid([Problem("label", _("This needs a name in one language at least."))])
    workshop.edit("patch", path=f"roles[{key}]", values={"label": label, "description": text("description") or None})
    return go_on(app_key)


@blueprint.post("/<key>/removal")
@admin
def remove(app_key: str, key: str):
    """Takes the role away, with its rights and its place in transitions, views and statuses."""
    workshop = Workshop(app_key)
    edits: list[Edit] = [("remove", {"path": f"roles[{key}]"})]
    for form in workshop.document.get("forms", ()):
        if any(one["role"] == key for one in form.get("access", ())):
            edits.append(("remove", {"path": f"forms[{form['key']}].access[{key}]"}))
        edits += _unshared(form, key)
        edits += [edit for one in form.get("transitions", ()) for edit in _without(form["key"], one, key)]
        for view in form.get("views", ()):
            if key in view.get("roles", ()):
                left = [role for role in view["roles"] if role != key]
                edits.append(("patch", {"path": f"forms[{form['key']}].views[{view['key']}]", "values": {"roles": left or None}}))
    for statuses in workshop.document.get("status_lists", ()):
        for status in statuses.get("statuses", ()):
            if status.get("in_charge") == key:
                edits.append(("patch", {"path": f"status_lists[{statuses['key']}].statuses[{status['key']}]", "values": {"in_charge": None}}))
    workshop.edit_all(*edits)
    return go_on(app_key)


def _unshared(form: dict, key: str) -> list[Edit]:
    """The role makes no links any more."""
    edits: list[Edit] = []
    for name in ("tracking", "public"):
        roles = (form.get(name) or {}).get("roles", ())
        if key in roles:
            left = [role for role in roles if role != key]
            edits.append(("patch", {"path": f"forms[{form['key']}].{name}", "values": {"roles": left or None}}))
    return edits


def _without(form_key: str, transition: dict, key: str) -> list[Edit]:
    path, edits = f"forms[{form_key}].transitions[{transition['key']}]", []
    who = transition.get("who", {})
    if key in who.get("roles", ()):
        edits.append(("patch", {"path": path, "values": {"who": {**who, "roles": [role for role in who["roles"] if role != key]}}}))
    for guard in transition.get("guards", ()):
        if key in guard.get("lift", ()):
            left = [role for role in guard["lift"] if role != key]
            edits.append(("patch", {"path": f"{path}.guards[{guard['key']}]", "values": {"lift": left or None}}))
    return edits
