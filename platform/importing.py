"""`formloom import`: folders of sheets into an app, and back out again, said in lines of text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from .access.actor import SYSTEM
from .db import Workspace
from .errors import Invalid, NotFound, Problem
from .gallery import SEEDS, template
from .workflow.intake import run_import
from .workflow.intake_undo import undo_import


def mapping_document(name: str) -> Any:
    """A shipped mapping by its name, or the one in a file."""
    if (SEEDS / f"{name}.json").is_file():
        return template(name)
    file = Path(name)
    if not file.is_file():
        raise NotFound(_("There is no mapping “%(name)s”.", name=name))
    try:
        return json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise Invalid([Problem(name, str(error))], _("This is not a mapping.")) from None


def import_folder(
    workspace: Workspace, mapping: str, folder: Path, app_key: str | None = None, repair: Path | None = None
) -> Iterator[str]:
    """Import a folder as the operator; the rows that were refused go into files in a folder of their own."""
    report = run_import(workspace, SYSTEM, mapping_document(mapping), folder, app_key)
    yield from report.lines()
    repair = repair or _unused(f"{folder.resolve().stem}-refused")
    if report.write(repair):
        yield _("The refused rows are in %(folder)s: repair them, and import that folder.", folder=repair)
    if report.run_id is None:
        yield _("Nothing changed.")
    else:
        yield _("This was import %(number)d; --undo %(number)d takes it back.", number=report.run_id)


def undo(workspace: Workspace, run_id: int) -> Iterator[str]:
    """Undo an import as the operator."""
    undone = undo_import(workspace, SYSTEM, run_id)
    for one in undone.kept:
        yield _("%(load)s %(id)s stays: %(why)s", load=one.load, id=one.source_id, why=one.reason)
    yield _(
        "%(removed)d records removed, %(restored)d fields restored, %(kept)d left as they are.",
        removed=undone.removed, restored=undone.restored, kept=len(undone.kept),
    )  # fmt: skip


def _unused(name: str) -> Path:
    """A folder here that does not exist yet, so that nobody's repairs are overwritten."""
    numbered = (Path(name if number == 1 else f"{name}-{number}") for number in count(1))
    return next(path for path in numbered if not path.exists())
