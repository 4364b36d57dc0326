"""`and`, `or`, `!`, `!!`: of yes-or-no answers; an empty one counts as no."""

from __future__ import annotations

import sqlalchemy as sa

from ..registry import operators
from ..rules.operator import Operator
from ..rules.sentence import AND, OR
from ..rules.types import FLAG


class Logic(Operator):
    takes = ("flag",)
    gives = FLAG
    loose = True
    definite = True
    weight = 4


@operators.register
class And(Logic):
    name = "and"
    formula = infix = "AND"
    binding = 2
    chained = True
    examples = (
        ({"and": [{"var": "ok"}, {"var": "rush"}]}, {"ok": True, "rush": True}, True),
        ({"and": [{"var": "ok"}, {"var": "rush"}]}, {"ok": True}, False),
    )
    refused = (
        {"and": [1, {"var": "ok"}]},
        {"and": []},
    )

    def python(self, node, *arguments):
        def test(data):
            for argument in arguments:  # noqa: SIM110 - a generator takes twice as long
                if argument(data) is not True:
                    return False
            return True

        return test

    def sql(self, node, sql):
        return sa.and_(sa.true(), *(sql.truth(arg) for arg in node.args))

    def sql_condition(self, node, sql):
        return sa.and_(sa.true(), *(sql.condition(arg) for arg in node.args))

    def say(self, node, words):
        return words.conditions(node.args, AND)


@operators.register
class Or(Logic):
    name = "or"
    formula = infix = "OR"
    binding = 1
    chained = True
    examples = (
        ({"or": [{"var": "ok"}, {"var": "rush"}]}, {"rush": True}, True),
        ({"or": [{"var": "ok"}, {"var": "rush"}]}, {}, False),
    )
    refused = ({"or": [{"var": "name"}]},)

    def python(self, node, *arguments):
        def test(data):
            for argument in arguments:  # noqa: SIM110
                if argument(data) is True:
                    return True
            return False

        return test

    def sql(self, node, sql):
        return sa.or_(sa.false(), *(sql.truth(arg) for arg in node.args))

    def sql_condition(self, node, sql):
        return sa.or_(sa.false(), *(sql.condition(arg) for arg in node.args))

    def say(self, node, words):
        return words.conditions(node.args, OR)


@operators.register
class Not(Logic):
    name = "!"
    formula = "NOT"
    binding = 3
    least = most = 1
    examples = (
        ({"!": [{"var": "ok"}]}, {}, True),
        ({"!": [{"<": [{"var": "amount"}, 1]}]}, {}, True),
    )
    refused = ({"!": [{"var": "amount"}]},)

    def python(self, node, argument):
        return lambda data: argument(data) is not True

    def sql(self, node, sql):
        return sa.not_(sql.truth(node.args[0]))

    def say(self, node, words):
        return words.fill({"en": "not {0}", "zh": "并非{0}"}, words.condition(node.args[0], tight=True))

    def write(self, node, pen):
        return f"NOT {pen.closed(node.args[0], self.binding)}", self.binding


@operators.register
class Truth(Logic):
    """Yes if yes, no if no or empty."""

    name = "!!"
    formula = "TRUTH"
    loose = False
    least = most = 1
    examples = (({"!!": [{"var": "ok"}]}, {}, False),)
    refused = ({"!!": [{"var": "name"}]},)

    def python(self, node, argument):
        return lambda data: argument(data) is True

    def sql(self, node, sql):
        return sql.truth(node.args[0])

    def sql_condition(self, node, sql):
        return sql.condition(node.args[0])

    def say(self, node, words):
        return words.condition(node.args[0], tight=True)
