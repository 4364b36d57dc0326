"""Fills the search index of a form for the records there are: when something becomes searchable, or anew.

Batch by batch before the flip of a publish, while commands of the old version go on; what they changed
meanwhile is done again during the flip.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime, timedelta

import sqlalchemy as sa

from ..db import Workspace
from ..definition import store
from ..records import search_index
from ..records.compiled import Compiled, CompiledForm, version

BATCH = 500
CLOCKS_DIFFER = timedelta(minutes=5)  # between machines, and between a command's start and its commit


class Filling:
    """What an app needs indexed; `run` in short transactions, `finish` while the app is held against commands."""

    def __init__(self, workspace: Workspace, compiled: Compiled, anew: bool = False, changed: Container[str] = ()):
        """`changed`: forms whose fields hold other values from now on."""
        self.workspace = workspace
        self.compiled = compiled
        self.since = store.now() - CLOCKS_DIFFER
        with workspace.reading() as connection:
            there = {} if anew else search_index.indexed(connection, compiled.app.key)
        self.work = [
            form
            for form in self.compiled.forms.values()
            if set(form.searchable) != set(there.get(form.key, ())) or form.key in changed
        ]

    def run(self) -> None:
        for form in self.work:
            last: int | None = 0
            while last is not None:
                with self.workspace.writing() as connection:
                    last = search_index.fill(connection, form, last, BATCH)

    def finish(self, connection: sa.Connection) -> None:
        for form in self.work:
            _rest(connection, form, self.since)
        for form in self.compiled.forms.values():
            search_index.set_indexed(connection, self.compiled.app.key, form.key, form.searchable)


def refill(workspace: Workspace) -> list[str]:
    """Index all records of the running apps anew, while they are in use; the keys of the apps."""
    return _fill(workspace, anew=True)


def fill_missing(workspace: Workspace) -> list[str]:
    """Index what an older release has not indexed."""
    return _fill(workspace, anew=False)


def _fill(workspace: Workspace, anew: bool) -> list[str]:
    with workspace.reading() as connection:
        apps = [version(workspace, connection, live) for live in store.running(connection).values()]
    for compiled in apps:
        with workspace.writing() as connection:
            for form in compiled.app.forms:
                if search_index.searchable(form, compiled.app):
                    search_index.create(connection, compiled.app.key, form.key)
        filling = Filling(workspace, compiled, anew)
        filling.run()
        with workspace.writing() as connection:
            filling.finish(connection)
    return [compiled.app.key for compiled in apps]


def _rest(connection: sa.Connection, form: CompiledForm, since: datetime) -> None:
    last: int | None = 0
    while last is not None:
        last = search_index.fill(connection, form, last, BATCH, since)
