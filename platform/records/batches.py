"""The ids of a form's records, deleted ones too, a batch at a time: for what goes through all of them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from .compiled import CompiledForm


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


def how_many(connection: sa.Connection, form: CompiledForm) -> int:
    """The number of a form's records, deleted ones too."""
    return connection.scalar(sa.select(sa.func.count()).select_from(form.table))
