"""Choices for a link or person field: what an actor may pick, by title, with the values that rules need."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice

import sqlalchemy as sa

from ..access.members import department, member
from ..bigrams import fold, needle
from ..field_type import PERSON
from .bounded import bounded
from .choosing import choosable
from .compiled import CompiledForm
from .derive import derivation_needs
from .keyset import in_order
from .links import keys_at
from .results import Choice
from .search import holders, parameters_for
from .tables import column_name
from .titles import BESIDE, title_column
from .visibility import Sight, Unknown, displayable


def choices(gate, form: CompiledForm, path: str, search: str, limit: int, ids: Collection[int] | None = None) -> list[Choice]:
    """The first `limit` choices in the order of their titles; `ids`: of these alone."""
    sight = Sight(form, gate.actor, gate.dialect)
    if path not in form.shown or not _named_to(form, sight, path):
        raise Unknown(path)
    field_type, field = form.shown[path]
    target = field_type.points_to(field)
    if target is None:
        raise Unknown(path)
    if target in BESIDE:
        return (_people if target == PERSON else _departments)(gate, search, limit, ids)
    return _records(gate, form, path, gate.compiled.form(target), search, limit, ids)


def _named_to(form: CompiledForm, sight: Sight, path: str) -> bool:
    """Whether the actor ever sees the field, be it at the step `new`."""
    return sight.visible(path) is not False or any(
        mode != "hidden" for grant in sight.grants for mode in (modes[path] for modes in grant.modes.values())
    )


def _people(gate, search: str, limit: int, ids: Collection[int] | None) -> list[Choice]:
    query = (
        sa.select(member.c.id, member.c.name, department.c.name.label("subtitle"))
        .select_from(member.outerjoin(department, member.c.department_id == department.c.id))
        .where(member.c.active)
        .order_by(member.c.name, member.c.id)
    )
    return _by_name(gate, query, search, limit, ids)


def _departments(gate, search: str, limit: int, ids: Collection[int] | None) -> list[Choice]:
    above = department.alias("above")
    query = (
        sa.select(department.c.id, department.c.name, above.c.name.label("subtitle"))
        .select_from(department.outerjoin(above, department.c.parent_id == above.c.id))
        .order_by(department.c.name, department.c.id)
    )
    return _by_name(gate, query, search, limit, ids)


def _by_name(gate, query: sa.Select, search: str, limit: int, ids: Collection[int] | None) -> list[Choice]:
    looked_for = needle(search)
    rows = gate.connection.execute(query).all()
    found = (row for row in rows if looked_for is None or looked_for.text in fold(row.name))
    found = (row for row in found if ids is None or row.id in ids)
    return [Choice(row.id, row.name, row.subtitle or "") for row in islice(found, limit)]


def _records(
    gate, form: CompiledForm, path: str, target: CompiledForm, search: str, limit: int, ids: Collection[int] | None
) -> list[Choice]:
    sight = Sight(target, gate.actor, gate.dialect)
    needed = _needed(form, path, target, sight)
    title, subtitle = title_column(target), _subtitle(target, sight)
    columns = [sight.raw(key).label(column_name(key)) for key in needed]
    query = (
        sa.select(target.table.c.id, title.label("title"), subtitle.label("subtitle"), *columns)
        .where(choosable(sight, form, path))
        .order_by(in_order(title, False), target.table.c.id)
        .limit(limit)
    )
    if ids is not None:
        query = query.where(target.table.c.id.in_(ids))
    looked_for, bound = needle(search), {}
    if looked_for is not None:
        keys = [key for key in dict.fromkeys(_named_by(target, sight)) if key in target.searchable]
        query = query.where(target.table.c.id.in_(holders(target, keys, sight.dialect, looked_for.certain)) if keys else sa.false())
        bound = parameters_for(keys, looked_for, sight.dialect)
    with bounded(gate.connection):
        rows = gate.connection.execute(query, gate.parameters | bound).all()
    return [
        Choice(row.id, _text(row.title) or f"#{row.id}", _text(row.subtitle), {k: getattr(row, column_name(k)) for k in needed})
        for row in rows
    ]


def _named_by(target: CompiledForm, sight: Sight) -> list[str]:
    """The fields by which a record is found: its title, and its subtitle where the actor always sees it."""
    return [target.form.title, *([target.form.subtitle] if _subtitle_shows(target, sight) else [])]


def _needed(form: CompiledForm, path: str, target: CompiledForm, sight: Sight) -> list[str]:
    """The target's fields that the form's own rules read past this link, where the actor always sees them."""
    keys = sorted(keys_at(form, path, derivation_needs(form)))
    return [key for key in keys if displayable(target, key) and sight.visible(key) is True]


def _subtitle(target: CompiledForm, sight: Sight) -> sa.ColumnElement:
    return sight.raw(target.form.subtitle) if _subtitle_shows(target, sight) else sa.null()


def _subtitle_shows(target: CompiledForm, sight: Sight) -> bool:
    key = target.form.subtitle
    return bool(key) and displayable(target, key) and sight.visible(key) is True and target.shown[key][0].kind == "text"


def _text(value) -> str:
    return "" if value is None else str(value)
