"""What a link or person field may be set to, by whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from .. import quick
from ..access.actor import Actor
from ..access.members import department, member
from ..errors import Problem
from ..field_type import DEPARTMENT, PERSON
from ..ids import one_of, storable
from .compiled import Compiled, CompiledForm
from .draft import Draft
from .files import unknown_files
from .visibility import Sight, parameters, viewer

_people = sa.select(member.c.id).where(one_of(member.c.id))
_departments = sa.select(department.c.id).where(one_of(department.c.id))
KNOWN = {
    PERSON: {True: _people.where(member.c.active), False: _people},
    DEPARTMENT: {True: _departments, False: _departments},
}
"""What there is beside records, by whether it must be of today."""


def unknown_links(
    connection: sa.Connection,
    compiled: Compiled,
    drafts: Iterable[Draft],
    actor: Actor,
    now: datetime,
    narrowed: bool = True,
    holding: bool = True,
) -> list[list[Problem]]:
    """For each draft, what it newly names that does not exist, or not for this actor: links, people, files.

    History may name what can no longer be chosen: then the links' own conditions are not `narrowed` by.
    With `holding`, what is linked to cannot be deleted until the transaction ends; its changes wait for nothing.
    """
    drafts = list(drafts)
    named = [list(_named(draft)) for draft in drafts]
    wanted: dict[tuple[str, str], set[int]] = {}
    for places in named:
        for path, target, _place, value in places:
            wanted.setdefault((path, target), set()).add(value)
    known = {
        (path, target): _choosable(connection, compiled, drafts[0].form, path, target, ids, actor, now, narrowed, holding)
        for (path, target), ids in wanted.items()
    }
    return [
        [
            Problem(place, _("This is not something that can be chosen here."))
            for path, target, place, value in places
            if value not in known[path, target]
        ]
        + unknown_files(connection, draft, actor, holding)
        for draft, places in zip(drafts, named, strict=True)
    ]


def _named(draft: Draft) -> Iterable[tuple[str, str, str, int]]:
    """(path, target, place, id) of every link and person that was not there before."""
    before = {key: {line["id"]: line for line in draft.before.get(key) or []} for key in draft.form.rows}
    for path in draft.form.form.paths:
        field_type, field = draft.form.shown[path]
        target = field_type.points_to(field)
        if target is None or draft.form.form.field_at(path).type in ("lookup", "match"):
            continue
        key, _dot, column = path.partition(".")
        if not column:
            if draft.values.get(key) is not None and draft.values[key] != draft.before.get(key):
                yield path, target, path, draft.values[key]
            continue
        for index, line in enumerate(draft.values.get(key) or []):
            old = before[key].get(line.get("id"), {})
            if line.get(column) is not None and line[column] != old.get(column):
                yield path, target, f"{key}.{index}.{column}", line[column]


def lost_links(connection: sa.Connection, compiled: Compiled, draft: Draft) -> list[str]:
    """The paths of a record's links that lead to what is deleted; the rest cannot be deleted meanwhile."""
    everything = _named(replace(draft, before={}))
    named = [(path, target, value) for path, target, _place, value in everything if target not in KNOWN]
    alive = {
        target: _alive(connection, compiled.form(target), {value for _path, to, value in named if to == target})
        for target in sorted({target for _path, target, _value in named})
    }
    return sorted({path for path, target, value in named if value not in alive[target]})


def _alive(connection, form: CompiledForm, ids: set[int]) -> set[int]:
    here = (one_of(form.table.c.id), form.table.c.deleted_at.is_(None))
    statement = form.statement(("alive",), lambda: _held(sa.select(form.table.c.id).where(*here), form.table))
    return {row.id for row in quick.rows(connection, statement, {"ids": sorted(ids)})}


def _held(statement: sa.Select, table: sa.Table) -> sa.Select:
    """Rows that nobody may delete for now; in one order, so that two never wait for each other."""
    return statement.order_by(table.c.id).with_for_update(read=True, key_share=True, of=table)


def _choosable(connection, compiled: Compiled, form: CompiledForm, path: str, target: str, ids, actor, now, narrowed, holding):
    if target in KNOWN:
        statement = KNOWN[target][narrowed]
    else:
        statement = _statement(connection, compiled, form, path, target, actor, narrowed, holding)
    values = parameters(actor, compiled.app, now) | {"ids": sorted(filter(storable, ids))}
    return {row.id for row in quick.rows(connection, statement, values)}


def _statement(connection, compiled: Compiled, form: CompiledForm, path: str, target: str, actor, narrowed, holding) -> sa.Select:
    def build() -> sa.Select:
        sight = Sight(compiled.form(target), actor, connection.dialect.name)
        here = (choosable(sight, form, path, narrowed), one_of(sight.table.c.id))
        statement = sa.select(sight.table.c.id).where(*here)
        return _held(statement, sight.table) if holding else statement

    return form.statement(("choosable", viewer(form, actor), path, narrowed, holding), build)


def choosable(sight: Sight, form: CompiledForm, path: str, narrowed: bool = True) -> sa.ColumnElement[bool]:
    """The records of the target, seen by `sight`, that the link at a path of a form may be set to."""
    where = form.shown[path][1].settings.get("where") if narrowed else None
    condition = sa.true() if where in (None, True) else sight.condition(where)
    return sa.and_(sight.table.c.deleted_at.is_(None), sight.in_scope, condition)
