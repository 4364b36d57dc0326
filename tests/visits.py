"""The small app in a workspace: somebody builds it, somebody works with it."""

from __future__ import annotations

import sqlalchemy as sa
from formloom.platform.access.actor import Actor
from formloom.platform.definition import drafts, store
from formloom.platform.records.compiled import open_app
from formloom.platform.records.query import Gate
from formloom.platform.workflow.commands import Commands
from formloom.platform.workflow.publication import publish
from small_app import form_of, small_app, status

STAFF = Actor("member", 1, "Ann", roles={"visits": frozenset({"staff"})})
TOTAL = {"rule": {"*": [{"var": "total"}, 2]}}
"""Settings of a formula: twice the total."""


class Opened:
    """One app that is there, its builder (member 7) and one of its staff."""

    def __init__(self, workspace):
        self.workspace = workspace
        self.do = Commands(workspace, STAFF, "visits")
        with workspace.reading() as connection:
            self.app_id = store.app_row(connection, "visits").id

    def draft(self) -> dict:
        with self.workspace.reading() as connection:
            return store.draft(connection, self.app_id).document

    def becomes(self, document: dict) -> None:
        with self.workspace.writing() as connection:
            rev = store.draft(connection, self.app_id).rev
            drafts.change(connection, self.app_id, "replace", {"by": document}, rev, 7)

    def publishes(self, document: dict | None = None, **rest) -> int:
        if document is not None:
            self.becomes(document)
        return publish(self.workspace, "visits", 7, **rest)

    def with_fields(self, *fields: dict, form: str = "visit") -> dict:
        document = self.draft()
        form_of(document, form)["fields"] += fields
        return document

    def without_field(self, key: str) -> dict:
        document = self.draft()
        form = form_of(document, "visit")
        form["fields"] = [f for f in form["fields"] if f["key"] != key]
        form["views"] = []
        return document

    def with_statuses(self, *keys: str) -> dict:
        document = self.draft()
        document["status_lists"][0]["statuses"] = [status(key, "start" if key == "open" else "active") for key in keys]
        form_of(document, "visit")["transitions"] = []
        return document

    def create(self, **values):
        lines = [{"what": "Talk", "hours": "2", "rate": "50"}, {"what": "Drive", "hours": "0.5", "rate": "30"}]
        return self.do.create("visit", {"about": "Tea", "lines": lines} | values)

    def record(self, saved):
        with self.workspace.reading() as connection:
            return Gate(connection, open_app(self.workspace, connection, "visits"), STAFF).record(saved.form, saved.id)

    def story(self, saved):
        """What happened to a record, newest first."""
        with self.workspace.reading() as connection:
            gate = Gate(connection, open_app(self.workspace, connection, "visits"), STAFF)
            return gate.history(saved.form, saved.id)

    def columns(self, table: str) -> set[str]:
        with self.workspace.reading() as connection:
            return {column["name"] for column in sa.inspect(connection).get_columns(table)}

    def indexes(self, table: str) -> set[str]:
        with self.workspace.reading() as connection:
            return {index["name"] for index in sa.inspect(connection).get_indexes(table)}

    def live_number(self) -> int:
        with self.workspace.reading() as connection:
            return store.live(connection, "visits").number


class Visits(Opened):
    """The same, made now."""

    def __init__(self, workspace):
        with workspace.writing() as connection:
            store.create_app(connection, small_app(), 7)
        super().__init__(workspace)
