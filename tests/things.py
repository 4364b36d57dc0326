"""The app with every type of field over HTTP: Ben works with it, Cleo sees parts of it masked, Gil sees it while it is open."""

from __future__ import annotations

import json
from functools import cached_property
from types import SimpleNamespace

from databases import SLUG
from every_field import APP
from formloom.platform.access.actor import SYSTEM, Actor
from formloom.platform.access.joining import Person, bring_in
from formloom.platform.access.members import add_department, set_roles
from formloom.platform.app import bare_app, close_app
from formloom.platform.definition import store
from formloom.platform.records.compiled import open_app
from formloom.platform.records.query import Gate
from formloom.platform.workflow.commands import Commands
from formloom.platform.workflow.publication import publish
from house import BEN, House, build_house
from page import Page, visit
from people import PASSWORD
from web import WebClient

LIST = "/apps/things/every/"
CLEO = SimpleNamespace(email="cleo@example.com", name="Cleo")
GIL = SimpleNamespace(email="gil@example.com", name="Gil")
ROLES = {"ben": "staff", "cleo": "desk", "gil": "guest"}


def build_things(config) -> None:
    """A house in which the app is published and three people have a role each."""
    build_house(config)
    app = bare_app(config)
    workspace = app.extensions["workspaces"][SLUG]
    with app.app_context():
        for one in (CLEO, GIL):
            bring_in(workspace, Person(one.name, one.email, {}, admin=False), PASSWORD)
    with workspace.writing() as connection:
        store.create_app(connection, json.loads(json.dumps(APP)), 1)
        for number, role in zip((2, 3, 4), ROLES.values(), strict=True):
            set_roles(connection, number, "things", [role])
        for name in ("Sales", "Asia"):
            add_department(connection, name)
    publish(workspace, "things", 1)
    close_app(app)


class Things:
    def __init__(self, config):
        self.house = House(config)
        self.workspace = self.house.workspace

    @cached_property
    def ben(self) -> WebClient:
        return self.house.browser(BEN)

    @cached_property
    def cleo(self) -> WebClient:
        return self.house.browser(CLEO)

    @cached_property
    def gil(self) -> WebClient:
        return self.house.browser(GIL)

    def actor(self, name: str) -> Actor:
        number = {"ben": 2, "cleo": 3, "gil": 4}[name]
        return Actor("member", number, name, roles={"things": frozenset({ROLES[name]})})

    def do(self, name: str) -> Commands:
        return Commands(self.workspace, self.actor(name), "things")

    def sees(self, record_id: int) -> dict:
        with self.workspace.reading() as connection:
            return Gate(connection, open_app(self.workspace, connection, "things"), SYSTEM).record("every", record_id).values

    def page(self, browser, record_id: int | str = "new") -> Page:
        return visit(browser, f"{LIST}{record_id}")
