"""A share of a hundred; its value is the fraction: 5 % is 0.05."""

from __future__ import annotations

from decimal import Decimal

from marshmallow import fields as option
from marshmallow.validate import Range

from ..exact import PLACES, text
from ..registry import fields
from .number import Limits, Number, exact

HUNDRED = Decimal(100)


@fields.register
class Percent(Number):
    name = "percent"
    label = {"en": "Percent", "zh": "百分比"}
    icon = "percent"

    class Options(Limits):
        scale = option.Integer(
            strict=True,
            validate=Range(0, PLACES - 2),
            metadata={"label": {"en": "Decimal places of the percentage", "zh": "百分比的小数位数"}},
        )

    examples_good = (
        ({}, "0.05"),
        ({"scale": 1}, "0.055"),
        ({"min": 0, "max": 1}, 1),
        ({}, "-0.3"),
        ({}, None),
    )
    examples_bad = (
        ({}, "5%"),
        ({}, "five"),
        ({}, True),
        ({"max": 1}, "1.01"),
        ({"min": 0}, "-0.01"),
    )

    def places(self, field):
        scale = field.settings.get("scale", self.scale)
        return PLACES if scale is None else scale + 2

    def limit(self, raw):
        return text(exact(raw) * HUNDRED) + "%"

    def parse(self, typed, field, formats):
        """`5` and `5%` both mean five percent."""
        if not typed.strip():
            return None
        return self.load(exact(formats.plain_number(typed, suffix="%")) / HUNDRED, field)

    def entered(self, value, field, formats):
        return "" if value is None else formats.number(value * HUNDRED, None)

    def display(self, value, field, formats, titles=None):
        return "" if value is None else formats.percent(value, field.settings.get("scale", self.scale))
