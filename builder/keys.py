"""Keys for what is new: short names that rules and records know it by, made from its label."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Mapping

from ..platform.definition.schema_elements import RESERVED

LONGEST = 20
NOT_IN_KEYS = re.compile(r"[^a-z0-9]+")


def fresh_key(label: Mapping[str, str], taken: Container[str], otherwise: str) -> str:
    """What the English label suggests ("Promised date" -> promised_date), numbered where it is taken."""
    stem = suggested(label) or otherwise
    candidate, number = stem, 1
    while candidate in taken or candidate in RESERVED:
        number += 1
        ending = f"_{number}"
        candidate = stem[: LONGEST - len(ending)].rstrip("_") + ending
    return candidate


def suggested(label: Mapping[str, str]) -> str:
    """The key that a label suggests; "" where it has no Latin letters to make one of."""
    plain = unicodedata.normalize("NFKD", label.get("en", "")).encode("ascii", "ignore").decode().lower()
    words = NOT_IN_KEYS.sub("_", plain).strip("_").lstrip("0123456789_")
    return words[:LONGEST].rstrip("_")
