"""Telling people what happened: one errand for the outbox, with the message in every language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..access.members import members_with_role
from .messages import fill_all
from .outbox import Errand


def told(change, to: Mapping[str, Any], message: Mapping[str, str], rows_key: str | None, number: int) -> Errand | None:
    """The `number`th notice of a command; None where there is nobody to tell. rows_key: it may speak of the line
    at hand.
    """
    people = _people(change, to)
    if not people:
        return None
    app, form, record_id = change.compiled.app.key, change.form.key, change.draft.id
    key = f"notify:{app}:{form}:{record_id}:{change.draft.seq + 1}:{number}"
    payload = {"member_ids": sorted(people), "message": _filled(change, message, rows_key)}
    return Errand("notify", key, payload | {"app": app, "form": form, "record_id": record_id}, (app, form, record_id))


def _people(change, to: Mapping[str, Any]) -> set[int]:
    people = {change.draft.values.get(key) for key in to.get("fields", ())}
    if to.get("creator"):
        people.add(change.draft.created_by)
    if to.get("roles"):
        people.update(members_with_role(change.connection, change.compiled.app.key, to["roles"]))
    return people - {None, change.actor.id}


def _filled(change, message: Mapping[str, str], rows_key: str | None) -> dict[str, str]:
    if rows_key is None:
        return fill_all(message, change.form, change.data)
    return fill_all(message, change.form, change.seen(rows_key, change.line), {"line": rows_key})
