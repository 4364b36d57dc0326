"""Roll-ups worked out from the records that count towards them, in SQL: to begin with, and to compare."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa

from .. import quick
from ..access.actor import SYSTEM
from ..definition.rollups import Rollup
from ..exact import Exact
from ..exact_sql import total, whole
from ..ids import one_of
from ..rules.sql import compile_where
from .compiled import Compiled
from .visibility import Sight

NOTHING = sa.literal(Decimal(0), Exact())


class WrongSum(NamedTuple):
    """A record whose roll-up is not what the records that link to it say."""

    id: int
    kept: Decimal | None
    due: Decimal | None


def sums_of(connection: sa.Connection, compiled: Compiled, rollup: Rollup, ids: Iterable[int]) -> dict[int, Decimal | None]:
    """What a roll-up should be on some records: 0 where nothing counts, empty where it is out of range."""
    ids = sorted(ids)

    def build() -> sa.Select:
        counted = _counted(compiled, rollup, connection.dialect.name)
        return counted.where(one_of(counted.selected_columns.target))

    statement = compiled.form(rollup.form).statement(("sums", rollup.key), build)
    found = {row.target: row.amount for row in quick.rows(connection, statement, {"ids": ids})}
    return {record_id: found.get(record_id, Decimal(0)) for record_id in ids}


def wrong_sums(connection: sa.Connection, compiled: Compiled, rollup: Rollup) -> list[WrongSum]:
    """The records, deleted ones too, whose roll-up is kept otherwise than it is due."""
    form = compiled.form(rollup.form)

    def build() -> sa.Select:
        counted = _counted(compiled, rollup, connection.dialect.name).subquery()
        amount = sa.case((counted.c.target.is_(None), NOTHING), else_=counted.c.amount)
        due = sa.type_coerce(amount, Exact())
        kept = form.column(rollup.key)
        joined = form.table.outerjoin(counted, counted.c.target == form.table.c.id)
        found = sa.select(form.table.c.id, kept.label("kept"), due.label("due")).select_from(joined)
        return found.where(kept.is_distinct_from(due)).order_by(form.table.c.id)

    statement = form.statement(("wrong sums", rollup.key), build)
    return [WrongSum(row.id, row.kept, row.due) for row in connection.execute(statement)]


def _counted(compiled: Compiled, rollup: Rollup, dialect: str) -> sa.Select:
    """target, amount: a row for each record that something counts towards."""
    form = compiled.form(rollup.source)
    sight = Sight(form, SYSTEM, dialect)
    table, resolve, scope = form.table, sight.resolve, form.scope
    if rollup.rows:
        lines = sight.lines(rollup.rows)
        table, resolve, scope = lines.table.join(form.table, lines.on), lines.resolve, form.line_scope(rollup.rows)
    link: Any = resolve((rollup.via,))
    amount = total(resolve((rollup.field,))) if rollup.field else whole(sa.func.count())
    here = [form.table.c.deleted_at.is_(None), link.is_not(None)]
    if rollup.where is not True:
        here.append(compile_where(rollup.where, scope, resolve, dialect))
    return sa.select(link.label("target"), amount.label("amount")).select_from(table).where(*here).group_by(link)
