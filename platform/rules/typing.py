"""The typed profile of JsonLogic: `check` gives a rule's type or says, with a path, why it can't be.

Only names that the scope knows, only values of one type together, no `==`, bounded depth and size.
The checked tree (`elaborate`) is what the other modules of this folder compile.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _

from ..registry import operators
from .call import Call
from .literals import LISTING, literal
from .node import Node, Path, Scope, outermost
from .types import EMPTY, RuleError, Type

__all__ = ["RuleError", "Type", "check", "elaborate", "paths"]

DEEPEST = 50
MOST_NODES = 2_000
LOOSE = {"==": "===", "!=": "!=="}


def check(rule: Any, scope: Type) -> Type:
    """The type of the rule's answer on data of the scope; raises RuleError."""
    return elaborate(rule, scope).type


def paths(rule: Any, scope: Type) -> frozenset[str]:
    """The data that the rule reads: "total", "customer.tier", "lines.product.on_hand", "user.id"."""
    checker = Checker()
    checker.check(rule, outermost(scope), "")
    return frozenset(".".join(path) for path in checker.reads)


def elaborate(rule: Any, scope: Type) -> Node:
    """The checked tree of a rule."""
    return Checker().check(rule, outermost(scope), "")


class Checker:
    """Walks one rule; `reads` collects the paths of the data it reads."""

    def __init__(self) -> None:
        self.reads: set[Path] = set()
        self._nodes = 0
        self._depth = 0

    def check(self, rule: Any, scope: Scope, place: str) -> Node:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise RuleError(_("This rule is too long: at most %(most)s parts.", most=MOST_NODES))
        if self._depth >= DEEPEST:
            raise RuleError(_("This rule is nested too deeply: at most %(most)s levels.", most=DEEPEST))
        self._depth += 1
        try:
            return self._part(rule, scope, place)
        finally:
            self._depth -= 1

    def _part(self, rule: Any, scope: Scope, place: str) -> Node:
        if isinstance(rule, dict):
            return self._operation(rule, scope, place)
        if isinstance(rule, (list, tuple)):
            return self._listing(rule, scope, place)
        if rule is None or isinstance(rule, (bool, str, int, float, Decimal)):
            return literal(rule, place)
        raise RuleError(_("This is neither a value nor an operator."), place)

    def _listing(self, rule: Any, scope: Scope, place: str) -> Node:
        nodes = [self.check(part, scope, f"{place}[{index}]") for index, part in enumerate(rule)]
        item, nodes = Call(self, LISTING, list(rule), scope, place).alike(nodes) if nodes else (EMPTY, [])
        origins = frozenset().union(*(node.origins for node in nodes))
        return Node(LISTING, Type("list", item=item), tuple(nodes), place=place, origins=origins)

    def _operation(self, rule: dict, scope: Scope, place: str) -> Node:
        if len(rule) != 1:
            raise RuleError(_("A rule is one operator with its arguments."), place)
        name, given = next(iter(rule.items()))
        where = f"{place}.{name}" if place else str(name)
        if name in LOOSE:
            raise RuleError(_("“%(name)s” mixes types; use “%(strict)s”.", name=name, strict=LOOSE[name]), where)
        if name not in operators:
            raise RuleError(_("There is no operator “%(name)s”.", name=str(name)[:40]), where)
        operator = operators[name]
        arguments = list(given) if isinstance(given, (list, tuple)) else [given]
        self._count(operator, arguments, where)
        return operator.check(Call(self, operator, arguments, scope, where))

    def _count(self, operator: Any, arguments: list, place: str) -> None:
        if operator.least <= len(arguments) <= operator.most:
            return
        raise RuleError(
            _(
                "“%(name)s” takes %(least)s to %(most)s arguments, and these are %(given)s.",
                name=operator.name,
                least=operator.least,
                most=operator.most,
                given=len(arguments),
            ),
            place,
        )
