"""The diagram of a flow: boxes, arrows and what is wrong with each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from flask import g, request
from flask_babel import gettext as _

from ..platform.definition.checks_ways import unanalysed
from ..platform.definition.findings import Finding
from ..platform.definition.flow import STAYS, Status, StatusList, Transition
from ..platform.definition.model import Field, Form, say
from ..platform.errors import NotFound
from .layout import Point, arrow, positions, size
from .workshop import Workshop


@dataclass(frozen=True)
class Box:
    status: Status
    x: int
    y: int
    beside: str
    findings: Sequence[Finding]


@dataclass(frozen=True)
class Arrow:
    transition: Transition
    source: str
    path: str
    label: Point
    findings: Sequence[Finding]
    again: bool = False  # one of several arrows of a transition, whose name stands on the first


class Flow:
    """One form's flow, or that of the lines of its line items; what is selected stands in the address."""

    def __init__(self, workshop: Workshop, form_key: str):
        self.workshop = workshop
        self.form: Form = workshop.form(form_key)
        wanted = request.values.get("rows") or None
        self.rows: Field | None = self.form.by_key.get(wanted) if wanted else None
        if wanted and (self.rows is None or self.rows.type != "rows"):
            raise NotFound
        self.as_table = request.values.get("as") == "table"

    @property
    def rows_key(self) -> str | None:
        return self.rows.key if self.rows else None

    @cached_property
    def statuses(self) -> StatusList | None:
        key = (self.rows.settings.get("status_list") if self.rows else self.form.status_list) or ""
        return self.workshop.app.status_list_by_key.get(key)

    @cached_property
    def transitions(self) -> tuple[Transition, ...]:
        return self.form.flow(self.rows_key)

    @property
    def status(self) -> Status | None:
        """The selected one."""
        key = request.values.get("status")
        return self.statuses.by_key.get(key) if key and self.statuses else None

    @property
    def transition(self) -> Transition | None:
        key = request.values.get("transition")
        return next((one for one in self.transitions if one.key == key), None)

    @cached_property
    def places(self) -> dict[str, Point]:
        return positions(self.statuses, self.transitions) if self.statuses else {}

    @property
    def size(self) -> Point:
        return size(self.places)

    @property
    def boxes(self) -> list[Box]:
        found = []
        for status in self.statuses.statuses if self.statuses else ():
            x, y = self.places[status.key]
            found.append(Box(status, x, y, self._beside(status), self.about(f"status_lists[{self.statuses.key}].statuses[{status.key}]")))
        return found

    def _beside(self, status: Status) -> str:
        """What stands small in its box: who is in charge, the time allowed."""
        role = self.workshop.app.role_by_key.get(status.in_charge or "")
        time = _("%(hours)s h", hours=status.hours_allowed) if status.hours_allowed else ""
        ended = {"done": _("End"), "cancelled": _("End"), "start": _("Start")}.get(status.kind, "")
        return " · ".join(filter(None, (say(role.label, g.language) if role else ended, time, _("clock stands") if status.clock_stands else "")))

    @property
    def arrows(self) -> list[Arrow]:
        found, between = [], Counter()
        for one in self.transitions:
            for source in one.sources:
                if one.target == STAYS or source not in self.places or one.target not in self.places or source == one.target:
                    continue
                pair = (source, one.target)
                bend = between[pair] + (1 if between[pair[::-1]] or self._comes_back(pair) else 0)
                between[pair] += 1
                path, label = arrow(self.places[source], self.places[one.target], bend)
                again = any(other.transition is one for other in found)
                found.append(Arrow(one, source, path, label, self.about(self.path(one)), again))
        return found

    def _comes_back(self, pair: tuple[str, str]) -> bool:
        return any(pair[1] in one.sources and one.target == pair[0] for one in self.transitions)

    @property
    def staying(self) -> list[Transition]:
        """Those that no arrow shows: they stay where they are."""
        return [one for one in self.transitions if one.target == STAYS or one.target in one.sources]

    def path(self, transition: Transition) -> str:
        return f"forms[{self.form.key}].transitions[{transition.key}]"

    def about(self, path: str) -> list[Finding]:
        """What is wrong with what stands at a path, or inside it."""
        return [one for one in self.workshop.findings if one.path == path or one.path.startswith((f"{path}.", f"{path}["))]

    @property
    def unanalysed(self) -> list[str]:
        """The statuses whose ways out were too much for the checks of what is left out or shared."""
        return [] if self.rows else [say(one.label, g.language) for one in unanalysed(self.workshop.app, self.form)]

    @property
    def sharing(self) -> list[str]:
        """The other forms and line items that follow the same status list."""
        if self.statuses is None:
            return []
        found = []
        for form in self.workshop.app.forms:
            if form.status_list == self.statuses.key and (form.key != self.form.key or self.rows):
                found.append(say(form.label, g.language))
            for rows in form.rows:
                mine = form.key == self.form.key and self.rows is not None and rows.key == self.rows.key
                if rows.settings.get("status_list") == self.statuses.key and not mine:
                    found.append(f"{say(form.label, g.language)} › {say(rows.label, g.language)}")
        return found
