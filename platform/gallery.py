"""The app templates that ship with the product, and starting one in a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .db import Workspace
from .definition import bundle
from .workflow.publication import publish

SEEDS = Path(__file__).parent.parent / "seeds"


def template(name: str) -> dict[str, Any]:
    """The document of a shipped template."""
    return bundle.read(SEEDS / f"{name}.json")


def start_app(workspace: Workspace, document: dict[str, Any], by: int | None) -> str:
    """A running app from a template: its key. Sample records stay with the template."""
    with workspace.writing() as connection:
        app = bundle.import_app(connection, document, by)
    publish(workspace, app.key, by)
    return app.key


def clone_app(workspace: Workspace, app_key: str, key: str, by: int | None) -> str:
    """A running copy of an app under another key, without its records."""
    with workspace.writing() as connection:
        bundle.clone(connection, app_key, key, by)
    publish(workspace, key, by)
    return key
