"""`cat` and `substr`: texts joined and cut, counted in characters."""

from __future__ import annotations

from .. import exact
from ..registry import operators
from ..rules.operator import Operator
from ..rules.types import TEXT


@operators.register
class Cat(Operator):
    """Numbers as plain digits, dates as 2026-11-24, an empty value as nothing."""

    name = "cat"
    takes = ("text", "number", "choice", "date")
    gives = TEXT
    definite = True

    def python(self, node, *arguments):
        parts = tuple(as_text(arg, argument) for arg, argument in zip(node.args, arguments, strict=True))
        return lambda data: "".join([part(data) for part in parts])


@operators.register
class Substr(Operator):
    """From a place (0 is the first, -1 the last character), for a length (negative: less that many at the end)."""

    name = "substr"
    gives = TEXT
    least, most = 2, 3

    def check(self, call):
        bounds = tuple(call.literal(index, int) for index in range(1, len(call.arguments)))
        return call.node(TEXT, [call.argument(0, "text", "choice")], value=bounds)

    def python(self, node, argument):
        start, length = (*node.value, None)[:2]

        def cut(data):
            value = argument(data)
            return None if value is None else part(value, start, length)

        return cut


def as_text(node, argument):
    """data -> the text of an argument, "" when it is empty."""
    if node.type.kind == "number":
        return lambda data: exact.text(argument(data)) or ""
    if node.type.kind == "date":
        return lambda data: "" if (value := argument(data)) is None else value.isoformat()
    return lambda data: argument(data) or ""


def part(value: str, start: int, length: int | None) -> str:
    rest = value[start:] if start >= 0 else value[max(len(value) + start, 0) :]
    return rest if length is None else rest[:length]
