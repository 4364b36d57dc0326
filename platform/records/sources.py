"""What a summary counts: the rows of a form, or the lines in one of its `rows` fields beside their records."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from ..errors import Invalid, Problem
from .results import Measure, Summary
from .visibility import Sight, Unknown

BUILT_IN_KINDS = {
    "id": "id", "status": "choice", "created_at": "moment", "created_by": "person", "updated_at": "moment",
    "updated_by": "person", "status_since": "moment",
}  # fmt: skip
EACH = sa.literal_column("1", sa.Integer)


class Source:
    """The records that an actor sees of a form."""

    def __init__(self, sight: Sight):
        self.sight = sight

    @property
    def rows(self) -> sa.FromClause:
        return self.sight.table

    def kind(self, path: str) -> str:
        """How rules see the values at a path; unknown where the actor never sees them."""
        self.sight.shown_at(path)
        return BUILT_IN_KINDS.get(path) or self.sight.form.shown[path][0].kind

    def column(self, path: str) -> sa.ColumnElement:
        """The values at a path, empty where they are hidden."""
        return self.sight.column(path)

    def value(self, path: str) -> sa.ColumnElement:
        """The values at a path, to be measured."""
        return self.column(path)

    def counted(self, field: str) -> sa.ColumnElement | None:
        """What a count of records (or of lines) counts; None for a count of what is filled in a field."""
        return None if field else EACH

    def several(self, measure: Measure) -> bool:
        """Whether what a measure counts may come several times."""
        return False


class Lines(Source):
    """Each line beside its record."""

    def __init__(self, sight: Sight, key: str):
        super().__init__(sight)
        self.key = key
        self.shown = sight.visible(key)
        if self.shown is False:
            raise Unknown(key)
        self.lines = sight.form.rows[key].alias()

    @cached_property
    def rows(self) -> sa.FromClause:
        mine = self.lines.c.record_id == self.sight.table.c.id
        return self.sight.table.join(self.lines, mine if self.shown is True else sa.and_(mine, self.shown))

    def kind(self, path: str) -> str:
        if "." not in path:
            return super().kind(path)
        if self.sight.visible(path) is False:
            raise Unknown(path)
        return self.sight.form.shown[path][0].kind

    def column(self, path: str) -> sa.ColumnElement:
        if "." not in path:
            return super().column(path)
        shown = self.sight.visible(path)
        value = self.sight.line_column(self.lines, self.key, path.partition(".")[2])
        return value if shown is True else sa.case((shown, value), else_=None)

    def value(self, path: str) -> sa.ColumnElement:
        if "." not in path:
            sentence = _("“%(path)s” belongs to the record; beside its lines it would count once for each.", path=path)
            raise Invalid([Problem(path, sentence)])
        return self.column(path)

    def counted(self, field: str) -> sa.ColumnElement | None:
        if field == self.key:
            return EACH
        return None if field else self.sight.table.c.id

    def several(self, measure: Measure) -> bool:
        return measure.kind == "count" and not measure.field


def source_of(sight: Sight, summary: Summary) -> Source:
    """The lines, if a key or a measure names any; those of one field alone."""
    named: list[Any] = [part.field for part in (*summary.groups, *summary.measures)]
    keys = {name.partition(".")[0] for name in named if "." in name} | {name for name in named if name in sight.form.rows}
    for key in sorted(keys - sight.form.rows.keys()):
        raise Unknown(key)
    if len(keys) > 1:
        raise Invalid([Problem("groups", _("Only the lines of one field can be summed up at a time."))])
    return Lines(sight, keys.pop()) if keys else Source(sight)
