"""The files that a record names: which of them are new, whether they may be named, and whose they then are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from ..access.actor import Actor
from ..errors import Problem
from .attachments import claim, unclaimable
from .compiled import CompiledForm
from .draft import Draft


def unknown_files(connection: sa.Connection, draft: Draft, actor: Actor, holding: bool) -> list[Problem]:
    """The files that somebody newly put into a record and may not: each upload goes into one record once."""
    return [
        Problem(place, _("This is not a file that was uploaded here."))
        for path, place, references in new_files(draft)
        if unclaimable(connection, draft.form, path, references, actor, holding)
    ]


def claim_files(connection: sa.Connection, draft: Draft) -> None:
    """The uploads that a record names are its own from now on; those that are another's stay so."""
    references = {reference for _path, _place, named in new_files(draft) for reference in named}
    if references:
        claim(connection, draft.id, references)


def new_files(draft: Draft) -> Iterator[tuple[str, str, set[str]]]:
    """(path, place, references) of the files that a record did not name before in that field."""
    for path in draft.form.file_paths:
        before = {reference for _place, value in _values(path, draft.before) for reference in value}
        for place, value in _values(path, draft.values):
            if new := set(value) - before:
                yield path, place, new


def names(form: CompiledForm, values: Mapping[str, Any], reference: str) -> bool:
    """Whether these values of a record, as far as they are seen, name a file."""
    paths = (path for path, (field_type, _field) in form.shown.items() if field_type.asks == "files")
    return any(reference in value for path in paths for _place, value in _values(path, values))


def _values(path: str, values: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    key, _dot, column = path.partition(".")
    if not column:
        yield path, values.get(key) or ()
        return
    for index, line in enumerate(values.get(key) or ()):
        yield f"{key}.{index}.{column}", line.get(column) or ()
