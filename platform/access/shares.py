"""What a link may do: a grant of its own, with exactly the chosen fields, on one record or on none."""

from __future__ import annotations

from ..definition.model import App, Form
from ..definition.sharing import with_rows
from .rights import Grant

ONE_RECORD = "record"
"""The row scope of a link that shows a record: that one."""


def tracking_role(form_key: str) -> str:
    """What stands in an actor's roles for a link that shows a record of a form; no role has such a key."""
    return f"tracking:{form_key}"


def link_grants(app: App, form: Form) -> dict[str, Grant]:
    """The grants of a form's links, by what their actors have as role."""
    grants = [_tracking(app, form)] if form.tracking is not None else []
    return {grant.role: grant for grant in grants}


def _tracking(app: App, form: Form) -> Grant:
    chosen = with_rows(form.tracking.fields)
    modes = {path: "read" if path in chosen else "hidden" for path in form.paths}
    return Grant(tracking_role(form.key), ONE_RECORD, False, frozenset(), False, dict.fromkeys(app.steps(form)[1:], modes))
