"""A checked rule: a tree of nodes whose types are known. Python, SQL, sentences and formulas walk it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from .types import Type

Path = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Scope:
    """What names mean at one place of a rule.

    locate: a path written here -> the paths of the outermost data that it reads.
    """

    type: Type
    locate: Callable[[Path], frozenset[Path]]
    inner: bool = False


def outermost(scope_type: Type) -> Scope:
    return Scope(scope_type, lambda path: frozenset({path}))


def inside(item: Type, origins: frozenset[Path]) -> Scope:
    """The scope of one item of a list that stems from `origins`."""
    return Scope(item, lambda path: frozenset(origin + path for origin in origins), inner=True)


@dataclass(frozen=True, eq=False)
class Node:
    """One operator with its checked arguments.

    operator: a member of `operators/`, or LITERAL or LISTING.  value: what a literal holds, as Python
    value; what else an operator wants to remember.  steps: the types along the path of a `var`.
    origins: for lists and records, the outermost data they stem from.  hollow: known to be always empty.
    """

    operator: Any
    type: Type
    args: tuple[Node, ...] = ()
    value: Any = None
    steps: tuple[Type, ...] = ()
    origins: frozenset[Path] = frozenset()
    place: str = ""
    hollow: bool = False

    def of(self, type: Type) -> Node:
        """The same node as a value of a type that it agrees with."""
        return replace(self, type=type, hollow=self.hollow or self.type.kind == "empty")

    @property
    def literal(self) -> bool:
        return self.operator.name == "literal"
