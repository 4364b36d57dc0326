"""A person's desk over all apps: what waits and why, what they started, what they follow; and what goes together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from flask import g, url_for
from flask_babel import gettext as _

from ..platform.definition.model import Sort
from ..platform.records.compiled import CompiledForm
from ..platform.records.following import followed_by
from ..platform.records.query import Gate
from ..platform.records.results import Query
from .found import Found, found_records
from .opening import formats, gate_of, live_apps, reading
from .tasks import Desk, Move, Task, desks, in_order

FOLLOWED = 200  # records of one form


@dataclass(frozen=True)
class Figure:
    """How many there are of something, and where they are listed. `more`: at least so many."""

    key: str
    label: str
    count: int
    href: str
    more: bool = False


@dataclass(frozen=True)
class Together:
    """The transitions that several tasks of one form may take at once; `id` joins their boxes to the buttons."""

    form: CompiledForm
    moves: Sequence[Move]

    @property
    def id(self) -> str:
        return f"bulk-{self.form.app.key}-{self.form.key}"


class Desks:
    """Everything on one person's desk."""

    def __init__(self) -> None:
        self.gates: list[Gate] = [gate_of(key) for key in live_apps()]
        self.desks: list[Desk] = desks(self.gates, formats())

    @cached_property
    def tasks(self) -> list[Task]:
        """What waits, the most pressing first."""
        return in_order(task for desk in self.desks for task in desk.tasks())

    @property
    def started(self) -> list[Task]:
        return sorted((task for desk in self.desks for task in desk.started()), key=lambda task: task.since, reverse=True)

    @cached_property
    def waiting(self) -> list[Figure]:
        """The tasks by why they wait, those that there are."""
        tasks = self.tasks
        more = any(desk.more for desk in self.desks)
        kinds = {
            "approve": (_("To approve"), [task for task in tasks if task.kind == "approve"]),
            "charge": (_("In your charge"), [task for task in tasks if task.kind == "charge"]),
            "returned": (_("Returned to you"), [task for task in tasks if task.kind == "returned"]),
            "overdue": (_("Overdue"), [task for task in tasks if task.late]),
        }
        return [
            Figure(key, label, len(found), url_for("inbox.show", kind=key), more)
            for key, (label, found) in kinds.items()
            if found
        ]

    @property
    def own(self) -> list[Figure]:
        """What one started and what one follows."""
        started = sum(desk.started_count() for desk in self.desks)
        followed = sum(gate.count(query).number for gate, query in self._followed)
        return [
            Figure("started", _("Started by you"), started, url_for("inbox.started")),
            Figure("followed", _("Followed"), followed, url_for("inbox.followed")),
        ]

    @property
    def followed(self) -> list[Found]:
        """The records that one follows and still sees, what changed last first."""
        found = [record for gate, query in self._followed for record in found_records(gate, query, formats())[0]]
        return sorted(found, key=lambda record: record.at, reverse=True)

    @cached_property
    def _followed(self) -> list[tuple[Gate, Query]]:
        places = followed_by(reading(), g.actor.id, FOLLOWED)
        known = [(gate, form.key) for gate in self.gates for form in gate.forms()]
        return [
            (gate, Query(key, where={"in": [{"var": "id"}, ids]}, sort=(Sort("updated_at", True),), limit=FOLLOWED))
            for gate, key in known
            if (ids := places.get((gate.compiled.app.key, key)))
        ]

    def of_kind(self, kind: str) -> list[Task]:
        """The tasks that wait for one reason; all of them for none."""
        if kind == "overdue":
            return [task for task in self.tasks if task.late]
        return [task for task in self.tasks if not kind or task.kind == kind]


def together(tasks: Sequence[Task]) -> list[Together]:
    """What several of these tasks may take at once, form by form."""
    forms: dict[int, tuple[CompiledForm, dict[str, Move]]] = {}
    for task in tasks:
        for move in task.moves:
            if move.together:
                forms.setdefault(id(task.place), (task.place, {}))[1].setdefault(move.key, move)
    return [Together(form, list(moves.values())) for form, moves in forms.values()]
