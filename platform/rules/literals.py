"""Values that stand in a rule themselves, and how they become what is compared with them.

JSON has no dates: "2026-11-24" is a text until it meets a date. `fit` turns it into one, or says why not.
"""

from __future__ import annotations

import datetime
import math
import re
import unicodedata
from dataclasses import replace
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _

from .. import exact
from .formula_writer import ATOM, SIGNED
from .node import Node
from .operator import Operator
from .types import EMPTY, FLAG, NUMBER, TEXT, RuleError, Type, join

LONGEST_TEXT = 10_000
TIME_FORM = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
MOMENT_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
DATE_FORM = re.compile(r"\d{4}-\d\d-\d\d")


class Literal(Operator):
    name = "literal"
    weight = 0

    def python(self, node, *arguments):
        value = node.value
        return lambda data: value

    def sql(self, node, sql):
        return sql.constant(node)

    def say(self, node, words):
        return words.value(node.value, node.type)

    def write(self, node, pen):
        said = pen.value(node.value, node.type)
        return said, SIGNED if said.startswith("-") else ATOM


class Listing(Operator):
    """A list written out in a rule."""

    name = "list"

    def python(self, node, *arguments):
        if all(arg.literal for arg in node.args):
            values = [arg.value for arg in node.args]
            return lambda data: values
        return lambda data: [argument(data) for argument in arguments]

    def sql(self, node, sql):
        return [sql.value(arg) for arg in node.args]

    def say(self, node, words):
        return words.several(node.args)

    def write(self, node, pen):
        return "{" + ", ".join(pen.text(arg) for arg in node.args) + "}", ATOM


LITERAL = Literal()
LISTING = Listing()


def literal(value: Any, place: str) -> Node:
    """The node of a value as JSON has it."""
    if value is None:
        return Node(LITERAL, EMPTY, place=place)
    if isinstance(value, bool):
        return Node(LITERAL, FLAG, value=value, place=place)
    if isinstance(value, str):
        return Node(LITERAL, TEXT, value=_text(value, place), place=place)
    if isinstance(value, (int, float, Decimal)):
        return Node(LITERAL, NUMBER, value=_number(value, place), place=place)
    raise RuleError(_("This is neither a value nor an operator."), place)


def _text(value: str, place: str) -> str:
    if len(value) > LONGEST_TEXT:
        raise RuleError(_("This text is too long for a rule."), place)
    return unicodedata.normalize("NFC", value)


def _number(value: int | float | Decimal, place: str) -> Decimal:
    if not math.isfinite(value):
        raise RuleError(_("This is not a number."), place)
    given = value if isinstance(value, Decimal) else Decimal(repr(value) if isinstance(value, float) else value)
    if abs(given) > exact.RANGE:
        raise RuleError(_("This number is too large."), place)
    kept = exact.quantize(given)
    if kept != given:
        raise RuleError(_("A number has at most six decimal places."), place)
    return kept


def fit(node: Node, wanted: Type) -> Node:
    """The node as a value of the wanted type; a literal becomes one if it can. Raises RuleError."""
    if node.literal:
        return replace(node.of(wanted), value=_convert(node, wanted))
    if node.operator is LISTING and wanted.kind == "list":
        return replace(node, args=tuple(fit(arg, wanted.item or EMPTY) for arg in node.args), type=wanted)
    branches = node.operator.branches(node)
    if branches:
        args = tuple(fit(arg, wanted) if arg in branches else arg for arg in node.args)
        return replace(node.of(wanted), args=args)
    return _agreeing(node, wanted)


def _agreeing(node: Node, wanted: Type) -> Node:
    if join(node.type, wanted) is None:
        raise RuleError(
            _("This is %(given)s, where %(wanted)s is needed.", given=node.type.name, wanted=wanted.name), node.place
        )
    return node.of(wanted) if node.type.kind == "empty" else node


def weak(node: Node) -> bool:
    """Whether the node takes its type from what stands beside it."""
    if node.literal:
        return node.type.kind in ("text", "number", "empty")
    parts = node.args if node.operator is LISTING else node.operator.branches(node)
    return bool(parts) and all(weak(part) for part in parts)


def _convert(node: Node, wanted: Type) -> Any:
    """A literal's value as a value of the wanted type."""
    value, given = node.value, node.type.kind
    if value is None:
        return None
    if given == "text" and wanted.kind in FROM_TEXT:
        return FROM_TEXT[wanted.kind](value, wanted, node.place)
    if given == "number" and wanted.kind in ("person", "link") and value == value.to_integral_value():
        return int(value)
    return _agreeing(node, wanted).value


def _date(value: str, wanted: Type, place: str) -> datetime.date:
    try:
        if DATE_FORM.fullmatch(value):
            return datetime.date.fromisoformat(value)
    except ValueError:
        pass
    raise RuleError(_("“%(value)s” is not a date; write it like 2026-11-24.", value=value), place)


def _moment(value: str, wanted: Type, place: str) -> datetime.datetime:
    try:
        if MOMENT_FORM.fullmatch(value):
            return datetime.datetime.fromisoformat(value[:-1])
    except ValueError:
        pass
    raise RuleError(_("“%(value)s” is not a point in time; write it like 2026-11-24T09:12:00Z.", value=value), place)


def _time(value: str, wanted: Type, place: str) -> str:
    if TIME_FORM.fullmatch(value):
        return value
    raise RuleError(_("“%(value)s” is not a time of day; write it like 09:30.", value=value), place)


def _option(value: str, wanted: Type, place: str) -> str:
    if not wanted.options or value in wanted.options:
        return value
    known = ", ".join(list(wanted.options)[:12])
    raise RuleError(_("“%(value)s” is not one of the options: %(known)s.", value=value, known=known), place)


FROM_TEXT = {"date": _date, "moment": _moment, "time": _time, "choice": _option}
