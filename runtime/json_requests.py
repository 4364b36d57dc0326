"""Changes sent as JSON, on the addresses of the pages: the same commands, with the token of the session.

A body that is not what it should be is refused by name; a `key` makes a repeated request harmless.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from flask import Response, g, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as __
from marshmallow import Schema, ValidationError
from marshmallow import fields as entry
from marshmallow.validate import Length, Range

from ..platform.definition.schema import SENTENCES
from ..platform.errors import Invalid, Problem
from ..platform.field_type import problems
from ..platform.ids import LARGEST_ID
from ..platform.workflow.signing import Signing
from ..platform.workflow.talk import Talk
from .json_answers import answer, saved
from .opening import commands_of

KEY = Length(min=1, max=100, error=__("A key has 1 to 100 characters."))
DEEPEST = 10


class Creation(Schema):
    values = entry.Dict(required=True)
    key = entry.String(validate=KEY)


class Change(Schema):
    """base: of each field that is changed, what stood there when the change was thought of."""

    changes = entry.Dict(required=True)
    base = entry.Dict(required=True)
    key = entry.String(validate=KEY)


class Repeatable(Schema):
    """Of a request that needs no more than its address."""

    key = entry.String(validate=KEY)


class Step(Schema):
    """rev, status: as they were seen; a record that has moved on meanwhile is a conflict."""

    input = entry.Dict(load_default=dict)
    base = entry.Dict(load_default=dict)
    rev = entry.Integer(strict=True, validate=Range(0, LARGEST_ID, error=__("This is not a number of a change.")))
    status = entry.String()
    opinion = entry.String()
    signature = entry.String()
    copies = entry.List(entry.Integer(strict=True))
    key = entry.String(validate=KEY)


class Request(Schema):
    """to: the member who is asked."""

    to = entry.Integer(strict=True, required=True)
    reason = entry.String(required=True)
    key = entry.String(validate=KEY)


class Remark(Schema):
    """mentions: the members that are meant, where several have the name that is called."""

    text = entry.String(required=True)
    mentions = entry.List(entry.Integer(strict=True), load_default=list)
    key = entry.String(validate=KEY)


class Following(Schema):
    on = entry.Boolean(required=True, truthy={True}, falsy={False})


def create(app_key: str, form_key: str) -> Response:
    body = _body(Creation())
    done = commands_of(app_key).create(form_key, body["values"], body.get("key"))
    response = saved(done, 201)
    response.location = url_for("records.show", app_key=app_key, form_key=form_key, record_id=done.id)
    return response


def edit(app_key: str, form_key: str, record_id: int) -> Response:
    body = _body(Change())
    return saved(commands_of(app_key).edit(form_key, record_id, body["changes"], body["base"], body.get("key")))


def delete(app_key: str, form_key: str, record_id: int) -> Response:
    return saved(commands_of(app_key).delete(form_key, record_id, **_body(Repeatable())))


def restore(app_key: str, form_key: str, record_id: int) -> Response:
    return saved(commands_of(app_key).restore(form_key, record_id, **_body(Repeatable())))


def perform(app_key: str, form_key: str, record_id: int, transition: str, row: int | None = None) -> Response:
    """Of the record, or of the line with the id `row`."""
    body = _body(Step())
    return saved(commands_of(app_key).perform(form_key, record_id, transition, row=row, **body))


def withdraw(app_key: str, form_key: str, record_id: int, transition: str) -> Response:
    return saved(commands_of(app_key).withdraw(form_key, record_id, transition, **_body(Repeatable())))


def sign(app_key: str, form_key: str, record_id: int, transition: str, add: bool) -> Response:
    """Hand one's vote on, or add a signer."""
    signing, body = Signing(g.workspace, g.actor, app_key), _body(Request())
    act = signing.add_signer if add else signing.hand_on
    return saved(act(form_key, record_id, transition, body["to"], body["reason"], body.get("key")))


def comment(app_key: str, form_key: str, record_id: int) -> Response:
    body = _body(Remark())
    number = Talk(g.workspace, g.actor, app_key).comment(form_key, record_id, body["text"], body["mentions"], body.get("key"))
    return answer({"id": number}, 201)


def reword(app_key: str, form_key: str, record_id: int, number: int) -> Response:
    body = _body(Remark(exclude=["key"]))
    return answer({"id": Talk(g.workspace, g.actor, app_key).reword(form_key, record_id, number, body["text"], body["mentions"])})


def follow(app_key: str, form_key: str, record_id: int) -> Response:
    body = _body(Following())
    Talk(g.workspace, g.actor, app_key).follow(form_key, record_id, body["on"])
    return answer(body)


def _body(schema: Schema) -> dict[str, Any]:
    """What was sent, checked; numbers are exact."""
    try:
        sent = json.loads(request.get_data(), parse_float=Decimal, parse_constant=_no_number)
        if not isinstance(sent, dict) or _depth(sent) > DEEPEST:
            raise ValueError
    except (ValueError, RecursionError):
        raise Invalid([Problem("", _("This is not an object in JSON, or nested too deeply."))]) from None
    try:
        return schema.load(sent)
    except ValidationError as error:
        found = problems(error, "")
        raise Invalid([Problem(p.path, SENTENCES.get(p.message, p.message)) for p in found]) from None


def _no_number(text: str):
    raise ValueError(text)


def _depth(value: Any) -> int:
    """How deeply lists and objects are nested in it, as far as it matters."""
    level, depth = [value], 0
    while level and depth <= DEEPEST:
        level = [inner for outer in level if isinstance(outer, list | dict) for inner in (outer.values() if isinstance(outer, dict) else outer)]
        depth += 1
    return depth
