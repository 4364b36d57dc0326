"""Line items as table rows, joined in Python: two hundred lines must not wait for a template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import current_app
from flask_babel import gettext as _
from markupsafe import Markup, escape

from ..platform.inputs import GROUPED, Input, draw_in_line, marks, offered
from .cells import masked
from .line_flow import LineFlow
from .line_items import Cell, Column, Line, LineItems

ICON = '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>'


class LineDrawing:
    """Draws the lines of one `rows` field. `source` is where choices for its links are found, `offered`
    those that are there already, by path; ids begin with `prefix`.
    """

    def __init__(
        self,
        items: LineItems,
        prefix: str,
        source: str,
        offered: Mapping[str, list[tuple[str, str]]],
        place: str,
        flow: LineFlow | None = None,
    ):
        self.items = items
        self.flow = flow
        self.prefix = prefix
        self.source = source
        self.place = place
        sprite = current_app.jinja_env.globals["asset"]("icons.svg")
        self.cross, self.alarm = ICON.format(sprite, "x"), ICON.format(sprite, "circle-alert")
        self.offered = offered
        self.remove, self.hidden = escape(_("Remove line")), escape(_("not shown to you"))

    @property
    def rows(self) -> Markup:
        return Markup("".join(self.row(line) for line in self.items.lines))

    @property
    def blank(self) -> Markup:
        """The row that the page copies for a new line."""
        return Markup(self.row(self.items.blank))

    def head(self, column: Column) -> str:
        """The id of a column's head."""
        return f"{self.prefix}-{self.items.key}-head-{column.key}"

    def row(self, line: Line) -> str:
        key, index = self.items.key, line.index
        number = index + 1 if isinstance(index, int) else ""
        identity = f'<input type="hidden" name="{key}-{index}-id" value="{line.id or ""}">' if self.items.editable else ""
        cells = "".join(self._td(cell, line) for cell in line.cells.values())
        return (
            f'<tr data-line="{index}" data-id="{line.id or ""}"><th class="no" scope="row" id="{self.prefix}-{key}-{index}"><span>{number}</span>{identity}</th>'
            f"{cells}{self._place(line)}{self._remover(line)}</tr>{self._wrong(line)}\n"
        )

    def _wrong(self, line: Line) -> str:
        """What is wrong with a line, in a row below it: its cells are too narrow for sentences."""
        said = self._errors(line.errors) + "".join(
            self._errors(cell.errors, cell.name, cell.column.label) for cell in line.cells.values()
        )
        return f'<tr class="wrong"><td></td><td colspan="{len(line.cells) + 2}">{said}</td></tr>' if said else ""

    def _place(self, line: Line) -> str:
        """Where the line stands, and what can be done with it."""
        if self.flow is None:
            return ""
        return f'<td class="place">{self.flow.drawn(line, f"{self.prefix}-{self.items.key}-{line.index}")}</td>'

    def _remover(self, line: Line) -> str:
        if not self.items.whole:
            return ""
        checked = " checked" if line.gone else ""
        return (
            f'<td class="does"><label class="gone" title="{self.remove}"><input type="checkbox" name="{self.items.key}-{line.index}-gone"'
            f' value="true"{checked}><span class="seen">{self.remove}</span>{self.cross}</label></td>'
        )

    def _td(self, cell: Cell, line: Line) -> str:
        column = cell.column
        figure = " n" if column.field_type.figures else ""
        out = f' data-out="{self.items.key}.{column.key}"'
        if column.mode == "masked":
            hint = self.items.masks.get(line.id, {}).get(column.key)
            return f'<td class="masked-cell{figure}">{masked(hint, self.hidden) if hint else ""}</td>'
        if not column.writable:
            return f'<td class="{figure.strip()}"{out}>{column.draw(cell.value, column.titles, self.place)}</td>'
        return f'<td class="in{figure}"{out}>{draw_in_line(self._asked(cell, line.index))}</td>'

    def _asked(self, cell: Cell, index: int | str) -> Input:
        column = cell.column
        return Input(
            column.field_type, column.shown, cell.name, cell.typed, self._attributes(cell, index), self._options(cell),
            self._source(column), self.place, column.files, f"{self.prefix}-{cell.name}",
        )  # fmt: skip

    def _attributes(self, cell: Cell, index: int | str) -> str:
        """Named by the column's head and the line's number."""
        key, column = self.items.key, cell.column
        described = f"{self.prefix}-{cell.name}-error" if cell.errors else ""
        named = f"{self.head(column)} {self.prefix}-{key}-{index}"
        grouped = column.field_type.asks in GROUPED
        return marks(f"{self.prefix}-{cell.name}", described, column.required, bool(cell.errors), named, grouped)

    def _options(self, cell: Cell) -> list[tuple[str, str]]:
        column = cell.column
        if column.field_type.asks == "picker":
            return offered(cell.typed, cell.text, self.offered.get(self._path(column), []))
        return column.choices

    def _path(self, column: Column) -> str:
        return f"{self.items.key}.{column.key}"

    def _source(self, column: Column) -> str:
        return self.source + self._path(column)

    def _errors(self, sentences: Iterable, name: str = "", label: str = "") -> str:
        said = " ".join(str(sentence) for sentence in sentences)
        said = f"{label}: {said}" if said and label else said
        marked = f' id="{self.prefix}-{name}-error"' if name else ""
        return f'<p class="error"{marked}>{self.alarm}<span>{escape(said)}</span></p>' if said else ""

