"""Line items: a list of lines with columns of their own, kept in a child table."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from marshmallow import Schema, ValidationError
from marshmallow import fields as option
from marshmallow.validate import Range

from ..definition.findings import known
from ..definition.scope import columns
from ..field_type import FieldType, refusal
from ..registry import fields
from ..rules.types import Type
from .person import LARGEST_ID

MOST = 1000


@fields.register
class Rows(FieldType):
    """A line is {"id": 7, "<column>": value}; a new one has no id."""

    name = "rows"
    label = {"en": "Line items", "zh": "明细"}
    icon = "table"
    group = "connected"
    kind = "rows"
    sortable = False
    columnar = False
    asks = "rows"
    wide = True

    class Options(Schema):
        max_rows = option.Integer(
            strict=True, validate=Range(1, MOST), metadata={"label": {"en": "Most lines", "zh": "最多行数"}}
        )
        status_list = option.String(
            allow_none=True,
            metadata={"label": {"en": "Statuses of the lines", "zh": "行状态"}, "refers": "status_list"},
        )
        columns = option.List(
            option.String(), metadata={"label": {"en": "Columns of the table", "zh": "表格列"}, "refers": "columns"}
        )

    example_columns = (("what", "text"), ("price", "money"))
    examples_good = (
        ({}, [{"id": 7, "what": "Tofu", "price": "23.25"}, {"what": "Chai", "price": None}]),
        ({"max_rows": 1}, [{"what": "Tofu"}]),
        ({}, []),
        ({}, None),
    )
    examples_bad = (
        ({}, "Tofu"),
        ({}, {"what": "Tofu"}),
        ({}, ["Tofu"]),
        ({}, [{"what": 7}]),
        ({}, [{"id": 0}]),
        ({}, [{"id": 3}, {"id": 3}]),
        ({}, [{"nothing": "here"}]),
        ({"max_rows": 1}, [{"what": "a"}, {"what": "b"}]),
    )

    def rule_type(self, field, app):
        return Type("rows", fields=lambda: columns(app, field), label=field.label)

    def problems(self, field, form, app):
        key = field.settings.get("status_list")
        found = [] if key is None else list(known("settings.status_list", key, app.status_list_by_key))
        return found + [one for key in field.settings.get("columns", ()) for one in known("settings.columns", key, field.by_key)]

    def stored(self, field):
        return False

    def take(self, raw, field):
        most = field.settings.get("max_rows", MOST)
        if isinstance(raw, list) and len(raw) > most:
            raise refusal(_("At most %(most)s lines; these are %(given)s.", most=most, given=len(raw)))
        return self.lines(raw, field)

    def retake(self, raw, field):
        return self.lines(raw, field, once=True)

    def lines(self, raw, field, once: bool = False) -> list[dict]:
        """Lines whose cells are loaded, or (of what was taken once) revived."""
        if not isinstance(raw, list):
            raise refusal(_("This must be a list of lines."))
        seen: set[int] = set()
        wrong, lines = {}, []
        for position, line in enumerate(raw):
            try:
                lines.append(self.line(line, field, once, seen))
            except ValidationError as error:
                wrong[position] = error.messages
        if wrong:
            raise ValidationError(wrong)
        return lines

    def line(self, raw, field, once: bool, seen: set[int]) -> dict:
        """One line; `seen` holds the ids of those before it."""
        if not isinstance(raw, dict):
            raise refusal(_("This must be a line with columns."))
        wrong, line = {}, {}
        for key, value in raw.items():
            try:
                line[key] = self.identity(value, seen) if key == "id" else self.cell(key, value, field, once)
            except ValidationError as error:
                wrong[key] = error.messages
        if wrong:
            raise ValidationError(wrong)
        return line

    def identity(self, raw, seen: set[int]) -> int:
        if not isinstance(raw, int) or isinstance(raw, bool) or not 0 < raw <= LARGEST_ID or raw in seen:
            raise refusal(_("This is not a line of this record."))
        seen.add(raw)
        return raw

    def cell(self, key, raw, field, once: bool):
        column = field.by_key.get(key)
        if column is None or column.type not in fields:
            raise refusal(_("There is no such column."))
        field_type = fields[column.type]
        return field_type.revive(raw, column) if once else field_type.load(raw, column)

    def dump(self, value, field):
        return [{key: self.dump_cell(key, cell, field) for key, cell in line.items()} for line in value]

    def dump_cell(self, key, cell, field):
        column = field.by_key.get(key)
        return cell if cell is None or column is None else fields[column.type].dump(cell, column)

    def display(self, value, field, formats, titles=None):
        """How many lines there are; the lines themselves are drawn as a table."""
        return "" if value is None else formats.number(len(value), 0)
