"""Whether a list or a record that somebody has open has changed: a conditional GET, 304 where nothing did."""

from __future__ import annotations

from flask import Blueprint, Response, g, jsonify, request
from flask_babel import gettext as _

from ..platform.access.members import names
from ..platform.access.policy import member
from ..platform.records.changes import Seen, changed_since, seen_now, state_of
from .opening import gate_of

blueprint = Blueprint("live", __name__, url_prefix="/apps/<app_key>/<form_key>")


@blueprint.get("/version")
@member
def of_list(app_key: str, form_key: str):
    """`changed`: whether the list may show something else than at the version that was sent."""
    gate = gate_of(app_key)
    now, before = seen_now(gate, form_key), Seen.read(_sent())
    if now == before:
        return _unchanged(str(now))
    return _answer(str(now), changed=changed_since(gate, form_key, before))


@blueprint.get("/<int:record_id>/version")
@member
def of_record(app_key: str, form_key: str, record_id: int):
    """`changed`: whether the record itself shows something else, `words`: said so; else it was talked about."""
    gate = gate_of(app_key)
    now = state_of(gate, gate.record(form_key, record_id))
    shown, _dot, _said = _sent().partition(".")
    if str(now) == _sent():
        return _unchanged(str(now))
    changed = now.shown != shown
    return _answer(str(now), changed=changed, words=_words(gate, now.by) if changed else "")


def _words(gate, by: int | None) -> str:
    if by == g.actor.id:
        return _("You changed this elsewhere.")
    name = names(gate.connection, [by]).get(by, "") if by else ""
    return _("%(name)s changed this.", name=name) if name else _("This has changed.")


def _sent() -> str:
    return request.headers.get("If-None-Match", "").strip('"')


def _unchanged(version: str) -> Response:
    answer = Response(status=304)
    answer.set_etag(version)
    return answer


def _answer(version: str, **told) -> Response:
    answer = jsonify(told)
    answer.set_etag(version)
    return answer
