"""A whole app <-> one JSON document, and copies of apps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from ..errors import Invalid, Problem, TooLarge
from . import drafts, store

LARGEST_FILE = 20 * 1024 * 1024


def export_app(connection: sa.Connection, app_key: str, *, draft: bool = False) -> dict[str, Any]:
    """The document of an app: of its live version, or of its draft (also where nothing is live yet)."""
    row = store.app_row(connection, app_key)
    if draft or row.live_version is None:
        return store.draft(connection, row.id).document
    return store.document(connection, row.live_version)


def import_app(
    connection: sa.Connection, document: Mapping[str, Any], by: int | None, key: str | None = None
) -> sa.Row:
    """A new app from a document, under its own key or another, as a draft to look at and publish."""
    return store.create_app(connection, document, by, key)


def clone(connection: sa.Connection, app_key: str, key: str, by: int | None) -> sa.Row:
    """A copy of an app under another key, which remembers the template behind it, else what it was copied from."""
    document = export_app(connection, app_key)
    return store.create_app(connection, document, by, key, base=drafts.base(connection, app_key) or document)


def read(file: Path) -> dict[str, Any]:
    """The document in a file; Invalid where it is not JSON, TooLarge where nobody would have built it."""
    if file.stat().st_size > LARGEST_FILE:
        raise TooLarge
    return parse(file.read_bytes())


def parse(text: bytes | str) -> dict[str, Any]:
    """A document from JSON as it was sent."""
    try:
        document = json.loads(text)
    except RecursionError:
        raise Invalid([Problem("", _("This is nested too deeply."))]) from None
    except ValueError as error:
        raise Invalid([Problem("", _("This is not JSON: %(why)s.", why=error))]) from None
    if not isinstance(document, dict):
        raise Invalid([Problem("", _("A definition is a JSON object."))])
    return document


def written(document: Mapping[str, Any]) -> str:
    """A document as a file holds it."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
