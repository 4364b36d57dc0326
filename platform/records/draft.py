"""A record in memory while a command works on it: its values now and as they were, its lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..access.actor import Actor
from ..access.rights import Grant
from ..definition.model import App
from .compiled import CompiledForm

Linked = dict[tuple[str, int | str], dict[Any, Any]]
"""(form key, id) -> the fields of a linked record that rules read, as rule data; see also matching.py."""


@dataclass(frozen=True)
class Taking:
    """A transition while it is taken; of one of lines, the key of their `rows` and the ids of those that take it."""

    transition: str
    rows: str | None = None
    lines: frozenset[int] = frozenset()

    def reaches(self, rows_key: str, line_id: int | None) -> bool:
        """Whether a line takes it, too; one of other line items does, and so does the record itself ("")."""
        return rows_key != self.rows or line_id in self.lines


@dataclass
class Draft:
    """`values` holds Python values by key; a link is an id, lines are dicts (without "id" while new).

    flags: which of the actor's row scopes hold it.  given: the header fields of a new record that somebody
    entered, be it as empty, so that no start value replaces them.  taking: the transition it is at just now.
    """

    form: CompiledForm
    values: dict[str, Any]
    id: int | None = None
    status: str = ""
    rev: int = 0
    seq: int = 0
    head: str = ""
    created_by: int | None = None
    created_at: datetime | None = None
    status_since: datetime | None = None
    flags: tuple[bool, ...] = ()
    given: frozenset[str] = frozenset()
    before: Mapping[str, Any] = field(default_factory=dict)
    from_status: str | None = None
    taking: Taking | None = None
    deleted: bool = False

    def remember(self) -> None:
        """Take the present values and status as what a change is measured against."""
        self.before = copied(self.values)
        self.from_status = self.status

    def line(self, rows_key: str, line_id: int) -> dict[str, Any] | None:
        """The line with an id, as it now stands; None where there is none."""
        return next((line for line in self.values.get(rows_key) or () if line.get("id") == line_id), None)

    def place(self, rows_key: str, line_id: int) -> int:
        """Where a line stands among the others, from 0."""
        return next(place for place, line in enumerate(self.values[rows_key]) if line.get("id") == line_id)

    @property
    def is_new(self) -> bool:
        return self.id is None


def copied(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of their own, lines too."""
    return {key: [dict(line) for line in value] if value.__class__ is list else value for key, value in values.items()}


def blank(form: CompiledForm, grants: Iterable[Grant]) -> Draft:
    """A new record at its start, by whoever of these may create one."""
    flags = tuple(grant.create for grant in grants)
    return Draft(form, {key: [] for key in form.rows}, status=form.start_status, flags=flags)


@dataclass(frozen=True)
class Surroundings:
    """What a rule sees beside the record: who acts, and when."""

    actor: Actor
    app: App
    now: datetime

    def data(self) -> dict[str, Any]:
        user = {
            "id": self.actor.id,
            "roles": sorted(self.actor.roles_in(self.app.key)),
            "department": self.actor.department,
        }
        return {"user": user, "now": self.now, "today": self.app.day(self.now)}


def rule_data(draft: Draft, linked: Linked, around: Surroundings) -> dict[str, Any]:
    """The record as rules see it: links opened into dicts, every line with its header beside it."""
    data = around.data()
    data |= {
        "id": draft.id,
        "status": draft.status,
        "created_by": draft.created_by,
        "created_at": draft.created_at,
    }
    data |= opened(draft.form, "", draft.values, linked)
    data["old"] = opened(draft.form, "", draft.before, linked)
    for rows in draft.form.form.rows:
        data[rows.key] = [line_data(draft.form, rows.key, line, linked, data) for line in draft.values.get(rows.key) or []]
    return data


def line_data(form: CompiledForm, rows_key: str, line: Mapping[str, Any], linked: Linked, data: dict) -> dict[str, Any]:
    """One line as its columns' rules see it."""
    beside = {"user": data["user"], "now": data["now"], "today": data["today"], "header": data}
    return beside | {"id": line.get("id")} | opened(form, f"{rows_key}.", line, linked)


def opened(form: CompiledForm, prefix: str, values: Mapping[str, Any], linked: Linked) -> dict[str, Any]:
    """Values with every link id replaced by {"id": ..., and what was loaded of its record}."""
    data = dict(values)
    for key, target in form.links_at[prefix]:
        if data.get(key) is not None:
            data[key] = {"id": data[key]} | linked.get((target, data[key]), {})
    return data


def open_value(form: CompiledForm, path: str, value: Any, linked: Linked) -> Any:
    if value is None or path not in form.shown:
        return value
    field_type, shown = form.shown[path]
    if field_type.name != "link":
        return value
    return {"id": value} | linked.get((shown.settings["form"], value), {})
