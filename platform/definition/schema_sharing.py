"""Schemas of what may be opened by a link."""

from __future__ import annotations

from marshmallow import fields, validate

from .schema_parts import Element, Names, flag
from .sharing import Tracking

LONGEST_LIFE = 3650  # days


class TrackingSchema(Element):
    builds = Tracking
    days = fields.Integer(strict=True, validate=validate.Range(1, LONGEST_LIFE), load_default=Tracking.days)
    fields = Names()
    statuses = flag(True)
    roles = Names()


def tracking_field() -> fields.Field:
    return fields.Nested(TrackingSchema, allow_none=True, load_default=None)
