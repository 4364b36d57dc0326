"""What an operator says about itself; a member of `operators/` overrides what it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .node import Node
from .types import Type

Closure = Callable[[Any], Any]


class Operator:
    """name: its JsonLogic key.

    formula: its function's name in formulas.  infix: its sign there, `binding` how tightly it holds (OR 1,
    AND 2, NOT 3, comparison 4, & 5, + - 6, * / 7); chained: a + b + c is one operation with three arguments.
    sentence: {language: pattern} with {0}, {1} for the arguments, where `say` needs no more.
    loose: its sentence needs parentheses inside another one.

    takes, gives: kinds of every argument and the type of the result, where `check` needs no more.
    least, most: how many arguments.  examples: (rule, data, answer) in JSON form, about `sample.SAMPLE`,
    which the tests walk in Python, browser and SQL.  refused: rules that must not pass.
    definite: never empty, so that SQL needs no COALESCE around it.  walks: goes over the items of a list.
    weight: how deep its SQL nests, in what SQLite's parser must hold.
    """

    name = ""
    formula = ""
    infix = ""
    binding = 9
    chained = False
    sentence: Mapping[str, str] = {}
    loose = False
    takes: tuple[str, ...] = ()
    gives: Any = None
    least = 1
    most = 100
    definite = False
    walks = False
    weight = 6
    examples: tuple[tuple[Any, Mapping[str, Any], Any], ...] = ()
    refused: tuple[Any, ...] = ()

    def check(self, call) -> Node:
        """The checked node of a `typing.Call`; raises RuleError."""
        return call.node(self.gives, call.nodes(*self.takes))

    def branches(self, node: Node) -> tuple[Node, ...]:
        """The arguments of which one is the answer itself, and so has the node's type."""
        return ()

    def inner(self, *arguments: Node) -> Type | None:
        """The scope of the second argument, where it is walked over the items of the first."""
        return None

    def python(self, node: Node, *arguments: Closure) -> Closure:
        """data -> value, from closures of the arguments."""
        raise NotImplementedError

    def sql(self, node: Node, sql) -> Any:
        """A SQLAlchemy expression, by `sql.Compiler`; a condition that may be empty for no, made definite."""
        return sql.refuse(node)

    def sql_condition(self, node: Node, sql) -> Any:
        """The same where an empty answer counts as no."""
        return self.sql(node, sql)

    def say(self, node: Node, words) -> str:
        """A phrase in the language of a `sentence.Speaker`."""
        return words.fill(self.sentence, *(words(arg) for arg in node.args))

    def write(self, node: Node, pen) -> tuple[str, int]:
        """Its formula by a `formula_writer.Pen`, and how tightly the outermost sign binds."""
        if self.infix and len(node.args) > 1:
            return pen.signs(node)
        return pen.call(self.formula, *(pen.text(arg) for arg in node.args))
