"""Fills the search index of a form for the records there are: when something becomes searchable, or anew.

Batch by batch before the flip of a publish, while commands of the old version go on; what they changed
meanwhile is done again during the flip.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from ..db import Workspace
from ..definition import store
from ..definition.model import App
from ..records import search_index
from ..records.compiled import Compiled, CompiledForm, version

BATCH = 500
CLOCKS_DIFFER = timedelta(minutes=5)  # between machines, and between a command's start and its commit


class Filling:
    """What an app needs indexed; `run` in short transactions, `finish` while the app is held against commands."""

    def __init__(self, workspace: Workspace, app: App, anew: bool = False):
        self.workspace = workspace
        self.compiled = Compiled(app, 0)
        self.since = store.now() - CLOCKS_DIFFER
        with workspace.reading() as connection:
            there = {} if anew else search_index.indexed(connection, app.key)
        self.work = [form for form in self.compiled.forms.values() if set(form.searchable) - set(there.get(form.key, ()))]

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
        apps = [version(workspace, connection, live).app for live in store.running(connection).values()]
    for app in apps:
        with workspace.writing() as connection:
            for form in app.forms:
                if search_index.searchable(form, app):
                    search_index.create(connection, app.key, form.key)
        filling = Filling(workspace, app, anew)
        filling.run()
        with workspace.writing() as connection:
            filling.finish(connection)
    return [app.key for app in apps]


def _rest(connection: sa.Connection, form: CompiledForm, since: datetime) -> None:
    last: int | None = 0
    while last is not None:
        last = search_index.fill(connection, form, last, BATCH, since)
