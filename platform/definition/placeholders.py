"""Placeholders of messages: `{customer.name}` stands for a value of the record."""

from __future__ import annotations

import re

from .flow import Text

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*)\}")


def placeholders(text: Text) -> set[str]:
    """The paths that a message names, in any language."""
    return {path for words in text.values() for path in PLACEHOLDER.findall(words)}
