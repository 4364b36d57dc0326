"""`in`: a value in a list, or a text in a text; an empty value is in nothing."""

from __future__ import annotations

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from ..dialects import Named, say
from ..registry import operators
from ..rules.literals import LISTING, fit, weak
from ..rules.node import Node
from ..rules.operator import Operator
from ..rules.sql import Rows, constant, definite
from ..rules.types import FLAG, SCALAR, TEXT, Type, join


@operators.register
class In(Operator):
    name = "in"
    infix = "IN"
    binding = 4
    least = most = 2
    definite = True
    weight = 10
    examples = (
        ({"in": [{"var": "tier"}, ["gold", "plain"]]}, {"tier": "gold"}, True),
        ({"in": [{"var": "amount"}, [1, None]]}, {}, False),
        ({"in": ["三", {"var": "name"}]}, {"name": "张三"}, True),
        ({"in": ["vip", {"var": "tags"}]}, {"tags": ["new", "vip"]}, True),
    )
    refused = (
        {"in": [{"var": "tier"}, ["golden"]]},
        {"in": [1, {"var": "tags"}]},
        {"in": ["a", {"var": "lines"}]},
    )

    def check(self, call):
        needle = call.argument(0, *SCALAR)
        holder = call.argument(1, "list", "text")
        if holder.type.kind == "text" or needle.type.kind == "empty" or holder.type.kind == "empty":
            pair = [needle, holder] if holder.type.kind == "list" else [fit(needle, TEXT), holder]
            return call.node(FLAG, pair)
        return call.node(FLAG, alike(call, needle, holder))

    def python(self, node, needle, holder):
        if node.args[1].type.kind == "text":
            return in_text(needle, holder)
        if node.args[1].operator is LISTING and all(arg.literal for arg in node.args[1].args):
            return in_set(needle, frozenset(arg.value for arg in node.args[1].args))

        def test(data):
            value = needle(data)
            return value is not None and value in (holder(data) or ())

        return test

    def sql(self, node, sql):
        return definite(self.sql_condition(node, sql))

    def sql_condition(self, node, sql):
        if any((arg.type.element or arg.type).kind == "empty" for arg in node.args):
            return sa.false()
        needle, holder = (sql.value(arg) for arg in node.args)
        if isinstance(holder, Rows):
            return needle.in_(holder.values())
        if isinstance(holder, list):
            return needle.in_(
                [constant(v, node.args[0].type) if not isinstance(v, sa.ColumnElement) else v for v in holder]
            )
        return holds(holder, needle)

    def say(self, node, words):
        needle, holder = node.args
        if holder.operator is LISTING:
            one = {"en": "{0} is {1}", "zh": "{0}是{1}"}
            some = {"en": "{0} is one of {1}", "zh": "{0}是{1}之一"}
            return words.fill(some if len(holder.args) > 1 else one, words(needle), words(holder))
        return words.fill({"en": "{1} includes {0}", "zh": "{1}包含{0}"}, words(needle), words(holder))


class holds(Named):
    """Whether a text holds another."""

    type = sa.Boolean()


say(holds, sqlite="instr({}, {}) > 0".format, postgresql="strpos({}, {}) > 0".format)


def alike(call, needle: Node, holder: Node) -> list[Node]:
    """The value and the list as one type, whichever of them is written out."""
    item = holder.type.item
    if weak(holder) and not weak(needle):
        return [needle, fit(holder, Type("list", item=needle.type))]
    if weak(needle):
        return [fit(needle, item), holder]
    if join(needle.type, item) is None:
        call.fail(_("This list holds %(item)s, not %(value)s.", item=item.name, value=needle.type.name), 1)
    return [needle, holder]


def in_text(needle, holder):
    def test(data):
        part, whole = needle(data), holder(data)
        return part is not None and whole is not None and part in whole

    return test


def in_set(needle, values):
    def test(data):
        value = needle(data)
        return value is not None and value in values

    return test
