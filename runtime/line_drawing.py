"""Line items as table rows, joined in Python: two hundred lines must not wait for a template."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flask_babel import gettext as _
from markupsafe import Markup, escape

from .cells import NUMERIC
from .line_items import Cell, Line, LineItems

ICON = '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>'
DOTS = '<span class="masked"><span aria-hidden="true">••••</span><span class="seen">{}</span></span>'
Asset = Callable[[str], str]


class LineDrawing:
    """Draws the lines of one `rows` field; `source` is where choices for its links are found."""

    def __init__(self, items: LineItems, source: str, asset: Asset, offered: dict[str, list[tuple[str, str]]]):
        self.items = items
        self.source = source
        self.cross = ICON.format(asset("icons.svg"), "x")
        self.alarm = ICON.format(asset("icons.svg"), "circle-alert")
        self.offered = offered
        self.remove, self.hidden = escape(_("Remove line")), escape(_("not shown to you"))
        self.draw = {"flag": self._flag, "choice": self._choice, "link": self._picker, "person": self._picker}

    @property
    def rows(self) -> Markup:
        return Markup("".join(self.row(line) for line in self.items.lines))

    @property
    def blank(self) -> Markup:
        """The row that the page copies for a new line."""
        return Markup(self.row(self.items.blank))

    def row(self, line: Line) -> str:
        key, index = self.items.key, line.index
        number = index + 1 if isinstance(index, int) else ""
        identity = f'<input type="hidden" name="{key}-{index}-id" value="{line.id or ""}">' if self.items.editable else ""
        cells = "".join(self._td(cell, index) for cell in line.cells.values())
        return (
            f'<tr data-line="{index}" data-id="{line.id or ""}"><th class="no" scope="row" id="n-{key}-{index}"><span>{number}</span>{identity}</th>'
            f"{cells}{self._remover(line)}</tr>{self._wrong(line)}\n"
        )

    def _wrong(self, line: Line) -> str:
        """What is wrong with a line, in a row below it: its cells are too narrow for sentences."""
        said = self._errors(line.errors) + "".join(
            self._errors(cell.errors, cell.name, cell.column.label) for cell in line.cells.values()
        )
        return f'<tr class="wrong"><td></td><td colspan="{len(line.cells) + 1}">{said}</td></tr>' if said else ""

    def _remover(self, line: Line) -> str:
        if not self.items.whole:
            return ""
        checked = " checked" if line.gone else ""
        return (
            f'<td class="does"><label class="gone" title="{self.remove}"><input type="checkbox" name="{self.items.key}-{line.index}-gone"'
            f' value="true"{checked}><span class="seen">{self.remove}</span>{self.cross}</label></td>'
        )

    def _td(self, cell: Cell, index) -> str:
        column = cell.column
        figure = " n" if column.kind in NUMERIC else ""
        out = f' data-out="{self.items.key}.{column.key}"'
        if column.mode == "masked":
            return f'<td class="masked-cell{figure}">{DOTS.format(self.hidden)}</td>'
        if not column.writable:
            return f'<td class="{figure.strip()}"{out}>{escape(cell.text)}</td>'
        drawn = self.draw.get(column.kind, self._text)(cell, self._attributes(cell, index))
        return f'<td class="in{figure}"{out}>{drawn}</td>'

    def _attributes(self, cell: Cell, index) -> str:
        """Named by the column's head and the line's number."""
        key, column = self.items.key, cell.column
        names = f'id="f-{cell.name}" name="{cell.name}" aria-labelledby="h-{key}-{column.key} n-{key}-{index}"'
        must = ' aria-required="true"' if column.required else ""
        wrong = f' aria-invalid="true" aria-describedby="{cell.name}-error"' if cell.errors else ""
        return names + must + wrong

    def _text(self, cell: Cell, attributes: str) -> str:
        kind = {"date": "date", "moment": "datetime-local"}.get(cell.column.kind, "text")
        figure = ' inputmode="decimal"' if cell.column.kind in NUMERIC else ""
        classes = "input n" if figure else "input"
        return f'<input class="{classes}" type="{kind}"{figure} {attributes} value="{escape(cell.typed)}" autocomplete="off">'

    def _flag(self, cell: Cell, attributes: str) -> str:
        checked = " checked" if cell.typed == "true" else ""
        return f'<input type="hidden" name="{cell.name}" value="false"><input type="checkbox" {attributes} value="true"{checked}>'

    def _choice(self, cell: Cell, attributes: str) -> str:
        return f'<select class="input" {attributes}>{_options(cell, cell.column.choices)}</select>'

    def _picker(self, cell: Cell, attributes: str) -> str:
        offered = self.offered.get(f"{self.items.key}.{cell.column.key}", [])
        present = [(cell.typed, cell.text)] if cell.typed and cell.typed not in dict(offered) else []
        source = f"{self.source}{self.items.key}.{cell.column.key}"
        return f'<link-picker data-source="{source}"><select class="input" {attributes}>{_options(cell, present + offered)}</select></link-picker>'

    def _errors(self, sentences: Iterable, name: str = "", label: str = "") -> str:
        said = " ".join(str(sentence) for sentence in sentences)
        said = f"{label}: {said}" if said and label else said
        marked = f' id="{name}-error"' if name else ""
        return f'<p class="error"{marked}>{self.alarm}<span>{escape(said)}</span></p>' if said else ""


def _options(cell: Cell, choices: Iterable[tuple[str, str]]) -> str:
    empty = '<option value=""></option>'
    return empty + "".join(
        f'<option value="{escape(value)}"{" selected" if value == cell.typed else ""}>{escape(label)}</option>'
        for value, label in choices
    )
