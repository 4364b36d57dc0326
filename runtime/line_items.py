"""Line items in a record's form: inputs named `lines-0-product`, read and drawn by name.

A WTForms field for each of 2,000 cells would take a second; these take some milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from marshmallow import ValidationError

from ..platform.access.rights import WRITABLE
from ..platform.definition.model import Field, say
from ..platform.errors import Problem
from ..platform.field_type import Titles
from ..platform.formats import Formats
from ..platform.records.compiled import CompiledForm
from .line_columns import Column, column_of

EMPTY = ("", "false")
Named = Mapping[int, Mapping[str, list[str]]]
"""What was posted of one `rows` field: index -> column -> texts, in the order of the page."""


@dataclass
class Cell:
    """One cell: `typed` stands in its input, `text` is what a person reads."""

    column: Column
    name: str
    value: Any = None
    before: Any = None  # what editing started from
    errors: list[Any] = field(default_factory=list)
    typed: str = ""

    @property
    def text(self) -> str:
        return self.column.field_type.display(self.value, self.column.shown, self.column.formats, self.column.titles)

    def shows(self, value: Any) -> None:
        self.value = self.before = value
        if self.column.writable:
            self.typed = self.column.field_type.entered(value, self.column.shown, self.column.formats)

    def moves_to(self, value: Any) -> None:
        """What stands there now, unless somebody typed something else here."""
        if self.value == self.before and not self.errors:
            self.shows(value)
        self.before = value

    def reads(self, texts: list[str]) -> None:
        """Take what was posted; an untouched cell keeps even what its input can't show."""
        posted = self.column.field_type.sent([text.replace("\r\n", "\n") for text in texts])
        if posted == self.typed:
            return
        self.typed = posted
        try:
            self.value = self.column.field_type.parse(posted, self.column.shown, self.column.formats)
        except ValidationError as error:
            self.value = None
            self.errors = list(error.messages)


@dataclass
class Line:
    """One line. A new one has no id; `gone` marks one that shall be removed."""

    index: int
    id: int | None
    cells: dict[str, Cell]
    gone: bool = False
    status: str | None = None
    errors: list[Any] = field(default_factory=list)

    @property
    def blank(self) -> bool:
        """A new line into which nobody typed anything."""
        return self.id is None and all(cell.typed in EMPTY for cell in self.cells.values())

    def moves_to(self, values: Mapping[str, Any]) -> None:
        for key, cell in self.cells.items():
            cell.moves_to(values.get(key))

    def changes(self) -> dict[str, Any]:
        """What the command gets: the cells that were changed; of a new line, those that were filled."""
        changed = {key: cell.value for key, cell in self.cells.items() if cell.value != cell.before}
        return changed if self.id is None else {"id": self.id} | changed


class LineItems:
    """The lines of one `rows` field.

    columns: those of the table that this person sees, and any that is open here.  lines: in their order.  whole: lines may be added,
    removed and moved.  blank: an empty line, for a template to copy.
    """

    def __init__(self, form: CompiledForm, rows: Field, modes: Mapping[str, str], formats: Formats, titles: Titles):
        self.field = rows
        self.key = rows.key
        self.label = say(rows.label, formats.language)
        self.whole = modes.get(rows.key) in WRITABLE
        self.columns = [
            column_of(form, rows, child, modes, formats, titles)
            for child in _in_table(rows, modes)
            if modes.get(f"{rows.key}.{child.key}", "hidden") != "hidden"
        ]
        self.open = [column for column in self.columns if column.writable]
        self.lines: list[Line] = []
        self.masks: Mapping[int, Mapping[str, str]] = {}  # by line, what may be shown of masked cells
        self.errors: list[Any] = []

    @property
    def editable(self) -> bool:
        return self.whole or bool(self.open)

    @property
    def blank(self) -> Line:
        """A line with nothing in it, whose index a script replaces."""
        return self._line("__index__", None, {})

    def line_at(self, index: int) -> Line | None:
        """The line that stands at an index of the page."""
        return next((line for line in self.lines if line.index == index), None)

    def add_blank(self) -> None:
        """One more line to fill in, at the end."""
        after = max((line.index for line in self.lines), default=-1) + 1
        self.lines.append(self._line(after, None, {}))

    def show(self, values: list[Mapping[str, Any]]) -> None:
        self.lines = [self._line(index, values[index].get("id"), values[index]) for index in range(len(values))]

    def read(self, posted: Named, present: list[Mapping[str, Any]], base: list[Mapping[str, Any]]) -> list[Problem]:
        """Lines as posted, measured against those that editing started from; what is wrong with them.

        present: the lines as they stand now, for the cells that are only shown.
        """
        known = {line["id"]: line for line in base}
        there = {line.get("id"): line for line in present}
        wrong: list[Problem] = []
        self.lines = []
        for index, cells in posted.items():
            line_id = _number(_last(cells, "id"))
            if line_id == 0:
                wrong.append(Problem(f"{self.key}.{index}", _("This is not a line of this record.")))
                continue
            line = self._line(index, line_id, {**there.get(line_id, {}), **known.get(line_id, {})})
            line.gone = _last(cells, "gone") == "true"
            wrong += self._reads(line, cells)
            self.lines.append(line)
        return wrong

    def moves_to(self, values: list[Mapping[str, Any]], base: list[Mapping[str, Any]]) -> None:
        """The lines over what stands there now. Of a line that somebody removed, what was typed is a new one."""
        there = {line["id"]: line for line in values}
        for line in self.lines:
            if line.id in there:
                line.moves_to(there.pop(line.id))
            elif len(line.changes()) > 1:
                line.id = None
            else:
                line.gone = line.id is not None
        known = {line["id"] for line in base}
        after = max((line.index for line in self.lines), default=-1) + 1
        added = [line for line_id, line in there.items() if line_id not in known]
        self.lines += [self._line(after + index, line["id"], line) for index, line in enumerate(added)]
        self.lines = [line for line in self.lines if not line.gone]

    def sent(self) -> list[Line]:
        """The lines that remain, as the command gets them."""
        return [line for line in self.lines if not line.gone and not line.blank]

    def values(self) -> list[dict[str, Any]]:
        """The lines as they stand in the form."""
        return [{"id": line.id} | {key: cell.value for key, cell in line.cells.items()} for line in self.sent()]

    def changed(self, base: list[Mapping[str, Any]]) -> bool:
        """Whether any line was added, removed, moved or filled differently."""
        mine = [line.changes() for line in self.sent()]
        return [line.get("id") for line in mine] != [line["id"] for line in base] or any(len(line) > 1 for line in mine)

    def problems(self) -> list[Problem]:
        """What could not be read, by the position among the lines sent."""
        return [
            Problem(f"{self.key}.{position}.{key}", sentence)
            for position, line in enumerate(self.sent())
            for key, cell in line.cells.items()
            for sentence in cell.errors
        ]

    def place(self, rest: str, sentence: Any) -> bool:
        """Put a command's sentence ("2.price" of the lines sent) beside its cell."""
        position, _dot, key = rest.partition(".")
        sent = self.sent()
        if not position.isdigit() or int(position) >= len(sent):
            return False
        line = sent[int(position)]
        beside = line.cells[key].errors if key in line.cells else line.errors
        if sentence not in beside:
            beside.append(sentence)
        return True

    def base(self, values: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The open cells of given lines in JSON form, the empty ones left out."""
        return [
            {"id": line["id"]} | {c.key: c.field_type.dump(line[c.key], c.shown) for c in self._filled(line)}
            for line in values
            if line.get("id") is not None
        ]

    def load_base(self, raw: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The reverse: every open cell as a Python value."""
        return [
            {"id": int(line["id"])} | {c.key: c.field_type.revive(line.get(c.key), c.shown) for c in self.open}
            for line in raw
        ]

    def _filled(self, line: Mapping[str, Any]) -> list[Column]:
        return [column for column in self.open if line.get(column.key) is not None]

    def _line(self, index: int | str, line_id: int | None, values: Mapping[str, Any]) -> Line:
        cells = {}
        for column in self.columns:
            cell = cells[column.key] = Cell(column, f"{self.key}-{index}-{column.key}")
            cell.shows(values.get(column.key))
        return Line(index, line_id, cells, status=values.get("status"))

    def _reads(self, line: Line, posted: Mapping[str, list[str]]) -> list[Problem]:
        wrong = []
        for key, texts in posted.items():
            if key in ("id", "gone"):
                continue
            cell = line.cells.get(key)
            if cell is not None and cell.column.writable:
                cell.reads(texts)
            else:
                sentence = _("This cannot be changed here.") if cell else _("There is no column “%(key)s”.", key=key)
                wrong.append(Problem(f"{self.key}.{line.index}.{key}", sentence))
        return wrong


def _last(cells: Mapping[str, list[str]], name: str) -> str:
    return cells[name][-1] if name in cells else ""


def _in_table(rows: Field, modes: Mapping[str, str]) -> list[Field]:
    """The columns that the table shows, in its order: all of them, where it names none."""
    named = rows.settings.get("columns")
    if not named:
        return list(rows.fields)
    also = [child.key for child in rows.fields if child.key not in named and modes.get(f"{rows.key}.{child.key}") in WRITABLE]
    return [rows.by_key[key] for key in (*named, *also)]


def _number(text: str) -> int | None:
    """A line's id; None of a new line, 0 of nonsense."""
    if not text:
        return None
    return int(text) if re.fullmatch("[0-9]{1,18}", text, re.ASCII) else 0
