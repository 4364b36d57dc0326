"""Search in a form: its searchable fields that the actor always sees, and the titles of what it links to."""

from __future__ import annotations

import sqlalchemy as sa

from ..registry import fields
from .titles import title_column
from .visibility import Sight

PATTERN = sa.bindparam("search", type_=sa.Text)


def search_predicate(sight: Sight) -> sa.ColumnElement[bool]:
    """Rows of which some readable text holds :search (a LIKE pattern, `\\` escapes)."""
    arms = []
    for field in sight.form.form.fields:
        if field.type not in fields or sight.visible(field.key) is not True:
            continue
        if fields[field.type].searchable:
            arms.append(holds(sight.raw(field.key)))
        elif field.type == "link":
            target = sight.form.compiled.form(field.settings["form"])
            named = sa.select(target.table.c.id).where(holds(title_column(target)))
            arms.append(sight.raw(field.key).in_(named))
    return sa.or_(sa.false(), *arms)


def holds(column: sa.ColumnElement) -> sa.ColumnElement[bool]:
    return sa.cast(column, sa.Text).ilike(PATTERN, escape="\\")


def like_pattern(search: str) -> str:
    """What people type, as a LIKE pattern: their own % and _ mean themselves."""
    escaped = search.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
