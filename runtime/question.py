"""What a transition asks before it is taken: a confirmation, fields to fill in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from werkzeug.datastructures import MultiDict

from ..platform.access.rights import WRITABLE
from ..platform.definition.flow import Status
from ..platform.definition.model import say
from ..platform.errors import NotFound, Problem
from ..platform.records.results import Record
from ..platform.workflow.performing import asked_modes
from .live_rules import LiveRules
from .record_cells import Cells, FieldCell
from .record_form import RecordForm, form_for
from .record_page import Blocked, RecordPage
from .rework import own_names
from .uploads import with_files


class Question:
    """One transition of the record of a page; not found where its status has no such way out."""

    def __init__(self, page: RecordPage, key: str, posted: MultiDict | None = None):
        transition = page.compiled.form.transition_by_key.get(key)
        if transition is None or transition.automatic or page.record.status not in transition.sources:
            raise NotFound
        self.page = page
        self.notice = ""  # what came between
        self.transition = transition
        self.modes = asked_modes(page.compiled, transition)
        record = page.record
        posted = posted if posted is None else with_files(page.compiled, self.modes, posted)
        self.form: RecordForm = form_for(page.compiled, self.modes, record.values, record.titles, page.formats, posted, own_names(posted))

    @property
    def label(self) -> str:
        return say(self.transition.label, self.page.formats.language)

    @property
    def confirm(self) -> str:
        return say(self.transition.confirm, self.page.formats.language) if self.transition.confirm else ""

    @property
    def target(self) -> Status | None:
        statuses = self.page.compiled.statuses
        return statuses.by_key.get(self.transition.target) if statuses else None

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with what was filled in."""
        found = [Problem(name, sentence) for name, sentences in self.form.errors.items() for sentence in sentences]
        return found + list(self.form.problems)

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
        record = asking(page.record, self.modes)
        rules = LiveRules(page.gate, page.compiled, record, page.formats.language)
        cells = Cells(page.gate, page.compiled, record, self.form, rules, page.formats, page.offered, prefix="q")
        return [cells.cell(key) for key in dict.fromkeys(ask.field.partition(".")[0] for ask in self.transition.ask)]

    @property
    def blocked(self) -> Blocked | None:
        """Why it can't be taken now."""
        options = [o for o in self.page.options if o.transition.key == self.transition.key and not o.allowed]
        return self.page.explained(options[0]) if options else None


def asking(record: Record, modes: Mapping[str, str]) -> Record:
    """The record as the question shows it: open where it asks, and nowhere else."""
    return replace(record, modes={**record.modes, **modes})
