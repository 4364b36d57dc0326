"""`empty`: nothing is there; a text without characters and a list without items are empty too."""

from __future__ import annotations

import sqlalchemy as sa

from ..registry import operators
from ..rules.operator import Operator
from ..rules.types import FLAG, LISTED, SCALAR


@operators.register
class Empty(Operator):
    name = "empty"
    formula = "EMPTY"
    sentence = {"en": "{0} is empty", "zh": "{0}为空"}
    takes = (*SCALAR, *LISTED)
    gives = FLAG
    least = most = 1
    definite = True
    examples = (
        ({"empty": [{"var": "amount"}]}, {}, True),
        ({"empty": [{"var": "amount"}]}, {"amount": "0"}, False),
        ({"empty": [{"cat": [{"var": "name"}]}]}, {}, True),
        ({"empty": [{"var": "lines"}]}, {"lines": []}, True),
    )
    refused = ({"empty": []},)

    def python(self, node, argument):
        if node.args[0].type.kind in ("text", "choice", *LISTED):
            return lambda data: not argument(data)
        return lambda data: argument(data) is None

    def sql(self, node, sql):
        (arg,) = node.args
        if arg.type.kind in LISTED:
            return sa.not_(sql.rows(arg).exists())
        value = sql.value(arg)
        if arg.type.kind in ("text", "choice") and arg.operator.name != "var":
            return sa.func.coalesce(value, "") == ""
        return value.is_(None)
