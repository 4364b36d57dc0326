"""Files that came with a record's form: kept at once, so that nothing is lost when another field is wrong.

What was posted then names them beside those that the record had; a command puts them into it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from flask import current_app, g, request
from werkzeug.datastructures import FileStorage, MultiDict

from ..platform.access.rights import WRITABLE
from ..platform.errors import Invalid
from ..platform.formats import utc_now
from ..platform.records.attachments import Bounds, bounds_of, keep
from ..platform.records.compiled import CompiledForm
from ..platform.records.history import COMMENTS

CELL = re.compile(r"([a-z0-9_]{1,20})-[0-9]{1,6}-([a-z0-9_]{1,20})", re.ASCII)


class Posted(MultiDict):
    """What was posted, with the references of the files that came along.

    refused: by name, why files were not taken.
    """

    def __init__(self, given: MultiDict):
        super().__init__(given)
        self.refused: dict[str, list[str]] = {}


def takes_files(view: Callable) -> Callable:
    """Marks a view whose requests may carry files."""
    view.takes_files = True
    return view


def with_files(form: CompiledForm, modes: Mapping[str, str], posted: MultiDict) -> Posted:
    """The posted fields, with every file that this person may put there kept and named."""
    if isinstance(posted, Posted):
        return posted
    found = Posted(posted)
    for name, uploads in request.files.lists():
        chosen = [upload for upload in uploads if upload.filename]
        path = _path(name)
        if not chosen:
            continue
        if path not in form.file_paths or modes.get(path) not in WRITABLE:
            found.add(name, "")  # refused by name, like anything else that is not open here
            continue
        for upload in chosen:
            _keep(form, path, name, upload, found)
    return found


def for_comments(form: CompiledForm, uploads: Iterable[FileStorage]) -> list[str]:
    """The references of files that came with a comment, kept until it is said; Invalid says why one is not taken."""
    bounds = Bounds(current_app.extensions["formloom"].max_file)
    return [
        keep(g.workspace, form, COMMENTS, upload.filename, upload.stream, g.actor, utc_now(), bounds)
        for upload in uploads
        if upload.filename
    ]


def _path(name: str) -> str:
    """`lines-0-photo` is a cell of the column `lines.photo`."""
    cell = CELL.fullmatch(name)
    return f"{cell[1]}.{cell[2]}" if cell else name


def _keep(form: CompiledForm, path: str, name: str, upload: FileStorage, found: Posted) -> None:
    bounds = bounds_of(form, path, current_app.extensions["formloom"].max_file)
    try:
        found.add(name, keep(g.workspace, form, path, upload.filename or "", upload.stream, g.actor, utc_now(), bounds))
    except Invalid as refusal:
        found.refused.setdefault(name, []).extend(str(problem.message) for problem in refusal.problems)
