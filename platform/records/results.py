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
    masks: Mapping[str, str] = field(default_factory=dict)  # of the masked values that are there, what may be shown


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
class Told:
    """One changed path of an event, with the value before and after in JSON form."""

    path: str
    old: Any
    new: Any


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
