"""An import run: the sheets of a folder into an app, by `load`, with every row that cannot be taken named.

1. read every sheet, before anything is written;  2. load by load, in the mapping's order, so that rows
find what they refer to: new rows are brought in, in batches, each with a note of where it came from;
rows that came in before change only what the sheet changed since;  3. write the refused rows to files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from ..access.actor import Actor
from ..db import Workspace
from ..errors import FormloomError, Invalid, Problem
from ..records.compiled import Compiled, open_app
from ..records.transfer import Sheet
from ..records.workbooks import sheet_at
from ..rules.typing import RuleError
from . import intake_log
from .commands import Saved
from .intake_cells import Cells, NotThere
from .intake_merge import differences, newer
from .intake_report import Report
from .intake_rows import Candidate, SheetReading
from .intake_targets import Outcome, State, target_of
from .mapping import ImportMapping, Load, rules_of
from .mapping_schema import load_mapping
from .outbox import now

BATCH = 100


def run_import(workspace: Workspace, actor: Actor, document: Any, folder: Path, app_key: str | None = None) -> Report:
    """Import a folder by a mapping document, into the mapping's app or another like it.

    Invalid, with nothing changed, where the mapping does not fit the app or a file is no such sheet.
    """
    with workspace.reading() as connection:
        compiled = open_app(workspace, connection, app_key or document["app"])
    mapping = load_mapping(document, compiled.app)
    sheets = read_sheets(mapping, folder)
    intake = Intake(workspace, actor, compiled, mapping, sheets)
    intake.check_rules()
    return intake.run()


def read_sheets(mapping: ImportMapping, folder: Path) -> dict[str, Sheet]:
    """The sheets of a mapping that are in a folder, or in a workbook; all problems of all files at once."""
    sheets, problems = {}, []
    for name, columns in mapping.sheets.items():
        try:
            if (found := sheet_at(folder, name, sorted(columns))) is not None:
                sheets[name] = found
        except Invalid as error:
            problems += error.problems
    for load in mapping.loads:
        for lines in load.rows.values():
            if load.sheet in sheets and lines.sheet not in sheets and not problems:
                problems.append(Problem(lines.sheet, _("This file is missing: %(sheet)s needs it.", sheet=load.sheet)))
    if not sheets and not problems:
        problems.append(Problem(str(folder), _("None of the mapping's files is here.")))
    if problems:
        raise Invalid(problems, _("Nothing was imported."))
    return sheets


class Intake:
    """One run. `items` is what this mapping brought in before and now: (load, id in its sheet) -> item."""

    def __init__(
        self, workspace: Workspace, actor: Actor, compiled: Compiled, mapping: ImportMapping, sheets: Mapping[str, Sheet]
    ):
        self.workspace = workspace
        self.actor = actor
        self.compiled = compiled
        self.mapping = mapping
        self.sheets = sheets
        self.app_key = compiled.app.key
        self.readings: dict[str, SheetReading] = {}
        self.cells = Cells(mapping, sheets, self._resolve)
        self.report = Report(mapping, sheets)

    def check_rules(self) -> None:
        """Invalid where a rule of the mapping does not fit its sheet's columns."""
        problems = []
        for load, sheet, above, rule in rules_of(self.mapping):
            if sheet in self.sheets:
                try:
                    self.cells.compiled(rule, sheet, above)
                except RuleError as error:
                    problems.append(Problem(f"loads[{load}]", error))
        if problems:
            raise Invalid(problems, _("This mapping does not fit the files."))

    def run(self) -> Report:
        with self.workspace.writing() as connection:
            self.run_id = intake_log.start_run(connection, self.app_key, self.mapping.key, self.actor.id, now())
            self.items = intake_log.items(connection, self.app_key, self.mapping.key)
        self.ids = {key: row.record_id for key, row in self.items.items() if not row.removed}
        for load in self.mapping.loads:
            if load.sheet in self.sheets:
                self._load(load)
        with self.workspace.writing() as connection:
            idle = intake_log.forget_idle_run(connection, self.run_id)
        self.report.run_id = None if idle else self.run_id
        return self.report

    def _load(self, load: Load) -> None:
        reading = self.readings[load.key] = SheetReading(load, self.sheets, self.cells, self.compiled)
        self.target = target_of(self.workspace, self.actor, self.app_key, load.into, load)
        candidates = reading.candidates()
        fresh = [c for c in candidates if (load.key, c.id) not in self.items]
        for start in range(0, len(fresh), BATCH):
            self._add(reading, fresh[start : start + BATCH])
        for candidate in candidates:
            if (load.key, candidate.id) in self.items:
                self._again(reading, candidate, self.items[load.key, candidate.id])
        self.report.take(reading, candidates)

    def _add(self, reading: SheetReading, batch: list[Candidate]) -> None:
        load = reading.load

        def note(connection: sa.Connection, candidates: Sequence[Candidate], outcomes: Sequence[Outcome]) -> None:
            entries = [
                intake_log.Entry(load.key, c.id, load.into, c.row.line, o.id, c.status, c.values, o.rev)
                for c, o in zip(candidates, outcomes, strict=True)
                if isinstance(o, Saved)
            ]
            intake_log.note_created(connection, self.run_id, self.app_key, self.mapping.key, entries)

        for candidate, outcome in zip(batch, self.target.add(batch, note), strict=True):
            if isinstance(outcome, Saved):
                self.ids[load.key, candidate.id] = outcome.id
                self.report.count(load.key, "created")
            else:
                reading.refuse(candidate, outcome)

    def _again(self, reading: SheetReading, candidate: Candidate, item: sa.Row) -> None:
        """A row that came in before: what the sheet changed since is written where nobody changed it here."""
        rev = self._bring_back(candidate, item) if item.removed else item.rev
        changes = differences(reading.load, item.values, candidate.values)
        if not changes and candidate.status == item.status:
            if not item.removed:
                self.report.count(item.load, "unchanged")
            return
        state = self.target.state(item.record_id)
        if state is None:
            self.report.notice(candidate.row, _("changed in the sheet, but deleted here: it stays deleted"))
            return
        if candidate.status != item.status:
            named = {"new": candidate.status, "now": state.status}
            self.report.notice(candidate.row, _("the sheet says %(new)s now; the record stays at %(now)s", **named))
        self._merge(reading, candidate, item, rev, state, changes)

    def _merge(self, reading: SheetReading, candidate: Candidate, item: sa.Row, rev: int, state: State, changes: dict) -> None:
        write, stays = newer(changes, item.values, state)
        if stays:
            self.report.notice(candidate.row, _("changed here as well, and left so: %(fields)s", fields=", ".join(stays)))
        try:
            rev = self.target.change(item.record_id, state, write) if write else rev
        except FormloomError as error:
            reading.refuse(candidate, str(error))
            return
        taken = {key: value for key, value in changes.items() if key not in stays}
        with self.workspace.writing() as connection:
            intake_log.update_item(connection, item.id, values={**item.values, **taken}, rev=rev)
            if write:
                before = {key: state.values.get(key) for key in write}
                intake_log.note_step(connection, self.run_id, item.id, candidate.row.line, "changed", before, write)
        self.report.count(item.load, "changed" if write else "unchanged")

    def _bring_back(self, candidate: Candidate, item: sa.Row) -> int:
        """A record that an undo took away."""
        rev = self.target.restore(item.record_id)
        with self.workspace.writing() as connection:
            intake_log.update_item(connection, item.id, removed=False, rev=rev)
            intake_log.note_step(connection, self.run_id, item.id, candidate.row.line, "restored")
        self.ids[item.load, item.source_id] = item.record_id
        self.report.count(item.load, "restored")
        return rev

    def _resolve(self, load_key: str, source_id: str) -> int:
        found = self.ids.get((load_key, source_id))
        if found is not None:
            return found
        reading = self.readings.get(load_key)
        if reading is None:
            raise NotThere(_("%(load)s %(id)s was never loaded", load=load_key, id=source_id))
        raise NotThere(reading.missing(source_id))
