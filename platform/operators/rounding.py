"""`round`: half up, to 0-6 decimal places."""

from __future__ import annotations

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from .. import exact
from ..exact_sql import rounded
from ..registry import operators
from ..rules.operator import Operator
from ..rules.types import NUMBER


@operators.register
class Round(Operator):
    name = "round"
    formula = "ROUND"
    least, most = 1, 2
    examples = (
        ({"round": [{"var": "amount"}, 2]}, {"amount": "1.005"}, "1.01"),
        ({"round": [{"var": "amount"}]}, {"amount": "-2.5"}, "-3"),
    )
    refused = (
        {"round": [{"var": "amount"}, 7]},
        {"round": [{"var": "amount"}, {"var": "rate"}]},
    )

    def check(self, call):
        places = tuple(call.literal(index, int) for index in range(1, len(call.arguments)))
        if not all(0 <= each <= exact.PLACES for each in places):
            call.fail(_("A number is rounded to 0 to 6 places."), 1)
        return call.node(NUMBER, [call.argument(0, "number")], value=places)

    def python(self, node, argument):
        places = places_of(node)
        return lambda data: exact.quantize(argument(data), places)

    def sql(self, node, sql):
        return rounded(sql.value(node.args[0]), sa.literal_column(str(places_of(node))))

    def say(self, node, words):
        pattern = {"en": "{0} rounded to {1} decimal places", "zh": "{0}四舍五入到{1}位小数"}
        return words.fill(pattern, words(node.args[0]), places_of(node))

    def write(self, node, pen):
        return pen.call(self.formula, pen.text(node.args[0]), *map(str, node.value))


def places_of(node) -> int:
    return node.value[0] if node.value else 0
