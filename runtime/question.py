"""What a transition asks before it is taken: a confirmation, fields to fill in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from werkzeug.datastructures import MultiDict

from ..platform.access.rights import READABLE, WRITABLE
from ..platform.definition.flow import Status
from ..platform.definition.model import say
from ..platform.errors import Invalid, NotFound, Problem
from ..platform.records.results import Record
from ..platform.workflow.asking import asked_modes
from .ballot_paper import NAMES as VOTE
from .ballot_paper import BallotPaper
from .foreseeing import Seen
from .live_rules import LiveRules
from .naming import line_said
from .record_cells import Cells, FieldCell
from .record_form import SEEN, RecordForm, form_for, place, problems_of, values_from
from .record_page import Blocked, RecordPage
from .rework import own_names
from .uploads import with_files


class Question:
    """One transition of the record of a page, or of the line `row` of it; not found where its status has no such
    way out.
    """

    def __init__(self, page: RecordPage, key: str, posted: MultiDict | None = None, row: int | None = None):
        transition = page.compiled.form.transition_by_key.get(key)
        if transition is None or transition.automatic or (transition.rows is None) != (row is None):
            raise NotFound
        self.page = page
        self.notice = ""  # what came between
        self.transition = transition
        self.row = row
        self.record = page.record if row is None else _narrowed(page.record, transition.rows, row)
        if self.standing not in transition.sources:
            raise NotFound
        self.paper = BallotPaper(page.gate, page.compiled, transition, page.record.id, posted)
        self.modes = asked_modes(page.compiled, transition)
        posted = posted if posted is None else with_files(page.compiled, self.modes, posted)
        self.form: RecordForm = form_for(
            page.compiled, self._beside() | self.modes, self.record.values, page.record.titles, page.formats, posted,
            also=[*own_names(posted), *SEEN, *VOTE],
        )  # fmt: skip
        self.effects: Sequence[Seen] | None = None  # what it would change, where that is shown

    def _beside(self) -> dict[str, str]:
        """The columns that tell which line it is, where one of the others is asked for: shown, not open."""
        rows = {path.partition(".")[0] for path in self.modes if "." in path} if self.row is None else set()
        seen = self.page.record.modes.items()
        return {path: "read" for path, mode in seen if path.partition(".")[0] in rows and mode in READABLE}

    @property
    def standing(self) -> str:
        """The status of the record, or of the line."""
        return self.record.status if self.row is None else self.record.values[self.transition.rows][0]["status"]

    @property
    def line_name(self) -> str:
        """Which line it is, by its number and what stands first in it."""
        if self.row is None:
            return ""
        rows = self.transition.rows
        lines = [line["id"] for line in self.page.record.values[rows]]
        return line_said(self.page.compiled, rows, self.record.values[rows][0], lines.index(self.row), self.page.formats, self.page.record.titles)

    @property
    def action(self) -> str:
        return self.page.transition_at(self.transition, self.row)

    @property
    def status(self) -> Status | None:
        return self._status(self.standing)

    @property
    def answers(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What was filled in, and from what; of a line by column. Raises Invalid."""
        changes, base = values_from(self.form)
        if self.row is None:
            return changes, base
        rows = self.transition.rows
        columns = {key for line in changes.get(rows, ()) for key in line} - {"id"}
        sent, started = ({k: v for line in lines.get(rows, ()) for k, v in line.items()} for lines in (changes, base))
        return {key: sent[key] for key in columns}, {key: started.get(key) for key in columns}

    def place(self, refusal: Invalid) -> None:
        """Put every sentence beside what it is about; of a line that is named by column."""
        rows = self.transition.rows
        refusal = self.paper.place(refusal)
        if rows is None:
            if refusal.problems:
                place(self.form, refusal)
            return
        asked = [p for p in refusal.problems if f"{rows}.{p.path}" in self.modes]
        place(self.form, Invalid([replace(p, path=f"{rows}.0.{p.path}") for p in asked]))
        self.form.problems += [p for p in refusal.problems if p not in asked and p not in self.form.problems]

    @property
    def label(self) -> str:
        return say(self.transition.label, self.page.formats.language)

    @property
    def confirm(self) -> str:
        return say(self.transition.confirm, self.page.formats.language) if self.transition.confirm else ""

    @property
    def target(self) -> Status | None:
        return self._status(self.transition.leads(self.standing))

    def _status(self, key: str) -> Status | None:
        compiled, rows = self.page.compiled, self.transition.rows
        statuses = compiled.line_statuses[rows] if rows else compiled.statuses
        return statuses.by_key.get(key) if statuses else None

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with what was filled in."""
        return problems_of(self.form) + self.paper.told

    @property
    def takes_files(self) -> bool:
        return any(self.modes.get(path) in WRITABLE for path in self.page.compiled.file_paths)

    @property
    def danger(self) -> bool:
        return self.transition.tone == "danger"

    @cached_property
    def cells(self) -> list[FieldCell]:
        """The fields asked for, in their order."""
        page = self.page
        record = asking(self.record, self.modes)
        rules = LiveRules(page.gate, page.compiled, record, page.formats.language)
        cells = Cells(page.gate, page.compiled, record, self.form, rules, page.formats, page.offered, prefix="q")
        asked = (self.transition.rows or ask.field.partition(".")[0] for ask in self.transition.ask)
        return [cells.cell(key) for key in dict.fromkeys(asked)]

    @property
    def blocked(self) -> Blocked | None:
        """Why it can't be taken now."""
        here = self.page.options if self.row is None else self.page.line_options.get((self.transition.rows, self.row), ())
        options = [o for o in here if o.transition.key == self.transition.key and not o.allowed]
        return self.page.explained(options[0]) if options else None


def asking(record: Record, modes: Mapping[str, str]) -> Record:
    """The record as the question shows it: open where it asks, and nowhere else."""
    return replace(record, modes={**record.modes, **modes})


def _narrowed(record: Record, rows: str, row: int) -> Record:
    """The record with one of its lines alone; not found where that is not there, or not shown."""
    lines = [line for line in record.values.get(rows) or () if line["id"] == row]
    if not lines or "status" not in lines[0]:
        raise NotFound
    return replace(record, values={**record.values, rows: lines})
