"""A checked rule -> its formula, with no more parentheses than needed. Operators write themselves, with a pen."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from typing import Any

from .. import exact
from . import formula_names as names
from .node import Node
from .types import Type

ATOM = 9
SIGNED = 8
FROM_THE_LEFT = (6, 7)  # a - b + c, a / b * c

Written = tuple[str, int]  # the text, and how tightly its outermost sign binds


@dataclass(frozen=True)
class Pen:
    """Writes in one scope.

    language: of the labels that stand for fields; None for their keys.
    prefix: what stands before names, as in `lines.amount`.
    """

    scope: Type
    language: str | None
    prefix: str = ""

    def inside(self, scope: Type, prefix: str = "") -> Pen:
        return replace(self, scope=scope, prefix=prefix)

    def text(self, node: Node) -> str:
        return self.written(node)[0]

    def written(self, node: Node) -> Written:
        return node.operator.write(node, self)

    def call(self, function: str, *arguments: str) -> Written:
        return f"{function}({', '.join(arguments)})", ATOM

    def closed(self, node: Node, binding: int) -> str:
        """In parentheses unless it binds at least so tightly."""
        said, found = self.written(node)
        return said if found >= binding else f"({said})"

    def signs(self, node: Node) -> Written:
        """From the left, a sign may stand beside another of its rank; a chain beside one of its own may not."""
        operator, parts = node.operator, []
        for index, arg in enumerate(node.args):
            same = operator.chained and arg.operator is operator
            beside = index == 0 and operator.binding in FROM_THE_LEFT and not same
            parts.append(self.closed(arg, operator.binding + (not beside)))
        return f" {operator.infix} ".join(parts), operator.binding

    def names(self, node: Node) -> str:
        """The path of a `var`."""
        said, here = [], self.scope
        for key, step in zip(node.value, node.steps, strict=True):
            said.append(key if key.isdigit() else names.written(key, here, self.language))
            here = step
        return self.prefix + ".".join(said)

    def value(self, given: Any, type: Type | None = None) -> str:
        """A value that stands in the formula itself."""
        if given is None:
            return "EMPTY"
        if isinstance(given, bool):
            return "TRUE" if given else "FALSE"
        if isinstance(given, datetime.datetime):
            return f'"{given.isoformat()}Z"'
        if isinstance(given, datetime.date):
            return f'"{given.isoformat()}"'
        if isinstance(given, str):
            said = names.option_written(given, type, self.language) if type and type.kind == "choice" else given
            return '"' + said.replace('"', '""') + '"'
        return exact.text(given)
