"""`<`, `<=`, `>`, `>=`, also as "between" with three; false as soon as one side is empty."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from itertools import pairwise

import sqlalchemy as sa

from ..registry import operators
from ..rules.operator import Operator
from ..rules.sentence import AND
from ..rules.sql import definite
from ..rules.types import FLAG, ORDERED


class Order(Operator):
    """compare: Python's own comparison of two values that are there."""

    least, most = 2, 3
    definite = True
    compare = staticmethod(operator.lt)
    binding = 4
    in_time: Mapping[str, str] = {}

    def check(self, call):
        _, nodes = call.alike(call.nodes(*ORDERED))
        return call.node(FLAG, nodes)

    def python(self, node, *arguments):
        compare = self.compare
        if len(arguments) == 3:
            return between(compare, *arguments)
        left, right = arguments
        if node.args[1].literal and node.args[1].value is not None:
            return against(compare, left, node.args[1].value)

        def test(data):
            first, second = left(data), right(data)
            return first is not None and second is not None and compare(first, second)

        return test

    def sql(self, node, sql):
        return definite(self.sql_condition(node, sql))

    def sql_condition(self, node, sql):
        values = [by_code_point(sql.value(arg), arg, sql) for arg in node.args]
        return sa.and_(*(self.compare(left, right) for left, right in pairwise(values)))

    def say(self, node, words):
        pattern = self.in_time if node.args[0].type.kind in ("date", "moment", "time") else self.sentence
        pairs = [words.fill(pattern, words(left), words(right)) for left, right in pairwise(node.args)]
        return words.joined(pairs, AND)


def by_code_point(value, node, sql):
    """SQLite compares so by itself; PostgreSQL follows a language unless told."""
    return sa.collate(value, "C") if node.type.kind in ("text", "time") and sql.dialect == "postgresql" else value


def against(compare, left, limit):
    """The common case of a fixed limit, without calling for it."""

    def test(data):
        value = left(data)
        return value is not None and compare(value, limit)

    return test


def between(compare, low, value, high):
    def test(data):
        first, second, third = low(data), value(data), high(data)
        if first is None or second is None or third is None:
            return False
        return compare(first, second) and compare(second, third)

    return test


@operators.register
class Less(Order):
    name = infix = "<"
    sentence = {"en": "{0} is less than {1}", "zh": "{0}小于{1}"}
    in_time = {"en": "{0} is before {1}", "zh": "{0}早于{1}"}
    compare = staticmethod(operator.lt)
    examples = (
        ({"<": [{"var": "amount"}, 10]}, {"amount": "9.999999"}, True),
        ({"<": [{"var": "amount"}, 10]}, {}, False),
        ({"<": [1, {"var": "amount"}, 3]}, {"amount": "3"}, False),
        ({"<": [{"var": "name"}, "b"]}, {"name": "Z"}, True),
    )
    refused = (
        {"<": [{"var": "amount"}, "10"]},
        {"<": [{"var": "ok"}, True]},
        {"<": [{"var": "tier"}, "gold"]},
    )


@operators.register
class AtMost(Order):
    name = infix = "<="
    sentence = {"en": "{0} is at most {1}", "zh": "{0}不大于{1}"}
    in_time = {"en": "{0} is no later than {1}", "zh": "{0}不晚于{1}"}
    compare = staticmethod(operator.le)
    examples = (
        ({"<=": [1, {"var": "amount"}, 3]}, {"amount": "3"}, True),
        ({"<=": [{"var": "due"}, "2026-11-24"]}, {"due": "2026-11-24"}, True),
    )
    refused = ({"<=": [{"var": "due"}, {"var": "seen"}]},)


@operators.register
class More(Order):
    name = infix = ">"
    sentence = {"en": "{0} is more than {1}", "zh": "{0}大于{1}"}
    in_time = {"en": "{0} is after {1}", "zh": "{0}晚于{1}"}
    compare = staticmethod(operator.gt)
    examples = (
        ({">": [{"var": "name"}, "\uffff"]}, {"name": "𠮷"}, True),
        ({">": [{"var": "seen"}, "2026-11-24T09:12:00Z"]}, {"seen": "2026-11-24T09:12:00.500000Z"}, True),
    )
    refused = ({">": [{"var": "lines"}, 1]},)


@operators.register
class AtLeast(Order):
    name = infix = ">="
    sentence = {"en": "{0} is at least {1}", "zh": "{0}不小于{1}"}
    in_time = {"en": "{0} is no earlier than {1}", "zh": "{0}不早于{1}"}
    compare = staticmethod(operator.ge)
    examples = (
        ({">=": [{"var": "amount"}, {"var": "rate"}]}, {"amount": "0", "rate": "-0.000001"}, True),
        ({">=": [{"var": "amount"}, {"var": "rate"}]}, {"amount": "0"}, False),
    )
    refused = ({">=": [{"var": "amount"}, 1, 2, 3]},)
