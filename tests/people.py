"""The people of a test: `orders.sales.submits(order)` reads as the domain does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from formloom.platform.access.actor import Actor
from formloom.platform.access.members import load_actor, member
from formloom.platform.db import Workspace
from formloom.platform.records.compiled import Compiled, open_app
from formloom.platform.records.query import Gate
from formloom.platform.workflow.commands import Commands, Saved
from sqlalchemy import select

PASSWORD = "a long enough secret 9"


class Persona:
    """One member, by the mail address that carries the role: verbs are transitions, in the third person."""

    def __init__(self, workspace: Workspace, app_key: str, role: str):
        self.workspace = workspace
        self.app_key = app_key
        self.role = role
        self.email = f"{role}@example.com"

    @cached_property
    def id(self) -> int:
        with self.workspace.reading() as connection:
            return connection.scalar(select(member.c.id).where(member.c.email == self.email))

    @property
    def actor(self) -> Actor:
        """With the rights of this moment."""
        with self.workspace.reading() as connection:
            return load_actor(connection, self.id)

    @property
    def do(self) -> Commands:
        return Commands(self.workspace, self.actor, self.app_key)

    @contextmanager
    def gate(self) -> Iterator[Gate]:
        actor = self.actor
        with self.workspace.reading() as connection:
            yield Gate(connection, open_app(self.workspace, connection, self.app_key), actor)

    def creates(self, form: str, key: str | None = None, **values) -> Saved:
        return self.do.create(form, values, key=key)

    def edits(self, record: Saved, **changes) -> Saved:
        """As if the person had just opened the record: the base is what stands there now."""
        before = self.sees(record).values
        return self.do.edit(record.form, record.id, changes, {path: before.get(path) for path in changes})

    def sees(self, record: Saved):
        with self.gate() as gate:
            return gate.record(record.form, record.id)

    def performs(self, record: Saved, transition: str, **asked) -> Saved:
        return self.do.perform(record.form, record.id, transition, asked)

    def __getattr__(self, verb: str):
        compiled = self._compiled
        known = {_third_person(t): t for form in compiled.app.forms for t in form.transition_by_key}
        if verb not in known:
            raise AttributeError(f"nobody {verb} in {self.app_key}")
        return lambda record, **asked: self.performs(record, known[verb], **asked)

    @cached_property
    def _compiled(self) -> Compiled:
        with self.workspace.reading() as connection:
            return open_app(self.workspace, connection, self.app_key)


def _third_person(transition: str) -> str:
    """`send_back` -> `sends_back`, `approve` -> `approves`."""
    first, separator, rest = transition.partition("_")
    if first.endswith("ply"):
        first = first[:-1] + "i"
    ending = "es" if first.endswith(("i", "s", "sh", "ch", "x", "z")) else "s"
    return first + ending + separator + rest


class People:
    """One person for each role of an app, by the role's key."""

    def __init__(self, workspace: Workspace, app_key: str):
        self.workspace = workspace
        self.app_key = app_key

    def __getitem__(self, role: str) -> Persona:
        return Persona(self.workspace, self.app_key, role)

    def __getattr__(self, role: str) -> Persona:
        if role.startswith("_"):
            raise AttributeError(role)
        return self[{"manager": "sales_manager"}.get(role, role)]
