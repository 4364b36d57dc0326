"""Where in a definition rules stand: told by the schema of the element and by the options of field types and actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..platform import registry
from ..platform.definition.diff import find
from ..platform.definition.paths import Path, kinds

ATTRIBUTES = {
    "fields": ("show", "required", "lock", "default"), "checks": ("rule",), "guards": ("rule",), "holds": ("rule",),
    "views": ("where",), "access": ("scope",), "reminders": ("when",),
}  # fmt: skip
"""The attributes of an element that are rules, by the list it stands in."""

ASSIGNED = ("values", "changes", "add")
"""Mappings of a field to what is put there."""
CONDITIONS = ("when", "where", "match")

YES_OR_NO = ("show", "required", "lock", "when", "where", "match", "scope")
"""Attributes that say whether, as a `rule` in one of JUDGING does; the others say what."""
JUDGING = ("checks", "guards", "holds")


def judges(place: Path) -> bool:
    """Whether the rule at a path answers yes or no."""
    if kinds(place)[-1] != "name":
        return False
    return place[-1] in YES_OR_NO or place[-1] == "rule" and place[-3] in JUDGING


def is_rule(place: Path, document: Mapping[str, Any]) -> bool:
    """Whether a rule stands, or may stand, at a path of a document: its element is there and has such an attribute."""
    found = kinds(place)
    last = max((at for at, kind in enumerate(found) if kind == "key"), default=0)
    if place[:1] != ("forms",) or last < 3 or not isinstance(element := find(document, place[: last + 1]), dict):
        return False
    rest = place[last + 1 :]
    if rest[:1] == ("settings",) and len(rest) > 1:
        return _is_setting(rest[1:], element.get("type", ""), place[last - 1])
    return len(rest) == 1 and rest[0] in ATTRIBUTES.get(place[last - 1], ())


def _is_setting(rest: Path, kind: str, holder: str) -> bool:
    members = registry.actions if holder == "effects" else registry.fields
    options = members[kind].Options._declared_fields if kind in members else {}
    if rest[0] not in options:
        return False
    if len(rest) == 1:
        return "rule" in options[rest[0]].metadata
    return rest[-1] in CONDITIONS or rest[-2] in ASSIGNED
