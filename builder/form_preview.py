"""A form of the draft as a role would meet it at a step, drawn by the templates that draw records."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import g, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup, escape
from marshmallow import ValidationError

from ..platform import registry
from ..platform.access.policy import admin
from ..platform.access.rights import WRITABLE, Grant, grants_of
from ..platform.definition.model import NEW, App, Field, Form, Section, say
from ..platform.field_type import DEPARTMENT, PERSON, FieldType
from ..platform.files_said import about_files
from ..platform.form_cells import WORKED_OUT_AT_ONCE, Block, FieldCell, add_block
from ..platform.formats import Formats, formats_for
from ..platform.inputs import GROUPED, Input, draw_in_line, draw_input, marks
from ..platform.rules.types import RuleError
from .change_words import step_name
from .naming import rule_words
from .workshop import Workshop, design_pages

blueprint = design_pages("form_preview", "/forms/<form_key>/preview")
NOTHING = Markup('<span class="faint">–</span>')


@blueprint.app_template_filter("step_words")
def step_words(step: str, app: App, form: Form) -> str:
    """The name of a step: new, a status, or saved."""
    return step_name(app, form.key, step)


@blueprint.get("")
@admin
def show(app_key: str, form_key: str):
    """`role`, `step` and `device` stand in the address."""
    workshop = Workshop(app_key)
    preview = Preview(workshop, workshop.form(form_key), request.args.get("role", ""), request.args.get("step", ""))
    device = "phone" if request.args.get("device") == "phone" else "desktop"
    return render_template("builder/preview.html", workshop=workshop, form=preview.form, preview=preview, device=device)


@dataclass(frozen=True)
class Column:
    """A column of previewed line items, as the template of lines names its parts."""

    key: str
    label: str
    field_type: FieldType
    shown: Field
    writable: bool
    required: bool

    @property
    def kind(self) -> str:
        return self.field_type.name


@dataclass(frozen=True)
class Lines:
    """Line items with one line: of the samples, or an empty one. It is its own `items`, to the template."""

    key: str
    columns: list[Column]
    whole: bool
    rows: Markup
    lines: tuple[int, ...] = (1,)
    errors: tuple[str, ...] = ()
    flow: Any = None
    blank: str = ""

    @property
    def items(self) -> Lines:
        return self

    @property
    def open(self) -> list[Column]:
        return []

    def head(self, column: Column) -> str:
        return f"p-{self.key}-head-{column.key}"


class Preview:
    """One form as one role sees it at one step; the first of each where none is named."""

    def __init__(self, workshop: Workshop, form: Form, role: str, step: str):
        self.app, self.form, self.workshop = workshop.app, form, workshop
        self.steps = self.app.steps(form)
        self.step = step if step in self.steps else NEW
        self.role = self.app.role_by_key.get(role) or (self.app.roles[0] if self.app.roles else None)
        self.formats: Formats = formats_for(g.language, self.app.zone)

    @cached_property
    def grant(self) -> Grant | None:
        """What the role may; None where it sees nothing of the form, or a rule is broken."""
        try:
            return grants_of(self.app, self.form).get(self.role.key) if self.role else None
        except (RuleError, LookupError):
            self.broken = True
            return None

    broken = False

    @property
    def why_nothing(self) -> str:
        """Why there is nothing to see; "" where there is."""
        if self.grant is None:
            return _("Something is wrong with the rules of this form: look at what is marked first.") if self.broken else _("This role sees no records of this form.")
        if self.step == NEW and not self.grant.create:
            return _("This role makes no new records.")
        return "" if self.blocks else _("This role sees nothing at this step.")

    @cached_property
    def modes(self) -> Mapping[str, str]:
        return self.grant.modes[self.step] if self.grant else {}

    @cached_property
    def blocks(self) -> list[Block]:
        found: list[Block] = []
        for section in self._sections():
            cells = [self._cell(self.form.by_key[key]) for key in section.fields if self._there(key)]
            add_block(found, section.key, say(section.label, g.language), section.columns, cells, section.tab)
        return found

    @property
    def tabs(self):
        return [tab for tab in self.form.tabs if any(block.tab == tab.key for block in self.blocks)]

    @property
    def above(self) -> list[Block]:
        known = {tab.key for tab in self.tabs}
        return [block for block in self.blocks if block.tab not in known]

    def _sections(self) -> list[Section]:
        placed = {key for section in self.form.layout for key in section.fields}
        return [*self.form.layout, Section("rest", {}, 2, fields=tuple(field.key for field in self.form.fields if field.key not in placed))]

    def _there(self, key: str) -> bool:
        field = self.form.by_key.get(key)
        if field is None or field.show is False or self.modes.get(key, "hidden") == "hidden":
            return False
        written = self.modes[key] in WRITABLE or not registry.own(field).valued
        return written or self.step != NEW or field.type in WORKED_OUT_AT_ONCE

    def _cell(self, field: Field) -> FieldCell:
        field_type, shown = registry.source(field, self.app)
        mode = self._mode(field, field_type)
        text, lines = Markup(""), None
        if mode == "edit":
            text = self._input(field_type, shown, field.key, self._value(field))
        elif mode == "lines":
            lines = self._lines(field)
        elif mode == "heading":
            text = escape(say(shown.settings.get("note") or {}, g.language))
        elif mode == "masked":
            text = escape(field_type.masked("123456", shown))
        else:
            text = self._read(field_type, shown, self._value(field))
        must = mode == "edit" and (self.modes[field.key] == "required" or field.required is True)
        return FieldCell(f"p-{field.key}", field.key, say(field.label, g.language), self._about(field), field_type, mode, must, False, (), text, lines)

    def _mode(self, field: Field, field_type: FieldType) -> str:
        if not field_type.valued:
            return "heading"
        if field.type == "rows":
            return "masked" if self.modes[field.key] == "masked" else "lines"
        return {"required": "edit"}.get(self.modes[field.key], self.modes[field.key])

    def _about(self, field: Field) -> str:
        """The help, and when it is shown or needed, where a rule says so."""
        path, said = f"forms[{self.form.key}].fields[{field.key}]", [say(field.help, g.language)]
        if field.show is not True:
            said.append(_("Shown when: %(rule)s.", rule=rule_words(field.show, f"{path}.show", self.app)))
        if not isinstance(field.required, bool) and self.modes[field.key] in WRITABLE:
            said.append(_("Needed when: %(rule)s.", rule=rule_words(field.required, f"{path}.required", self.app)))
        if not isinstance(field.lock, bool) and self.modes[field.key] in WRITABLE:
            said.append(_("Locked when: %(rule)s.", rule=rule_words(field.lock, f"{path}.lock", self.app)))
        return " ".join(one for one in said if one)

    def _input(self, field_type: FieldType, shown: Field, name: str, value: Any, in_line: str = "") -> Markup:
        id, grouped = f"p-{name}", field_type.asks in GROUPED
        given = marks(id, "", False, False, in_line or (f"{id}-label" if grouped else ""), grouped)
        options = field_type.choices(shown, g.language)
        typed = "" if field_type.asks == "files" else field_type.entered(value, shown, self.formats)
        if field_type.asks == "picker":
            options = [(typed, self._title(shown, value))] if value is not None else []
        asked = Input(field_type, shown, name, typed, given, options, "", "", about_files(field_type, shown, g.language), id)
        return Markup((draw_in_line if in_line else draw_input)(asked))

    def _read(self, field_type: FieldType, shown: Field, value: Any) -> Markup:
        if value is None:
            return NOTHING
        return escape(self._title(shown, value) if field_type.points_to(shown) else field_type.display(value, shown, self.formats))

    def _lines(self, rows: Field) -> Lines:
        columns = [self._column(rows, one) for one in self._in_table(rows)]
        line = next(iter(self._sample.get(rows.key) or ()), {}) if self.step != NEW else {}
        cells = "".join(self._td(rows, column, line.get(column.key) if isinstance(line, dict) else None) for column in columns)
        whole = self.modes[rows.key] in WRITABLE
        return Lines(rows.key, columns, whole, Markup(f'<tr><th class="no" scope="row" id="p-{rows.key}-0">1</th>{cells}{"<td></td>" if whole else ""}</tr>'))

    def _in_table(self, rows: Field) -> list[Field]:
        chosen = rows.settings.get("columns") or list(rows.by_key)
        return [rows.by_key[key] for key in chosen if key in rows.by_key and self.modes.get(f"{rows.key}.{key}", "hidden") != "hidden"]

    def _column(self, rows: Field, column: Field) -> Column:
        field_type, shown = registry.source(column, self.app)
        mode = self.modes[f"{rows.key}.{column.key}"]
        needed = mode == "required" or column.required is True
        return Column(column.key, say(column.label, g.language), field_type, shown, mode in WRITABLE, needed)

    def _td(self, rows: Field, column: Column, raw: Any) -> str:
        value, figure = self._loaded(rows.by_key[column.key], raw), " n" if column.field_type.figures else ""
        if self.modes[f"{rows.key}.{column.key}"] == "masked":
            return f'<td class="masked-cell{figure}">••••••</td>'
        if not column.writable:
            return f'<td class="{figure.strip()}">{self._read(column.field_type, column.shown, value)}</td>'
        named = f"p-{rows.key}-head-{column.key} p-{rows.key}-0"
        return f'<td class="in{figure}">{self._input(column.field_type, column.shown, f"{rows.key}-0-{column.key}", value, named)}</td>'

    @cached_property
    def _sample(self) -> Mapping[str, Any]:
        """The values of a record among the samples."""
        return next((one["values"] for one in self.app.samples.get("records", ()) if one.get("form") == self.form.key), {})

    def _value(self, field: Field) -> Any:
        """A sample's value; on a new record what the field starts with, if that stands there."""
        start = None if isinstance(field.default, dict | list) else field.default
        return self._loaded(field, start if self.step == NEW else self._sample.get(field.key))

    def _loaded(self, field: Field, raw: Any) -> Any:
        field_type = registry.own(field)
        if raw is None or isinstance(raw, dict) or not field_type.valued or field.type == "rows":
            return None
        if field_type.points_to(field):
            return raw
        if field_type.kind == "date" and isinstance(raw, int):
            return datetime.date.today() + datetime.timedelta(days=raw)
        try:
            return field_type.load(raw, field)
        except ValidationError:
            return None

    def _title(self, shown: Field, value: Any) -> str:
        """What a sample record, person or department is called."""
        target = registry.own(shown).points_to(shown)
        if target in (PERSON, DEPARTMENT):
            named = self.app.samples.get("people" if target == PERSON else "departments", ())
            return next((one["name"] for one in named if one["key"] == value), "")
        form = self.app.form_by_key.get(target or "")
        record = next((one for one in self.app.samples.get("records", ()) if one["key"] == value), None)
        return str(record["values"].get(form.title, value)) if form is not None and record is not None else ""
