"""What of a form may be opened by a link to people who have no account: a record to follow, a form to fill in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .flow import Text


@dataclass(frozen=True)
class Tracking:
    """How a record may be followed by a link.

    fields: the paths ("number", "lines.product") that a link shows.  statuses: whether it shows where the record
    stands and when it came there.  days: how long a link lasts, unless it is made for less.  roles: who makes links.
    """

    fields: tuple[str, ...] = ()
    statuses: bool = True
    days: int = 90
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class PublicForm:
    """How new records come in by a link.

    on: whether they do at the moment.  fields: the paths that are asked for; required: those that must be filled
    whatever the form says.  intro, closing: what is said before, and afterwards.  a_day, in_all: how many records one
    link takes.  days: how long it lasts, unless it is made for less.  roles: who makes links.
    """

    on: bool = True
    fields: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    intro: Text = field(default_factory=dict)
    closing: Text = field(default_factory=dict)
    a_day: int = 50
    in_all: int | None = None
    days: int = 365
    roles: tuple[str, ...] = ()


def with_rows(paths: Iterable[str]) -> frozenset[str]:
    """The paths, and the line items that the columns among them are part of."""
    return frozenset(one for path in paths for one in (path, path.partition(".")[0]))
