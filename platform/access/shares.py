"""What a link may do: a grant of its own, with exactly the chosen fields, on one record or on none."""

from __future__ import annotations

from ..definition.model import NEW, App, Form
from ..definition.sharing import PublicForm, Tracking, with_rows
from .actor import Actor
from .rights import Grant

ONE_RECORD = "record"
"""The row scope of a link that shows a record: that one."""


def tracking_role(form_key: str) -> str:
    """What stands in an actor's roles for a link that shows a record of a form; no role has such a key."""
    return f"tracking:{form_key}"


def public_role(form_key: str) -> str:
    """The same for a link that takes new records of a form."""
    return f"public:{form_key}"


def makes_links(actor: Actor, app: App, shared: Tracking | PublicForm | None) -> bool:
    """Whether somebody's roles make links of a kind."""
    return shared is not None and bool(actor.roles_in(app.key).intersection(shared.roles))


def link_grants(app: App, form: Form) -> dict[str, Grant]:
    """The grants of a form's links, by what their actors have as role."""
    grants = [_tracking(app, form)] if form.tracking is not None else []
    grants += [_public(form)] if form.public is not None and form.public.on else []
    return {grant.role: grant for grant in grants}


def _tracking(app: App, form: Form) -> Grant:
    chosen = with_rows(form.tracking.fields)
    modes = {path: "read" if path in chosen else "hidden" for path in form.paths}
    return Grant(tracking_role(form.key), ONE_RECORD, False, frozenset(), False, dict.fromkeys(app.steps(form)[1:], modes))


def _public(form: Form) -> Grant:
    """Reads no record, not even those that came in by it."""
    asked, needed = with_rows(form.public.fields), frozenset(form.public.required)
    modes = {path: "hidden" if path not in asked else "required" if path in needed else "edit" for path in form.paths}
    return Grant(public_role(form.key), False, True, frozenset(), False, {NEW: modes})
