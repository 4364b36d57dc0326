"""An amount in the app's currency."""

from __future__ import annotations

from ..registry import fields
from .number import Number


@fields.register
class Money(Number):
    name = "money"
    label = {"en": "Money", "zh": "金额"}
    icon = "coins"
    scale = 2

    examples_good = (
        ({}, "1234.50"),
        ({}, "-0.01"),
        ({"scale": 4}, "0.1234"),
        ({"min": 0}, 0),
        ({}, None),
    )
    examples_bad = (
        ({}, "12 EUR"),
        ({}, "1.234,50"),
        ({}, False),
        ({}, "99999999999999"),
        ({"min": 0}, "-0.01"),
    )

    def entered(self, value, field, formats):
        """At least the places of the scale, so that columns of prices line up."""
        if value is None:
            return ""
        scale = self.places(field)
        return formats.number(value, scale if value == round(value, scale) else None)
