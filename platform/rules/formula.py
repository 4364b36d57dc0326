"""Formulas: `SUM(lines.amount) * (1 - discount)` is a rule that people write.

    a + b - c * d / e     a & b                 text joined
    = <> < <= > >= IN     also a < b < c        {1, 2, 3} is a list
    AND OR NOT            IF(test, then, else)  "text", 1.5, 5%, TRUE, FALSE, EMPTY
    lines.amount          of each line; SUM(lines.quantity * lines.price) works on each too
    customer.tier         through a link        [Credit limit] a name with spaces

Names are keys, or labels in English or Chinese. Functions are those of `operators/`, by `formula`.
`parse` and `write` undo each other.
"""

from __future__ import annotations

from typing import Any

from .formula_grammar import FormulaError, tree_of
from .formula_reader import read
from .formula_writer import Pen
from .types import Type
from .typing import elaborate

__all__ = ["FormulaError", "parse", "write"]


def parse(text: str, scope: Type) -> Any:
    """The checked rule that a formula means; FormulaError names the column of the mistake."""
    return read(tree_of(text), text, scope)


def write(rule: Any, scope: Type, language: str | None = None) -> str:
    """The formula of a rule, with keys, or with labels of a language where they are clear."""
    return Pen(scope, language).text(elaborate(rule, scope))
