"""A rule as a sentence, in English and Chinese, with the labels that people know."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from .. import exact
from .node import Node
from .types import Type
from .typing import elaborate

AND = {"en": "and", "zh": "且"}
OR = {"en": "or", "zh": "或"}
YES = {"en": "yes", "zh": "是"}
NO = {"en": "no", "zh": "否"}
NOTHING = {"en": "empty", "zh": "空"}
THIS = {"en": "it", "zh": "该项"}
OF = {"en": "{1} of {0}", "zh": "{0}的{1}"}
HOLDS = {"en": "{0} is yes", "zh": "{0}为是"}


def sentence(rule: Any, scope: Type, language: str) -> str:
    """ "Total is more than 1000 and Status is Draft or Submitted". Raises RuleError when the rule does not fit."""
    words = Speaker(language)
    node = elaborate(rule, scope)
    said = words.condition(node) if node.type.kind == "flag" else words.bare(node)
    return said[:1].upper() + said[1:]


class Speaker:
    """Says nodes in one language; calling it puts parentheses around what would else run together."""

    def __init__(self, language: str):
        self.language = language
        self.comma = "，" if language == "zh" else ", "

    def __call__(self, node: Node) -> str:
        return self._closed(self.bare(node)) if node.operator.loose and len(node.args) > 1 else self.bare(node)

    def bare(self, node: Node) -> str:
        return node.operator.say(node, self)

    def condition(self, node: Node, *, tight: bool = False) -> str:
        """What must hold: a yes-or-no field as "Rush is yes"."""
        if node.operator.name == "var":
            return self.fill(HOLDS, self.bare(node))
        return self(node) if tight else self.bare(node)

    def conditions(self, nodes: Iterable[Node], word: Mapping[str, str]) -> str:
        return self.joined([self.condition(node, tight=True) for node in nodes], word)

    def joined(self, said: list[str], word: Mapping[str, str]) -> str:
        """ "a and b and c" """
        return (word["zh"] if self.language == "zh" else f" {word['en']} ").join(said)

    def fill(self, pattern: Mapping[str, str], *parts: Any) -> str:
        return self.pick(pattern).format(*parts)

    def pick(self, text: Mapping[str, str]) -> str:
        return text.get(self.language) or text.get("en") or next(iter(text.values()), "")

    def several(self, nodes: Iterable[Node]) -> str:
        """ "a, b, c" """
        said = [self(node) for node in nodes]
        return ("、" if self.language == "zh" else ", ").join(said) or self.pick(NOTHING)

    def path(self, node: Node) -> str:
        """ "Tier of Customer", by labels; keys where there is none."""
        said = ""
        for key, step in zip(node.value, node.steps, strict=True):
            label = self.pick(step.label) or key
            said = self.fill(OF, said, label) if said and said != label else label
        return said or self.pick(THIS)

    def value(self, value: Any, type: Type) -> str:
        """A value that stands in the rule."""
        if value is None:
            return self.pick(NOTHING)
        if isinstance(value, bool):
            return self.pick(YES if value else NO)
        if isinstance(value, datetime.datetime):
            return f"{value:%Y-%m-%d %H:%M:%S} UTC"
        if isinstance(value, datetime.date):
            return value.isoformat()
        if type.kind == "choice":
            return self.pick(type.options.get(value, {})) or value
        if type.kind in ("person", "link"):
            return f"#{value}"
        return f"“{value}”" if isinstance(value, str) else exact.text(value)

    def _closed(self, said: str) -> str:
        return f"（{said}）" if self.language == "zh" else f"({said})"
