"""Cells of a sheet as a field's values in JSON form, or why they cannot be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from marshmallow import ValidationError

from ..records.compiled import CompiledForm
from ..records.transfer import Sheet, SheetRow
from ..records.values import from_json, to_json
from ..rules.evaluate import compile_rule
from ..rules.typing import Type, check
from .mapping import ImportMapping, LookUp, Source

FLAGS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
TEXT = Type("text")


class NotTaken(ValueError):
    """Why a cell cannot be taken, as a person reads it."""


class NotThere(NotTaken):
    """What a cell refers to was not loaded."""


Resolve = Callable[[str, str], int]
"""(load, id in its sheet) -> id of ours; raises NotThere that says why not."""


@dataclass
class Cells:
    """Reads the cells of one row (and the row above it, for line items) by a mapping."""

    mapping: ImportMapping
    sheets: Mapping[str, Sheet]
    resolve: Resolve
    _rules: dict[tuple[int, str], Callable] = field(default_factory=dict)
    _words: dict[LookUp, dict[str, str]] = field(default_factory=dict)

    def value(self, source: Source, form: CompiledForm | None, path: str, row: SheetRow, header: SheetRow | None) -> Any:
        """What the field at a path gets from a row, in JSON form; a member's fields have no form."""
        word = self.word(source, row, header)
        if word is None:
            return None
        if source.refers:
            return self.resolve(source.refers, word)
        if form is None:
            return word
        return self._fitted(form, path, word)

    def word(self, source: Source, row: SheetRow, header: SheetRow | None = None) -> str | None:
        """The text that a row has for a source; None where it is empty."""
        if source.columns:
            filled = [cell for column in source.columns if (cell := self.cell(row, column)) is not None]
            word = " ".join(filled) or None
        else:
            word = self.rule(source.rule, row, header)
        if word is not None and source.look_up:
            word = self._looked_up(source.look_up, word)
        return source.options.get(word, word) if word is not None else None

    def cell(self, row: SheetRow, column: str) -> str | None:
        text = row.values[column].strip()
        return None if not text or text in self.mapping.empty else text

    def rule(self, rule: Any, row: SheetRow, header: SheetRow | None = None) -> Any:
        """A rule over the cells of a row, all text; those of the row above it are under `header`."""
        compiled = self.compiled(rule, row.sheet, header.sheet if header else None)
        data: dict[str, Any] = {column: self.cell(row, column) for column in row.values}
        if header:
            data["header"] = {column: self.cell(header, column) for column in header.values}
        return compiled(data)

    def compiled(self, rule: Any, sheet: str, above: str | None = None) -> Callable:
        """The rule over a sheet's columns as a closure; RuleError where it does not fit them."""
        key = (id(rule), sheet)
        if key not in self._rules:
            columns = dict.fromkeys(self.sheets[sheet].header, TEXT)
            if above:
                columns["header"] = Type("record", fields=dict.fromkeys(self.sheets[above].header, TEXT))
            scope = Type("record", fields=columns)
            check(rule, scope)
            self._rules[key] = compile_rule(rule, scope)
        return self._rules[key]

    def moment(self, source: Source, row: SheetRow) -> datetime | None:
        word = self.word(source, row)
        return self._date(word) if word is not None else None

    def _looked_up(self, look_up: LookUp, word: str) -> str:
        if look_up not in self._words:
            rows = self.sheets[look_up.sheet].rows if look_up.sheet in self.sheets else ()
            self._words[look_up] = {
                r.values[look_up.id].strip(): r.values[look_up.column].strip() for r in rows if not r.broken
            }
        found = self._words[look_up].get(word)
        if found is None:
            raise NotTaken(_("there is no %(id)s %(word)s in %(sheet)s", id=look_up.id, word=word, sheet=look_up.sheet))
        return found

    def _fitted(self, form: CompiledForm, path: str, word: str) -> Any:
        field_type, field = form.shown[path]
        raw: Any = field_type.from_cell(word, field)
        if field_type.kind == "flag":
            raw = FLAGS.get(word.lower())
        elif field_type.kind in ("date", "moment"):
            raw = self._date(word)
            raw = raw.date() if field_type.kind == "date" else raw
        if raw is None:
            raise NotTaken(_("“%(word)s” is neither yes nor no", word=word))
        try:
            return to_json(form, path, from_json(form, path, raw))
        except ValidationError as error:
            raise NotTaken(_("“%(word)s” is refused: %(why)s", word=word, why=" ".join(map(str, error.messages)))) from None

    def _date(self, word: str) -> datetime:
        for pattern in (self.mapping.date_format, "%Y-%m-%d"):
            try:
                return datetime.strptime(word, pattern)
            except ValueError:
                continue
        raise NotTaken(_("“%(word)s” is not a date", word=word))
