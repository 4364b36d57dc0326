"""`===` and `!==`: two empties are equal, an empty and a value are not."""

from __future__ import annotations

from ..registry import operators
from ..rules.operator import Operator
from ..rules.sql import definite
from ..rules.types import FLAG, SCALAR


class Equality(Operator):
    least = most = 2
    definite = True

    def check(self, call):
        _, nodes = call.alike(call.nodes(*SCALAR))
        return call.node(FLAG, nodes)


@operators.register
class Same(Equality):
    name = "==="

    def python(self, node, left, right):
        return lambda data: left(data) == right(data)

    def sql(self, node, sql):
        same = self.sql_condition(node, sql)
        return definite(same) if fixed(node) else same

    def sql_condition(self, node, sql):
        left, right = (sql.value(arg) for arg in node.args)
        return left == right if fixed(node) else left.is_not_distinct_from(right)


@operators.register
class Different(Equality):
    name = "!=="

    def python(self, node, left, right):
        return lambda data: left(data) != right(data)

    def sql(self, node, sql):
        left, right = (sql.value(arg) for arg in node.args)
        return left.is_distinct_from(right)


def fixed(node) -> bool:
    """Whether one side is a value written out, so that a plain `=` will do."""
    return any(arg.literal and arg.value is not None for arg in node.args)
