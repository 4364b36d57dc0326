"""The ids of a form's records, deleted ones too, a batch at a time: for what goes through all of them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from ..definition.rollups import Rollup
from .compiled import CompiledForm
from .tables import column_name, stored


def ids_after(
    connection: sa.Connection, form: CompiledForm, last: int, limit: int, changed_since: datetime | None = None
) -> list[int]:
    """The next ids in order; with `changed_since`, of the records that were changed or derived then or later."""
    here = [form.table.c.id > last]
    if changed_since is not None:
        moments = [form.table.c[name] for name in ("updated_at", "derived_at") if name in form.table.c]
        here.append(sa.or_(*(moment >= changed_since for moment in moments)))
    found = sa.select(form.table.c.id).where(*here).order_by(form.table.c.id).limit(limit)
    return list(connection.scalars(found))


def ids_before(connection: sa.Connection, form: CompiledForm, before: int | None, limit: int) -> list[int]:
    """The newest ids, or those next below one, the newest first."""
    here = [form.table.c.id < before] if before is not None else []
    found = sa.select(form.table.c.id).where(*here).order_by(form.table.c.id.desc()).limit(limit)
    return list(connection.scalars(found))


def ids_linking(connection: sa.Connection, form: CompiledForm, rollup: Rollup, record_id: int, limit: int) -> list[int]:
    """The records that link to one where a roll-up counts them, in order; none where no column holds the link."""
    link = form.form.field_at(rollup.path(rollup.via))
    if link is None or not stored(link):
        return []
    table = form.rows[rollup.rows] if rollup.rows else form.table
    owner = table.c.record_id if rollup.rows else table.c.id
    here = table.c[column_name(rollup.via)] == record_id
    return list(connection.scalars(sa.select(owner).where(here).distinct().order_by(owner).limit(limit)))


def how_many(connection: sa.Connection, form: CompiledForm) -> int:
    """The number of a form's records, deleted ones too."""
    return connection.scalar(sa.select(sa.func.count()).select_from(form.table))
