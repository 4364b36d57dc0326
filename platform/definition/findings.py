"""What the checks of a definition say, and what they all ask: is a name known, is a rule of the right
type, does a message name what there is.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from marshmallow import ValidationError

from ..errors import Problem
from ..registry import fields
from ..rules.cells import Cell, NotAnalysed, cells, data_of
from ..rules.evaluate import compile_node
from ..rules.literals import fit
from ..rules.node import Node
from ..rules.sentence import Speaker
from ..rules.types import FLAG
from ..rules.typing import RuleError, Type, check, elaborate
from .flow import Rule, Text
from .model import App, Field, say
from .placeholders import placeholders

BLOCK, WARN = "block", "warn"
SPOKEN = frozenset(("text", "number", "flag", "date", "moment", "time", "choice", "person", "link", "empty"))


@dataclass(frozen=True)
class Finding(Problem):
    """A problem of a definition; one that blocks keeps it from being published."""

    severity: str = BLOCK


def warning(path: str, message: Any) -> Finding:
    return Finding(path, message, WARN)


def known(path: str, name: Any, among: Container[Any]) -> Iterator[Finding]:
    """A name that refers to something must be one that there is."""
    if name not in among:
        yield Finding(path, _("There is no “%(name)s” here.", name=name))


def typed(path: str, rule: Rule, scope: Type, wanted: Type = FLAG) -> Iterator[Finding]:
    """A rule must be one that can be, and give what is wanted; a condition must be able to hold and to fail."""
    try:
        node = fit(elaborate(rule, scope), wanted)
    except RuleError as error:
        yield Finding(below(path, error.path), error.sentence)
        return
    if wanted is FLAG and not node.literal:
        yield from _settled(path, node)


def _settled(path: str, node: Node) -> Iterator[Finding]:
    """A condition whose answer is always the same."""
    try:
        cases = cells([node])
    except NotAnalysed:
        return
    test = compile_node(node)
    answers = {test(data_of(case)) is True for case in cases}
    if len(answers) == 1:
        yield warning(path, _("This always holds, whatever is filled in.") if True in answers else _("This never holds, whatever is filled in."))


def given(path: str, rule: Rule, scope: Type, field: Field, app: App) -> Iterator[Finding]:
    """What is given to a field: a value as it is entered ("0.05"), or a rule of the field's type."""
    field_type = fields[field.type]
    try:
        if isinstance(rule, (dict, list)):
            raise ValidationError("a rule")
        field_type.load(rule, field)
    except ValidationError:
        yield from typed(path, rule, scope, field_type.rule_type(field, app))


def inside(place: str, problem: Problem) -> Finding:
    """What a field type or an action says of its own settings, with its full path."""
    return Finding(below(place, problem.path), problem.message, getattr(problem, "severity", BLOCK))


def below(path: str, rest: str) -> str:
    """A path inside what stands at another."""
    return f"{path}.{rest}" if path and rest else path or rest


def spoken(path: str, text: Text, scope: Type) -> Iterator[Finding]:
    """Every placeholder of a message must name one value."""
    for name in sorted(placeholders(text)):
        try:
            kind = check({"var": name}, scope).kind
        except RuleError as error:
            yield Finding(path, f"{{{name}}}: {error.sentence}")
            continue
        if kind not in SPOKEN:
            yield Finding(path, _("“%(name)s” is not one value.", name=name))


def one_value(path: str, rule: Rule, scope: Type) -> Iterator[Finding]:
    """A rule must give a value that stands by itself."""
    try:
        kind = check(rule, scope).kind
    except RuleError as error:
        yield Finding(below(path, error.path), error.sentence)
        return
    if kind not in SPOKEN:
        yield Finding(path, _("This must give one value."))


def named(text: Text) -> str:
    """A label in the language of whoever is told."""
    return say(text, _language())


def example(case: Cell, scope: Type) -> str:
    """A case in words: “Total 1000, Tier empty”."""
    words = Speaker(_language())
    return ", ".join(f"{_label(path, scope, words)} {words.value(value, _kind(path, scope))}" for path, value in case.items())


def _language() -> str:
    locale = get_locale()
    return "zh" if locale is not None and locale.language == "zh" else "en"


def _kind(path: tuple[str, ...], scope: Type) -> Type:
    for key in path:
        scope = scope.members[key]
    return scope


def _label(path: tuple[str, ...], scope: Type, words: Speaker) -> str:
    return words.path(elaborate({"var": ".".join(path)}, scope))
