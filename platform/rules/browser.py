"""What the browser must know of the types behind a rule: `static/rules.js` revives JSON data by it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .types import Type


def shape(scope: Type, paths: Iterable[str]) -> dict[str, Any]:
    """The types of what `typing.paths` gives: key -> kind, {"link" | "record" | "rows": {...}} or {"list": kind}."""
    tree: dict[str, dict] = {}
    for path in paths:
        branch = tree
        for key in path.split("."):
            branch = branch.setdefault(key, {})
    return _fields(scope, tree)


def _fields(holder: Type, tree: dict[str, dict]) -> dict[str, Any]:
    return {key: _shape(holder.members[key], branch) for key, branch in tree.items() if key in holder.members}


def _shape(here: Type, branch: dict[str, dict]) -> Any:
    if here.kind in ("link", "record", "rows"):
        return {here.kind: _fields(here, branch)}
    if here.kind == "list":
        return {"list": _shape(here.item, branch)}
    return here.kind
