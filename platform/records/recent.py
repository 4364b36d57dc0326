"""What a person changed last."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from ..quick import Quick
from .history import event

LOOKED_AT = 200  # events
LOOKED_THROUGH = 2_000  # of which most may be one large import

_lately = (
    sa.select(event.c.id, event.c.app_key, event.c.form_key, event.c.record_id, event.c.kind)
    .where(event.c.actor_id == sa.bindparam("actor_id"))
    .order_by(event.c.id.desc())
    .limit(LOOKED_THROUGH)
    .subquery("lately")
)
LATEST = Quick(
    sa.select(_lately.c.app_key, _lately.c.form_key, _lately.c.record_id)
    .where(_lately.c.kind.in_(("created", "edited", "performed")))
    .order_by(_lately.c.id.desc())
    .limit(LOOKED_AT)
)


def touched_by(
    connection: sa.Connection, actor_id: int, forms: Collection[tuple[str, str]], limit: int
) -> dict[tuple[str, str], list[int]]:
    """The ids of the records of these forms that a member changed last, newest first, by (app key, form key)."""
    found: dict[tuple[str, str, int], None] = {}
    for row in LATEST.all(connection, actor_id=actor_id):
        if (row.app_key, row.form_key) in forms:
            found.setdefault((row.app_key, row.form_key, row.record_id))
    by_form: dict[tuple[str, str], list[int]] = {}
    for app_key, form_key, record_id in list(found)[:limit]:
        by_form.setdefault((app_key, form_key), []).append(record_id)
    return by_form
