"""`all`, `some`, `none`: how many items a condition holds for. Of no items, `all` is false, as in JsonLogic."""

from __future__ import annotations

import sqlalchemy as sa

from ..registry import operators
from ..rules.budget import spend
from ..rules.types import FLAG
from .lists import Walk, source


class Quantifier(Walk):
    weight = 14

    def check(self, call):
        items, scope = source(call)
        return call.node(FLAG, [items, call.argument(1, "flag", scope=scope)])

    def say(self, node, words):
        return words.fill(self.sentence, words(node.args[0]), words.condition(node.args[1], tight=True))


@operators.register
class All(Quantifier):
    name = "all"
    formula = "ALL"
    loose = True
    sentence = {"en": "for all of {0}: {1}", "zh": "{0}全部满足：{1}"}
    examples = (
        ({"all": [{"var": "lines"}, {">": [{"var": "qty"}, 0]}]}, {"lines": [{"qty": "1"}]}, True),
        ({"all": [{"var": "lines"}, {">": [{"var": "qty"}, 0]}]}, {"lines": []}, False),
        ({"all": [{"var": "lines"}, {">": [{"var": "qty"}, 0]}]}, {"lines": [{"qty": "1"}, {"qty": None}]}, False),
    )
    refused = ({"all": [{"var": "lines"}, {"var": "qty"}]},)

    def python(self, node, items, test):
        def every(data):
            found = spend(items(data))
            return bool(found) and all(test(item) is True for item in found)

        return every

    def sql(self, node, sql):
        rows = sql.rows(node.args[0])
        test = sql.within(rows).truth(node.args[1])
        return sa.and_(rows.exists(), sa.not_(rows.exists(sa.not_(test))))


@operators.register
class Some(Quantifier):
    name = "some"
    formula = "ANY"
    loose = True
    sentence = {"en": "for at least one of {0}: {1}", "zh": "{0}至少一项满足：{1}"}
    examples = (
        ({"some": [{"var": "lines"}, {">": [{"var": "qty"}, 2]}]}, {"lines": [{"qty": "1"}, {"qty": "3"}]}, True),
    )
    refused = ({"some": [{"var": "amount"}, True]},)

    def python(self, node, items, test):
        return lambda data: any(test(item) is True for item in spend(items(data)))

    def sql(self, node, sql):
        rows = sql.rows(node.args[0])
        return rows.exists(sql.within(rows).condition(node.args[1]))


@operators.register
class NoneOf(Quantifier):
    name = "none"
    formula = "NONE"
    loose = True
    sentence = {"en": "for none of {0}: {1}", "zh": "{0}没有一项满足：{1}"}
    examples = (
        ({"none": [{"var": "lines"}, {">": [{"var": "qty"}, 2]}]}, {"lines": []}, True),
        ({"none": [{"var": "lines"}, {">": [{"var": "qty"}, 2]}]}, {"lines": [{"qty": "3"}]}, False),
    )
    refused = ({"none": [{"var": "lines"}]},)

    def python(self, node, items, test):
        return lambda data: not any(test(item) is True for item in spend(items(data)))

    def sql(self, node, sql):
        rows = sql.rows(node.args[0])
        return sa.not_(rows.exists(sql.within(rows).condition(node.args[1])))
