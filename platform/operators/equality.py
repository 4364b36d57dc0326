"""`===` and `!==`: two empties are equal, an empty and a value are not."""

from __future__ import annotations

from ..registry import operators
from ..rules.operator import Operator
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


@operators.register
class Different(Equality):
    name = "!=="

    def python(self, node, left, right):
        return lambda data: left(data) != right(data)
