"""Moving a record to another place on a board or in a calendar: what would do it, and why the rest can't."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from flask_babel import gettext as _
from marshmallow import ValidationError

from ..platform.access.rights import WRITABLE
from ..platform.definition.flow import Status, Transition
from ..platform.definition.model import say
from ..platform.errors import Invalid, NotFound, Problem
from ..platform.workflow.commands import Saved
from .opening import commands_of
from .record_page import Blocked, RecordPage

MOVABLE = ("choice", "date", "moment")


@dataclass(frozen=True)
class Way:
    """A transition that can be taken now, and where it leads."""

    transition: Transition
    target: Status | None
    question: str  # the address of what it asks for first; "" where it asks nothing


class StatusMove:
    """The ways of a record to another status, all of them or those that lead `to` one."""

    by = "status"

    def __init__(self, page: RecordPage, to: str = ""):
        page.can(commands_of(page.app_key).available_with_lines(page.compiled.key, page.record.id, page.gate))
        self.page = page
        flows = (page.compiled.statuses, page.gate.compiled.form(page.compiled.key).statuses)  # its own may be an earlier one
        self.to = next((flow.by_key[to] for flow in flows if flow and to in flow.by_key), None)
        if page.status is None or (to and self.to is None):
            raise NotFound
        self.notice = ""
        self.problems: Sequence[Problem] = ()
        self.key = uuid4().hex
        here = page.record.status
        self.options = [option for option in page.options if not to or option.transition.leads(here) == to]

    @property
    def here(self) -> str:
        """What the status is called at which it stands."""
        return say(self.page.status.label, self.page.formats.language) if self.page.status else self.page.record.status

    @property
    def ways(self) -> list[Way]:
        statuses, here = self.page.compiled.statuses.by_key, self.page.record.status
        allowed = (option.transition for option in self.options if option.allowed and not option.transition.automatic)
        return [Way(t, statuses.get(t.leads(here)), self.page.transition_at(t) if t.halts else "") for t in allowed]

    @property
    def places(self) -> list[str]:
        """The statuses that it can be moved to now."""
        return [way.target.key for way in self.ways if way.target]

    @property
    def blocked(self) -> list[Blocked]:
        return [self.page.explained(option) for option in self.options if not option.allowed]

    @property
    def unreachable(self) -> bool:
        """Whether nothing leads from where it stands to where it should go."""
        return self.to is not None and not self.options

    def way(self, key: str) -> Way:
        """The one that was pressed, or the only one there is."""
        for way in self.ways:
            if way.transition.key == key:
                return way
        raise NotFound

    def taken(self, way: Way, rev: int | None, status: str | None, key: str | None) -> Saved:
        return commands_of(self.page.app_key).perform(
            self.page.compiled.key, self.page.record.id, way.transition.key, rev=rev, status=status, key=key
        )


class ValueMove:
    """A record whose place is the value of a field: a choice, or a day, with the day that it ends at."""

    def __init__(self, page: RecordPage, by: str, end: str = ""):
        self.page = page
        self.by, self.end = by, end if page.record.shows(end) else ""
        shown = page.compiled.shown
        if any(key not in shown or not page.record.shows(key) or shown[key][0].kind not in MOVABLE for key in self.keys):
            raise NotFound
        self.field_type, self.field = shown[by]
        self.notice = ""
        self.problems: Sequence[Problem] = ()
        self.key = uuid4().hex

    @property
    def keys(self) -> list[str]:
        return [key for key in (self.by, self.end) if key]

    @property
    def label(self) -> str:
        return say(self.page.compiled.form.by_key[self.by].label, self.page.formats.language)

    @property
    def open(self) -> bool:
        """Whether this person may change it now."""
        return all(self.page.record.modes.get(key) in WRITABLE for key in self.keys)

    @property
    def places(self) -> list[str] | None:
        """Any, or none."""
        return None if self.open else []

    @property
    def options(self) -> list[tuple[str, str]]:
        """(key, label) of what a choice can be."""
        return list(self.field_type.choices(self.field, self.page.formats.language)) if self.field_type.kind == "choice" else []

    @property
    def now(self) -> str:
        """Where it stands, as the form's own input has it."""
        value = self.page.record.values.get(self.by)
        return _day(value, self).isoformat() if isinstance(value, date) else value or ""

    @property
    def base_text(self) -> str:
        """What the record's page would start from, of these fields."""
        return json.dumps({key: self._dumped(key) for key in self.keys}, ensure_ascii=False)

    def taken(self, to: str, base: str, key: str | None, since: str = "") -> Saved:
        """Edit the fields as the record's page does; `since` is the day of it that was taken hold of, if not the first."""
        started = self._started(base)
        changes = self._changes(to, started, since)
        return commands_of(self.page.app_key).edit(self.page.compiled.key, self.page.record.id, changes, started, key)

    def _changes(self, to: str, started: Mapping[str, Any], since: str) -> dict[str, Any]:
        try:
            if self.field_type.kind == "choice":
                return {self.by: self.field_type.parse(to, self.field, self.page.formats)}
            day = date.fromisoformat(to)
            first = None if started[self.by] is None else _day(started[self.by], self)
            moved = timedelta(0) if first is None else day - (date.fromisoformat(since) if since else first)
            return {key: self._on(key, started[key], moved, day) for key in self.keys if key == self.by or started[key] is not None}
        except ValidationError as error:
            raise Invalid([Problem(self.by, error.messages[0])]) from error
        except (ValueError, OverflowError):
            raise Invalid([Problem(self.by, _("There is no such day."))]) from None

    def _on(self, key: str, value: Any, moved: timedelta, day: date) -> Any:
        """The same hour so many days later; of nothing, the day itself."""
        if not isinstance(value, datetime) and value is not None:
            return value + moved
        field_type, field = self.page.compiled.shown[key]
        if field_type.kind == "date":
            return day
        local = datetime.combine(day, datetime.min.time()) if value is None else self.page.formats.local(value) + moved
        return field_type.parse(local.isoformat(), field, self.page.formats)

    def _started(self, text: str) -> dict[str, Any]:
        try:
            raw = json.loads(text)
            shown = self.page.compiled.shown
            return {key: shown[key][0].revive(raw[key], shown[key][1]) for key in self.keys}
        except (ValidationError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise Invalid([Problem("base", _("This page lost what it started from; load it again."))]) from None

    def _dumped(self, key: str) -> Any:
        field_type, field = self.page.compiled.shown[key]
        value = self.page.record.values.get(key)
        return None if value is None else field_type.dump(value, field)


def _day(value: date | datetime, move: ValueMove) -> date:
    return move.page.formats.local(value).date() if isinstance(value, datetime) else value
