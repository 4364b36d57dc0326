"""The fields of a record's page: each as an input, as text, or as dots, by what the person may do here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from flask import url_for
from markupsafe import Markup, escape

from ..platform.access.rights import WRITABLE
from ..platform.definition.model import Section, say
from ..platform.field_input import FieldInput
from ..platform.files_said import about_files
from ..platform.form_cells import WORKED_OUT_AT_ONCE, Block, FieldCell, add_block
from ..platform.formats import Formats
from ..platform.inputs import GROUPED, Input, draw_input, marks, offered
from ..platform.records.compiled import CompiledForm
from ..platform.records.query import Gate
from ..platform.records.results import Record
from .cells import drawer
from .line_drawing import LineDrawing
from .line_flow import LineFlow
from .live_rules import LiveRules
from .navigation import list_path
from .record_form import RecordForm


class Cells:
    """Makes the cells of one record."""

    def __init__(
        self,
        gate: Gate,
        compiled: CompiledForm,
        record: Record,
        form: RecordForm,
        rules: LiveRules,
        formats: Formats,
        offered: Mapping[str, list[tuple[str, str]]],
        prefix: str = "f",
        flows: Mapping[str, LineFlow] = MappingProxyType({}),
    ):
        self.flows = flows
        self.gate = gate
        self.offered = offered
        self.prefix = prefix
        self.compiled = compiled
        self.record = record
        self.form = form
        self.rules = rules
        self.formats = formats
        self.open_forms = {form.key for form in gate.forms()}
        self.place = f"{list_path(compiled.app.key, compiled.key)}{record.id or ''}".rstrip("/")
        self.source = url_for("choices.show", app_key=compiled.app.key, form_key=compiled.key, path="")

    def blocks(self) -> list[Block]:
        """The sections of the layout as far as this person sees any of their fields."""
        found: list[Block] = []
        for section in self._sections():
            cells = [cell for key in section.fields if self._there(key) and not self._idle(cell := self.cell(key))]
            add_block(found, section.key, say(section.label, self.formats.language), section.columns, cells, section.tab)
        return found

    def cell(self, key: str) -> FieldCell:
        field = self.compiled.form.by_key[key]
        field_type, shown = self.compiled.shown[key]
        label, about = say(field.label, self.formats.language), say(field.help, self.formats.language)
        if field_type.name == "money":
            label = f"{label} {self.formats.symbol(self.compiled.app.currency)}"
        must = self.record.modes[key] == "required" or self.rules.holds(key, field.required) is True
        mode, text, errors = self._mode(key), Markup(""), ()
        if mode == "read":
            text = self._drawn(field_type, shown, self.record.values.get(key))
        elif mode == "heading":
            text = escape(field_type.note(shown, self.formats.language))
        elif mode == "masked":
            text = escape(self.record.masks.get(key, ""))
        elif mode == "edit":
            errors = self.form[key].errors
            text = self._input(self.form[key], must, bool(about))
        hidden = self._hidden(key)
        lines = self._lines(key) if mode == "lines" else None
        id, must = f"{self.prefix}-{key}", must and mode == "edit"
        return FieldCell(id, key, label, about, field_type, mode, must, hidden, errors, text, lines)

    def _lines(self, key: str) -> LineDrawing:
        return LineDrawing(self.form.lines[key], self.prefix, self.source, self.offered, self.place, self.flows.get(key))

    def _input(self, field: FieldInput, must: bool, helped: bool) -> Markup:
        name, field_type = field.name, field.field_type
        id = f"{self.prefix}-{name}"
        described = f"{id}-help {id}-error" if helped else f"{id}-error"
        options = offered(field.typed, field.text, field.choices) if field_type.asks == "picker" else field.choices
        grouped = field_type.asks in GROUPED
        given = marks(id, described, must, bool(field.errors), f"{id}-label" if grouped else "", grouped)
        files = about_files(field_type, field.field, self.formats.language)
        asked = Input(field_type, field.field, name, field.typed, given, options, f"{self.source}{name}", self.place, files, id)
        return Markup(draw_input(asked))

    def _sections(self) -> list[Section]:
        """The layout, and after it whatever it forgot."""
        form = self.compiled.form
        placed = {key for section in form.layout for key in section.fields}
        rest = tuple(field.key for field in form.fields if field.key not in placed)
        return [*form.layout, Section("rest", form.label if not form.layout else {}, 2, fields=rest)]

    def _there(self, key: str) -> bool:
        return key in self.compiled.form.by_key and self.record.modes.get(key, "hidden") != "hidden"

    def _idle(self, cell: FieldCell) -> bool:
        """On a new record: nothing to fill in and nothing to see yet."""
        kind = self.compiled.form.by_key[cell.path].type
        if self.record.id is not None or cell.mode not in ("read", "masked") or kind in WORKED_OUT_AT_ONCE:
            return False
        return kind == "rollup" or (cell.path not in self.record.masks and self.record.values.get(cell.path) is None)

    def _mode(self, key: str) -> str:
        if not self.compiled.shown[key][0].valued:
            return "heading"
        if self.record.modes[key] == "masked":
            return "masked"
        if key in self.compiled.rows:
            return "lines"
        return "edit" if self.record.modes[key] in WRITABLE and key in self.form else "read"

    def _hidden(self, key: str) -> bool:
        return self.rules.holds(key, self.compiled.form.by_key[key].show) is False

    def _drawn(self, field_type, shown, value) -> Markup:
        if value is None:
            return Markup('<span class="faint">–</span>')
        if field_type.name == "link":
            return self._link(shown.settings["form"], value)
        if field_type.name == "flag":
            return escape(field_type.display(value, shown, self.formats))
        if field_type.name == "date":
            return escape(self.formats.date(value))
        return Markup(drawer(field_type, shown, self.formats)(value, self.record.titles, self.place))

    def _link(self, form_key: str, record_id: int) -> Markup:
        title = self.record.titles.get((form_key, record_id), f"#{record_id}")
        if form_key not in self.open_forms:
            return escape(title)
        address = f"{list_path(self.compiled.app.key, form_key)}{record_id}"
        return Markup('<a class="link" href="{}">{}</a>').format(address, title)
