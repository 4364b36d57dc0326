"""The records of a form that link to one record: found by SQL, for an effect that then locks them."""

from __future__ import annotations

import sqlalchemy as sa
from flask_babel import gettext as _

from ..access.actor import SYSTEM
from ..definition.flow import Rule
from ..errors import Refused
from .compiled import CompiledForm
from .tables import column_name
from .visibility import Sight

MOST = 1000


def linking_ids(connection: sa.Connection, form: CompiledForm, via: str, record_id: int, where: Rule, bound) -> list[int]:
    """The ids of those whose link `via` ("order", "lines.order") leads to a record, and for which `where` holds.

    Refused where there are more than a command can change at once.
    """

    def build() -> sa.Select:
        sight = Sight(form, SYSTEM, connection.dialect.name)
        condition = sa.true() if where in (None, True) else sight.condition(where)
        here = (_links(form, via), form.table.c.deleted_at.is_(None), condition)
        return sa.select(form.table.c.id).where(*here).order_by(form.table.c.id).limit(MOST + 1)

    statement = form.statement(("linking", via, id(where)), build)
    found = list(connection.execute(statement, {**bound, "linked_id": record_id}).scalars())
    if len(found) > MOST:
        raise Refused(_("More than %(most)d records would have to change.", most=MOST))
    return found


def _links(form: CompiledForm, via: str) -> sa.ColumnElement[bool]:
    rows_key, _dot, key = via.rpartition(".")
    linked = sa.bindparam("linked_id", type_=sa.Integer)
    if not rows_key:
        return form.column(key) == linked
    lines = form.rows[rows_key]
    return sa.exists().where(lines.c.record_id == form.table.c.id, lines.c[column_name(key)] == linked)
