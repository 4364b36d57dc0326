"""Search in a form: its searchable fields where the actor sees them, and the titles of what it links to."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ..registry import fields
from .titles import title_column
from .visibility import Sight

PATTERN = sa.bindparam("search", type_=sa.Text)


def search_predicate(sight: Sight) -> sa.ColumnElement[bool]:
    """Rows of which some readable text holds :search (a LIKE pattern, `\\` escapes)."""
    arms = []
    for field in sight.form.form.fields:
        visible = sight.visible(field.key) if field.type in fields else False
        if visible is False:
            continue
        if fields[field.type].searchable:
            arms.append(_where(visible, holds(sight.raw(field.key))))
        elif field.type == "link":
            target = sight.form.compiled.form(field.settings["form"])
            named = sa.select(target.table.c.id).where(holds(title_column(target)))
            arms.append(_where(visible, sight.raw(field.key).in_(named)))
    return sa.or_(sa.false(), *arms)


def _where(visible: Any, found: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """A match counts in the rows alone that show the field."""
    return found if visible is True else sa.and_(visible, found)


def holds(column: sa.ColumnElement) -> sa.ColumnElement[bool]:
    return sa.cast(column, sa.Text).ilike(PATTERN, escape="\\")


def like_pattern(search: str) -> str:
    """What people type, as a LIKE pattern: their own % and _ mean themselves."""
    escaped = search.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
