"""The app templates that ship with the product, and starting one in a workspace."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import chain, count
from pathlib import Path
from typing import Any

from .db import Workspace
from .definition import bundle, store
from .definition.schema import normal
from .workflow.publication import publish

LONGEST_KEY = 20
SEEDS = Path(__file__).parent.parent / "seeds"
KEY = re.compile("[a-z][a-z0-9_]*")


TEMPLATES = ("orders", "leave", "purchase", "service")
"""The shipped apps, in the order in which the gallery shows them."""


def templates() -> dict[str, dict[str, Any]]:
    """name -> document of every app template that ships."""
    return {name: template(name) for name in TEMPLATES if (SEEDS / f"{name}.json").exists()}


@cache
def _text(name: str) -> bytes:
    return (SEEDS / f"{name}.json").read_bytes()


def template(name: str) -> dict[str, Any]:
    """The document of a shipped template."""
    return bundle.parse(_text(name))


def shipped(key: str) -> dict[str, Any] | None:
    """The template with a key as it ships now, in its normal form; None where none has it."""
    file = SEEDS / f"{key}.json"
    found = _normal(file, file.stat().st_mtime_ns) if KEY.fullmatch(key) and file.is_file() else None
    return found if found and found["key"] == key else None


@lru_cache(maxsize=32)
def _normal(file: Path, _written: int) -> dict[str, Any] | None:
    document = bundle.read(file)
    return normal(document) if "forms" in document else None  # import mappings ship beside the templates


def start_app(workspace: Workspace, document: dict[str, Any], by: int | None, key: str | None = None) -> str:
    """A running app from a template, under its own key or another: that key. It remembers what it was made from.

    Sample records stay with the template.
    """
    known = shipped(document.get("key") or "")
    base = known if known == normal(document) else None  # a file that only has a template's key stands on none
    with workspace.writing() as connection:
        app = store.create_app(connection, document, by, key, base=base)
    publish(workspace, app.key, by)
    return app.key


def free_key(workspace: Workspace, wanted: str) -> str:
    """A key that no app has: the one wanted, or with a number behind it."""
    with workspace.reading() as connection:
        taken = {row.key for row in store.apps(connection)}
    stem = wanted[: LONGEST_KEY - 3].rstrip("_")
    return next(key for key in chain([wanted], (f"{stem}_{n}" for n in count(2))) if key not in taken)


def clone_app(workspace: Workspace, app_key: str, key: str, by: int | None) -> str:
    """A running copy of an app under another key, without its records."""
    with workspace.writing() as connection:
        bundle.clone(connection, app_key, key, by)
    publish(workspace, key, by)
    return key
