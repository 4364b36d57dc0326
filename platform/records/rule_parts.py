"""Rules taken apart, so that each part can be served by an index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..definition.model import Rule

MOST_VALUES = 6
ORDERED = ("<", "<=", ">", ">=")


def conjuncts(rule: Rule) -> list[Rule]:
    """Conditions that must all hold for the rule to hold."""
    name, arguments = _opened(rule)
    return [part for argument in arguments for part in conjuncts(argument)] if name == "and" else [rule]


def alternatives(rule: Rule) -> list[Rule]:
    """Conditions of which one must hold: the arms of an `or`, the few values that something may have."""
    name, arguments = _opened(rule)
    if name == "or":
        return [part for argument in arguments for part in alternatives(argument)]
    if name == "in" and len(arguments) == 2 and _name(arguments[0]) and isinstance(arguments[1], list):
        values = [value for value in arguments[1] if value is not None]
        if 0 < len(values) <= MOST_VALUES and not any(isinstance(value, dict | list) for value in values):
            return [{"===": [arguments[0], value]} for value in values]
    return [rule]


def needed(rule: Rule) -> Iterator[str]:
    """The fields (past a link, the link) that can't be empty where a condition holds."""
    name, arguments = _opened(rule)
    if name in ORDERED or (name == "in" and len(arguments) == 2) or name == "===" and any(_is_value(argument) for argument in arguments):
        found = arguments
    else:
        found = []
    yield from (path.partition(".")[0] for argument in found if (path := _name(argument)))


def _opened(rule: Rule) -> tuple[str, list[Any]]:
    if isinstance(rule, dict) and len(rule) == 1:
        ((name, arguments),) = rule.items()
        return name, arguments if isinstance(arguments, list) else [arguments]
    return "", []


def _name(rule: Rule) -> str:
    """The path of a plain `var`."""
    name, arguments = _opened(rule)
    path = arguments[0] if name == "var" and len(arguments) == 1 else None
    return path if isinstance(path, str) else ""


def _is_value(rule: Rule) -> bool:
    return rule is not None and not isinstance(rule, dict | list)
