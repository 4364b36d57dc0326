"""Taking an import back: records still as imported go, fields still at the imported value get theirs back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from ..access.actor import Actor
from ..db import Workspace
from ..errors import FormloomError
from . import intake_log
from .intake_merge import like, untouched
from .intake_targets import State, target_of
from .outbox import now

BATCH = 100


@dataclass(frozen=True)
class Kept:
    """Something an undo leaves as it is: which (load and id in its sheet), and why."""

    load: str
    source_id: str
    reason: str


@dataclass
class Undone:
    removed: int = 0
    restored: int = 0
    kept: list[Kept] = field(default_factory=list)


def undo_import(workspace: Workspace, actor: Actor, run_id: int) -> Undone:
    """Undo the last run of a mapping; what somebody changed since, or what others use, is listed and stays."""
    with workspace.reading() as connection:
        found = intake_log.undoable(connection, run_id)
        steps = intake_log.open_steps(connection, run_id)
    undo = Undo(workspace, actor, found.app_key)
    for start in range(0, len(steps), BATCH):
        undo.take_back(steps[start : start + BATCH])
    with workspace.writing() as connection:
        intake_log.close_run(connection, run_id, now())
    return undo.result


class Undo:
    """target: what a step is about, as the actor may change it."""

    def __init__(self, workspace: Workspace, actor: Actor, app_key: str, target: Callable[[sa.Row], Any] | None = None):
        self.workspace = workspace
        self.target = target or (lambda step: target_of(workspace, actor, app_key, step.into))
        self.result = Undone()

    def take_back(self, steps: Sequence[sa.Row]) -> None:
        """Undo a batch of steps, then note that. Started again after a crash, it finds them undone."""
        notes = [(step, self._one(step)) for step in steps]
        with self.workspace.writing() as connection:
            for step, item in notes:
                if item:
                    intake_log.update_item(connection, step.item_id, **item)
                intake_log.close_step(connection, step.id)

    def _one(self, step: sa.Row) -> Mapping[str, Any]:
        """Returns what the item becomes; nothing where it stays as it is."""
        target = self.target(step)
        state = target.state(step.record_id)
        try:
            return self._changed(step, target, state) if step.kind == "changed" else self._created(step, target, state)
        except FormloomError as error:
            return self._keep(step, str(error))

    def _created(self, step: sa.Row, target: Any, state: State | None) -> Mapping[str, Any]:
        """Take the record away, if it is still there and as it was imported."""
        if state is not None and not untouched(step.values, step.rev, state):
            return self._keep(step, _("somebody changed it since"))
        if state is not None:
            target.remove(step.record_id)
            self.result.removed += 1
        return {"removed": True}

    def _changed(self, step: sa.Row, target: Any, state: State | None) -> Mapping[str, Any]:
        """Give fields their former values back, where the imported ones still stand."""
        if state is None:
            return self._keep(step, _("it was deleted since"))
        back = {key: step.before[key] for key, value in step.after.items() if like(state.values.get(key), value)}
        others = sorted(key for key in step.after.keys() - back.keys() if not like(state.values.get(key), step.before[key]))
        if others:
            self._keep(step, _("somebody changed it since: %(fields)s", fields=", ".join(others)))
        if not back:
            return {}
        rev = target.change(step.record_id, state, back)
        self.result.restored += len(back)
        return {"values": {**step.values, **back}, "rev": rev}

    def _keep(self, step: sa.Row, reason: str) -> Mapping[str, Any]:
        self.result.kept.append(Kept(step.load, step.source_id, reason))
        return {}
