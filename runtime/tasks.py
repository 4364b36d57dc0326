"""What waits for a person: records whose status is in charge of one of their roles, or that name them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import url_for

from ..platform.definition.flow import Rule, Status, Transition
from ..platform.definition.model import Form, Sort, say
from ..platform.formats import Formats, utc_now
from ..platform.language import listed
from ..platform.records.compiled import CompiledForm
from ..platform.records.query import Gate
from ..platform.records.results import Arm, Page, Query, Row, Titles
from .ballots import Ballots
from .cells import due, overdue
from .naming import said, title_of
from .navigation import list_path
from .selection import in_bulk

MOST = 50  # cards of one form
FACTS = 2  # beside the subtitle
MOVES = 2  # buttons of a card
ENDED = ("done", "cancelled")
USER = {"var": "user.id"}
STATUS = {"var": "status"}


@dataclass(frozen=True)
class Move:
    """asks: whether it leads to a question first.  together: whether several records may take it at once."""

    key: str
    label: str
    href: str
    tone: str
    asks: bool
    together: bool


@dataclass(frozen=True)
class Task:
    """One card: a record, what is known of it in a line, since when it waits, what can be done.

    due: when the time that its status allows is over; the end of time where no clock runs.  kind: why it waits,
    "approve", "returned" to who made it, or "charge".  acts_for: in whose stead my yes is asked for.
    """

    id: int
    place: CompiledForm
    kind: str
    form: str
    title: str
    facts: str
    status: Status
    late: str
    since: datetime
    due: datetime
    href: str
    rev: int
    moves: Sequence[Move]
    acts_for: str = ""


@dataclass(frozen=True)
class Pile:
    """How many records of a form wait at one status, and where they are listed."""

    form: Form
    status: Status
    count: int
    exact: bool
    href: str


class Desk:
    """The work of one person in one form."""

    def __init__(self, gate: Gate, form: CompiledForm, formats: Formats):
        self.gate = gate
        self.form = form
        self.formats = formats
        self.roles = gate.actor.roles_in(gate.compiled.app.key)
        self.readable = gate.readable_fields(form.key)
        self.path = list_path(gate.compiled.app.key, form.key)
        self.ballots = Ballots(gate, form)
        self.more = False  # whether more waits than `tasks` has read

    @cached_property
    def mine(self) -> list[Status]:
        """The statuses that are in charge of one of my roles."""
        statuses = self.form.statuses.statuses if self.form.statuses else ()
        return [status for status in statuses if status.in_charge in self.roles and status.kind not in ENDED]

    @cached_property
    def arms(self) -> tuple[Arm, ...]:
        """What waits for me: in my charge or naming me while I have not voted on it, or awaiting my vote."""
        found = [Arm({"in": [STATUS, [s.key for s in self.mine]]}, unvoted=self._voted, mandates=self._handed)] if self.mine else []
        for field, statuses in self._naming():
            rule = {"and": [{"===": [{"var": field}, USER]}, {"in": [STATUS, statuses]}]}
            found.append(Arm(rule, unvoted=self._voted, mandates=self._handed))
        return (*found, *self._returned, *self.ballots.arms)

    @cached_property
    def _back(self) -> frozenset[str]:
        """The statuses at which a record is with its maker again: the beginning, and exceptions from which it goes
        on as from there.
        """
        statuses = self.form.statuses.statuses if self.form.statuses else ()
        starts = {status.key for status in statuses if status.kind == "start"}
        again = {key for t in self.form.form.flow() if not t.automatic and starts.intersection(t.sources) for key in t.sources}
        return frozenset(status.key for status in statuses if status.key in again and status.kind in ("start", "exception"))

    @property
    def _returned(self) -> list[Arm]:
        """What I made and what came back; where that is in my charge it waits for me anyway."""
        back = sorted(self._back - {status.key for status in self.mine})
        return [Arm({"and": [{"===": [{"var": "created_by"}, USER]}, {"in": [STATUS, back]}]}, moved=True)] if back else []

    @property
    def _voted(self) -> str:
        """Any vote of mine takes a record from my desk, where the form has approvals."""
        return "*" if self.ballots.transitions else ""

    @property
    def _handed(self) -> str:
        """So does what I have handed on."""
        return "own" if self.ballots.transitions and self.ballots.mandated else ""

    def tasks(self) -> list[Task]:
        if not self.arms:
            return []
        page = self.gate.page(Query(self.form.key, self._fields, sort=(Sort("status_since"),), limit=MOST, arms=self.arms))
        self.more = page.next is not None
        return self._tasks(page)

    def started(self) -> list[Task]:
        """What I brought in and is not at its end."""
        if self._under_way is None:
            return []
        page = self.gate.page(Query(self.form.key, self._fields, self._under_way, (Sort("id", True),), limit=MOST))
        return self._tasks(page)

    def started_count(self) -> int:
        """Of forms in which I make records at all, for it is asked often."""
        if self._under_way is None or not self.gate.may_create(self.form.key):
            return 0
        return self.gate.count(Query(self.form.key, where=self._under_way)).number

    @cached_property
    def _under_way(self) -> Rule | None:
        open_ones = [s.key for s in self.form.statuses.statuses if s.kind not in ENDED] if self.form.statuses else []
        return {"and": [{"===": [{"var": "created_by"}, USER]}, {"in": [STATUS, open_ones]}]} if open_ones else None

    def count(self) -> int:
        return self.gate.count(Query(self.form.key, arms=self.arms)).number if self.arms else 0

    def _tasks(self, page: Page) -> list[Task]:
        votes = self.ballots.votes(page.rows)
        return [self._task(row, page.titles, votes.get(row.id, ((), ()))) for row in page.rows]

    def piles(self) -> list[Pile]:
        """My records by status, those that there are."""
        found = []
        for status in self.mine:
            count = self.gate.count(Query(self.form.key, where={"in": [STATUS, [status.key]]}))
            href = f"{self.path}?view={self._widest}&f=status~is~{status.key}"
            found.append(Pile(self.form.form, status, count.number, count.exact, href))
        return [pile for pile in found if pile.count]

    def _naming(self) -> Iterable[tuple[str, list[str]]]:
        """The person fields that let somebody act, and the statuses in which they do."""
        found: dict[str, set[str]] = {}
        flows = [self.form, *(self.gate.compiled.form(self.form.key, flow) for flow in self.gate.compiled.flows.get(self.form.key, ()))]
        for transition in (transition for flow in flows for transition in flow.form.flow()):
            for field in transition.who.fields:
                if field in self.readable and not transition.automatic and not transition.approval:
                    found.setdefault(field, set()).update(transition.sources)
        return ((field, sorted(statuses)) for field, statuses in sorted(found.items()))

    @cached_property
    def _fields(self) -> tuple[str, ...]:
        form = self.form.form
        people = [field for transition in form.transitions for field in transition.who.fields]
        named = [form.title, form.subtitle, *self._facts, *people]
        return tuple(dict.fromkeys(key for key in named if key in self.readable))

    @cached_property
    def _facts(self) -> list[str]:
        """The first money and the first day that a view of this form shows."""
        shown = [key for view in self.form.form.views for key in view.columns if key in self.readable]
        kinds = {"money": "", "date": ""}
        for key in shown:
            name = self.form.shown[key][0].name
            if name in kinds and not kinds[name]:
                kinds[name] = key
        return [key for key in kinds.values() if key][:FACTS]

    @cached_property
    def _widest(self) -> str:
        """The view that leaves the least out."""
        views = [view for view in self.form.form.views if not view.roles]
        whole = [view for view in views if view.where is True]
        return (whole or views or [None])[0].key if views else "all"

    def _task(self, row: Row, titles: Titles, votes: tuple[Sequence[Any], Sequence[Any]]) -> Task:
        form, status = self.form.form, self._flow(row).statuses.by_key[row.status]
        clock, open_to_me = self.form.app.clock, self._open_to_me(row, votes)
        return Task(
            id=row.id,
            place=self.form,
            kind=self._kind(row, status, open_to_me),
            form=say(form.label, self.formats.language),
            title=title_of(self.form, row, self.formats, titles),
            facts=" · ".join(filter(None, (self._said(key, row, titles) for key in (form.subtitle, *self._facts)))),
            status=status,
            late=overdue(clock, status, row.status_since, utc_now()),
            since=row.status_since,
            due=due(clock, status, row.status_since) or datetime.max,
            href=f"{self.path}{row.id}",
            rev=row.rev,
            moves=[self._move(row, transition) for transition in open_to_me][:MOVES],
            acts_for=self._acts_for(open_to_me, row, votes),
        )

    def _acts_for(self, open_to_me: Sequence[Transition], row: Row, votes: tuple[Sequence[Any], Sequence[Any]]) -> str:
        asked = [one for t in open_to_me if t.approval for one in self.ballots.waits(t, row, votes)]
        mine = any(one.stead is None for one in asked)
        return "" if mine else listed(dict.fromkeys(one.actor.name for one in asked))

    def _kind(self, row: Row, status: Status, open_to_me: Sequence[Transition]) -> str:
        if any(transition.approval for transition in open_to_me):
            return "approve"
        mine = row.created_by == self.gate.actor.id
        return "returned" if mine and status.key in self._back and row.status_since > row.created_at else "charge"

    def _said(self, key: str, row: Row, titles: Titles) -> str:
        """A fact that says itself what it is: money with its sign, a day with its label."""
        value, form = row.values.get(key), self.form
        kind = form.shown[key][0].name if value is not None else ""
        if kind == "money":
            return self.formats.money(value, form.app.currency)
        if kind == "date":
            label = say(form.form.by_key[key].label, self.formats.language)
            return f"{label} {self.formats.short_date(value)}"
        return said(form, key, row.values, self.formats, titles)

    def _open_to_me(self, row: Row, votes: tuple[Sequence[Any], Sequence[Any]]) -> list[Transition]:
        """What this record's status and my roles allow, the main thing first; guards are asked when it is done."""
        found = [t for t in self._flow(row).form.flow() if row.status in t.sources and self._mine(t, row, votes)]
        return sorted((t for t in found if t.tone != "danger"), key=lambda t: t.tone != "main")

    def _flow(self, row: Row) -> CompiledForm:
        """The form with the flow that a record follows."""
        return self.gate.compiled.form(self.form.key, row.flow_id)

    def _mine(self, transition: Transition, row: Row, votes: tuple[Sequence[Any], Sequence[Any]]) -> bool:
        if transition.automatic or transition.rows is not None:
            return False
        if transition.approval:
            return bool(self.ballots.waits(transition, row, votes))
        named = any(row.values.get(field) == self.gate.actor.id for field in transition.who.fields)
        return named or bool(self.roles & set(transition.who.roles))

    def _move(self, row: Row, transition: Transition) -> Move:
        app_key = self.gate.compiled.app.key
        href = url_for("transitions.show", app_key=app_key, form_key=self.form.key, record_id=row.id, key=transition.key)
        approval = transition.approval
        must_say = approval is not None and (approval.opinion == "required" or approval.signature)
        asks = bool(transition.ask or transition.confirm or transition.preview or must_say)
        together = in_bulk(self.form, transition)
        return Move(transition.key, say(transition.label, self.formats.language), href, transition.tone, asks, together)


def in_order(tasks: Iterable[Task]) -> list[Task]:
    """What is due first comes first."""
    return sorted(tasks, key=lambda task: (task.due, task.since))


def desks(gates: Iterable[Gate], formats: Formats) -> list[Desk]:
    """One desk for each form that the person may see."""
    return [Desk(gate, gate.compiled.form(form.key), formats) for gate in gates for form in gate.forms()]
