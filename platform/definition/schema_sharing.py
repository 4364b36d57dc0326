"""Schemas of what may be opened by a link."""

from __future__ import annotations

from marshmallow import fields, validate

from .schema_parts import Element, Names, flag, note
from .sharing import PublicForm, Tracking

LONGEST_LIFE = 3650  # days
MOST_RECORDS = 100_000  # by one link


class TrackingSchema(Element):
    builds = Tracking
    days = fields.Integer(strict=True, validate=validate.Range(1, LONGEST_LIFE), load_default=Tracking.days)
    fields = Names()
    statuses = flag(True)
    roles = Names()


class PublicFormSchema(Element):
    builds = PublicForm
    days = fields.Integer(strict=True, validate=validate.Range(1, LONGEST_LIFE), load_default=PublicForm.days)
    a_day = fields.Integer(strict=True, validate=validate.Range(1, MOST_RECORDS), load_default=PublicForm.a_day)
    in_all = fields.Integer(strict=True, allow_none=True, validate=validate.Range(1, MOST_RECORDS), load_default=None)
    on = flag(True)
    intro = note()
    closing = note()
    fields = Names()
    required = Names()
    roles = Names()


def tracking_field() -> fields.Field:
    return fields.Nested(TrackingSchema, allow_none=True, load_default=None)


def public_field() -> fields.Field:
    return fields.Nested(PublicFormSchema, allow_none=True, load_default=None)
