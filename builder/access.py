"""Access: the matrix of role, step and field; which records a role sees; published by itself where it is urgent."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from ..platform.access import members
from ..platform.access.policy import admin
from ..platform.definition import store
from ..platform.definition.diff import changes
from ..platform.definition.model import MODES
from ..platform.definition.schema import load
from ..platform.errors import Invalid, NotFound, Problem
from ..platform.workflow.access_alone import publish_access, with_access
from .attributes import MODE_NAMES
from .change_words import step_name
from .matrix import EVERYBODY, LETTERS, Matrix
from .publication import in_groups
from .statuses import ticked
from .workshop import Workshop, design_pages, go_on

blueprint = design_pages("access", "/access")


@blueprint.get("/<form_key>/")
@admin
def show(app_key: str, form_key: str):
    matrix = Matrix(Workshop(app_key), form_key)
    with g.workspace.reading() as connection:
        has = members.names_with_role(connection, app_key, [matrix.role.key]) if matrix.role else {}
    return render_template(
        "builder/access.html", workshop=matrix.workshop, matrix=matrix, form=matrix.form, modes=MODE_NAMES, letters=LETTERS,
        everybody=EVERYBODY, has=sorted(has.values()), step_name=lambda step: step_name(matrix.app, form_key, step),
    )  # fmt: skip


@blueprint.post("/<form_key>/cells")
@admin
def fill(app_key: str, form_key: str):
    """One cell, by selects, for whoever has no script."""
    workshop = Workshop(app_key)
    role, path, step, mode = (request.form.get(name, "") for name in ("role", "path", "step", "mode"))
    if mode not in ("", *MODES):
        raise Invalid([Problem("mode", _("There is nothing at this place."))])
    workshop.edit("set_cells", form=workshop.form(form_key).key, role=role, cells={path: {step: mode or None}})
    return go_on(app_key)


@blueprint.post("/<form_key>/roles/<role>")
@admin
def change(app_key: str, form_key: str, role: str):
    """What a role may do with whole records: make, delete, bring in."""
    workshop = Workshop(app_key)
    form = workshop.form(form_key)
    if role not in workshop.app.role_by_key:
        raise NotFound
    wanted: dict[str, Any] = {name: ticked(name) or None for name in ("create", "load")}
    wanted["delete"] = request.form.getlist("delete") or None
    present = form.access_by_role.get(role)
    if present is None:
        element = {"role": role, "scope": "all"} | {name: value for name, value in wanted.items() if value}
        workshop.edit("add", path=f"forms[{form_key}].access", element=element)
    else:
        workshop.edit("patch", path=f"forms[{form_key}].access[{role}]", values=wanted)
    return go_on(app_key)


@blueprint.post("/<form_key>/copies")
@admin
def copy(app_key: str, form_key: str):
    """One role gets what another may do on this form."""
    workshop = Workshop(app_key)
    form = workshop.form(form_key)
    source, target = (request.form.get(name, "") for name in ("source", "role"))
    document = next(one for one in workshop.document["forms"] if one["key"] == form.key)
    given = next((one for one in document.get("access", ()) if one["role"] == source), {"role": source})
    element = {**given, "role": target}
    if target not in workshop.app.role_by_key or source not in workshop.app.role_by_key:
        raise Invalid([Problem("role", _("There is nothing at this place."))])
    workshop.edit("put", path=f"forms[{form_key}].access[{target}]", value=element)
    return go_on(app_key)


@blueprint.get("/publication")
@admin
def ask(app_key: str):
    """What publishing the access alone would change, in words."""
    workshop = Workshop(app_key)
    return render_template("builder/access_publication.html", workshop=workshop, said=_said(workshop))


@blueprint.post("/publication")
@admin
def publish(app_key: str):
    """Roles, matrix and row scopes go live; half-built forms stay in the draft."""
    number = publish_access(g.workspace, app_key, g.actor.id, request.form.get("note", "").strip()[:2000] or _("Access alone"))
    flash(_("Version %(number)s runs.", number=number), "good")
    return redirect(url_for("apps.show", app_key=app_key), 303)


def _said(workshop: Workshop) -> list:
    if workshop.row.live_version is None:
        raise NotFound
    with g.workspace.reading() as connection:
        live = store.document(connection, workshop.row.live_version)
    after = with_access(live, workshop.document)
    return in_groups(changes(live, after), load(live, lenient=True), load(after, lenient=True))


