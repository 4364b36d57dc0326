"""Names in formulas: keys and labels of the fields of a scope."""

from __future__ import annotations

import re
from typing import Any

from .types import Type

KEYWORDS = ("AND", "OR", "NOT", "IN", "TRUE", "FALSE", "EMPTY", "THIS")
PLAIN = re.compile(r"[^\W\d]\w*")


def find(name: str, holder: Type) -> list[str]:
    """The keys that a name may mean: the key itself, else by label, else by label in any case."""
    if name in holder.members:
        return [name]
    exact = [key for key, type in holder.members.items() if name in type.label.values()]
    folded = name.casefold()
    return exact or [
        key
        for key, type in holder.members.items()
        if folded in (key.casefold(), *(label.casefold() for label in type.label.values()))
    ]


def written(key: str, holder: Type, language: str | None) -> str:
    """A key, or its label where the label means this field alone; in brackets where it would not read as a name."""
    type = holder.members.get(key)
    label = type.label.get(language, "") if type and language else ""
    name = label if label and find(label, holder) == [key] and not set(label) & set("[]\n") else key
    return name if PLAIN.fullmatch(name) and name.upper() not in KEYWORDS else f"[{name}]"


def option(given: Any, choice: Type) -> Any:
    """The key of the option that a text, or each text of a list, names by its label; else as given."""
    if isinstance(given, list):
        return [option(part, choice) for part in given]
    if not isinstance(given, str) or given in choice.options:
        return given
    found = [key for key, label in choice.options.items() if given in label.values()]
    return found[0] if len(found) == 1 else given


def option_written(key: str, choice: Type, language: str | None) -> str:
    """An option's label where it means this option alone, else its key."""
    label = choice.options.get(key, {}).get(language, "") if language else ""
    return label if label and option(label, choice) == key else key
