"""The columns of line items as one person sees them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ..platform.access.rights import WRITABLE
from ..platform.definition.model import Field, say
from ..platform.field_type import FieldType, Titles
from ..platform.files_said import FilesSaid, about_files
from ..platform.formats import Formats
from ..platform.records.compiled import CompiledForm
from .cells import Draw, words


@dataclass(frozen=True)
class Column:
    """One column that this person sees: how to read and show its cells, and whether it is open here."""

    field: Field
    label: str
    help: str
    mode: str
    required: bool
    field_type: FieldType
    shown: Field  # the field that tells how values look: a look-up's is the one it looks at
    formats: Formats
    titles: Titles

    @property
    def key(self) -> str:
        return self.field.key

    @property
    def kind(self) -> str:
        return self.field_type.name

    @cached_property
    def writable(self) -> bool:
        return self.mode in WRITABLE

    @cached_property
    def draw(self) -> Draw:
        """How its values look where they are only read."""
        if self.field_type.points_to(self.shown) is not None:
            return words(self.field_type, self.shown, self.formats)
        drawn = self.field_type.drawer(self.shown, self.formats)
        return lambda value, titles, address: "" if value is None else drawn(value, titles, address)

    @cached_property
    def files(self) -> FilesSaid | None:
        """What is said of the files it takes."""
        return about_files(self.field_type, self.shown, self.formats.language)

    @cached_property
    def choices(self) -> list[tuple[str, str]]:
        return self.field_type.choices(self.shown, self.formats.language)


def column_of(form: CompiledForm, rows: Field, child: Field, modes, formats: Formats, titles: Titles) -> Column:
    path = f"{rows.key}.{child.key}"
    field_type, shown = form.shown[path]
    label, help_text = say(child.label, formats.language), say(child.help, formats.language)
    required = modes[path] == "required" or child.required is True
    return Column(child, label, help_text, modes[path], required, field_type, shown, formats, titles)
