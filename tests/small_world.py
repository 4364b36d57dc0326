"""A definition published as it is, and people of its roles: `world.do("desk")`, `world.gate("desk")`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from formloom.platform.access.actor import SYSTEM, Actor
from formloom.platform.definition import store
from formloom.platform.records.compiled import open_app
from formloom.platform.records.query import Gate
from formloom.platform.workflow.commands import Commands
from formloom.platform.workflow.publication import publish


class World:
    """`document` is published first, or, named by its key, runs already."""

    def __init__(self, workspace, document: dict | str):
        self.workspace = workspace
        self.key = document if isinstance(document, str) else document["key"]
        if not isinstance(document, str):
            with workspace.writing() as connection:
                store.create_app(connection, document, 1)
            publish(workspace, self.key, 1)
        self.engine = Commands(workspace, SYSTEM, self.key)

    def actor(self, *roles: str, id: int = 1) -> Actor:
        return Actor("member", id, roles[0] if roles else "nobody", roles={self.key: frozenset(roles)})

    def do(self, *roles: str, id: int = 1) -> Commands:
        return Commands(self.workspace, self.actor(*roles, id=id), self.key)

    @contextmanager
    def gate(self, *roles: str, id: int = 1) -> Iterator[Gate]:
        with self.workspace.reading() as connection:
            actor = self.actor(*roles, id=id) if roles else SYSTEM
            yield Gate(connection, open_app(self.workspace, connection, self.key), actor)

    def sees(self, saved, *roles: str) -> dict:
        """The values of a record, as people of these roles see them; without roles all of them."""
        with self.gate(*roles) as gate:
            return gate.record(saved.form, saved.id).values
