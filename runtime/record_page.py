"""Everything that the page of a record shows, and of one that is not there yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from uuid import uuid4

from flask import url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from ..platform.access.members import members_with_role, names
from ..platform.access.rights import WRITABLE
from ..platform.definition.flow import Status, Transition
from ..platform.definition.model import say
from ..platform.errors import Problem
from ..platform.formats import Formats, utc_now
from ..platform.records.beyond import titles_in_sight
from ..platform.records.query import Gate
from ..platform.records.results import Record
from ..platform.records.titles import PERSON
from ..platform.workflow.judge import Option
from .cells import overdue
from .clashes import ClashView
from .links import linking_fields
from .live_rules import LiveRules
from .naming import said
from .navigation import list_path, lower_first
from .record_cells import Block, Cells
from .record_form import RecordForm, form_for, typed_values
from .rework import own_names
from .story import Story

ASIDE = ("exception", "cancelled")  # kinds of status that are no part of the usual path
IN_CHARGE = 3  # names that are told


@dataclass(frozen=True)
class Step:
    """One status in the strip: "past", "now" or "ahead"."""

    status: Status
    place: str


@dataclass(frozen=True)
class Blocked:
    """Something that cannot be done now: why, and who can help."""

    label: str
    reason: str
    helpers: str


class RecordPage:
    """`posted`: what came back from this very page, to be shown again as it was typed."""

    def __init__(self, gate: Gate, form_key: str, record: Record, formats: Formats, posted: MultiDict | None = None):
        self.gate = gate
        self.record = record
        self.formats = formats
        self.compiled = gate.compiled.form(form_key)
        self.app_key = gate.compiled.app.key
        self.list_path = list_path(self.app_key, form_key)
        self.path = f"{self.list_path}{record.id or 'new'}"
        self.posted = posted
        titles = dict(record.titles)
        self.form: RecordForm = form_for(
            self.compiled, record.modes, record.values, titles, formats, posted, own_names(posted), record.masks
        )
        typed = record if posted is None else replace(record, values=typed_values(self.form, record.values))
        titles.update(titles_in_sight(gate, self.compiled, typed.values, titles) if posted is not None else {})
        self.rules = LiveRules(gate, self.compiled, typed, formats.language)
        self.options: Sequence[Option] = ()
        self.clashes: Sequence[ClashView] = ()
        self.refusal: Blocked | None = None
        self.warning = ""
        self.key = uuid4().hex
        self.offered: dict[str, list[tuple[str, str]]] = {}

    @cached_property
    def blocks(self) -> list[Block]:
        return Cells(self.gate, self.compiled, self.record, self.form, self.rules, self.formats, self.offered).blocks()

    @property
    def editable(self) -> bool:
        return any(True for _field in self.form) or any(items.editable for items in self.form.lines.values())

    @property
    def takes_files(self) -> bool:
        return any(self.record.modes.get(path) in WRITABLE for path in self.compiled.file_paths)

    @property
    def title(self) -> str:
        if self.record.id is None:
            return _("New %(form)s", form=lower_first(say(self.compiled.form.label, self.formats.language)))
        return self._said(self.compiled.form.title) or f"#{self.record.id}"

    @property
    def subtitle(self) -> str:
        return self._said(self.compiled.form.subtitle) if self.record.id is not None else ""

    @property
    def status(self) -> Status | None:
        return self.compiled.statuses.by_key.get(self.record.status) if self.compiled.statuses else None

    @cached_property
    def story(self) -> Story | None:
        return Story(self.gate, self.compiled, self.record, self.formats) if self.record.id is not None else None

    @cached_property
    def steps(self) -> list[Step]:
        """The path of statuses, with a detour at the place where the record took it."""
        if not self.compiled.statuses or not self.status:
            return []
        usual = [s for s in self.compiled.statuses.statuses if s.kind not in ASIDE]
        visited = self.story.visited if self.story else set()
        if self.status not in usual:
            past = [s for s in usual if s.key in visited]
            ahead = [] if self.status.kind == "cancelled" else [s for s in usual if s.key not in visited]
            return [*_steps(past, "past"), Step(self.status, "now"), *_steps(ahead, "ahead")]
        here = usual.index(self.status)
        before = [Step(s, "past" if s.key in visited else "ahead") for s in usual[:here]]
        return [*before, Step(self.status, "now"), *_steps(usual[here + 1 :], "ahead")]

    @property
    def allowed(self) -> list[Transition]:
        """What can happen next, the main thing first."""
        found = [option.transition for option in self.options if option.allowed and not option.transition.automatic]
        return sorted(found, key=lambda t: ("main", "normal", "danger").index(t.tone))

    @property
    def first_steps(self) -> list[Transition]:
        """Of a record that is not there yet: what its creator can do with it at once."""
        roles = self.gate.actor.roles_in(self.app_key)
        start = self.compiled.start_status
        leaving = [t for t in self.compiled.form.transitions if start in t.sources and not t.automatic]
        return [t for t in leaving if t.tone == "main" and (roles & set(t.who.roles) or t.who.creator)]

    @property
    def standing_out(self) -> frozenset[str]:
        """The figures that lists show too: of several totals the one that counts."""
        return frozenset(self.compiled.form.views[0].columns) if self.compiled.form.views else frozenset()

    @property
    def linked_from(self) -> bool:
        return bool(linking_fields(self.gate, self.compiled.key))

    @property
    def creator(self) -> str:
        return self.record.titles.get((PERSON, self.record.created_by), "")

    @property
    def changer(self) -> str:
        return self.record.titles.get((PERSON, self.record.updated_by), "")

    @property
    def blocked(self) -> list[Blocked]:
        """What cannot, with every reason and those who can lift it."""
        return [self.explained(option) for option in self.options if not option.allowed]

    def explained(self, option: Option) -> Blocked:
        """The first reason; where it is that only some roles may, it has said who can help."""
        reason, who = option.reasons[0], option.transition.who
        helpers = "" if reason.lifters == who.roles else self.roles(reason.lifters)
        return Blocked(say(option.transition.label, self.formats.language), reason.text, helpers)

    def roles(self, keys: Iterable[str]) -> str:
        """Roles by key, in words."""
        known = self.gate.compiled.app.role_by_key
        return _(" or ").join(say(known[key].label, self.formats.language) for key in keys if key in known)

    @property
    def in_charge(self) -> str:
        return self.roles([self.status.in_charge]) if self.status and self.status.in_charge else ""

    @cached_property
    def people_in_charge(self) -> list[tuple[int, str]]:
        """(id, name) of a few members who hold the role in charge."""
        if not self.in_charge:
            return []
        ids = sorted(members_with_role(self.gate.connection, self.app_key, [self.status.in_charge]))[:IN_CHARGE]
        found = names(self.gate.connection, ids)
        return [(number, found[number]) for number in ids if number in found]

    @property
    def late(self) -> str:
        return overdue(self.status, self.record.status_since, utc_now()) if self.status else ""

    @property
    def problems(self) -> list[Problem]:
        """Everything that is wrong, each with the field to go to."""
        found = list(self.form.problems)
        for name, sentences in self.form.errors.items():
            found += [Problem(name, sentence) for sentence in sentences]
        for items in self.form.lines.values():
            found += [Problem(items.key, sentence) for sentence in items.errors]
            for line in items.lines:
                found += [Problem(cell.name, sentence) for cell in line.cells.values() for sentence in cell.errors]
                found += [Problem(items.key, sentence) for sentence in line.errors]
        return found

    def label_at(self, name: str) -> str:
        """The label of a field by its name on the page: "total", "lines-0-price"."""
        parts = name.split("-")
        field = self.compiled.form.by_key.get(parts[0])
        if field is None:
            return ""
        if len(parts) == 3 and parts[2] in field.by_key:
            number = int(parts[1]) + 1 if parts[1].isdigit() else parts[1]
            column = say(field.by_key[parts[2]].label, self.formats.language)
            return f"{column}, {_('line %(number)s', number=number)}"
        return say(field.label, self.formats.language)

    def transition_at(self, transition: Transition) -> str:
        return url_for(
            "transitions.show", app_key=self.app_key, form_key=self.compiled.key, record_id=self.record.id, key=transition.key
        )

    def _said(self, key: str) -> str:
        return said(self.compiled, key, self.record.values, self.formats, self.record.titles)


def _steps(statuses: Iterable[Status], place: str) -> list[Step]:
    return [Step(status, place) for status in statuses]
