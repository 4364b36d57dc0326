"""Rows of a sheet into a form, each by the rights of the person who brings them: checked, done, taken back.

A row whose key a record has changes that record, as an edit does; any other makes a new one. An empty cell says
nothing. Where the person may bring history in, a row can say the status that its record has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from marshmallow import ValidationError

from ..access.actor import Actor
from ..db import Workspace
from ..errors import FormloomError, Invalid
from ..formats import formats_for
from ..records.compiled import CompiledForm, open_app
from ..records.query import Gate
from ..records.values import from_json, to_json
from . import intake_log
from .commands import Commands, Loaded, Saved
from .intake_cells import NotTaken
from .intake_targets import Records
from .sheet_cells import CellReader, fillable, records_with
from .sheet_log import Meaning, ToldRow

Values = dict[str, Any]


class SheetRows:
    """One import at work. Without `keep` nothing of it stays: what would come of each row is found out by doing it."""

    def __init__(self, workspace: Workspace, actor: Actor, row: sa.Row, keep: bool):
        self.workspace = workspace
        self.actor = actor
        self.row = row
        self.keep = keep
        self.meaning = Meaning.from_json(row.meaning)
        self.do = Commands(workspace, actor, row.app_key, keep=keep)
        self.history = self.meaning.status is not None

    def chunk(self, rows: list[tuple[int, list[str]]], seen: dict[str, int]) -> list[ToldRow]:
        """What became of some rows. seen: the keys of the rows before them, with their lines."""
        with self.workspace.reading() as connection:
            gate = Gate(connection, open_app(self.workspace, connection, self.row.app_key), self.actor)
            reading = RowReading(gate, self.row.form_key, self.meaning)
            meant = [reading.read(line, cells, seen) for line, cells in rows]
            known = intake_log.items(connection, self.row.app_key, mapping_key(self.row.id)) if self.keep else {}
        return [one if isinstance(one, ToldRow) else self._take(one, known) for one in meant]

    def _take(self, meant: Meant, known: Mapping[tuple[str, str], sa.Row]) -> ToldRow:
        if (self.row.form_key, str(meant.line)) in known:  # before somebody stopped the worker
            return ToldRow(meant.line, "changed" if meant.record else "created")
        try:
            return self._changed(meant) if meant.record else self._created(meant)
        except Invalid as refusal:
            return ToldRow(meant.line, "refused", joined(meant.said(problem) for problem in refusal.problems))
        except FormloomError as error:
            return ToldRow(meant.line, "refused", str(error.sentence))

    def _created(self, meant: Meant) -> ToldRow:
        key = f"sheet-{self.row.id}-{meant.line}"
        if self.history:
            (outcome,) = self.do.load(self.row.form_key, [Loaded(meant.status, meant.values)], key)
            if isinstance(outcome, Invalid):
                raise outcome
        else:
            outcome = self.do.create(self.row.form_key, meant.values, key)
        self._note(meant, outcome, "created")
        return ToldRow(meant.line, "created")

    def _changed(self, meant: Meant) -> ToldRow:
        if not meant.values:
            return ToldRow(meant.line, "unchanged")
        change = self.do.amend if self.history else self.do.edit
        outcome = change(self.row.form_key, meant.record, meant.values, meant.before)
        self._note(meant, outcome, "changed")
        return ToldRow(meant.line, "changed")

    def _note(self, meant: Meant, saved: Saved, kind: str) -> None:
        """Write down what can be taken back."""
        if not self.keep:
            return
        form = self.row.form_key
        entry = intake_log.Entry(form, str(meant.line), form, meant.line, saved.id, saved.status, meant.values, saved.rev)
        with self.workspace.writing() as connection:
            intake_log.note(connection, self.row.run_id, self.row.app_key, mapping_key(self.row.id), entry, kind, meant.before, meant.values)


class Meant:
    """What a row says: the values to write, and of a record that is there its id and what stands there now."""

    def __init__(self, form: CompiledForm, line: int, values: Values, language: str):
        self.form = form
        self.line = line
        self.values = values
        self.language = language
        self.record: int | None = None
        self.before: Values = {}
        self.status = form.start_status

    def said(self, problem) -> str:
        """A problem with the name of its field."""
        field = self.form.form.field_at(problem.path)
        label = field.label.get(self.language) or field.label.get("en") or problem.path if field else ""
        return f"{label}: {problem.message}" if label else str(problem.message)


class RowReading:
    """Reads rows as one person means them."""

    def __init__(self, gate: Gate, form_key: str, meaning: Meaning):
        self.gate = gate
        self.form = gate.compiled.form(form_key)
        self.meaning = meaning
        self.loads = meaning.status is not None
        self.open = set(fillable(gate, self.form, self.loads))
        self.reader = CellReader(gate, self.form, formats_for(gate.actor.language, gate.compiled.app.zone))

    def read(self, line: int, cells: list[str], seen: dict[str, int]) -> Meant | ToldRow:
        """What a row means, or why it cannot be taken."""
        values, wrong, key = {}, [], ""
        for place, path in self.meaning.columns.items():
            word = cells[place].strip()
            if not word:
                continue
            key = word if path == self.meaning.key else key
            if path not in self.open:
                continue
            try:
                values[path] = self.reader.value(path, word, (self.meaning.dates or {}).get(place, ""))
            except NotTaken as reason:
                wrong.append(f"{self._label(path)}: {reason}")
        meant = Meant(self.form, line, values, self.gate.actor.language)
        wrong += self._placed(meant, cells) + self._matched(meant, key, seen)
        return ToldRow(line, "refused", joined(wrong)) if wrong else meant

    def _placed(self, meant: Meant, cells: list[str]) -> list[str]:
        """The status that a row says; returns what is wrong with it."""
        word = cells[self.meaning.status].strip() if self.loads else ""
        if not word or self.form.statuses is None:
            return []
        known = {said.casefold(): s.key for s in self.form.statuses.statuses for said in (s.key, *s.label.values())}
        meant.status = known.get(word.casefold(), "")
        return [] if meant.status else [_("there is no status “%(word)s”", word=word)]

    def _matched(self, meant: Meant, key: str, seen: dict[str, int]) -> list[str]:
        """Find the record that a row is about; returns what is wrong."""
        if not key:
            return []
        if key in seen:
            return [_("%(id)s is in line %(line)d already", id=key, line=seen[key])]
        seen[key] = meant.line
        found = records_with(self.gate, self.form.key, self.meaning.key, key)
        if len(found) > 1:
            return [_("several records have %(key)s", key=key)]
        if not found and self.meaning.key not in self.open:
            return [_("there is no record with %(key)s", key=key)]
        if found:
            self._measured(meant, found[0])
        return []

    def _measured(self, meant: Meant, record_id: int) -> None:
        """Leave what stands in the record already."""
        record = self.gate.record(self.form.key, record_id)
        meant.record = record.id
        for path, value in list(meant.values.items()):
            now = record.values.get(path)
            if self._same(path, value, now):
                del meant.values[path]
            else:
                meant.before[path] = to_json(self.form, path, now)

    def _same(self, path: str, value: Any, now: Any) -> bool:
        try:
            return from_json(self.form, path, value) == now
        except ValidationError:
            return False

    def _label(self, path: str) -> str:
        label = self.form.form.by_key[path].label
        return label.get(self.gate.actor.language) or label.get("en") or path


class Own(Records):
    """Records as the one who brought them in may change them: by loading where that is allowed, else as anybody."""

    def __init__(self, workspace: Workspace, actor: Actor, app_key: str, form: str, loads: bool):
        super().__init__(workspace, actor, app_key, form)
        self.loads = loads

    def change(self, record_id: int, state: Any, changes: Mapping[str, Any]) -> int:
        if self.loads:
            return super().change(record_id, state, changes)
        return self.do.edit(self.form, record_id, changes, {key: state.values.get(key) for key in changes}).rev

    def remove(self, record_id: int) -> None:
        if self.loads:
            super().remove(record_id)
        else:
            self.do.delete(self.form, record_id)


def joined(reasons: Iterable[str]) -> str:
    """Several reasons as one sentence."""
    return "; ".join(reason.rstrip(".。") for reason in reasons)


def mapping_key(import_id: int) -> str:
    """Under what the import log knows an import."""
    return f"sheet {import_id}"
