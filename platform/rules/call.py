"""One operator application while it is checked: what a member of `operators/` asks of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _

from .literals import fit, weak
from .node import Node, Scope
from .types import EMPTY, KINDS, RuleError, Type, join


class Call:
    """An operator with its arguments as they stand in the rule, in a scope.

    reads: collects the paths of the outermost data; `checker.check(rule, scope, place)` checks an argument.
    """

    def __init__(self, checker, operator, arguments: list[Any], scope: Scope, place: str):
        self.checker = checker
        self.operator = operator
        self.arguments = arguments
        self.scope = scope
        self.place = place

    def at(self, index: int) -> str:
        return f"{self.place}[{index}]"

    def fail(self, sentence: Any, index: int | None = None):
        raise RuleError(sentence, self.place if index is None else self.at(index))

    def argument(self, index: int, *kinds: str, scope: Scope | None = None) -> Node:
        """The checked argument; an empty literal passes for any kind."""
        node = self.checker.check(self.arguments[index], scope or self.scope, self.at(index))
        return self.expect(node, *kinds)

    def expect(self, node: Node, *kinds: str) -> Node:
        if kinds and node.type.kind not in (*kinds, "empty"):
            wanted = " / ".join(str(KINDS[kind]) for kind in kinds)
            name = self.operator.name
            raise RuleError(
                _(
                    "“%(name)s” works on %(wanted)s, and this is %(given)s.",
                    name=name,
                    wanted=wanted,
                    given=node.type.name,
                ),
                node.place,
            )
        return node.of(Type(kinds[0])) if node.type.kind == "empty" and len(kinds) == 1 else node

    def nodes(self, *kinds: str) -> list[Node]:
        """All arguments."""
        return [self.argument(index, *kinds) for index in range(len(self.arguments))]

    def literal(self, index: int, kind: type) -> Any:
        """An argument that must be written out: text, or a whole number."""
        value = self.arguments[index]
        if not isinstance(value, kind) or isinstance(value, bool):
            what = _("a whole number") if kind is int else _("a name")
            self.fail(_("“%(name)s” needs %(what)s written out here.", name=self.operator.name, what=what), index)
        return value

    def alike(self, nodes: Sequence[Node]) -> tuple[Type, list[Node]]:
        """The one type of all nodes, literals turned into it; refused when types are mixed."""
        common = EMPTY
        for node in sorted(nodes, key=weak):
            if not weak(node):
                common = self._joined(common, node)
        if common.kind == "empty":
            for node in nodes:
                common = self._joined(common, node)
        return common, [fit(node, common) for node in nodes]

    def _joined(self, common: Type, node: Node) -> Type:
        found = join(common, node.type)
        if found is None:
            raise RuleError(
                _(
                    "“%(name)s” compares like with like; here %(first)s meets %(second)s.",
                    name=self.operator.name,
                    first=common.name,
                    second=node.type.name,
                ),
                node.place,
            )
        return found

    def node(self, type: Type, nodes: Sequence[Node] = (), **more: Any) -> Node:
        return Node(self.operator, type, tuple(nodes), place=self.place, **more)
