"""A rule that is being built, on a record that is there: what the rule sees of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from flask_babel import gettext as _

from ..access.actor import Actor
from ..db import Workspace
from ..definition.flow import Rule
from ..definition.scope import line_scope, record_scope
from ..errors import NotFound
from ..records.compiled import CompiledForm, open_app
from ..records.links import Needs, needs_of
from ..rules.types import RuleError
from .change import Change
from .holding import held


def seen_by(
    workspace: Workspace, actor: Actor, app_key: str, form_key: str, record_id: int, rule: Rule, rows: str | None = None
) -> list[tuple[str, Mapping[str, Any]]]:
    """(name, data) of what a rule is asked about: the record itself (""), or each of its lines ("1", "2" ...).

    Not found where the actor does not see the record. A field that does not run yet is empty.
    """
    with workspace.reading() as connection:
        compiled = open_app(workspace, connection, app_key)
        if form_key not in compiled.forms:
            raise NotFound
        change = Change(connection, compiled, actor, datetime.now(timezone.utc).replace(tzinfo=None), locking=False)
        change.about(held(change, form_key, record_id))
        change.know(_needs(change.form, rule, rows))
        if rows is None:
            return [("", change.data)]
        return [(_("Line %(number)s", number=place + 1), line) for place, line in enumerate(change.data.get(rows) or ())]


def _needs(form: CompiledForm, rule: Rule, rows: str | None) -> Needs:
    """What it reads past links, as far as the running version knows it."""
    field = form.form.by_key.get(rows) if rows else None
    scope = line_scope(form.app, form.form, field) if field is not None else record_scope(form.app, form.form)
    try:
        return needs_of(form, [(rule, scope, rows or "")])
    except RuleError:
        return frozenset()
