"""How records move: statuses, transitions, who may take them, what they ask and do, and when things happen by themselves.

A `Text` is `{"en": ..., "zh": ...}`; a `Rule` is JsonLogic (see `rules/`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

Text = Mapping[str, str]
Rule = Any

STAYS = "*"  # the target of a transition that leads nowhere else
STATUS_KINDS = ("start", "active", "done", "cancelled", "exception")
COLOURS = (
    "grey", "amber", "orange", "blue", "violet", "teal", "green", "red", "pink", "indigo", "lime", "slate",
)


@dataclass(frozen=True)
class Check:
    """A rule that a value must satisfy, and the sentence that says so when it does not."""

    key: str
    rule: Rule
    message: Text


@dataclass(frozen=True)
class Calendar:
    """When the company works, in its own time zone. Days are ISO weekdays; `workdays` are days that are worked
    although their weekday is not (调休), `holidays` the other way round, both as "2026-10-01".
    """

    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5)
    opens: str = "09:00"
    closes: str = "18:00"
    holidays: tuple[str, ...] = ()
    workdays: tuple[str, ...] = ()


@dataclass(frozen=True)
class Status:
    key: str
    label: Text
    kind: str = "active"
    colour: str = "grey"
    in_charge: str | None = None  # a role's key
    hours_allowed: int | None = None
    clock_stands: bool = False
    x: int | None = None  # where it stands in the diagram
    y: int | None = None
    retired: bool = False  # no document says so: it is of an earlier version, and records still stand there


@dataclass(frozen=True)
class StatusList:
    key: str
    label: Text
    statuses: tuple[Status, ...] = ()

    @cached_property
    def by_key(self) -> dict[str, Status]:
        return {status.key: status for status in self.statuses}

    @cached_property
    def start(self) -> Status:
        """Where a new record begins: the first status of kind start, else the first of all."""
        return next((s for s in self.statuses if s.kind == "start"), self.statuses[0])


@dataclass(frozen=True)
class Who:
    """The people meant: members of roles, people named in person fields, the record's creator, the head
    of the creator's department.
    """

    roles: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    creator: bool = False
    head: bool = False


@dataclass(frozen=True)
class Guard:
    """A condition of a transition; `message` says why not, `lift` names the roles that can help."""

    key: str
    rule: Rule
    message: Text
    lift: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ask:
    """A field that a transition asks for, whether or not the step lets one edit it."""

    field: str
    required: bool = False


@dataclass(frozen=True)
class Effect:
    """One action (`actions/`) that a transition carries out, with the action's own settings."""

    key: str
    type: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Approval:
    """That a transition is carried by votes: of those who may take it, how many must say yes.

    kind: "one" of them, "all" of them, "some" (`count` of them), or "in_turn" (each role, field, creator and
    head that `who` names, one after the other).
    """

    kind: str = "one"
    count: int = 1
    not_self: bool = True  # not by the creator
    opinion: str = "optional"  # none, optional or required
    signature: bool = False  # drawn, or one's name typed


@dataclass(frozen=True)
class Wait:
    """When something happens by itself: so long after (before, if negative) what a date or moment field
    says, or else after the record came to its status. `working`: counted on the app's calendar.
    """

    field: str = ""
    days: int = 0
    hours: int = 0
    working: bool = False


@dataclass(frozen=True)
class Reminder:
    """A notice that a record sends by itself while it stands at one of these statuses and `when` holds."""

    key: str
    statuses: tuple[str, ...]
    wait: Wait
    to: Who
    message: Text
    when: Rule = True


@dataclass(frozen=True)
class Transition:
    """`target` may be "*": it stays where it is.  `rows`: the line items whose lines take it, each by itself; then `sources` and `target` are statuses of
    the list that those lines follow. `wait`: an automatic one comes when its time does. `preview`: what it
    would change is shown before it is taken. `bulk`: several records may take it at once, picked in a list.
    """

    key: str
    label: Text
    sources: tuple[str, ...]
    target: str
    who: Who = Who()
    guards: tuple[Guard, ...] = ()
    ask: tuple[Ask, ...] = ()
    confirm: Text = field(default_factory=dict)
    effects: tuple[Effect, ...] = ()
    automatic: bool = False
    tone: str = "normal"  # main, normal or danger
    rows: str | None = None
    approval: Approval | None = None
    wait: Wait | None = None
    preview: bool = False
    bulk: bool = True

    def leads(self, status: str) -> str:
        """Where it leads from a status: to its target, or nowhere else."""
        return status if self.target == STAYS else self.target

    @property
    def halts(self) -> bool:
        """Whether there is something to fill in, to confirm, to say or to see before it is taken."""
        says = self.approval is not None and (self.approval.opinion != "none" or self.approval.signature)
        return bool(self.ask or self.confirm or self.preview or says)

    def settings_of(self, effect: Effect) -> Mapping[str, Any]:
        """What an effect goes by; of a transition of lines that names none, it works on the line at hand."""
        if self.rows is None or effect.settings.get("each"):
            return effect.settings
        return {**effect.settings, "each": self.rows}
