"""`sum` and `count` of a list, leaving out empty items: {"sum": [{"map": [{"var": "lines"}, {"var": "amount"}]}]}."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from .. import exact
from ..exact_sql import total, whole
from ..registry import operators
from ..rules.budget import spend
from ..rules.operator import Operator
from ..rules.sql import constant
from ..rules.types import EMPTY, LISTED, NUMBER


@operators.register
class Sum(Operator):
    """Of nothing it is 0."""

    name = "sum"
    formula = "SUM"
    sentence = {"en": "the total of {0}", "zh": "{0}的合计"}
    least = most = 1
    walks = True
    weight = 14
    examples = (
        ({"sum": [{"map": [{"var": "lines"}, {"var": "qty"}]}]}, {"lines": [{"qty": "2"}, {"qty": None}]}, "2"),
        ({"sum": [{"map": [{"var": "lines"}, {"var": "qty"}]}]}, {"lines": []}, "0"),
    )
    refused = (
        {"sum": [{"map": [{"var": "lines"}, {"var": "note"}]}]},
        {"sum": [1, 2]},
        {"sum": [{"var": "lines"}]},
    )

    def check(self, call):
        items = call.argument(0, "list")
        item = items.type.item or EMPTY
        if item.kind not in ("number", "empty"):
            call.fail(_("“sum” adds numbers, and this list holds %(item)s.", item=item.name), 0)
        return call.node(NUMBER, [items])

    def python(self, node, items):
        return lambda data: exact.in_range(sum((v for v in spend(items(data)) if v is not None), Decimal(0)))

    def sql(self, node, sql):
        if node.args[0].type.item.kind == "empty":
            return constant(Decimal(0), NUMBER)
        rows = sql.rows(node.args[0])
        return rows.aggregate(total(rows.resolve(())))


@operators.register
class Count(Operator):
    name = "count"
    formula = "COUNT"
    sentence = {"en": "the number of {0}", "zh": "{0}的数量"}
    least = most = 1
    takes = LISTED
    gives = NUMBER
    definite = True
    walks = True
    weight = 14
    examples = (
        ({"count": [{"var": "lines"}]}, {"lines": [{"qty": "2"}, {"qty": None}]}, "2"),
        ({"count": [{"map": [{"var": "lines"}, {"var": "qty"}]}]}, {"lines": [{"qty": "2"}, {"qty": None}]}, "1"),
    )
    refused = ({"count": [{"var": "name"}]},)

    def python(self, node, items):
        return lambda data: Decimal(sum(1 for value in spend(items(data)) if value is not None))

    def sql(self, node, sql):
        (items,) = node.args
        rows = sql.rows(items)
        counted = sa.func.count() if items.type.element.kind == "record" else sa.func.count(rows.resolve(()))
        return rows.aggregate(whole(counted))
