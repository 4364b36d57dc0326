"""Who may call a route. Every route declares one of these; the start fails over one that does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps

import sqlalchemy as sa
from flask import Flask, current_app, g, session

from ..db import Workspace
from ..errors import NotFound, NotSignedIn
from ..language import asked_language
from .links import actor_of, find_link
from .members import load_actor
from .workspaces import named

View = Callable


def anyone(view: View) -> View:
    """Also people who are not signed in."""
    return _marked(view, "anyone")


def signed_in(view: View) -> View:
    """Any account; `g.actor` is the member of the chosen workspace, or None."""

    @wraps(view)
    def guarded(*args, **kwargs):
        identify()
        return view(*args, **kwargs)

    return _marked(guarded, "signed_in")


def member(view: View) -> View:
    """A member of the chosen workspace: `g.workspace`, `g.actor`."""

    @wraps(view)
    def guarded(*args, **kwargs):
        identify()
        if g.actor is None:
            raise NoWorkspace
        return view(*args, **kwargs)

    return _marked(guarded, "member")


def by_link(view: View) -> View:
    """Whoever has a link: `<workspace>/<token>` in the address says to what. `g.actor` is the link itself, be the
    person signed in or not; `g.link` is its row. Every link that opens nothing gets the same page.
    """

    @wraps(view)
    def guarded(workspace: str, token: str):
        _open_link(workspace, token)
        return view()

    return _marked(guarded, "link")


def admin(view: View) -> View:
    """An administrator of the chosen workspace; for others the page does not exist."""

    @wraps(view)
    def guarded(*args, **kwargs):
        identify()
        if g.actor is None:
            raise NoWorkspace
        if not g.actor.admin:
            raise NotFound
        return view(*args, **kwargs)

    return _marked(guarded, "admin")


class NoWorkspace(NotFound):
    """Signed in, but a member of no workspace, or not of the one chosen."""


class NoPolicy(RuntimeError):
    """A route does not say who may call it: the start must fail."""


def identify() -> None:
    """Who asks, with the rights of this moment: one statement in the workspace."""
    who = session.who
    if who is None:
        raise NotSignedIn
    if who.member_id is not None:
        workspace = current_app.extensions["workspaces"][who.workspace]
        actor = load_actor(open_reading(workspace), who.member_id)
        g.actor = actor and replace(actor, language=g.language)
        g.workspace = workspace if g.actor else None


def _open_link(slug: str, token: str) -> None:
    g.language = asked_language()
    g.actor = g.account = None
    workspace = named(current_app.extensions["workspaces"], slug)
    g.link = find_link(open_reading(workspace), token)
    g.workspace, g.actor = workspace, actor_of(g.link, g.language)


def open_reading(workspace: Workspace) -> sa.Connection:
    """The request's own connection: rights and everything on the page are of one moment."""
    g.reading_opened = workspace.reading()
    g.reading = g.reading_opened.__enter__()
    return g.reading


def check_routes(app: Flask) -> None:
    bare = sorted(name for name, view in app.view_functions.items() if not hasattr(view, "policy"))
    if bare:
        raise NoPolicy(f"these routes do not say who may call them: {', '.join(bare)}")


def _marked(view: View, policy: str) -> View:
    view.policy = policy
    return view
