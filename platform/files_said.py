"""What a person is told about the files that a field takes, before they choose any."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app
from flask_babel import gettext as _

from .definition.model import say
from .file_kinds import GROUPS
from .language import listed
from .records.attachments import MEGABYTE, largest_of

PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


@dataclass(frozen=True)
class FilesSaid:
    """note: the sentence below the input.  accept: what a browser's chooser offers.  largest: bytes of one file.
    too_large: what is said of a larger one, with %s for its name.
    """

    note: str
    accept: tuple[str, ...]
    largest: int
    too_large: str


def about_files(field_type, field, language: str) -> FilesSaid | None:
    """None for a field that takes no files."""
    if field_type.asks != "files":
        return None
    largest, groups = largest_of(field, current_app.extensions["formloom"].max_file), field_type.kinds(field)
    size = f"{largest / MEGABYTE:.3g}"
    note = _("At most %(most)s files of %(size)s MB each.", most=field_type.most(field), size=size)
    if groups:
        note += " " + _("Only: %(kinds)s.", kinds=listed(say(GROUPS[group], language) for group in groups))
    too_large = _("“%(name)s” is too large: at most %(most)s.", name="%s", most=f"{size} MB")
    return FilesSaid(note, PICTURES if groups == ("picture",) else (), largest, too_large)
