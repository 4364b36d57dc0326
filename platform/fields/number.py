"""A number, exact to six decimal places."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from flask_babel import lazy_gettext as _
from marshmallow import Schema, ValidationError, validates_schema
from marshmallow import fields as option
from marshmallow.validate import Range
from wtforms.widgets import TextInput

from ..exact import PLACES, RANGE, Exact, quantize, text
from ..field_type import FieldType, refusal
from ..registry import fields
from ..rules.types import Type

PLAIN = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?", re.ASCII)


class Amount(option.Field):
    """An exact number among settings, kept as the text or integer that the document has."""

    def _deserialize(self, value, attr, data, **kwargs):
        exact(value)
        return value


class Limits(Schema):
    """Settings that numbers share."""

    min = Amount(metadata={"label": {"en": "Smallest value", "zh": "最小值"}})
    max = Amount(metadata={"label": {"en": "Largest value", "zh": "最大值"}})

    @validates_schema
    def _in_order(self, data, **kwargs):
        low, high = data.get("min"), data.get("max")
        if low is not None and high is not None and exact(low) > exact(high):
            raise ValidationError([_("The largest value must not be below the smallest.")], "max")


@fields.register
class Number(FieldType):
    name = "number"
    label = {"en": "Number", "zh": "数字"}
    icon = "hash"
    group = "numbers"
    kind = "number"
    asks = "figure"
    compared = "number"
    figures = True
    widget = TextInput()
    scale: int | None = None  # decimal places where the settings name none; None: as many as there are

    class Options(Limits):
        scale = option.Integer(
            strict=True,
            validate=Range(0, PLACES),
            metadata={"label": {"en": "Decimal places", "zh": "小数位数"}},
        )

    examples_good = (
        ({}, "12.5"),
        ({}, 12),
        ({}, "-0.000001"),
        ({"scale": 0, "min": 0, "max": "1000"}, "1000"),
        ({"scale": 2}, "-9223372036853.77"),
        ({}, "9223372036854"),
        ({}, None),
    )
    examples_bad = (
        ({}, "twelve"),
        ({}, "1,5"),
        ({}, "1e5"),
        ({}, "١٢"),
        ({}, "NaN"),
        ({}, math.nan),
        ({}, math.inf),
        ({}, True),
        ({}, [1]),
        ({}, "9223372036855"),
        ({}, 10**400),
        ({}, "9" * 5000),
        ({"min": 0}, "-1"),
        ({"max": "9.5"}, "9.6"),
    )

    def rule_type(self, field, app):
        return Type("number", label=field.label)

    def column(self, field, app):
        return Exact()

    def places(self, field) -> int:
        """Decimal places that are kept."""
        scale = field.settings.get("scale", self.scale)
        return PLACES if scale is None else scale

    def take(self, raw, field):
        value = self.within(raw, self.places(field))
        low, high = field.settings.get("min"), field.settings.get("max")
        if low is not None and value < exact(low):
            raise refusal(_("This must be at least %(least)s.", least=self.limit(low)))
        if high is not None and value > exact(high):
            raise refusal(_("This must be at most %(most)s.", most=self.limit(high)))
        return value

    def retake(self, raw, field):
        return self.within(raw, PLACES)

    def within(self, raw, places: int) -> Decimal:
        """The number, rounded; refused where no column could hold it."""
        amount = exact(raw)
        value = quantize(amount, places) if -RANGE <= amount <= RANGE else None
        if value is None:
            raise refusal(_("This number is too large."))
        return value

    def limit(self, raw) -> str:
        """A limit as the sentence of a refusal says it."""
        return text(exact(raw))

    def dump(self, value, field):
        return text(value)

    def input(self, field, formats, **arguments):
        return super().input(field, formats, render_kw={"inputmode": "decimal", "autocomplete": "off"}, **arguments)

    def parse(self, typed, field, formats):
        return self.load(formats.plain_number(typed), field)

    def entered(self, value, field, formats):
        return "" if value is None else formats.number(value, None)

    def display(self, value, field, formats, titles=None):
        return "" if value is None else formats.number(value, field.settings.get("scale", self.scale))


def exact(raw) -> Decimal:
    """A Decimal from JSON's text or number; what is not clearly a number is refused."""
    if isinstance(raw, str):
        if PLAIN.fullmatch(raw.strip()):
            return Decimal(raw.strip())
    elif isinstance(raw, Decimal):
        if raw.is_finite():
            return raw
    elif isinstance(raw, int) and not isinstance(raw, bool):
        return Decimal(raw)
    elif isinstance(raw, float) and math.isfinite(raw):
        return Decimal(repr(raw))
    raise refusal(_("This is not a number; write it like 1234.5."))
