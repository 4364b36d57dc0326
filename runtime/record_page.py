"""Everything that the page of a record shows, and of one that is not there yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from uuid import uuid4

from flask import url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from ..platform.access.members import names_with_role
from ..platform.access.rights import WRITABLE
from ..platform.access.shares import makes_links
from ..platform.definition.flow import Status, Transition
from ..platform.definition.model import Tab, say
from ..platform.errors import Problem
from ..platform.formats import Formats, utc_now
from ..platform.records.beyond import titles_in_sight
from ..platform.records.changes import state_of
from ..platform.records.query import Gate
from ..platform.records.results import Record
from ..platform.records.titles import PERSON
from ..platform.workflow.commands import Available
from ..platform.workflow.judge import Option
from .approval_panel import ApprovalPanel, approval_panels
from .cells import overdue
from .clashes import ClashView
from .line_flow import LineFlow
from .links import linking_fields
from .live_rules import LiveRules
from .naming import said
from .navigation import list_path, lower_first
from .record_cells import Block, Cells
from .record_form import SEEN, RecordForm, form_for, problems_of, typed_values
from .rework import own_names
from .story import Story
from .talking import Talking

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
        self.compiled = gate.compiled.form(form_key, record.flow_id)
        self.app_key = gate.compiled.app.key
        self.list_path = list_path(self.app_key, form_key)
        self.path = f"{self.list_path}{record.id or 'new'}"
        self.posted = posted
        self.titles = dict(record.titles)
        self.form: RecordForm = form_for(
            self.compiled, record.modes, record.values, self.titles, formats, posted, self._also(posted), record.masks
        )
        self.options: Sequence[Option] = ()
        self.line_options: Mapping[tuple[str, int], Sequence[Option]] = {}
        self.clashes: Sequence[ClashView] = ()
        self.refusal: Blocked | None = None
        self.warning = ""
        self.key = uuid4().hex
        self.offered: dict[str, list[tuple[str, str]]] = {}

    @cached_property
    def rules(self) -> LiveRules:
        """Over the record with what was typed, whose titles are read first: only for a page that is shown."""
        typed = self.record
        if self.posted is not None:
            typed = replace(typed, values=typed_values(self.form, typed.values))
            self.titles.update(titles_in_sight(self.gate, self.compiled, typed.values, self.titles))
        return LiveRules(self.gate, self.compiled, typed, self.formats.language)

    @cached_property
    def blocks(self) -> list[Block]:
        about = (self.gate, self.compiled, self.record, self.form, self.rules, self.formats, self.offered)
        return Cells(*about, flows=self.flows).blocks()

    @property
    def tabs(self) -> list[Tab]:
        """The tabs on which there is something to see, in their order."""
        there = {block.tab for block in self.blocks}
        return [tab for tab in self.compiled.form.tabs if tab.key in there]

    @property
    def above(self) -> list[Block]:
        """The sections that always show."""
        known = {tab.key for tab in self.tabs}
        return [block for block in self.blocks if block.tab not in known]

    @property
    def flows(self) -> dict[str, LineFlow]:
        """Of the line items whose lines have a status each: where they stand and what they can do."""
        found = {}
        for key, statuses in self.compiled.line_statuses.items():
            options = {row: ways for (rows, row), ways in self.line_options.items() if rows == key}
            found[key] = LineFlow(key, statuses, options, self._why_not, self.transition_at, self.formats.language)
        return found

    def _why_not(self, option: Option) -> tuple[str, str]:
        blocked = self.explained(option)
        return blocked.reason, blocked.helpers

    def can(self, available: Available) -> None:
        """Take what can be done now with the record and its lines."""
        self.options, self.line_options = available.record, available.lines

    def _also(self, posted: MultiDict | None) -> list[str]:
        """What is posted beside fields; a record that is not there yet was not seen anywhere."""
        return [*own_names(posted), *(SEEN if self.record.id is not None else ())]

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

    @property
    def version(self) -> str:
        """By which the page asks whether anything has changed."""
        return str(state_of(self.gate, self.record))

    @cached_property
    def talk(self) -> Talking | None:
        return Talking(self.gate, self.record, self.formats, self.story) if self.story else None

    @cached_property
    def approvals(self) -> list[ApprovalPanel]:
        """Where the approvals stand that lead on from here."""
        record = (self.compiled.key, self.record.id)
        return approval_panels(self.gate, self.options, self.story.events if self.story else (), record, self.formats)

    @cached_property
    def steps(self) -> list[Step]:
        """The path of statuses, with a detour at the place where the record took it."""
        if not self.compiled.statuses or not self.status:
            return []
        mine = self.compiled.statuses.statuses if self.record.flow_id else [s for s in self.compiled.statuses.statuses if not s.retired]
        usual = [s for s in mine if s.kind not in ASIDE]
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
    def signs(self) -> bool:
        """Whether a vote here asks for a signature."""
        return any(t.approval and t.approval.signature for t in self.compiled.form.flow())

    @property
    def shared_by_link(self) -> bool:
        """Whether this person makes links to it."""
        return makes_links(self.gate.actor, self.compiled.app, self.compiled.form.tracking)

    @property
    def first_steps(self) -> list[Transition]:
        """Of a record that is not there yet: what its creator can do with it at once."""
        roles = self.gate.actor.roles_in(self.app_key)
        start = self.compiled.start_status
        leaving = [t for t in self.compiled.form.flow() if start in t.sources and not t.automatic]
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
        found = names_with_role(self.gate.connection, self.app_key, [self.status.in_charge])
        return list(found.items())[:IN_CHARGE]

    @property
    def late(self) -> str:
        return overdue(self.compiled.app.clock, self.status, self.record.status_since, utc_now()) if self.status else ""

    @property
    def problems(self) -> list[Problem]:
        """Everything that is wrong, each with the field to go to."""
        return problems_of(self.form)

    def label_at(self, name: str) -> str:
        """The label of a field by its name on the page ("total", "lines-0-price") or its path."""
        parts = name.replace(".", "-").split("-")
        field = self.compiled.form.by_key.get(parts[0])
        if field is None:
            return ""
        if len(parts) == 3 and parts[2] in field.by_key:
            number = int(parts[1]) + 1 if parts[1].isdigit() else parts[1]
            column = say(field.by_key[parts[2]].label, self.formats.language)
            return f"{column}, {_('line %(number)s', number=number)}"
        return say(field.label, self.formats.language)

    def transition_at(self, transition: Transition, row: int | None = None) -> str:
        here = {"app_key": self.app_key, "form_key": self.compiled.key, "record_id": self.record.id}
        return url_for("transitions.show" if row is None else "transitions.show_line", **here, key=transition.key, row=row)

    def _said(self, key: str) -> str:
        return said(self.compiled, key, self.record.values, self.formats, self.record.titles)


def _steps(statuses: Iterable[Status], place: str) -> list[Step]:
    return [Step(status, place) for status in statuses]
