"""`min` and `max`, of values beside each other or of a list, leaving out empty ones."""

from __future__ import annotations

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from ..dialects import Named, say
from ..registry import operators
from ..rules.budget import spend
from ..rules.operator import Operator
from ..rules.types import EMPTY

KINDS = ("number", "date", "moment")


class Extreme(Operator):
    """best: Python's choice among values that are there."""

    walks = True
    weight = 16
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

    def sql(self, node, sql):
        if node.args[0].type.kind == "list":
            rows = sql.rows(node.args[0])
            return rows.aggregate(self.over_rows(rows.resolve(())))
        values = [sql.value(arg) for arg in node.args]
        return sa.type_coerce(self.beside(*values), values[0].type) if len(values) > 1 else values[0]

    def say(self, node, words):
        return words.fill(self.sentence, words.several(node.args))


class least(Named):
    """Any number of values"""

    type = sa.types.NullType()


class greatest(Named):
    """Any number of values"""

    type = sa.types.NullType()


def among(aggregate: str):
    """SQLite's own min and max of several are empty as soon as one is."""

    def phrase(*values: str) -> str:
        rows = " UNION ALL SELECT ".join(f"{value} AS v" for value in values)
        return f"(SELECT {aggregate}(v) FROM (SELECT {rows}))"

    return phrase


say(least, sqlite=among("min"), postgresql=lambda *values: f"least({', '.join(values)})")
say(greatest, sqlite=among("max"), postgresql=lambda *values: f"greatest({', '.join(values)})")


@operators.register
class Min(Extreme):
    name = "min"
    formula = "MIN"
    sentence = {"en": "the smallest of {0}", "zh": "{0}的最小值"}
    beside = least
    over_rows = staticmethod(sa.func.min)
    best = staticmethod(min)
    examples = (
        ({"min": [{"var": "amount"}, {"var": "rate"}, 3]}, {"amount": "2"}, "2"),
        ({"min": [{"map": [{"var": "lines"}, {"var": "qty"}]}]}, {"lines": [{"qty": "3"}, {"qty": "2"}]}, "2"),
    )
    refused = (
        {"min": ["a", "b"]},
        {"min": [1, {"var": "due"}]},
    )


@operators.register
class Max(Extreme):
    name = "max"
    formula = "MAX"
    sentence = {"en": "the largest of {0}", "zh": "{0}的最大值"}
    beside = greatest
    over_rows = staticmethod(sa.func.max)
    best = staticmethod(max)
    examples = (
        ({"max": [{"var": "due"}, "2026-11-24"]}, {"due": "2026-01-01"}, "2026-11-24"),
        ({"max": [{"map": [{"var": "lines"}, {"var": "qty"}]}]}, {"lines": []}, None),
    )
    refused = ({"max": [{"var": "ok"}]},)
