"""Rules as Python closures: compiled once, then a call each.

Every value is as the contract of the fields says: Decimal, str, bool, date, naive UTC datetime, ids;
a link is a mapping with "id", rows are lists of mappings, empty is None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import budget
from .node import Node
from .types import Type
from .typing import elaborate


def compile_rule(rule: Any, scope: Type) -> Callable[[Mapping[str, Any]], Any]:
    """data -> the rule's answer. Raises RuleError when the rule does not fit the scope."""
    node = elaborate(rule, scope)
    closure = compile_node(node)
    return budget.limited(closure) if walks(node) else closure


def compile_node(node: Node) -> Callable[[Any], Any]:
    return node.operator.python(node, *(compile_node(arg) for arg in node.args))


def walks(node: Node) -> bool:
    """Whether evaluating the node walks over lists, and so needs a limit."""
    return node.operator.walks or any(walks(arg) for arg in node.args)
