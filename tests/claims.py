"""A company that approves claims: Ann and Ben hand them in, Cem and Dora approve, Eva pays, Fay heads sales, Gil administers."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime

import sqlalchemy as sa
from databases import SLUG
from formloom.platform import db
from formloom.platform.access.accounts import create_account
from formloom.platform.access.members import add_department, add_member, department, load_actor, member
from formloom.platform.access.workspaces import create_workspace, join
from formloom.platform.app import bare_app, close_app
from formloom.platform.config import Config
from formloom.platform.definition import drafts, store
from formloom.platform.records.compiled import open_app
from formloom.platform.records.query import Gate
from formloom.platform.workflow.commands import Commands
from formloom.platform.workflow.notices import of_member
from formloom.platform.workflow.publication import publish
from people import PASSWORD
from small_app import field, status, text, transition

READ = {"*": {"*": "read"}}
PEOPLE = {
    "ann": (["clerk"], "sales"),
    "ben": (["clerk"], "sales"),
    "cem": (["manager"], None),
    "dora": (["manager"], None),
    "eva": (["finance"], None),
    "fay": (["clerk", "head"], "sales"),
    "gil": (["clerk", "manager"], "board"),
}


def claims_app(**approve) -> dict:
    """A claim is drafted, handed in, approved as `approve` says (attributes of the transition), or sent back."""
    everyone = [
        {"role": "clerk", "scope": "own", "create": True, "delete": ["draft"], "cells": {"*": {"*": "edit"}}},
        {"role": "manager", "scope": "all", "cells": READ | {"salary": {"*": "hidden"}}},
        {"role": "finance", "scope": {">=": [{"var": "amount"}, 100]}, "cells": READ},
        {"role": "head", "scope": "department", "cells": READ},
    ]
    asked = {"who": {"roles": ["manager"]}, "approval": {}} | approve
    statuses = [status("draft", "start"), status("waiting"), status("approved"), status("paid", "done")]
    return {
        "key": "claims",
        "label": text("Claims"),
        "roles": [{"key": key, "label": text(key.title())} for key in ("clerk", "manager", "finance", "head", "nobody")],
        "status_lists": [{"key": "flow", "label": text("Flow"), "statuses": statuses}],
        "forms": [
            {
                "key": "claim",
                "label": text("Claim"),
                "plural": text("Claims"),
                "title": "about",
                "status_list": "flow",
                "fields": [
                    field("about"), field("amount", "number"), field("salary", "number"), field("wanted", "date"),
                    field("boss", "person"), field("remark"), field("tally", "number", default={"+": [0]}),
                ],
                "transitions": [
                    transition("hand_in", "draft", "waiting", who={"roles": ["clerk"], "creator": True}),
                    transition("approve", "waiting", "approved", **asked),
                    transition("send_back", "waiting", "draft", who={"roles": ["manager", "finance", "head"]}),
                ],
                "access": everyone,
                "views": [{"key": "all", "label": text("All"), "columns": ["about", "amount", "wanted"]}],
            }
        ],
    }  # fmt: skip


class Claims:
    """`claims.do("ann")` are the commands of Ann, `claims.ids["ann"]` is her number."""

    def __init__(self, workspace, document: dict):
        self.workspace = workspace
        self.key = document["key"]
        with workspace.writing() as connection:
            store.create_app(connection, document, 1)
            self.ids = people_of(connection) or add_people(connection, self.key)
        publish(workspace, self.key, 1)

    def publishes(self, document: dict, **rest) -> None:
        with self.workspace.writing() as connection:
            app_id = store.app_row(connection, self.key).id
            rev = store.draft(connection, app_id).rev
            drafts.change(connection, app_id, "replace", {"by": document}, rev, 1)
        publish(self.workspace, self.key, 1, **rest)

    def actor(self, name: str):
        with self.workspace.reading() as connection:
            return load_actor(connection, self.ids[name])

    def do(self, name: str, now: datetime | None = None) -> Commands:
        return Commands(self.workspace, self.actor(name), self.key, now)

    def handed_in(self, by: str = "ann", now: datetime | None = None, **values):
        """A claim that waits for approval."""
        made = self.do(by, now).create("claim", {"about": "Taxi", "amount": 150} | values)
        return self.do(by, now).perform("claim", made.id, "hand_in")

    def votes(self, name: str, claim, transition: str = "approve", **rest):
        return self.do(name).perform("claim", claim.id, transition, **rest)

    def option(self, name: str, claim, transition: str = "approve"):
        return next(o for o in self.do(name).available("claim", claim.id) if o.transition.key == transition)

    def why_not(self, name: str, claim, transition: str = "approve") -> str:
        return " ".join(reason.text for reason in self.option(name, claim, transition).reasons)

    def awaited(self, claim, transition: str = "approve") -> set[str]:
        round = self.option("cem", claim, transition).round
        return {name for name, number in self.ids.items() if number in round.awaited}

    @contextmanager
    def gate(self, name: str):
        actor = self.actor(name)
        with self.workspace.reading() as connection:
            yield Gate(connection, open_app(self.workspace, connection, self.key), actor)

    def history(self, claim, name: str = "cem") -> list:
        with self.gate(name) as gate:
            return gate.history("claim", claim.id)

    def told(self, name: str) -> list[str]:
        with self.workspace.reading() as connection:
            return [row.text["en"] for row in of_member(connection, self.ids[name])][::-1]


def people_of(connection: sa.Connection) -> dict[str, int]:
    """The company's people by name, where they are there already."""
    return {row.name.lower(): row.id for row in connection.execute(sa.select(member.c.name, member.c.id))}


def add_people(connection: sa.Connection, app_key: str) -> dict[str, int]:
    places = {"board": add_department(connection, "Board")}
    places["sales"] = add_department(connection, "Sales", places["board"])
    ids = {
        name: add_member(
            connection, name.title(), f"{name}@example.com", {app_key: roles},
            department_id=places.get(place), admin=name == "gil",
        )
        for name, (roles, place) in PEOPLE.items()
    }  # fmt: skip
    for place, head in (("sales", "fay"), ("board", "gil")):
        connection.execute(sa.update(department).where(department.c.id == places[place]).values(head_id=ids[head]))
    return ids


def build_people(config: Config) -> None:
    """The company before it has an app, with an account for everybody, for what goes through pages."""
    app = bare_app(config)
    with app.app_context():
        row = create_workspace(config, app.extensions["workspaces"], SLUG, "Company")
        with app.extensions["workspaces"][SLUG].writing() as connection:
            for name, member_id in add_people(connection, "claims").items():
                account = create_account(f"{name}@example.com", PASSWORD, name.title())
                connection.execute(sa.update(member).where(member.c.id == member_id).values(account_id=account.id))
                join(account.id, row.id, member_id)
        db.system.session.commit()
        db.system.session.remove()
    close_app(app)
