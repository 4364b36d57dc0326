"""Idempotency keys: a repeated request is answered as before; with another body it is an error."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from marshmallow import ValidationError
from sqlalchemy.dialects import postgresql, sqlite

from ..access.actor import Actor
from ..db import Json, metadata
from ..errors import Invalid, KeyReused, Problem
from ..fields.text import characters
from ..quick import Quick

request = sa.Table(
    "request",
    metadata,
    sa.Column("actor_id", sa.Integer, primary_key=True, autoincrement=False),  # 0: the engine itself
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("answer", Json),
    sa.Column("at", sa.DateTime, nullable=False, index=True),
)
LONGEST_KEY = 100
INSERT = {
    "sqlite": Quick(sqlite.insert(request).on_conflict_do_nothing().returning(request.c.key)),
    "postgresql": Quick(postgresql.insert(request).on_conflict_do_nothing().returning(request.c.key)),
}
ANSWER = Quick(
    sa.update(request)
    .where(request.c.actor_id == sa.bindparam("b_actor_id"), request.c.key == sa.bindparam("b_key"))
    .values(answer=sa.bindparam("answer"))
)


def once(
    connection: sa.Connection, actor: Actor, key: str | None, body: Any, now: datetime, work: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """The answer of `work`, done once for an actor's key. The same key at the same time waits here."""
    if not key:
        return work()
    _check(key)
    here = {"actor_id": actor.author or 0, "key": key}
    digest = hashlib.sha256(json.dumps(body, sort_keys=True, default=_plain).encode()).hexdigest()
    if INSERT[connection.dialect.name].first(connection, **here, digest=digest, at=now) is None:
        return _before(connection, here, digest)
    answer = work()
    ANSWER.write(connection, [{"b_actor_id": here["actor_id"], "b_key": key, "answer": answer}])
    return answer


def _check(key: str) -> None:
    try:
        sound = len(key) <= LONGEST_KEY and characters(key) == key
    except ValidationError:
        sound = False
    if not sound:
        raise Invalid([Problem("key", _("A key has 1 to 100 characters."))])


def _before(connection: sa.Connection, here: dict[str, Any], digest: str) -> dict[str, Any]:
    query = sa.select(request.c.digest, request.c.answer).where(
        request.c.actor_id == here["actor_id"], request.c.key == here["key"]
    )
    row = connection.execute(query).one()
    if row.digest != digest:
        raise KeyReused
    return row.answer


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | frozenset | set | tuple):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be part of a request")
