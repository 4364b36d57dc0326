"""`map`, `filter`, `merge`: lists from lists. An empty list variable is a list without items."""

from __future__ import annotations

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from ..registry import operators
from ..rules.budget import sized, spend
from ..rules.node import inside
from ..rules.operator import Operator
from ..rules.types import EMPTY, LISTED, Type, join


def source(call):
    """The list that an operator walks over, and the scope of one of its items."""
    found = call.argument(0, *LISTED)
    return found, inside(found.type.element or EMPTY, found.origins)


class Walk(Operator):
    """An operator whose second argument is about one item of the first."""

    least = most = 2
    definite = True
    walks = True

    def inner(self, items, *others):
        return items.type.element or EMPTY

    def write(self, node, pen):
        items, body, *others = node.args
        inner = pen.inside(self.inner(items, *others))
        return pen.call(self.formula, pen.text(items), inner.text(body), *map(pen.text, others))


@operators.register
class Map(Walk):
    name = "map"
    formula = "MAP"
    sentence = {"en": "{1} of each of {0}", "zh": "{0}各项的{1}"}
    examples = (
        (
            {"map": [{"var": "lines"}, {"*": [{"var": "qty"}, 2]}]},
            {"lines": [{"qty": "2"}, {"qty": None}]},
            ["4", None],
        ),
    )
    refused = (
        {"map": [{"var": "lines"}, {"var": "amount"}]},
        {"map": [{"var": "amount"}, 1]},
    )

    def check(self, call):
        items, scope = source(call)
        body = call.argument(1, scope=scope)
        return call.node(Type("list", item=body.type), [items, body], origins=body.origins)

    def python(self, node, items, body):
        return lambda data: [body(item) for item in spend(items(data))]

    def sql(self, node, sql):
        items, body = node.args
        rows = sql.rows(items)
        if body.type.kind == "record":
            return rows
        value = sql.within(rows).value(body)
        return rows.holding(value) if isinstance(value, sa.ColumnElement) else sql.refuse(node)

    def write(self, node, pen):
        """As `lines.quantity * lines.price` where that says it."""
        items, body = node.args
        if items.operator.name == "var" and items.value and not items.args and plain(body) and reads(body):
            return pen.inside(self.inner(items), f"{pen.names(items)}.").written(body)
        return super().write(node, pen)


def plain(node) -> bool:
    """Arithmetic of fields and values, with signs."""
    if node.operator.name == "var":
        return bool(node.value) and not node.args and node.type.kind not in LISTED
    signs = node.operator.infix in ("+", "-", "*", "/") and (len(node.args) > 1 or node.operator.name == "-")
    return node.literal or (signs and all(map(plain, node.args)))


def reads(node) -> bool:
    return node.operator.name == "var" or any(map(reads, node.args))


@operators.register
class Filter(Walk):
    name = "filter"
    formula = "FILTER"
    examples = (
        (
            {"count": [{"filter": [{"var": "lines"}, {">": [{"var": "qty"}, 2]}]}]},
            {"lines": [{"qty": "2"}, {"qty": "3"}]},
            "1",
        ),
    )
    refused = ({"filter": [{"var": "lines"}, {"var": "qty"}]},)

    def check(self, call):
        items, scope = source(call)
        test = call.argument(1, "flag", scope=scope)
        return call.node(items.type, [items, test], origins=items.origins)

    def python(self, node, items, test):
        return lambda data: [item for item in spend(items(data)) if test(item) is True]

    def sql(self, node, sql):
        rows = sql.rows(node.args[0])
        return rows.where(sql.within(rows).condition(node.args[1]))

    def say(self, node, words):
        pattern = {"en": "{0} where {1}", "zh": "满足“{1}”的{0}"}
        return words.fill(pattern, words(node.args[0]), words.condition(node.args[1], tight=True))


@operators.register
class Merge(Operator):
    """One list of all items of lists, and of values beside them; an empty argument adds nothing."""

    name = "merge"
    formula = "MERGE"
    least = 0
    definite = True
    walks = True
    examples = (({"merge": [{"var": "tags"}, "b", None]}, {"tags": ["a"]}, ["a", "b"]),)
    refused = ({"merge": [{"var": "tags"}, 1]},)

    def check(self, call):
        nodes, item = call.nodes(), EMPTY
        for index, node in enumerate(nodes):
            found = join(item, (node.type.element or EMPTY) if node.type.kind in LISTED else node.type)
            if found is None:
                call.fail(_("These lists hold different kinds of values."), index)
            item = found
        origins = frozenset().union(*(node.origins for node in nodes))
        return call.node(Type("list", item=item), nodes, origins=origins)

    def python(self, node, *arguments):
        def merge(data):
            merged = []
            for argument in arguments:
                value = argument(data)
                if value is not None:
                    merged.extend(spend(value) if isinstance(value, list) else [value])
            return sized(merged)

        return merge

    def say(self, node, words):
        return words.several(node.args)
