"""A department of the workspace."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from marshmallow import Schema

from ..field_type import DEPARTMENT, refusal
from ..registry import fields
from ..rules.types import Type
from .person import LARGEST_ID, Person


@fields.register
class Department(Person):
    """Rules compare it with `user.department`."""

    name = "department"
    label = {"en": "Department", "zh": "部门"}
    icon = "building-2"
    kind = "link"
    compared = "department"

    class Options(Schema):
        """A department has no settings."""

    examples_good = (({}, 3), ({}, LARGEST_ID), ({}, None))
    examples_bad = (({}, 0), ({}, "3"), ({}, "Sales"), ({}, True), ({}, [3]))

    def rule_type(self, field, app):
        return Type("link", target=DEPARTMENT, label=field.label)

    def points_to(self, field):
        return DEPARTMENT

    def meaning(self, field):
        return self.name

    def take(self, raw, field):
        if isinstance(raw, int) and not isinstance(raw, bool) and 0 < raw <= LARGEST_ID:
            return raw
        raise refusal(_("This is not a department that can be chosen."))
