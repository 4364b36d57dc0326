"""`min` and `max`, of values beside each other or of a list, leaving out empty ones."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from ..registry import operators
from ..rules.budget import spend
from ..rules.operator import Operator
from ..rules.types import EMPTY

KINDS = ("number", "date", "moment")


class Extreme(Operator):
    """best: Python's choice among values that are there."""

    walks = True
    best = staticmethod(min)

    def check(self, call):
        nodes = call.nodes(*KINDS, "text", *(["list"] if len(call.arguments) == 1 else []))
        if nodes[0].type.kind != "list":
            common, nodes = call.alike(nodes)
            return call.node(self.ordered(call, common), nodes)
        return call.node(self.ordered(call, nodes[0].type.item or EMPTY), nodes)

    def ordered(self, call, item):
        if item.kind not in (*KINDS, "empty"):
            call.fail(_("“%(name)s” needs numbers or dates, and this is %(item)s.", name=self.name, item=item.name), 0)
        return item

    def branches(self, node):
        return node.args if node.args[0].type.kind != "list" else ()

    def python(self, node, *arguments):
        best = self.best
        if node.args[0].type.kind == "list":
            (items,) = arguments
            return lambda data: best((v for v in spend(items(data)) if v is not None), default=None)

        def choose(data):
            values = [argument(data) for argument in arguments]
            return best((value for value in values if value is not None), default=None)

        return choose


@operators.register
class Min(Extreme):
    name = "min"
    best = staticmethod(min)


@operators.register
class Max(Extreme):
    name = "max"
    best = staticmethod(max)
