"""A schema for each element of a definition, attribute by attribute as in `model`."""

from __future__ import annotations

from zoneinfo import available_timezones

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from .. import registry
from ..field_type import PERSON
from . import flow, model
from .schema_parts import (
    Days,
    Element,
    Elements,
    Names,
    Remembered,
    Table,
    clock,
    flag,
    icon_field,
    key_field,
    label_field,
    note,
    one_of,
    place_field,
    rule_field,
    validate_settings,
)  # fmt: skip
from .schema_sharing import public_field, tracking_field

FORMAT = 1
MOST_FIELDS = 400  # a table has at most 1600 columns
RESERVED = frozenset(
    ("id", "status", "created_by", "created_at", "user", "today", "now", "old", "header", "line", "target")
)
"""Names that rules see beside a form's own fields, which therefore no field may have."""


class CheckSchema(Element):
    builds = flow.Check
    key = key_field()
    rule = fields.Raw(required=True, allow_none=True)
    message = label_field()


class ColumnSchema(Element):
    """A column of line items: a field without columns of its own."""

    builds = model.Field
    key = key_field(*RESERVED)
    type = fields.String(required=True)
    label = label_field()
    help = note()
    settings = Table(fields.Raw(allow_none=True), load_default=dict)
    required = rule_field(False)
    show = rule_field(True)
    lock = rule_field(False)
    default = rule_field(None)
    checks = Elements(CheckSchema)

    @validates_schema
    def settings_fit(self, data, **_arguments):
        validate_settings(registry.fields, data)

    @validates_schema
    def rows_only_at_the_top(self, data, **_arguments):
        if data["type"] == "rows" and "fields" not in self.fields:
            raise ValidationError({"type": ["Line items cannot hold line items."]})
        if data.get("fields") and data["type"] != "rows":
            raise ValidationError({"fields": ["Only line items have columns."]})


class FieldSchema(ColumnSchema):
    fields = Elements(ColumnSchema, most=MOST_FIELDS)


class TabSchema(Element):
    builds = model.Tab
    key = key_field()
    label = label_field()


class SectionSchema(Element):
    builds = model.Section
    key = key_field()
    label = label_field()
    columns = fields.Integer(strict=True, validate=validate.Range(1, 4), load_default=2)
    tab = fields.String(load_default="")
    fields = Names()


class StatusSchema(Element):
    builds = flow.Status
    key = key_field(model.NEW)
    label = label_field()
    kind = one_of(flow.STATUS_KINDS, "active")
    colour = one_of(flow.COLOURS, "grey")
    in_charge = fields.String(allow_none=True, load_default=None)
    hours_allowed = fields.Integer(strict=True, allow_none=True, validate=validate.Range(1, 100_000), load_default=None)
    clock_stands = flag()
    x = place_field()
    y = place_field()


class StatusListSchema(Element):
    builds = flow.StatusList
    key = key_field()
    label = label_field()
    statuses = Elements(StatusSchema)


class WhoSchema(Element):
    builds = flow.Who
    roles = Names()
    creator = flag()
    head = flag()
    fields = Names()


class ApprovalSchema(Element):
    builds = flow.Approval
    kind = one_of(("one", "all", "some", "in_turn"), "one")
    count = fields.Integer(strict=True, validate=validate.Range(1, 100), load_default=1)
    not_self = flag(True)
    opinion = one_of(("none", "optional", "required"), "optional")
    signature = flag()


class WaitSchema(Element):
    builds = flow.Wait
    field = fields.String(load_default="")
    days = fields.Integer(strict=True, validate=validate.Range(-3650, 3650), load_default=0)
    hours = fields.Integer(strict=True, validate=validate.Range(-100_000, 100_000), load_default=0)
    working = flag()


class ReminderSchema(Element):
    builds = flow.Reminder
    key = key_field()
    statuses = Names(required=True)
    wait = fields.Nested(WaitSchema, required=True)
    to = fields.Nested(WhoSchema, required=True)
    message = label_field()
    when = rule_field(True)


class GuardSchema(CheckSchema):
    builds = flow.Guard
    lift = Names()


class AskSchema(Element):
    builds = flow.Ask
    field = fields.String(required=True)
    required = flag()


class EffectSchema(Element):
    builds = flow.Effect
    key = key_field()
    type = fields.String(required=True)
    settings = Table(fields.Raw(allow_none=True), load_default=dict)

    @validates_schema
    def settings_fit(self, data, **_arguments):
        validate_settings(registry.actions, data)


class TransitionSchema(Element):
    builds = flow.Transition
    key = key_field()
    label = label_field()
    sources = Names(required=True)
    target = fields.String(required=True)
    who = fields.Nested(WhoSchema, load_default=flow.Who)
    guards = Elements(GuardSchema)
    ask = Elements(AskSchema, "field")
    confirm = note()
    effects = Elements(EffectSchema)
    automatic = flag()
    tone = one_of(("main", "normal", "danger"), "normal")
    rows = fields.String(allow_none=True, load_default=None)
    approval = fields.Nested(ApprovalSchema, allow_none=True, load_default=None)
    wait = fields.Nested(WaitSchema, allow_none=True, load_default=None)
    preview = flag()
    bulk = flag(True)


class AccessSchema(Element):
    builds = model.RoleAccess
    role = fields.String(required=True)
    scope = rule_field("none")
    create = flag()
    delete = Names()
    load = flag()
    cells = Table(Table(fields.String(validate=validate.OneOf(model.MODES))), load_default=dict)


class SortSchema(Element):
    builds = model.Sort
    field = fields.String(required=True)
    descending = flag()


class ViewSchema(Element):
    builds = model.View
    key = key_field()
    label = label_field()
    columns = Names()
    where = rule_field(True)
    sort = Elements(SortSchema, "field")
    roles = Names()
    kind = one_of(model.VIEW_KINDS, "list")
    by = fields.String(load_default="")
    total = fields.String(load_default="")
    start = fields.String(load_default="")
    end = fields.String(load_default="")
    title = fields.String(load_default="")


class FormSchema(Element):
    builds = model.Form
    key = key_field(PERSON)
    label = label_field()
    plural = label_field()
    icon = icon_field("file")
    group = note()
    title = fields.String(load_default="")
    subtitle = fields.String(load_default="")
    comments = flag(True)
    status_list = fields.String(allow_none=True, load_default=None)
    fields = Elements(FieldSchema, most=MOST_FIELDS)
    tabs = Elements(TabSchema)
    layout = Elements(SectionSchema)
    transitions = Elements(TransitionSchema)
    reminders = Elements(ReminderSchema)
    access = Elements(AccessSchema, "role")
    views = Elements(ViewSchema)
    tracking = tracking_field()
    public = public_field()


class RoleSchema(Element):
    builds = model.Role
    key = key_field()
    label = label_field()
    description = note()


class CalendarSchema(Element):
    builds = flow.Calendar
    weekdays = fields.List(fields.Integer(strict=True, validate=validate.Range(1, 7)), load_default=flow.Calendar.weekdays)
    opens = clock("09:00")
    closes = clock("18:00")
    holidays = Days()
    workdays = Days()

    @validates_schema
    def there_is_time(self, data, **_arguments):
        if data["opens"] >= data["closes"]:
            raise ValidationError({"closes": ["The working day ends before it begins."]})
        if not data["weekdays"]:
            raise ValidationError({"weekdays": ["Nobody works on any day."]})

    @post_load
    def make(self, data, **arguments):
        return super().make(data | {"weekdays": tuple(sorted(set(data["weekdays"])))}, **arguments)


class AppSchema(Element):
    format = fields.Integer(strict=True, validate=validate.Equal(FORMAT), load_default=FORMAT, load_only=True)
    key = key_field()
    label = label_field()
    description = note()
    icon = icon_field("package")
    currency = fields.String(validate=validate.Regexp(r"[A-Z]{3}\Z", error="Not a currency."), load_default="EUR")
    zone = fields.String(validate=validate.OneOf(available_timezones(), error="Not a time zone."), load_default="UTC")
    calendar = fields.Nested(CalendarSchema, allow_none=True, load_default=None)
    roles = Elements(RoleSchema)
    status_lists = Elements(StatusListSchema)
    forms = Elements(FormSchema, inner=Remembered)
    samples = Table(fields.Raw(allow_none=True), load_default=dict)

    @post_load
    def make(self, data, **_arguments):
        data.pop("format")
        return model.App(**data)
