"""The workspaces I am a member of, and going to another."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, session

from ..platform import db
from ..platform.access.policy import signed_in
from ..platform.access.sessions import choose_workspace
from ..platform.access.workspaces import workspaces_of
from ..platform.errors import NotFound

blueprint = Blueprint("workspaces", __name__)


@blueprint.get("/workspaces")
@signed_in
def show():
    return render_template("runtime/workspaces.html", workspaces=workspaces_of(session.who.id))


@blueprint.post("/workspaces/<slug>/choice")
@signed_in
def choose(slug: str):
    chosen = [row for row in workspaces_of(session.who.id) if row.slug == slug]
    if not chosen:
        raise NotFound
    choose_workspace(session.who.session_id, chosen[0].id)
    db.system.session.commit()
    return redirect("/", 303)
