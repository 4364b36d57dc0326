"""A small app to move records in: jobs with statuses, a stage to choose, days and hours; a lead, a hand and a guest."""

from __future__ import annotations

import json
from collections.abc import Callable

from databases import SLUG
from formloom.platform import db
from formloom.platform.app import close_app, create_app
from formloom.platform.definition import drafts, store
from formloom.platform.workflow.publication import publish
from order_app import build_app
from people import People
from small_app import field, status, text, transition
from web import WebClient

ROOMS = [{"key": key, "label": text(key.title()), "colour": colour} for key, colour in (("north", "blue"), ("south", "amber"), ("attic", "grey"))]


def way(key: str, source: str, target: str, *roles: str, **rest) -> dict:
    return transition(key, source, target, who={"roles": list(roles)}, **rest)


def told(key: str, rule, message: str) -> dict:
    return {"key": key, "rule": rule, "message": text(message), "lift": ["lead"]}


JOB = {
    "key": "job",
    "label": text("Job"),
    "plural": text("Jobs"),
    "title": "about",
    "subtitle": "place",
    "status_list": "flow",
    "fields": [
        field("about", required=True),
        field("place"),
        field("room", "choice", settings={"options": ROOMS}),
        field("hours", "number"),
        field("start", "date"),
        field("until", "date"),
        field("visit", "moment"),
        field("reason"),
        field("secret", "choice", settings={"options": ROOMS}),
    ],
    "transitions": [
        way("begin", "open", "work", "lead", "hand"),
        way("finish", "work", "done", "lead", "hand", guards=[told("planned", {">": [{"var": "hours"}, 0]}, "Say how long it took first.")]),
        way("skip", "work", "done", "lead", confirm=text("Without any check?")),
        way("drop", "open", "dropped", "lead", ask=[{"field": "reason", "required": True}]),
        way("reopen", "done", "open", "lead"),
        way("close", "open", "done", "lead", automatic=True, guards=[told("never", {"===": [{"var": "hours"}, -1]}, "Never.")]),
    ],
    "access": [
        {"role": "lead", "scope": "all", "create": True, "delete": ["open"], "cells": {"*": {"*": "edit"}}},
        {"role": "hand", "scope": "all", "create": True, "cells": {"*": {"*": "edit", "done": "read"}, "secret": {"*": "hidden"}, "start": {"work": "read"}}},
        {"role": "guest", "scope": "own", "cells": {"*": {"*": "read"}, "secret": {"*": "hidden"}}},
    ],
    "views": [
        {"key": "all", "label": text("All"), "columns": ["about", "status", "room"]},
        {"key": "flow", "label": text("Flow"), "kind": "board", "by": "status", "columns": ["place", "hours"], "total": "hours"},
        {"key": "rooms", "label": text("Rooms"), "kind": "board", "by": "room", "columns": ["status", "hours"]},
        {"key": "days", "label": text("Days"), "kind": "calendar", "start": "start", "end": "until", "columns": ["room"]},
        {"key": "plan", "label": text("Plan"), "kind": "timeline", "start": "start", "end": "until", "by": "room"},
    ],
}
BOARDS = {
    "format": 1,
    "key": "boards",
    "label": text("Boards"),
    "zone": "Europe/Berlin",
    "roles": [{"key": key, "label": text(key.title())} for key in ("lead", "hand", "guest")],
    "status_lists": [
        {
            "key": "flow",
            "label": text("Flow"),
            "statuses": [status("open", "start"), status("work"), status("done", "done"), status("dropped", "cancelled")],
        }
    ],
    "forms": [JOB],
}
LIST = "/apps/boards/job/"


def build_boards(config) -> None:
    build_app(config, json.loads(json.dumps(BOARDS)))


class Boards(People):
    """That app with its people, and over HTTP: `boards.lead.begins(job)`, `boards.browser("lead")`."""

    def __init__(self, config):
        self.workspaces = db.Workspaces(config)
        super().__init__(self.workspaces[SLUG], "boards")
        self.app = create_app(config)

    def browser(self, role: str) -> WebClient:
        return WebClient(self.app).sign_in(self[role])

    def publishes(self, change: Callable[[dict], object]) -> None:
        """The form of jobs as it is after a change."""
        document = json.loads(json.dumps(BOARDS))
        change(document["forms"][0])
        with self.workspace.writing() as connection:
            app = store.app_row(connection, "boards").id
            drafts.change(connection, app, "replace", {"by": document}, store.draft(connection, app).rev, 1)
        publish(self.workspace, "boards", 1)

    def close(self) -> None:
        close_app(self.app)
        self.workspaces.dispose()
