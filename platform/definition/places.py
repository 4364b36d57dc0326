"""Places in a document that is being changed: what stands there, or the refusal that nothing does."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from ..errors import Invalid, Problem
from .diff import find
from .paths import LISTS, Path, kinds, written

Document = dict[str, Any]

END = "*end*"
"""As `after`: behind all the others. No key looks like it."""


def mapping_at(document: Document, path: Path) -> dict[str, Any]:
    """What stands at a path, made where only attributes are missing."""
    found = find(document, path, create=True)
    if not isinstance(found, dict):
        raise nothing_at(path)
    return found


def list_at(document: Document, path: Path) -> list[dict[str, Any]]:
    """The list of elements at a path, made where there is none yet."""
    if not path or kinds(path)[-1] != "name" or path[-1] not in LISTS:
        raise nothing_at(path)
    found = find(document, path, create=True)
    if not isinstance(found, list) or not all(isinstance(element, dict) for element in found):
        raise nothing_at(path)
    return found


def index_of(holder: list[dict[str, Any]], place: Path) -> int | None:
    """Where in its list the element of a place stands."""
    key = LISTS[place[-2]]
    return next((at for at, element in enumerate(holder) if element.get(key) == place[-1]), None)


def position(holder: list[dict[str, Any]], path: Path, after: str | None) -> int:
    """Where in the list at a path something goes that comes after an element."""
    if after is None:
        return 0
    if after == END:
        return len(holder)
    at = index_of(holder, (*path, after))
    if at is None:
        raise nothing_at((*path, after))
    return at + 1


def with_key(place: Path, element: Any) -> None:
    """Refuse an element that does not have the key of its place."""
    if not isinstance(element, dict) or element.get(LISTS[place[-2]]) != place[-1]:
        raise Invalid([Problem(written(place), _("Keys never change; give the element its own."))])


def changeable(place: Path) -> None:
    """The keys that records, rules and merges hang on never change."""
    if not place:
        raise nothing_at(place)
    identity = LISTS.get(place[-3]) if len(place) > 2 and kinds(place)[-2] == "key" else "key"
    if place[-1] == identity and (len(place) == 1 or kinds(place)[-2] == "key"):
        raise Invalid([Problem(written(place), _("Keys never change; change the label instead."))])


def nothing_at(place: Path) -> Invalid:
    return Invalid([Problem(written(place), _("There is nothing at this place."))])
