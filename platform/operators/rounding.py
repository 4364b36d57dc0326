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

    def check(self, call):
        places = call.literal(1, int) if len(call.arguments) > 1 else 0
        if not 0 <= places <= exact.PLACES:
            call.fail(_("A number is rounded to 0 to 6 places."), 1)
        return call.node(NUMBER, [call.argument(0, "number")], value=places)

    def python(self, node, argument):
        places = node.value
        return lambda data: exact.quantize(argument(data), places)

    def sql(self, node, sql):
        return rounded(sql.value(node.args[0]), sa.literal_column(str(node.value)))

    def say(self, node, words):
        pattern = {"en": "{0} rounded to {1} decimal places", "zh": "{0}四舍五入到{1}位小数"}
        return words.fill(pattern, words(node.args[0]), node.value)

    def write(self, node, pen):
        return pen.call(self.formula, pen.text(node.args[0]), str(node.value))
