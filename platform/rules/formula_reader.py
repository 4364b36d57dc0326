"""A formula's tree -> a rule, with names looked up in the scope; every part remembers its place in the text."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from lark import Token, Tree

from ..registry import operators
from . import formula_names as names
from .formula_grammar import FormulaError
from .formula_places import Placed, bare, place_of, varies
from .node import Node
from .types import RuleError, Type
from .typing import elaborate

DEEPEST = 60
SIGNS = {
    "==": "===", "=": "===", "===": "===", "!=": "!==", "!==": "!==", "<>": "!==", "≠": "!==", "≤": "<=", "≥": ">=",
    "＋": "+", "−": "-", "－": "-", "×": "*", "÷": "/", "&": "cat",
}  # fmt: skip
WORDS = {"TRUE": True, "FALSE": False, "EMPTY": None}


def read(tree: Tree, text: str, scope: Type) -> Any:
    """The rule; FormulaError where a name is unknown or the types do not fit."""
    reader = Reader(text)
    rule = reader.rule(tree.children[0], scope)
    reader.checked(rule, scope, 0)
    return bare(rule)


class Reader:
    def __init__(self, text: str):
        self.text = text
        self.depth = 0

    def fail(self, sentence: Any, position: int) -> Any:
        raise FormulaError(sentence, position, self.text)

    def rule(self, tree: Tree, scope: Type) -> Any:
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail(_("This formula is nested too deeply."), tree.meta.start_pos)
        found = getattr(self, f"_{tree.data}")(tree, scope)
        self.depth -= 1
        return found

    def checked(self, rule: Any, scope: Type, position: int) -> Node:
        """The checked tree; a mistake of type is told at the part of the text that makes it."""
        try:
            return elaborate(rule, scope)
        except RuleError as error:
            self.fail(error.sentence, place_of(rule, error.path, position))

    # ---- atoms ----

    def _number(self, tree, scope):
        return number(str(tree.children[0]))

    def _percent(self, tree, scope):
        digits = str(tree.children[0])[:-1]
        return float(digits) / 100 if "." in digits else int(digits) / 100

    def _text(self, tree, scope):
        token = str(tree.children[0])
        return token[1:-1].replace('""', '"') if token.startswith('"') else token[1:-1]

    def _word(self, tree, scope):
        word = str(tree.children[0]).upper()
        return Placed("var", "", tree.meta.start_pos) if word == "THIS" else WORDS[word]

    def _closed(self, tree, scope):
        rule = self.rule(tree.children[0], scope)
        if isinstance(rule, Placed):
            rule.closed = True
        return rule

    def _list(self, tree, scope):
        return [self.rule(part, scope) for part in tree.children]

    def _path(self, tree, scope):
        """A name, or names through links; past line items it is a value of each of them."""
        here, keys, lines = scope, [], None
        for token in tree.children:
            if here.kind in ("rows", "list") and token.type not in ("PLACE", "NUMBER"):
                lines, keys, here = keys, [], here.element
            key, here = self._step(token, here)
            keys.extend(key)
        position = tree.meta.start_pos
        found = Placed("var", ".".join(keys), position)
        if lines is None:
            return found
        return Placed("map", [Placed("var", ".".join(lines), position), found], position, each=True)

    def _step(self, token: Token, here: Type) -> tuple[list[str], Type]:
        if token.type == "PLACE":
            return [str(token)], here.element or here
        name = str(token)[1:-1].strip() if token.type == "QUOTED" else str(token)
        found = names.find(name, here)
        if len(found) == 1:
            return found, here.members[found[0]]
        if not found:
            return self.fail(_("There is no field “%(path)s” here.", path=name), token.start_pos)
        keys = ", ".join(found)
        return self.fail(_("“%(name)s” may be any of these: %(keys)s.", name=name, keys=keys), token.start_pos)

    # ---- signs ----

    def _minus(self, tree, scope):
        operand = tree.children[1]
        if operand.data == "number":
            return -self.rule(operand, scope)
        return self._operation("-", [self.rule(operand, scope)], tree.meta.start_pos, [operand.meta.start_pos])

    def _negated(self, tree, scope):
        operand = tree.children[1]
        return Placed("!", [self.rule(operand, scope)], tree.meta.start_pos, [operand.meta.start_pos])

    def _chain(self, tree, scope):
        """a + b - c from the left; a + b + c as one."""
        parts = [self.rule(part, scope) for part in tree.children[::2]]
        places = [part.meta.start_pos for part in tree.children[::2]]
        signs = [self._sign(token) for token in tree.children[1::2]]
        found, position = parts[0], places[0]
        for sign, part, place in zip(signs, parts[1:], places[1:], strict=True):
            found = self._operation(sign, [found, part], position, [position, place])
        return found

    def _compared(self, tree, scope):
        parts = [self.rule(part, scope) for part in tree.children[::2]]
        places = [part.meta.start_pos for part in tree.children[::2]]
        signs = [self._sign(token) for token in tree.children[1::2]]
        if len(set(signs)) > 1 or len(parts) > operators[signs[0]].most:
            self.fail(_("These comparisons can't stand in a row; join them with AND."), tree.children[3].start_pos)
        return Placed(signs[0], self._options(parts, places, scope), places[0], places)

    def _options(self, parts: list, places: list[int], scope: Type) -> list:
        """The parts with the keys of options in place of their labels, beside a choice."""
        fields = [
            (part, place)
            for part, place in zip(parts, places, strict=True)
            if isinstance(part, Placed) and "var" in part
        ]
        for field, place in fields:
            found = self.checked(field, scope, place).type
            choice = found.item if found.kind == "list" else found
            if choice and choice.kind == "choice":
                return [names.option(part, choice) for part in parts]
        return parts

    def _sign(self, token: Token) -> str:
        sign = str(token)
        return SIGNS.get(sign, sign.lower())

    def _operation(self, name: str, parts: list, position: int, places: list[int]) -> Any:
        """An operation; over the items of a list, where a part is `lines.amount`."""
        each = [part for part in parts if isinstance(part, Placed) and part.each]
        if not each:
            return chained(name, parts, position, places)
        source = each[0]["map"][0]
        bodies = [self._body(part, source, place) for part, place in zip(parts, places, strict=True)]
        body = chained(name, bodies, position, places)
        return Placed("map", [source, body], position, each=True)

    def _body(self, part: Any, source: dict, place: int) -> Any:
        if isinstance(part, Placed) and part.each and part["map"][0] == source:
            body = part["map"][1]
            if part.closed and isinstance(body, Placed):
                body.closed = True
            return body
        if varies(part):
            lines = source["var"]
            self.fail(_("Beside values of each of “%(lines)s”, only these and numbers can stand.", lines=lines), place)
        return part

    # ---- functions ----

    def _call(self, tree, scope):
        function, *parts = tree.children
        name = str(function).upper()
        position = function.start_pos
        if name == "DEFAULT":
            return self._default(parts, scope, position)
        operator = next((each for each in operators if each.formula == name), None)
        if operator is None:
            self.fail(_("There is no function “%(name)s”.", name=str(function)), position)
        arguments = self._arguments(operator, parts, scope)
        found = Placed(operator.name, arguments, position, [part.meta.start_pos for part in parts])
        found.closed = True
        return found

    def _arguments(self, operator: Any, parts: list[Tree], scope: Type) -> list:
        """All in this scope, but what is said of each item of a list in the scope of an item."""
        outer = {index: self.rule(part, scope) for index, part in enumerate(parts) if index != 1 or not operator.walks}
        if len(parts) < 2 or 1 in outer:
            return [outer[index] for index in range(len(parts))]
        nodes = [self.checked(outer[index], scope, parts[index].meta.start_pos) for index in sorted(outer)]
        inner = operator.inner(*nodes)
        found = outer | {1: self.rule(parts[1], inner or scope)}
        return [found[index] for index in range(len(parts))]

    def _default(self, parts: list[Tree], scope: Type, position: int) -> Placed:
        if len(parts) != 2 or parts[0].data != "path":
            self.fail(_("DEFAULT takes a field, and what stands in for it where it is empty."), position)
        found = self.rule(parts[0], scope)
        if found.each:
            self.fail(_("DEFAULT takes a field, and what stands in for it where it is empty."), position)
        return Placed("var", [found["var"], self.rule(parts[1], scope)], position, [p.meta.start_pos for p in parts])


def number(digits: str) -> int | float:
    return float(digits) if "." in digits else int(digits)


def chained(name: str, parts: list, position: int, places: list[int]) -> Placed:
    """An operation that goes on with the one on its left, if that is the same and not in parentheses."""
    first = parts[0]
    if operators[name].chained and isinstance(first, Placed) and name in first and not first.closed and len(parts) == 2:
        return Placed(name, [*first[name], parts[1]], position, [*first.positions, places[1]])
    return Placed(name, parts, position, places)
