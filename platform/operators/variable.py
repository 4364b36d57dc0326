"""`var`: the value of a field, through links and into records: "total", "customer.tier"."""

from __future__ import annotations

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from ..registry import operators
from ..rules.formula_writer import ATOM
from ..rules.node import Node
from ..rules.operator import Operator
from ..rules.types import Type


@operators.register
class Var(Operator):
    """A link alone gives the id of its record; the second argument stands in for an empty value."""

    name = "var"
    least, most = 0, 2
    weight = 12  # a subquery, past a link
    examples = (
        ({"var": "amount"}, {"amount": "12.5"}, "12.5"),
        ({"var": "customer.credit"}, {"customer": {"id": 7, "credit": "100"}}, "100"),
        ({"var": "customer.credit"}, {"customer": None}, None),
        ({"var": "customer"}, {"customer": {"id": 7}}, 7),
        ({"var": ["amount", 1]}, {"amount": None}, "1"),
    )
    refused = (
        {"var": "nothing"},
        {"var": "customer.nothing"},
        {"var": ["amount", "one"]},
        {"var": [{"var": "name"}]},
    )

    def check(self, call):
        keys = split(call)
        steps = walk(call, keys)
        found = steps[-1] if steps else call.scope.type
        if found.kind == "record" and not (call.scope.inner and not keys):
            call.fail(_("“%(path)s” is a whole record; name one of its fields.", path=".".join(keys)))
        located = call.scope.locate(tuple(key for key in keys if not key.isdigit()))
        call.checker.reads.update(located)
        origins = located if found.kind in ("list", "rows", "record") else frozenset()
        node = call.node(found, value=keys, steps=tuple(steps), origins=origins)
        return with_default(call, node) if len(call.arguments) > 1 else node

    def branches(self, node):
        return node.args

    def python(self, node, *default):
        read = reader(node)
        if node.args:
            instead = default[-1]
            bare = read

            def read(data):
                value = bare(data)
                return instead(data) if value is None else value

        return read

    def sql(self, node, sql):
        if any(key.isdigit() for key in node.value):
            return sql.refuse(node)
        found = sql.resolve(node.value)
        if not node.args:
            return found
        if not isinstance(found, sa.ColumnElement):
            return sql.refuse(node)
        return sa.func.coalesce(found, sql.value(node.args[0]))

    def say(self, node, words):
        path = words.path(node)
        if not node.args:
            return path
        return words.fill(
            {"en": "{0}, or {1} where it is empty", "zh": "{0}（为空时取{1}）"}, path, words(node.args[0])
        )

    def write(self, node, pen):
        path = pen.names(node) if node.value else "THIS"
        return pen.call("DEFAULT", path, pen.text(node.args[0])) if node.args else (path, ATOM)


def split(call) -> tuple[str, ...]:
    """The keys of the path, which is a text written out (a number for a place in a list)."""
    path = call.arguments[0] if call.arguments else None
    if path is None or path == "":
        return ()
    if isinstance(path, int) and not isinstance(path, bool) and path >= 0:
        return (str(path),)
    return tuple(call.literal(0, str).split("."))


def walk(call, keys) -> list[Type]:
    """The types along a path."""
    here, steps = call.scope.type, []
    for key in keys:
        if here.kind in ("list", "rows") and key.isdigit():
            here = here.element
        elif here.kind in ("record", "link") and key in here.members:
            here = here.members[key]
        else:
            call.fail(_("There is no field “%(path)s” here.", path=".".join(keys)))
        steps.append(here)
    return steps


def with_default(call, node: Node) -> Node:
    instead = call.argument(1)
    common, nodes = call.alike([node, instead])
    return call.node(common, [nodes[1]], value=node.value, steps=node.steps, origins=node.origins | instead.origins)


def reader(node: Node):
    """data -> the value at the node's path; None where the path ends early."""
    keys = tuple(int(key) if key.isdigit() else key for key in node.value)
    read = mapping_reader(keys) if all(isinstance(key, str) for key in keys) else deep_reader(keys)
    last = node.steps[-1] if node.steps else None
    links = last.kind == "link" if last else node.type.kind == "link"
    return (lambda data: identity(read(data))) if links else read


def mapping_reader(keys):
    if not keys:
        return lambda data: data
    if len(keys) == 1:
        (key,) = keys
        return lambda data: data.get(key)
    *before, last = keys
    head = mapping_reader(tuple(before))

    def read(data):
        holder = head(data)
        return None if holder is None else holder.get(last)

    return read


def deep_reader(keys):
    def read(data):
        for key in keys:
            if data is None:
                return None
            if isinstance(key, str):
                data = data.get(key)
            else:
                data = data[key] if key < len(data) else None
        return data

    return read


def identity(link):
    """The id of a linked record, given as a mapping or as the id itself."""
    return link if link is None or isinstance(link, int) else link["id"]
