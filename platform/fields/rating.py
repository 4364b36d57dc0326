"""So many stars out of so many."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from marshmallow import Schema
from marshmallow import fields as option
from marshmallow.validate import Range

from ..field_type import refusal
from ..registry import fields
from .number import Number, exact

USUAL = 5
MOST = 10


@fields.register
class Rating(Number):
    name = "rating"
    label = {"en": "Rating", "zh": "评分"}
    icon = "star"
    group = "choice"
    asks = "stars"
    figures = False
    scale = 0

    class Options(Schema):
        max = option.Integer(
            strict=True, validate=Range(2, MOST), metadata={"label": {"en": "Most stars", "zh": "最高星数"}}
        )

    examples_good = (({}, 5), ({"max": 10}, "10"), ({}, 1), ({}, None))
    examples_bad = (({}, 0), ({}, 6), ({}, "2.5"), ({}, "many"), ({}, True), ({"max": 3}, 4))

    def take(self, raw, field):
        value, most = exact(raw), self.most(field)
        if value != value.to_integral_value() or not 1 <= value <= most:
            raise refusal(_("Give 1 to %(most)s stars.", most=most))
        return self.within(value, 0)

    def most(self, field) -> int:
        return field.settings.get("max", USUAL)

    def choices(self, field, language):
        """Every number of stars, in words."""
        return [(str(n), gettext("%(stars)s of %(most)s stars", stars=n, most=self.most(field))) for n in range(1, self.most(field) + 1)]

    def display(self, value, field, formats, titles=None):
        return "" if value is None else f"{formats.number(value)}/{self.most(field)}"

    def drawer(self, field, formats):
        most = self.most(field)

        def draw(value, titles, address):
            full = min(int(value), most)
            said = gettext("%(stars)s of %(most)s stars", stars=full, most=most)
            return f'<span class="stars" role="img" aria-label="{said}">{"★" * full}<span class="none">{"★" * (most - full)}</span></span>'

        return draw
