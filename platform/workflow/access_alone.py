"""Access published alone: what people may see and do changes now, and nobody's half-built form goes with it."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from ..db import Workspace
from ..definition import drafts, store
from ..definition.diff import changes
from ..definition.edits import edited
from ..definition.model import ANY, NEW
from ..definition.paths import Path, written
from ..definition.schema import load, normal
from ..errors import Invalid, NotFound, Problem
from .publication import publish_document

Document = dict[str, Any]


def publish_access(workspace: Workspace, app_key: str, by: int | None, note: str = "") -> int:
    """The live version with the roles, the matrix and the row scopes of the draft; the number that runs then."""
    with workspace.reading() as connection:
        row, live = _live(connection, app_key)
        draft = store.draft(connection, row.id).document
    return publish_document(workspace, app_key, with_access(live, draft), by, note)


def change_access(
    workspace: Workspace, app_key: str, name: str, arguments: dict[str, Any], base: int, by: int | None, note: str = ""
) -> int:
    """Make an edit of roles or access in the draft and in the live version, in both or in neither.

    `base` is the revision of the draft that its author looked at.
    """
    with workspace.reading() as connection:
        row, live = _live(connection, app_key)
    document = normal(edited(live, name, arguments))
    _refuse_more_than_access(live, document)

    def in_the_draft(connection: sa.Connection) -> None:
        drafts.change(connection, row.id, name, arguments, base, by)

    return publish_document(workspace, app_key, document, by, note, beside=in_the_draft)


def with_access(live: Mapping[str, Any], draft: Mapping[str, Any]) -> Document:
    """A document with the roles and the access of another, as far as it has what they are about."""
    document = copy.deepcopy(dict(live))
    drafted = {form["key"]: form for form in draft.get("forms", ())}
    known = {role["key"] for role in draft.get("roles", ())}
    leaving = [role for role in document.get("roles", ()) if role["key"] not in known]  # transitions may name them
    document["roles"] = copy.deepcopy(list(draft.get("roles", ()))) + leaving
    app = load(live, lenient=True)
    for form in document.get("forms", ()):
        if form["key"] in drafted:
            made = app.form_by_key[form["key"]]
            rows = drafted[form["key"]].get("access", ())
            form["access"] = [_known(row, set(made.paths), set(app.steps(made))) for row in rows]
    return normal(document)


def _known(row: Mapping[str, Any], paths: set[str], steps: set[str]) -> Document:
    """A role's access without the fields and statuses that are still being built."""
    found = copy.deepcopy(dict(row))
    cells = {path: _steps(line, steps) for path, line in found.get("cells", {}).items() if path in {*paths, ANY}}
    found["cells"] = {path: line for path, line in cells.items() if line}
    found["delete"] = [status for status in found.get("delete", ()) if status in steps - {NEW}]
    return found


def _steps(line: Mapping[str, str], steps: set[str]) -> dict[str, str]:
    return {step: mode for step, mode in line.items() if step in {*steps, ANY}}


def _refuse_more_than_access(live: Document, document: Document) -> None:
    beyond = [Problem(written(path), _("This is more than access; publish the draft instead.")) for path in _beyond(live, document)]
    if beyond:
        raise Invalid(beyond)


def _beyond(live: Document, document: Document) -> Iterator[Path]:
    for change in changes(live, document):
        ours = change.path[:1] == ("roles",) or (change.path[:1] == ("forms",) and change.path[2:3] == ("access",))
        if not ours:
            yield change.path


def _live(connection: sa.Connection, app_key: str) -> tuple[sa.Row, Document]:
    row = store.app_row(connection, app_key)
    if row.live_version is None:
        raise NotFound
    return row, store.document(connection, row.live_version)
