"""What a person is told about the files that a field takes, before they choose any."""

from __future__ import annotations

from flask import current_app
from flask_babel import gettext as _

from ..platform.definition.model import say
from ..platform.file_kinds import GROUPS
from ..platform.records.attachments import MEGABYTE, largest_of

PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


def about_files(field_type, field, language: str) -> tuple[str, tuple[str, ...]]:
    """The sentence, and what a browser's chooser offers."""
    largest = largest_of(field, current_app.extensions["formloom"].max_file) / MEGABYTE
    groups = field_type.kinds(field)
    said = _("At most %(most)s files of %(size)s MB each.", most=field_type.most(field), size=f"{largest:.3g}")
    if groups:
        said += " " + _("Only: %(kinds)s.", kinds=", ".join(say(GROUPS[group], language) for group in groups))
    return said, PICTURES if groups == ("picture",) else ()
