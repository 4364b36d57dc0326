"""A workspace with two people and nothing to do: for whatever concerns accounts, sessions and members."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import sqlalchemy as sa
from databases import SLUG
from formloom.platform import db
from formloom.platform.access.joining import Person, bring_in
from formloom.platform.access.members import load_actor
from formloom.platform.access.workspaces import create_workspace
from formloom.platform.app import bare_app, close_app, create_app
from formloom.platform.config import Config
from formloom.platform.gallery import start_app, template
from people import PASSWORD
from web import WebClient

ADA = SimpleNamespace(email="ada@example.com", name="Ada", id=1)
BEN = SimpleNamespace(email="ben@example.com", name="Ben", id=2)


def build_house(config: Config) -> None:
    app = bare_app(config)
    with app.app_context():
        add_workspace(app, SLUG, ADA, BEN)
    close_app(app)


def build_shop(config: Config) -> None:
    """That workspace with the order app as somebody starts it from the template."""
    build_house(config)
    workspaces = db.Workspaces(config)
    start_app(workspaces[SLUG], template("orders"), ADA.id)
    workspaces.dispose()


def add_workspace(app, slug: str, *people) -> None:
    """A workspace of these people, the first being its administrator."""
    create_workspace(app.extensions["formloom"], app.extensions["workspaces"], slug, slug.title())
    db.system.session.commit()
    for number, one in enumerate(people):
        person = Person(one.name, one.email, {}, admin=number == 0)
        bring_in(app.extensions["workspaces"][slug], person, PASSWORD)
    db.system.session.remove()


class House:
    """The app over HTTP with the people of its one workspace."""

    ada, ben = ADA, BEN

    def __init__(self, config: Config):
        self.config = config
        self.app = create_app(config)
        self.workspace = self.app.extensions["workspaces"][SLUG]

    def browser(self, person=None) -> WebClient:
        """A browser of one's own; signed in where a person is given."""
        client = WebClient(self.app)
        return client.sign_in(person) if person else client

    def sign_in(self, browser: WebClient, email: str, password: str = PASSWORD, **more):
        browser.get("/sign-in")
        return browser.post("/sign-in", {"email": email, "password": password, **more})

    def actor(self, person):
        with self.workspace.reading() as connection:
            return load_actor(connection, person.id)

    def system(self, statement) -> list:
        """The rows of a statement on the system database."""
        with self.app.extensions["system"].reading() as connection:
            return connection.execute(statement).all()

    def change(self, statement) -> None:
        with self.app.extensions["system"].writing() as connection:
            connection.execute(statement)

    def waits_for_publish(self, app_key: str) -> None:
        """A page waits a moment for a publish, and a slow machine takes longer."""
        for thread in threading.enumerate():
            if thread.name == f"publish {app_key}":
                thread.join()

    def count(self, model) -> int:
        return self.system(sa.select(sa.func.count()).select_from(model))[0][0]

    def close(self) -> None:
        close_app(self.app)
