"""`===` and `!==`: two empties are equal, an empty and a value are not."""

from __future__ import annotations

from collections.abc import Mapping

from ..registry import operators
from ..rules.operator import Operator
from ..rules.sql import definite, never_empty
from ..rules.types import FLAG, SCALAR


class Equality(Operator):
    least = most = 2
    definite = True
    binding = 4
    is_empty: Mapping[str, str] = {}

    def check(self, call):
        _, nodes = call.alike(call.nodes(*SCALAR))
        return call.node(FLAG, nodes)

    def say(self, node, words):
        left, right = node.args
        if right.literal and right.value is None:
            return words.fill(self.is_empty, words(left))
        return super().say(node, words)


@operators.register
class Same(Equality):
    name = "==="
    infix = "="
    sentence = {"en": "{0} is {1}", "zh": "{0}是{1}"}
    is_empty = {"en": "{0} is empty", "zh": "{0}为空"}
    examples = (
        ({"===": [{"var": "amount"}, 12.5]}, {"amount": "12.50"}, True),
        ({"===": [{"var": "amount"}, {"var": "rate"}]}, {}, True),
        ({"===": [{"var": "tier"}, "gold"]}, {"tier": None}, False),
        ({"===": [{"var": "due"}, "2026-11-24"]}, {"due": "2026-11-24"}, True),
    )
    refused = (
        {"===": [{"var": "amount"}, "1"]},
        {"===": [{"var": "tier"}, "golden"]},
        {"===": [{"var": "due"}, "24.11.2026"]},
    )

    def python(self, node, left, right):
        return lambda data: left(data) == right(data)

    def sql(self, node, sql):
        return definite(self.sql_condition(node, sql))

    def sql_condition(self, node, sql):
        left, right = (sql.value(arg) for arg in node.args)
        plain = fixed(node) or never_empty(left) or never_empty(right)
        return left == right if plain else left.is_not_distinct_from(right)


@operators.register
class Different(Equality):
    name = "!=="
    infix = "<>"
    sentence = {"en": "{0} is not {1}", "zh": "{0}不是{1}"}
    is_empty = {"en": "{0} is not empty", "zh": "{0}不为空"}
    examples = (
        ({"!==": [{"var": "amount"}, 1]}, {}, True),
        ({"!==": [{"var": "amount"}, None]}, {}, False),
        ({"!==": [{"var": "owner"}, 3]}, {"owner": 3}, False),
    )
    refused = (
        {"!==": [{"var": "amount"}, {"var": "name"}]},
        {"!==": [{"var": "owner"}, {"var": "customer"}]},
    )

    def python(self, node, left, right):
        return lambda data: left(data) != right(data)

    def sql(self, node, sql):
        left, right = (sql.value(arg) for arg in node.args)
        return left.is_distinct_from(right)


def fixed(node) -> bool:
    """Whether one side is a value written out, so that a plain `=` will do."""
    return any(arg.literal and arg.value is not None for arg in node.args)
