"""A rule as sentences that people fill in: conditions of a field, a comparison and a value, in groups of "and" or "or"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as __

from ..platform.condition_form import JOINS, Condition, Conditions, Group
from ..platform.definition.model import say
from ..platform.relative_dates import days_from_today, relative
from ..platform.rules.formula import FormulaError, parse, write
from ..platform.rules.types import NUMBER, ORDERED, RuleError, Type

SIGNS = {"is": "===", "is_not": "!==", "more": ">", "at_least": ">=", "less": "<", "at_most": "<="}
TURNED = {sign: name for name, sign in SIGNS.items()}
NAMES: Mapping[str, Any] = {
    "is": __("is"), "is_not": __("is not"), "more": __("is more than"), "at_least": __("is at least"), "less": __("is less than"),
    "at_most": __("is at most"), "one_of": __("is one of"), "empty": __("is empty"), "filled": __("is filled"), "yes": __("is yes"),
    "no": __("is no"), "has": __("has"), "contains": __("contains"),
}  # fmt: skip
BARE = ("empty", "filled", "yes", "no")
"""Comparisons that need no value."""
NAMED = ("choice", "text")
ACTING = "= user.id"
"""Who acts, as the value of a condition."""
QUANTIFIERS = ("some", "all", "none")
OF_LINES: Mapping[str, Any] = {
    "some": __("Any line of %(rows)s"), "all": __("Every line of %(rows)s"), "none": __("No line of %(rows)s"), "sum": __("Sum over %(rows)s"),
}  # fmt: skip
"""Conditions about line items: `some:lines.quantity`, `sum:lines.amount`, and `count:lines`."""


@dataclass(frozen=True)
class Named:
    """Something that a condition can be about; `group` is what it stands under, `scope` what its values may name."""

    path: str
    label: str
    type: Type
    scope: Type
    group: str = ""


def names_of(scope: Type, language: str) -> list[Named]:
    """What sentences can compare: the fields of a scope, those of linked records, its line items."""
    own, beyond, lines = [], [], []
    for key, kind in scope.members.items():
        label = say(kind.label, language) or key
        if comparisons(kind):
            own.append(Named(key, label, kind, scope))
        if kind.kind in ("link", "record", "person"):
            inner = kind.members.items()
            beyond += [Named(f"{key}.{name}", say(one.label, language) or name, one, scope, label) for name, one in inner if comparisons(one)]
        if kind.kind == "rows":
            lines += _of_lines(key, label, kind, scope, language)
    return own + beyond + lines


def _of_lines(key: str, label: str, rows: Type, scope: Type, language: str) -> Iterable[Named]:
    yield Named(f"count:{key}", str(_("How many lines")), NUMBER, scope, label)
    for how, group in OF_LINES.items():
        for name, kind in rows.members.items():
            if kind.kind == "number" if how == "sum" else comparisons(kind):
                inside = scope if how == "sum" else rows.element
                yield Named(f"{how}:{key}.{name}", say(kind.label, language) or name, kind, inside, str(group) % {"rows": label})


def comparisons(kind: Type) -> tuple[str, ...]:
    """The comparisons for a type of value; none where sentences can't say any."""
    if kind.kind == "flag":
        return ("yes", "no")
    if kind.kind in ("choice", "person", "link"):
        several = ("one_of",) if kind.kind == "choice" else ()
        return ("is", "is_not", *several, "empty", "filled")
    if kind.kind == "text":
        return ("is", "is_not", "contains", "empty", "filled")
    if kind.kind in ORDERED:
        return ("is", "is_not", "more", "at_least", "less", "at_most", "empty", "filled")
    if kind.kind == "list" and kind.item is not None and kind.item.kind in NAMED:
        return ("has",)
    return ()


def read(rule: Any, scope: Type, language: str) -> Conditions | None:
    """The sentences of a rule; None where it says more than sentences can."""
    known = {one.path: one for one in names_of(scope, "en")}
    try:
        if rule in (True, None):
            return Conditions()
        join, parts = _joined(rule)
        other = JOINS[1 - JOINS.index(join)]
        groups = []
        for part in parts:
            inner = part[other] if isinstance(part, dict) and set(part) == {other} else [part]
            groups.append(Group(other, [_condition(one, known, language) for one in inner]))
        return Conditions(join, groups)
    except (LookupError, TypeError, ValueError):
        return None


def rule_of(conditions: Conditions, scope: Type) -> Any:
    """The rule that sentences say; True where there are none. FormulaError or RuleError where a value can't be."""
    known = {one.path: one for one in names_of(scope, "en")}
    parts = []
    for group in conditions.groups:
        inner = [_rule(one, known) for one in group.conditions if one.path in known]
        if inner:
            parts.append(inner[0] if len(inner) == 1 else {group.join: inner})
    return True if not parts else parts[0] if len(parts) == 1 else {conditions.join: parts}


def _joined(rule: Any) -> tuple[str, list]:
    for join in JOINS:
        if isinstance(rule, dict) and set(rule) == {join}:
            return join, rule[join]
    return "and", [rule]


def _condition(rule: Any, known: Mapping[str, Named], language: str) -> Condition:
    ((name, arguments),) = rule.items()
    if name == "var":
        return Condition(_flag(rule, known), "yes")
    if name in QUANTIFIERS:
        return _about_lines(name, rule[name], known, language)
    arguments = arguments if isinstance(arguments, list) else [arguments]
    if name == "!":
        inner = arguments[0]
        if set(inner) == {"empty"}:
            return Condition(_path(_only(inner["empty"]), known), "filled")
        return Condition(_flag(inner, known), "no")
    if name == "empty":
        return Condition(_path(_only(arguments), known), "empty")
    if name == "in":
        return _membership(arguments, known)
    path = _path(arguments[0], known)
    if arguments[1] is None:
        return Condition(path, {"===": "empty", "!==": "filled"}[name])
    if isinstance(arguments[1], bool):
        return Condition(path, "yes" if arguments[1] is (name == "===") else "no")
    return Condition(path, TURNED[name], _value(arguments[1], known[path], language))


def _about_lines(how: str, arguments: list, known: Mapping[str, Named], language: str) -> Condition:
    start = f"{how}:{arguments[0]['var']}."
    columns = {path.removeprefix(start): one for path, one in known.items() if path.startswith(start)}
    inner = _condition(arguments[1], columns, language)
    return Condition(start + inner.path, inner.comparison, inner.value)


def _membership(arguments: list, known: Mapping[str, Named]) -> Condition:
    what, where = arguments
    if isinstance(where, list) and isinstance(what, dict):
        if not all(isinstance(one, str) for one in where):
            raise ValueError(where)
        path = _path(what, known)
        if known[path].type.kind != "choice":
            raise ValueError(path)
        return Condition(path, "one_of", tuple(where))
    path = _path(where, known)
    if not isinstance(what, str):
        raise ValueError(what)
    return Condition(path, "contains" if known[path].type.kind == "text" else "has", what)


def _only(arguments: Any) -> Any:
    """The one argument; what stands in for an empty value is more than sentences say."""
    if isinstance(arguments, list):
        (arguments,) = arguments
    return arguments


def _path(rule: Any, known: Mapping[str, Named]) -> str:
    """The name of what `_variable` makes."""
    if not isinstance(rule, dict):
        raise ValueError(rule)
    ((name, arguments),) = rule.items()
    inner = _only(arguments)
    if name == "count":
        path = f"count:{inner['var']}"
    elif name == "sum":
        rows, column = inner["map"]
        path = f"sum:{rows['var']}.{column['var']}"
    else:
        path = _only(rule["var"])
    if path not in known or _variable(path) != {name: arguments if name != "var" else path}:
        raise KeyError(path)
    return path


def _variable(path: str) -> Any:
    how, _colon, rest = path.rpartition(":")
    rows, _dot, column = rest.partition(".")
    if how == "count":
        return {"count": [{"var": rows}]}
    return {"sum": [{"map": [{"var": rows}, {"var": column}]}]} if how == "sum" else {"var": path}


def _flag(rule: Any, known: Mapping[str, Named]) -> str:
    path = _path(rule, known)
    if known[path].type.kind != "flag":
        raise ValueError(path)
    return path


def _value(given: Any, one: Named, language: str) -> Any:
    """What stands in the input: a key or a text as it is, anything else as a formula."""
    if isinstance(given, str) and one.type.kind != "number":
        return given
    if given == {"var": "user.id"}:
        return ACTING
    if one.type.kind == "date" and (days := days_from_today(given)) is not None:
        return relative(days)
    try:
        return "= " + write(given, one.scope, language) if isinstance(given, dict) else write(given, one.scope, language)
    except RuleError as error:
        raise ValueError(given) from error


def _rule(one: Condition, known: Mapping[str, Named]) -> Any:
    kind = known[one.path].type
    how, _colon, rest = one.path.rpartition(":")
    if how in QUANTIFIERS:
        rows, _dot, column = rest.partition(".")
        inner = Condition(column, one.comparison, one.value)
        return {how: [{"var": rows}, _rule(inner, {column: known[one.path]})]}
    variable = _variable(one.path)
    if one.comparison not in comparisons(kind):
        raise FormulaError(__("This comparison does not suit the field."), 0, "")
    simple = {"yes": variable, "no": {"!": [variable]}, "empty": {"empty": [variable]}, "filled": {"!": [{"empty": [variable]}]}}
    if one.comparison in simple:
        return simple[one.comparison]
    if one.comparison == "one_of":
        return {"in": [variable, list(_texts(one.value))]}
    if one.comparison in ("has", "contains"):
        return {"in": [str(one.value), variable]}
    return {SIGNS[one.comparison]: [variable, _meant(str(one.value), kind, known[one.path].scope)]}


def _texts(value: Any) -> Iterable[str]:
    return (value,) if isinstance(value, str) else value


def _meant(text: str, kind: Type, scope: Type) -> Any:
    """What was typed: "= total * 2" is a formula, a number is one too, the rest is what it says."""
    if text.startswith("="):
        return parse(text[1:], scope)
    if not text.strip():
        raise FormulaError(__("A value is missing."), 0, "")
    if kind.kind == "number":
        return parse(text, scope)
    if kind.kind in ("person", "link"):
        return parse(text, scope)
    return text
