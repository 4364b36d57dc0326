"""The shipped order app with its people, as a template to copy for each test."""

from __future__ import annotations

import json
from pathlib import Path

import sqlalchemy as sa
from databases import SLUG
from formloom.platform import db
from formloom.platform.access.accounts import create_account
from formloom.platform.access.members import add_member
from formloom.platform.access.workspaces import create_workspace, join
from formloom.platform.app import bare_app, close_app
from formloom.platform.config import Config
from formloom.platform.definition import store
from formloom.platform.workflow.publication import publish
from people import PASSWORD

ROOT = Path(db.__file__).parent.parent


def build_orders(config: Config) -> None:
    """The order app with its people."""
    build_app(config, json.loads((ROOT / "seeds" / "orders.json").read_text()) | {"samples": {}})


def build_app(config: Config, document: dict) -> None:
    """An app, published, and one person with an account for each of its roles."""
    app = bare_app(config)
    try:
        with app.app_context():
            _build(config, app.extensions["workspaces"], document)
    finally:
        close_app(app)


def _build(config: Config, workspaces: db.Workspaces, document: dict) -> None:
    row = create_workspace(config, workspaces, SLUG, "Demo")
    with workspaces[SLUG].writing() as connection:
        store.create_app(connection, document, None)
        for role in document["roles"]:
            _add_person(connection, row.id, document["key"], role["key"])
    db.system.session.commit()
    db.system.session.remove()
    publish(workspaces[SLUG], document["key"], None)


def _add_person(connection: sa.Connection, workspace_id: int, app_key: str, role: str) -> None:
    email, name = f"{role}@example.com", role.replace("_", " ").title()
    account = create_account(email, PASSWORD, name)
    roles = {app_key: [role]}
    member_id = add_member(connection, name, email, roles, account_id=account.id, admin=role == "admin")
    join(account.id, workspace_id, member_id)
