"""Whether anything changed since somebody looked: asked every few seconds by every open page, so answered cheaply.

Of a list it is told by the numbers of the events of its form and of those that its columns stand on; of a record
by what the gate shows of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from .. import quick
from ..quick import Quick
from .comments import comment
from .compiled import CompiledForm
from .history import event
from .query import Gate
from .results import Record

LATE = 200  # events among which one may show up after others with higher numbers, where transactions end out of order
MOST = 1000  # events that are looked through; where there were more, something has changed

LAST = Quick(sa.select(sa.func.max(event.c.id).label("id")))
_record = (
    event.c.app_key == sa.bindparam("app_key"),
    event.c.form_key == sa.bindparam("form_key"),
    event.c.record_id == sa.bindparam("record_id"),
)
LAST_OF = Quick(sa.select(event.c.seq, event.c.actor_id).where(*_record).order_by(event.c.seq.desc()).limit(1))
_touched = sa.func.coalesce(comment.c.deleted_at, comment.c.edited_at, comment.c.at)
SAID = Quick(
    sa.select(sa.func.count().label("number"), sa.func.count(comment.c.text).label("there"), sa.func.max(_touched).label("at")).where(
        comment.c.app_key == sa.bindparam("app_key"),
        comment.c.form_key == sa.bindparam("form_key"),
        comment.c.record_id == sa.bindparam("record_id"),
    )
)


@dataclass(frozen=True)
class Seen:
    """How much of a form's events somebody has seen: up to the number `last`, and how many shortly before it."""

    last: int
    late: int

    def __str__(self) -> str:
        return f"{self.last}.{self.late}"

    @classmethod
    def read(cls, text: str) -> Seen | None:
        last, _dot, late = text.partition(".")
        return cls(int(last), int(late)) if last.isdecimal() and late.isdecimal() and len(text) < 30 else None


def seen_now(gate: Gate, form_key: str) -> Seen:
    """What somebody sees who looks at a list now; not found where they see nothing of the form."""
    form = gate.sight(form_key).form
    last = LAST.first(gate.connection).id or 0
    return Seen(last, len(_events(gate, form, last)))


def changed_since(gate: Gate, form_key: str, before: Seen | None) -> bool:
    """Whether the list of a form may show something else by now."""
    form = gate.sight(form_key).form
    if before is None:
        return True
    found = _events(gate, form, before.last)
    return len(found) >= MOST or any(number > before.last for number in found) or len(found) != before.late


def _events(gate: Gate, form: CompiledForm, last: int) -> Sequence[int]:
    """The numbers of the events of a form, and of those that it stands on, from shortly before a number on."""

    def build() -> sa.Select:
        here = (event.c.app_key.concat("") == form.app.key, event.c.form_key.in_(sorted(standing_on(form))))  # walked by id, not by form
        return sa.select(event.c.id).where(event.c.id > sa.bindparam("after"), *here).order_by(event.c.id).limit(MOST)

    statement = form.statement(("events",), build)
    return [row.id for row in quick.rows(gate.connection, statement, {"after": last - LATE})]


def standing_on(form: CompiledForm) -> frozenset[str]:
    """The form, those to which it links and look-ups lead, and those whose records its roll-ups count, however far."""
    linked = {target for field_type, field in form.shown.values() if (target := field_type.points_to(field)) in form.compiled.forms}
    counted, waiting = {form.key}, [form]
    while waiting:
        sources = {rollup.source for rollup in waiting.pop().rollups.values()} - counted
        counted |= sources
        waiting += [form.compiled.form(key) for key in sources]
    return frozenset(counted | linked)


@dataclass(frozen=True)
class State:
    """What a record is for one who reads it: digests of what shows, and of what is said about it.

    by: who did what was done to it last.
    """

    shown: str
    said: str
    by: int | None

    def __str__(self) -> str:
        return f"{self.shown}.{self.said}"


def state_of(gate: Gate, record: Record) -> State:
    """The state of a record that the gate has shown."""
    place = {"app_key": gate.compiled.app.key, "form_key": record.form.key, "record_id": record.id}
    last = LAST_OF.first(gate.connection, **place)
    said = SAID.first(gate.connection, **place)
    shown = [record.rev, record.status, last.seq if last else 0, record.values, record.modes, record.masks, record.deletable]
    return State(_digest(shown), _digest([said.number, said.there, said.at]), last.actor_id if last else None)


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else str(value)
