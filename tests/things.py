"""The app with every type of field over HTTP: Ben works with it, Cleo sees parts of it masked, Gil sees it while it is open."""

from __future__ import annotations

import json
from types import SimpleNamespace

from every_field import APP
from formloom.platform.access.actor import SYSTEM, Actor
from formloom.platform.access.joining import Person, bring_in
from formloom.platform.access.members import set_roles
from formloom.platform.definition import store
from formloom.platform.records.compiled import open_app
from formloom.platform.records.query import Gate
from formloom.platform.workflow.commands import Commands
from formloom.platform.workflow.publication import publish
from page import Page, visit
from people import PASSWORD

LIST = "/apps/things/every/"
CLEO = SimpleNamespace(email="cleo@example.com", name="Cleo")
GIL = SimpleNamespace(email="gil@example.com", name="Gil")
ROLES = {"ben": "staff", "cleo": "desk", "gil": "guest"}


class Things:
    def __init__(self, house, document: dict | None = None):
        self.house = house
        self.workspace = house.workspace
        with house.app.app_context():
            for one in (CLEO, GIL):
                bring_in(self.workspace, Person(one.name, one.email, {}, admin=False), PASSWORD)
        with self.workspace.writing() as connection:
            store.create_app(connection, document or json.loads(json.dumps(APP)), 1)
            for number, role in zip((2, 3, 4), ROLES.values(), strict=True):
                set_roles(connection, number, "things", [role])
        publish(self.workspace, "things", 1)
        self.ben, self.cleo, self.gil = (house.browser(one) for one in (house.ben, CLEO, GIL))

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
