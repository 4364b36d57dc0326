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


def refill(workspace: Workspace, app_key: str) -> int:
    """Index all records of a running app anew, while it is in use; how many forms there were."""
    with workspace.reading() as connection:
        live = store.live(connection, app_key)
        app = version(workspace, connection, live.version_id).app
    _create(workspace, app)
    filling = Filling(workspace, app, anew=True)
    filling.run()
    with workspace.writing() as connection:
        filling.finish(connection)
    return len(filling.work)


def _create(workspace: Workspace, app: App) -> None:
    with workspace.writing() as connection:
        for form in app.forms:
            if search_index.searchable(form, app):
                search_index.create(connection, app.key, form.key)


def _rest(connection: sa.Connection, form: CompiledForm, since: datetime) -> None:
    last: int | None = 0
    while last is not None:
        last = search_index.fill(connection, form, last, BATCH, since)
