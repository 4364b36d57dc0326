"""What can be done with many records at once: taking a transition, setting a field, deleting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from ..platform.access.rights import WRITABLE
from ..platform.definition.model import say
from ..platform.errors import FormloomError, Invalid, NotFound, Problem
from ..platform.records.results import Record
from .ballot_paper import BallotPaper
from .live_rules import LiveRules
from .opening import commands_of
from .question import Question
from .record_cells import Cells, FieldCell
from .record_form import RecordForm, form_for, place, problems_of, values_from
from .record_page import RecordPage
from .selection import Selection

BESIDE = ("record", "do", "next", "all")
"""What the page posts besides what is asked."""


@dataclass(frozen=True)
class Outcome:
    """What became of one record; `reason` where it was not done."""

    record: Record
    title: str
    reason: str = ""


class Act:
    """One thing to do with every record; `read` takes what was filled in, and raises Invalid."""

    name = label = confirm = ""
    danger = False
    cells: Sequence[FieldCell] = ()
    paper: BallotPaper | None = None
    form: RecordForm | None = None

    def __init__(self, selection: Selection):
        self.selection = selection
        self.commands = commands_of(selection.gate.compiled.app.key)
        self.problems: list[Problem] = []
        self.refusals: list[Invalid] = []  # of what was filled in, by the records

    def read(self) -> None:
        """Nothing is asked for."""

    def place(self, refusal: Invalid) -> None:
        self.problems += refusal.problems

    def done(self, record: Record, key: str) -> Outcome:
        """Do it with one record, in a transaction of its own."""
        title = self.selection.title(record)
        try:
            self.work(record, key)
        except Invalid as refusal:
            self.refusals.append(refusal)
            return Outcome(record, title, " ".join(str(problem.message) for problem in refusal.problems))
        except FormloomError as refusal:
            return Outcome(record, title, str(refusal))
        return Outcome(record, title)

    def work(self, record: Record, key: str) -> None:
        raise NotImplementedError


class Take(Act):
    """A transition; what it asks for is filled in once, and counts for all."""

    def __init__(self, selection: Selection, key: str, posted: MultiDict | None):
        super().__init__(selection)
        self.transition = selection.transition(key)
        self.name, self.label = f"take.{key}", say(self.transition.label, selection.formats.language)
        self.danger = self.transition.tone == "danger"
        self.input: Mapping[str, Any] = {}
        self.question: Question | None = None
        able = selection.able(key) or [r for r in selection.records if r.status in self.transition.sources]
        if able:
            page = RecordPage(selection.gate, selection.form.key, able[0], selection.formats)
            self.question = Question(page, key, _asked(posted))
            self.paper, self.confirm = self.question.paper, self.question.confirm
            self.form, self.cells = self.question.form, self.question.cells

    def read(self) -> None:
        """Once all have moved on there is nothing to ask; each then says so, or what it answered before."""
        if self.question is not None:
            self.input = self.question.answers[0]

    def place(self, refusal: Invalid) -> None:
        self.question.place(refusal)
        self.cells = self.question.cells
        self.problems = self.question.problems

    def work(self, record: Record, key: str) -> None:
        base = {name: record.values.get(name) for name in self.input}
        seen = {"rev": self.selection.rev(record), "key": key, **(self.paper.filled() if self.paper else {})}
        self.commands.perform(self.selection.form.key, record.id, self.transition.key, self.input, base, **seen)


class Fill(Act):
    """One value for one field of all; empty empties it."""

    def __init__(self, selection: Selection, key: str, posted: MultiDict | None):
        super().__init__(selection)
        self.field = selection.field(key)
        self.name, self.label = f"fill.{key}", _("Set “%(field)s”", field=say(self.field.label, selection.formats.language))
        first = next(record for record in selection.records if record.modes.get(key) in WRITABLE)
        self.record = replace(first, values={**first.values, key: None}, modes={key: "edit"})
        self.form = form_for(
            selection.form, self.record.modes, self.record.values, first.titles, selection.formats, _asked(posted), also=BESIDE
        )
        self.value: Any = None

    @property
    def cells(self) -> list[FieldCell]:
        chosen = self.selection
        rules = LiveRules(chosen.gate, chosen.form, self.record, chosen.formats.language)
        return [Cells(chosen.gate, chosen.form, self.record, self.form, rules, chosen.formats, {}, prefix="q").cell(self.field.key)]

    def read(self) -> None:
        values_from(self.form)
        self.value = self.form[self.field.key].data

    def place(self, refusal: Invalid) -> None:
        place(self.form, refusal)
        self.problems = problems_of(self.form)

    def work(self, record: Record, key: str) -> None:
        here = self.field.key
        if record.modes.get(here) not in WRITABLE:
            raise Invalid([Problem(here, _("“%(field)s” cannot be changed here.", field=say(self.field.label, self.selection.formats.language)))])
        self.commands.edit(self.selection.form.key, record.id, {here: self.value}, {here: record.values.get(here)}, key)


class Remove(Act):
    """Deletion; each can be brought back from its own page's address."""

    name, danger = "delete", True

    def __init__(self, selection: Selection):
        super().__init__(selection)
        if not selection.may_delete:
            raise NotFound
        self.label, self.confirm = _("Delete"), _("They disappear from every list. Their history is kept.")

    def work(self, record: Record, key: str) -> None:
        self.commands.delete(self.selection.form.key, record.id, key)


def act_named(selection: Selection, name: str, posted: MultiDict | None = None) -> Act:
    """The act called "take.KEY", "fill.FIELD" or "delete"; not found where there is none."""
    kind, _dot, key = name.partition(".")
    if kind == "take":
        return Take(selection, key, posted)
    if kind == "fill":
        return Fill(selection, key, posted)
    if name == Remove.name:
        return Remove(selection)
    raise NotFound


def _asked(posted: MultiDict | None) -> MultiDict | None:
    """What was filled in, without what the page posts besides."""
    return posted if posted is None else MultiDict((k, v) for k, v in posted.items(multi=True) if k not in BESIDE)


