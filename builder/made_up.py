"""Values made up for a rule, to see what it gives where no record stands for the case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from ..platform.rules.literals import fit, literal
from ..platform.rules.node import Node
from ..platform.rules.sentence import Speaker
from ..platform.rules.types import RuleError, Type

NUMBERED = ("number", "person", "link")


@dataclass(frozen=True)
class Input:
    """A value that a rule reads: `text` is what was made up for it, `wrong` why that is none."""

    path: str
    label: str
    type: Type
    text: str = ""
    wrong: str = ""


def inputs(node: Node, language: str, given: Mapping[str, str]) -> list[Input]:
    """Every single value that a rule reads, with what was given for it as `made-PATH`."""
    found: dict[str, Input] = {}
    for one in _read(node):
        path = ".".join(one.value)
        text = given.get(f"made-{path}", "").strip()
        found[path] = Input(path, Speaker(language).path(one), one.type, text, _wrong(text, one.type))
    return list(found.values())


def data(made: list[Input]) -> dict[str, Any]:
    """The same as a rule sees it; what was left empty, or is wrong, is empty."""
    seen: dict[str, Any] = {}
    for one in sorted(made, key=lambda one: one.path.count("."), reverse=True):
        *way, last = one.path.split(".")
        holder = seen
        for key in way:
            holder = holder.setdefault(key, {})
        value = None if one.wrong or not one.text else _value(one.text, one.type)
        if one.type.kind != "link" or len(way):
            holder[last] = value
        elif value is not None or last not in holder:
            holder[last] = None if value is None else holder.get(last, {}) | {"id": value}
    return seen


def today(zone: str) -> str:
    """Today where the company is, to begin with."""
    return datetime.now(ZoneInfo(zone)).date().isoformat()


def _read(node: Node) -> Iterator[Node]:
    if node.operator.name == "var" and node.value and node.type.kind not in ("list", "rows", "record", "empty"):
        yield node
    for inner in node.args[:1] if node.operator.walks else node.args:
        yield from _read(inner)


def _value(text: str, kind: Type) -> Any:
    if kind.kind == "flag":
        return text == "true"
    return fit(literal(Decimal(text) if kind.kind in NUMBERED else text, ""), kind).value


def _wrong(text: str, kind: Type) -> str:
    try:
        if text:
            _value(text, kind)
    except RuleError as error:
        return str(error.sentence)
    except InvalidOperation:
        return str(kind.name)
    return ""
