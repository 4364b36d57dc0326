"""What is asked of the query gate, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..access.rights import READABLE
from ..definition.flow import Rule
from ..definition.model import NEW, Form, Sort

Titles = Mapping[tuple[str, int], str]
"""(form key, PERSON or DEPARTMENT, id) -> what a person reads for it."""


@dataclass(frozen=True)
class Arm:
    """Some rows of a query, by a rule and by the open votes in their present round.

    unvoted: a transition on which the actor has not voted, or "*" for any.  given, lacking: (transition, part)
    on which somebody has, or nobody.  creator: "led", by somebody whose head the actor is; "unled", by somebody
    who has none.  moved: only those that have been at another status.  stead: in whose stead the actor is asked, by
    number among those for whom they act.  person: a field, or "created_by", that names that one.  apart: none that
    one created.  once: nobody counts twice.  mandates: those of the transition count, of `part` alone if given:
    "own", what was not handed on; "handed", what the one in question holds for another; "added", what they were asked
    for besides.  fewer: than so many people have voted.
    """

    where: Rule = True
    unvoted: str = ""
    given: tuple[tuple[str, str], ...] = ()
    lacking: tuple[tuple[str, str], ...] = ()
    creator: str = ""
    moved: bool = False
    stead: int | None = None
    person: str = ""
    apart: bool = False
    once: bool = True
    mandates: str = ""
    part: str | None = None
    fewer: int = 0


@dataclass(frozen=True)
class Query:
    """What to read of a form: `fields` by key, `where` a rule, `after` or `before` a cursor of an earlier page.

    masks: fields that this actor never reads and sees to be filled at most.
    """

    form: str
    fields: tuple[str, ...] = ()
    where: Rule = True
    sort: tuple[Sort, ...] = ()
    after: str | None = None
    before: str | None = None
    limit: int = 50
    search: str = ""
    arms: tuple[Arm, ...] = ()  # if any, a row is in one of them
    masks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    id: int
    status: str
    rev: int
    created_at: datetime
    updated_at: datetime
    status_since: datetime
    values: Mapping[str, Any]
    hidden: frozenset[str]
    masked: frozenset[str] = frozenset()
    created_by: int | None = None
    flow_id: int | None = None  # the version whose flow it follows, where that is not the live one
    masks: Mapping[str, str] = field(default_factory=dict)  # of the masked values that are there, what may be shown
    writable: frozenset[str] = frozenset()  # which of its values the actor may change at its step


@dataclass(frozen=True)
class Page:
    rows: Sequence[Row]
    next: str | None
    previous: str | None
    titles: Titles


@dataclass(frozen=True)
class Count:
    number: int
    exact: bool


@dataclass(frozen=True)
class Record:
    """One record as an actor sees it: `values` holds what `modes` lets through, lines as a list of dicts.

    masks: by key, what may be shown of a masked value that is there; of line items, a mapping for each line.
    """

    form: Form
    id: int | None
    status: str | None
    rev: int
    values: Mapping[str, Any]
    modes: Mapping[str, str]
    titles: Titles = field(default_factory=dict)
    masks: Mapping[str, Any] = field(default_factory=dict)
    created_at: datetime | None = None
    created_by: int | None = None
    updated_at: datetime | None = None
    updated_by: int | None = None
    status_since: datetime | None = None
    step: str = NEW
    deletable: bool = False
    flow_id: int | None = None

    def shows(self, path: str) -> bool:
        return self.modes.get(path, "hidden") in READABLE


@dataclass(frozen=True)
class Choice:
    """A record or a person that a link or person field may be set to; `values` are those rules need."""

    id: int
    title: str
    subtitle: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """A key of a summary: a field, a column of line items ("lines.product"), or what every record has.

    period: "day", "week", "month", "quarter" or "year" of a date or a moment, told by its first day.
    """

    field: str
    period: str = ""


@dataclass(frozen=True)
class Measure:
    """What is measured in a group. kind: "count", "sum", "average", "min" or "max".

    field: of whose values, be it a column of line items; a count without one is of records, one of "lines"
    of lines, one of a field of those that are filled.
    """

    kind: str = "count"
    field: str = ""


@dataclass(frozen=True)
class Summary:
    """Rows of a form in groups. As soon as a key or a measure names a column of line items, it is their lines
    that are grouped, each beside its record.

    order: keys or measures, each with whether it falls; then by the keys.  limit: how many groups to tell.
    rest: whether to sum up those beyond it.
    """

    form: str
    groups: tuple[Group, ...] = ()
    measures: tuple[Measure, ...] = (Measure(),)
    where: Rule = True
    search: str = ""
    arms: tuple[Arm, ...] = ()  # if any, a row is in one of them
    order: tuple[tuple[Group | Measure, bool], ...] = ()
    limit: int = 100
    rest: bool = False


@dataclass(frozen=True)
class GroupRow:
    """One group: a value for each key and each measure; no keys for the rest."""

    keys: tuple[Any, ...]
    measures: tuple[Any, ...]


@dataclass(frozen=True)
class Summarised:
    """groups: how many there are in all.  rest: what is beyond the limit, if it was asked for and is there."""

    rows: Sequence[GroupRow]
    rest: GroupRow | None
    groups: int
    titles: Titles


@dataclass(frozen=True)
class Told:
    """One changed path of an event, with the value before and after in JSON form, unless they were erased since."""

    path: str
    old: Any
    new: Any
    erased: bool = False


@dataclass(frozen=True)
class Event:
    seq: int
    at: datetime
    actor_id: int | None
    kind: str
    transition: str | None
    from_status: str | None
    to_status: str
    changes: tuple[Told, ...]
    cause: Mapping[str, Any] | None = None  # the transition of a record in sight: form, id, transition, title
    opinion: str = ""
    stands_in: str = ""  # for whom nobody else could: "head" or "admin"
    voided: int = 0  # of how many people a yes was open and counts no more
    acts_for: tuple[int, ...] = ()  # the members whose yes it was, beside the actor's own
    asked: tuple[int, ...] = ()  # the members who got something to do, or to read
    signed: Mapping[str, str] = field(default_factory=dict)  # a "name" that was typed, or a "file" that was drawn
