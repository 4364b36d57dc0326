"""Where an import puts things: records of a form, or members of the workspace."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from ..access.actor import SYSTEM, Actor
from ..access.members import add_member, change_member, one_member
from ..db import Workspace
from ..errors import Conflict, Invalid, NotFound
from ..records.compiled import CompiledForm, open_app
from ..records.query import Gate
from ..records.values import line_told, to_json
from .commands import Commands, Loaded, Saved
from .intake_rows import Candidate
from .mapping import MEMBERS, Load

Outcome = Saved | str
"""What became of a candidate: the record, or why it was refused."""

Note = Callable[[sa.Connection, Sequence[Candidate], Sequence[Outcome]], None]
"""Writes outcomes down in the transaction that made them."""


@dataclass(frozen=True)
class State:
    """How something stands: its values in JSON form, lines with their ids."""

    rev: int
    status: str
    values: Mapping[str, Any]


class Records:
    """Records of a form, changed by the commands."""

    def __init__(self, workspace: Workspace, actor: Actor, app_key: str, form: str):
        self.workspace = workspace
        self.form = form
        self.do = Commands(workspace, actor, app_key)

    def add(self, candidates: Sequence[Candidate], note: Note) -> list[Outcome]:
        """A batch in one transaction; where a number is taken, one by one, so that the others come in."""
        try:
            return self._load(candidates, note)
        except Conflict as error:
            if len(candidates) == 1:
                return [str(error)]
        return [self.add([candidate], note)[0] for candidate in candidates]

    def _load(self, candidates: Sequence[Candidate], note: Note) -> list[Outcome]:
        told: list[Outcome] = []

        def write_down(connection: sa.Connection, outcomes: Sequence[Saved | Invalid]) -> None:
            told[:] = [str(outcome) if isinstance(outcome, Invalid) else outcome for outcome in outcomes]
            note(connection, candidates, told)

        records = [Loaded(c.status, c.values, c.at, c.by) for c in candidates]
        self.do.load(self.form, records, note=write_down)
        return told

    def state(self, record_id: int) -> State | None:
        """None where there is no such record, or no longer."""
        with self.workspace.reading() as connection:
            gate = Gate(connection, open_app(self.workspace, connection, self.do.app_key), SYSTEM)
            try:
                record = gate.record(self.form, record_id)
            except NotFound:
                return None
            return State(record.rev, record.status, _in_json(gate.compiled.form(self.form), record.values))

    def change(self, record_id: int, state: State, changes: Mapping[str, Any]) -> int:
        """Returns the new rev. Lines keep their identity by their place."""
        sent = {key: _with_ids(_entered(value), state.values.get(key)) for key, value in changes.items()}
        base = {key: _entered(state.values.get(key)) for key in changes}
        return self.do.amend(self.form, record_id, sent, base).rev

    def remove(self, record_id: int) -> None:
        self.do.unload(self.form, record_id)

    def restore(self, record_id: int) -> int:
        return self.do.restore(self.form, record_id).rev


class Members:
    """Members without an account; one who is removed becomes inactive, so that history keeps the name."""

    def __init__(self, workspace: Workspace, app_key: str, roles: Sequence[str]):
        self.workspace = workspace
        self.app_key = app_key
        self.roles = tuple(roles)

    def add(self, candidates: Sequence[Candidate], note: Note) -> list[Outcome]:
        with self.workspace.writing() as connection:
            outcomes: list[Outcome] = [
                Saved(MEMBERS, add_member(connection, c.values["name"], c.values.get("email") or "", self._roles), 1, "")
                if c.values.get("name") else _("a member needs a name")
                for c in candidates
            ]  # fmt: skip
            note(connection, candidates, outcomes)
        return outcomes

    @property
    def _roles(self) -> dict[str, tuple[str, ...]]:
        return {self.app_key: self.roles}

    def state(self, member_id: int) -> State | None:
        with self.workspace.reading() as connection:
            row = one_member(connection, member_id)
        if not row.active:
            return None
        return State(1, "", {"name": row.name, "email": row.email or None})

    def change(self, member_id: int, state: State, changes: Mapping[str, Any]) -> int:
        with self.workspace.writing() as connection:
            change_member(connection, member_id, **changes)
        return state.rev

    def remove(self, member_id: int) -> None:
        with self.workspace.writing() as connection:
            change_member(connection, member_id, active=False)

    def restore(self, member_id: int) -> int:
        with self.workspace.writing() as connection:
            change_member(connection, member_id, active=True)
        return 1


Target = Records | Members


def target_of(workspace: Workspace, actor: Actor, app_key: str, into: str, load: Load | None = None) -> Target:
    if into == MEMBERS:
        return Members(workspace, app_key, load.roles if load else ())
    return Records(workspace, actor, app_key, into)


def _in_json(form: CompiledForm, values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: [{"id": line["id"]} | line_told(form, key, line) for line in value]
        if key in form.rows else to_json(form, key, value)
        for key, value in values.items()
    }  # fmt: skip


def _entered(value: Any) -> Any:
    """Lines without their statuses, which no edit sets."""
    if not isinstance(value, list):
        return value
    return [{name: cell for name, cell in line.items() if name != "status"} for line in value]


def _with_ids(value: Any, now: Any) -> Any:
    """Lines in place of those that stand there now."""
    if not isinstance(value, list):
        return value
    ids = [line["id"] for line in now or ()]
    return [{"id": ids[place]} | line if place < len(ids) else line for place, line in enumerate(value)]
