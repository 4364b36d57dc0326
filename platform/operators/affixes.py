"""`starts_with` and `ends_with`: false as soon as one text is empty."""

from __future__ import annotations

import sqlalchemy as sa

from ..dialects import Named, say
from ..registry import operators
from ..rules.operator import Operator
from ..rules.sql import definite
from ..rules.types import FLAG


class Affix(Operator):
    takes = ("text",)
    gives = FLAG
    least = most = 2
    definite = True
    weight = 9
    test = staticmethod(str.startswith)

    def python(self, node, whole, affix):
        test = self.test

        def compare(data):
            value, end = whole(data), affix(data)
            return value is not None and end is not None and test(value, end)

        return compare

    def sql(self, node, sql):
        return definite(self.sql_condition(node, sql))

    def sql_condition(self, node, sql):
        return self.construct(*(sql.value(arg) for arg in node.args))


class starts(Named):
    """whole, affix"""

    type = sa.Boolean()


class ends(Named):
    """whole, affix"""

    type = sa.Boolean()


say(starts, sqlite="instr({}, {}) = 1".format, postgresql="starts_with({}, {})".format)
say(
    ends,
    sqlite="substr({0}, length({0}) - length({1}) + 1) = {1}".format,
    postgresql="right({0}, length({1})) = {1}".format,
)


@operators.register
class StartsWith(Affix):
    name = "starts_with"
    formula = "STARTS_WITH"
    sentence = {"en": "{0} starts with {1}", "zh": "{0}以{1}开头"}
    construct = starts
    test = staticmethod(str.startswith)
    examples = (
        ({"starts_with": [{"var": "name"}, "a%"]}, {"name": "a%b"}, True),
        ({"starts_with": [{"var": "name"}, "A"]}, {"name": "a"}, False),
    )
    refused = ({"starts_with": [{"var": "amount"}, "1"]},)


@operators.register
class EndsWith(Affix):
    name = "ends_with"
    formula = "ENDS_WITH"
    sentence = {"en": "{0} ends with {1}", "zh": "{0}以{1}结尾"}
    construct = ends
    test = staticmethod(str.endswith)
    examples = (
        ({"ends_with": [{"var": "name"}, "b"]}, {"name": "ab"}, True),
        ({"ends_with": [{"var": "name"}, {"var": "code"}]}, {"name": "ab"}, False),
    )
    refused = ({"ends_with": [{"var": "name"}]},)
