"""The demo: one workspace with the order app, its sample people and records, and passwords to try it with."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from flask import Flask

from . import db
from .access import workspaces
from .access.accounts import create_account
from .access.members import member
from .definition.model import say
from .gallery import start_app, template
from .records.compiled import open_app
from .workflow.samples import add_people, play

SLUG = "demo"
NAME = "Demo company"
PASSWORD = "formloom"


@dataclass(frozen=True)
class SignIn:
    """One of the people to try the demo as."""

    email: str
    roles: str
    password: str = PASSWORD


def set_up(app: Flask) -> list[SignIn]:
    """Makes the demo where there is none; a second run keeps what it finds. Returns who can sign in."""
    document = template("orders")
    with app.app_context():
        if workspaces.workspace_id(SLUG) is None:
            _make(app, document)
        db.system.session.remove()
    return [_sign_in(one, document) for one in document["samples"]["people"]]


def _make(app: Flask, document: dict) -> None:
    """All of it, or nothing: the workspace exists for others once its row is committed, at the very end."""
    opened, config = app.extensions["workspaces"], app.extensions["formloom"]
    workspaces.clear_unfinished(config, opened, SLUG)
    row = workspaces.create_workspace(config, opened, SLUG, NAME)
    workspace = opened[SLUG]
    app_key = start_app(workspace, document, None)
    with workspace.writing() as connection:
        definition = open_app(workspace, connection, app_key).app
        people = add_people(connection, definition)
        for one in document["samples"]["people"]:
            _give_account(connection, row.id, people[one["key"]], one)
    play(workspace, app_key, people)
    db.system.session.commit()


def _give_account(connection: sa.Connection, workspace_id: int, member_id: int, one: dict) -> None:
    account = create_account(one["email"], PASSWORD, one["name"], one.get("language", "en"))
    connection.execute(sa.update(member).where(member.c.id == member_id).values(account_id=account.id))
    workspaces.join(account.id, workspace_id, member_id)


def _sign_in(one: dict, document: dict) -> SignIn:
    labels = {role["key"]: role["label"] for role in document["roles"]}
    return SignIn(one["email"], ", ".join(say(labels[key], "en") for key in one["roles"]))
