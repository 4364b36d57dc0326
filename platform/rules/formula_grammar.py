"""The grammar of formulas: text -> tree, with the place of each part."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _
from lark import Lark, Tree, UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

LONGEST = 10_000

GRAMMAR = r"""
start: expression
?expression: disjunction
?disjunction: conjunction | conjunction (OR conjunction)+ -> chain
?conjunction: negation | negation (AND negation)+ -> chain
?negation: comparison | NOT negation -> negated
?comparison: joined | joined (COMPARED joined)+ -> compared
?joined: sum | sum (JOIN sum)+ -> chain
?sum: product | product ((PLUS | MINUS) product)+ -> chain
?product: unary | unary ((TIMES | OVER) unary)+ -> chain
?unary: atom | MINUS unary -> minus
?atom: NUMBER                                       -> number
    | PERCENT                                       -> percent
    | TEXT                                          -> text
    | (TRUE | FALSE | EMPTY | THIS)                 -> word
    | path
    | (NAME | AND | OR | EMPTY) _OPEN [expression (_COMMA expression)*] _CLOSE -> call
    | "{" [expression (_COMMA expression)*] "}"     -> list
    | _OPEN expression _CLOSE                       -> closed
path: _name ("." (_name | PLACE))*
_name: NAME | QUOTED

AND.2: /AND\b/i
OR.2: /OR\b/i
NOT.2: /NOT\b/i
TRUE.2: /TRUE\b/i
FALSE.2: /FALSE\b/i
EMPTY.2: /EMPTY\b/i
THIS.2: /THIS\b/i
COMPARED.2: /<>|<=|>=|!==?|={1,3}|<|>|≠|≤|≥|IN\b/i
JOIN: "&"
PLUS: "+" | "＋"
MINUS: "-" | "−" | "－"
TIMES: "*" | "×"
OVER: "/" | "÷"
_OPEN: "(" | "（"
_CLOSE: ")" | "）"
_COMMA: "," | "，"
PERCENT.3: /\d+(\.\d+)?%/
NUMBER.1: /\d+(\.\d+)?/
PLACE: /\d+/
TEXT: /"([^"]|"")*"|“[^”]*”/
QUOTED: /\[[^\[\]]+\]/
NAME: /[^\W\d]\w*/
%ignore /\s+/
"""


class FormulaError(ValueError):
    """A mistake in a formula: `position` from 0, `column` from 1 in its `line`, and a sentence."""

    def __init__(self, sentence: Any, position: int, text: str):
        super().__init__(sentence)
        self.sentence = sentence
        self.position = min(position, len(text))
        before = text[: self.position]
        self.line = before.count("\n") + 1
        self.column = self.position - (before.rfind("\n") + 1) + 1

    def __str__(self) -> str:
        return str(_("Column %(column)s: %(sentence)s", column=self.column, sentence=str(self.sentence)))


@cache
def parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", propagate_positions=True, maybe_placeholders=False)


def tree_of(text: str) -> Tree:
    """The parsed formula; FormulaError where it is not one."""
    if len(text) > LONGEST:
        raise FormulaError(_("This formula is too long: at most %(most)s characters.", most=LONGEST), LONGEST, text)
    try:
        return parser().parse(text)
    except UnexpectedInput as error:
        raise _mistake(error, text) from None


def _mistake(error: UnexpectedInput, text: str) -> FormulaError:
    end = len(text.rstrip())
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        return FormulaError(_("“%(what)s” does not fit here.", what=str(error.token)), error.token.start_pos, text)
    if isinstance(error, UnexpectedCharacters):
        what = text[error.pos_in_stream]
        if what in '"“':
            return FormulaError(_("This text has no closing quotation mark."), error.pos_in_stream, text)
        return FormulaError(_("“%(what)s” does not fit here.", what=what), error.pos_in_stream, text)
    assert isinstance(error, UnexpectedEOF | UnexpectedToken)
    if not end:
        return FormulaError(_("There is no formula yet."), 0, text)
    return FormulaError(_("Something is missing at the end, perhaps a closing parenthesis."), end, text)
