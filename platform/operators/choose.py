"""`if` and `?:`: the first answer whose condition holds, else the last one, else empty."""

from __future__ import annotations

import sqlalchemy as sa

from ..registry import operators
from ..rules.operator import Operator
from ..rules.sql import constant
from ..rules.types import EMPTY, LISTED


@operators.register
class If(Operator):
    name = "if"
    formula = "IF"
    least = 0
    loose = True
    examples = (
        ({"if": [{"var": "ok"}, "a", {"var": "rush"}, "b", "c"]}, {"rush": True}, "b"),
        ({"if": [{"var": "ok"}, 1]}, {}, None),
    )
    refused = (
        {"if": [{"var": "ok"}, 1, "one"]},
        {"if": [{"var": "amount"}, 1, 2]},
    )

    def check(self, call):
        count = len(call.arguments)
        if count == 0:
            return call.node(EMPTY)
        conditions = {i: call.argument(i, "flag") for i in range(0, count - 1, 2)}
        others = [i for i in range(count) if i not in conditions]
        common, answers = call.alike([call.argument(i) for i in others])
        placed = conditions | dict(zip(others, answers, strict=True))
        origins = frozenset().union(*(answer.origins for answer in answers))
        return call.node(common, [placed[i] for i in range(count)], origins=origins)

    def branches(self, node):
        count = len(node.args)
        return tuple(arg for i, arg in enumerate(node.args) if i % 2 or i == count - 1)

    def python(self, node, *arguments):
        pairs = tuple(zip(arguments[::2], arguments[1::2], strict=False))
        last = arguments[-1] if len(arguments) % 2 else lambda data: None

        def choose(data):
            for condition, answer in pairs:
                if condition(data) is True:
                    return answer(data)
            return last(data)

        return choose

    def sql(self, node, sql):
        conditions, answers = node.args[::2], [sql.value(answer) for answer in node.args[1::2]]
        last = sql.value(node.args[-1]) if len(node.args) % 2 else constant(None, node.type)
        if node.type.kind in (*LISTED, "record"):
            return sql.refuse(node)
        pairs = [(sql.condition(c), answer) for c, answer in zip(conditions, answers, strict=False)]
        return sa.case(*pairs, else_=last) if pairs else last

    def say(self, node, words):
        conditions, answers = node.args[0:-1:2], node.args[1::2]
        last = words(node.args[-1]) if len(node.args) % 2 else words.value(None, node.type)
        parts = [
            words.fill({"en": "{1} if {0}", "zh": "如果{0}则为{1}"}, words.condition(condition), words(answer))
            for condition, answer in zip(conditions, answers, strict=True)
        ]
        otherwise = words.fill({"en": "otherwise {0}", "zh": "否则为{0}"}, last)
        return words.comma.join([*parts, otherwise]) if parts else last


@operators.register
class Ternary(If):
    name = "?:"
    formula = "IIF"
    least = most = 3
    examples = (({"?:": [{"var": "ok"}, {"var": "amount"}, 0]}, {"ok": True, "amount": "5"}, "5"),)
    refused = ({"?:": [{"var": "ok"}, 1]},)
