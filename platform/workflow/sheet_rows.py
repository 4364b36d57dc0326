"""Rows of a sheet into a form, each by the rights of the person who brings them: checked, done, taken back.

A row whose key a record has changes that record, as an edit does; any other makes a new one. Rows of one record say it
once, and each a line of it. An empty cell says nothing. Where the person may bring history in, a row can say the status that its record has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext
from marshmallow import ValidationError

from ..access.actor import Actor
from ..db import Workspace
from ..errors import FormloomError, Invalid, Problem
from ..formats import formats_for
from ..records.compiled import CompiledForm, open_app
from ..records.query import Gate
from ..records.results import Record
from ..records.values import from_json, to_json
from . import intake_log
from .commands import Commands, Loaded, Saved
from .intake_cells import NotTaken
from .intake_targets import Records
from .sheet_books import line_said
from .sheet_cells import CellReader, fillable, path_label, records_with
from .sheet_lines import LinesNow, given_back, split_path
from .sheet_log import Meaning, ToldRow, bundles

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
            meant = [reading.read(bundle, seen) for bundle in bundles(rows, self.meaning.group)]
            known = intake_log.items(connection, self.row.app_key, mapping_key(self.row.id)) if self.keep else {}
        return [told for one in meant for told in (self._take(one, known) if isinstance(one, Meant) else one)]

    def _take(self, meant: Meant, known: Mapping[tuple[str, str], sa.Row]) -> list[ToldRow]:
        if (self.row.form_key, str(meant.line)) in known:  # before somebody stopped the worker
            return meant.told(ToldRow(meant.line, "changed" if meant.record else "created"))
        try:
            return meant.told(self._changed(meant) if meant.record else self._created(meant))
        except Invalid as refusal:
            return meant.refused([(meant.line_of(problem), meant.said(problem)) for problem in refusal.problems])
        except FormloomError as error:
            return meant.refused([(meant.line, str(error.sentence))])

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
        return ToldRow(meant.line, "changed", ngettext("%(num)s line is taken away", "%(num)s lines are taken away", meant.gone) if meant.gone else "")

    def _note(self, meant: Meant, saved: Saved, kind: str) -> None:
        """Write down what can be taken back."""
        if not self.keep:
            return
        form = self.row.form_key
        entry = intake_log.Entry(form, str(meant.line), form, meant.line, saved.id, saved.status, meant.values, saved.rev)
        with self.workspace.writing() as connection:
            intake_log.note(connection, self.row.run_id, self.row.app_key, mapping_key(self.row.id), entry, kind, meant.before, meant.values)


class Meant:
    """What the rows of a record say: the values to write, and of a record that is there its id and what stands there now."""

    def __init__(self, form: CompiledForm, lines: Sequence[int], meaning: Meaning, language: str):
        self.form = form
        self.line, self.further = lines[0], lines[1:]
        self.meaning = meaning
        self.language = language
        self.values: Values = {}
        self.places: dict[str, list[int]] = {}  # of the line items: in which line of the sheet each stands
        self.record: int | None = None
        self.before: Values = {}
        self.gone = 0
        self.status = form.start_status

    def told(self, first: ToldRow) -> list[ToldRow]:
        return [first, *(ToldRow(line, "line") for line in self.further)]

    def refused(self, wrong: Sequence[tuple[int, str]]) -> list[ToldRow]:
        """All rows of the record, each with what is wrong with it, if with any of them something is."""
        why = {line: joined(said for at, said in wrong if at == line) for line, _said in wrong}
        first = next(iter(why))
        hangs = _("goes with %(line)s, which is not taken", line=line_said(first, self.meaning))
        return [ToldRow(line, "refused", why.get(line, hangs)) for line in (self.line, *self.further)]

    def line_of(self, problem: Problem) -> int:
        """Where what is wrong stands in the sheet."""
        key, index = [*problem.path.split("."), ""][:2]
        places = self.places.get(key, ())
        return places[int(index)] if index.isdigit() and int(index) < len(places) else self.line

    def said(self, problem: Problem) -> str:
        """A problem with the name of its field."""
        path = ".".join(part for part in problem.path.split(".") if not part.isdigit())
        label = path_label(self.form, path, self.language) if self.form.form.field_at(path) else ""
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

    def read(self, rows: Sequence[tuple[int, list[str]]], seen: dict[str, int]) -> Meant | list[ToldRow]:
        """What the rows of one record mean, or why they cannot be taken."""
        meant = Meant(self.form, [line for line, _cells in rows], self.meaning, self.gate.actor.language)
        words: dict[str, tuple[str, int]] = {}
        wrong = [problem for line, cells in rows for problem in self._row(meant, line, cells, words)]
        key = words.get(self.meaning.key, ("", 0))[0]
        wrong += [(meant.line, why) for why in self._placed(meant, rows[0][1]) + self._matched(meant, key, seen)]
        return meant.refused(wrong) if wrong else meant

    def _row(self, meant: Meant, line: int, cells: list[str], words: dict[str, tuple[str, int]]) -> list[tuple[int, str]]:
        """Take what a row says of the record, once, and of a line of its own; returns what is wrong."""
        wrong: list[str] = []
        items: dict[str, Values] = {}
        for place, path in self.meaning.columns.items():
            word, (rows, column) = cells[place].strip(), split_path(path)
            if not word or (not rows and words.setdefault(path, (word, line))[1] != line):
                if word and words[path][0] != word:
                    there = line_said(words[path][1], self.meaning)
                    wrong.append(_("%(field)s: %(line)s says “%(word)s”", field=self._label(path), line=there, word=words[path][0]))
                continue
            if path not in self.open:
                continue
            try:
                value = self.reader.value(path, word, (self.meaning.dates or {}).get(place, ""))
            except NotTaken as reason:
                wrong.append(f"{self._label(path)}: {reason}")
                continue
            into = items.setdefault(rows, {}) if rows else meant.values
            into[column] = value
        for rows, item in items.items():
            meant.values.setdefault(rows, []).append(item)
            meant.places.setdefault(rows, []).append(line)
        return [(line, why) for why in wrong]

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
            return [_("%(id)s is in %(line)s already", id=key, line=line_said(seen[key], self.meaning))]
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
            if path in self.form.rows:
                self._laid_over(meant, path, record)
            elif self._same(path, value, now):
                del meant.values[path]
            else:
                meant.before[path] = to_json(self.form, path, now)

    def _laid_over(self, meant: Meant, rows: str, record: Record) -> None:
        columns = [column for key, column in map(split_path, self.meaning.columns.values()) if key == rows]
        laid = LinesNow(self.form, rows, record, columns, self._same).laid_over(meant.values.pop(rows))
        if laid is not None:
            meant.values[rows], meant.before[rows] = laid.lines, laid.before
            meant.places[rows] = [meant.places[rows][index] for index in laid.sources]
            meant.gone += laid.gone

    def _same(self, path: str, value: Any, now: Any) -> bool:
        try:
            return from_json(self.form, path, value) == now
        except ValidationError:
            return False

    def _label(self, path: str) -> str:
        return path_label(self.form, path, self.gate.actor.language)


class Own(Records):
    """Records as the one who brought them in may change them: by loading where that is allowed, else as anybody."""

    def __init__(self, workspace: Workspace, actor: Actor, app_key: str, form: str, loads: bool):
        super().__init__(workspace, actor, app_key, form)
        self.loads = loads

    def change(self, record_id: int, state: Any, changes: Mapping[str, Any]) -> int:
        sent, base = dict(changes), {key: state.values.get(key) for key in changes}
        for key in (key for key, value in changes.items() if isinstance(value, list)):
            sent[key], base[key] = given_back(changes[key], state.values.get(key) or [])
        change = self.do.amend if self.loads else self.do.edit
        return change(self.form, record_id, sent, base).rev

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
