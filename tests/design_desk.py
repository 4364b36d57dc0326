"""A form designer over HTTP: what somebody who builds sees, and what the draft says afterwards."""

from __future__ import annotations

import json

from formloom.platform.definition import store
from page import Page, visit
from web import WebClient


class Shop:
    """The order app over HTTP with an administrator, Ada, and a member, Ben."""

    def __init__(self, app, orders):
        self.app, self.workspace = app, orders.workspace
        self.ada, self.ben = orders.admin, orders.sales

    def browser(self, person) -> WebClient:
        return WebClient(self.app).sign_in(person)


class Desk:
    """The designer of one form, as one administrator uses it."""

    def __init__(self, house, browser: WebClient, app: str, form: str):
        self.house, self.browser, self.app, self.form = house, browser, app, form
        self.here = f"/build/{app}/forms/{form}/"
        self.page = visit(browser, self.here)

    def selects(self, *names: str) -> Page:
        self.page = visit(self.browser, self.address(*names))
        return self.page

    def address(self, *names: str) -> str:
        return self.here + "?" + "&".join(f"select={name}" for name in names) if names else self.here

    def sends(self, path: str, **values) -> Page:
        """A form of the page, as a button of it sends it; `select` may be several."""
        answer = Page(self.browser, self.browser.post(f"{self.here}{path}", values | {"next": self.here}))
        if answer.status == 303:
            self.page = answer.follow()
        return answer

    def adds(self, kind: str, *selected: str, **where) -> str:
        """The name of what was added."""
        return self.sends("fields", type=kind, select=list(selected), **where).location.rpartition("select=")[2]

    def acts(self, act: str, *selected: str) -> Page:
        return self.sends("fields/acts", act=act, select=list(selected))

    def edits(self, name: str, **arguments) -> Page:
        sent = {"name": name, "arguments": json.dumps(arguments), "next": self.here}
        return Page(self.browser, self.browser.post(f"/build/{self.app}/edits", sent))

    def undoes(self) -> None:
        self.browser.post(f"/build/{self.app}/undo", {"next": self.here})

    @property
    def document(self) -> dict:
        with self.house.workspace.reading() as connection:
            return store.draft(connection, store.app_row(connection, self.app).id).document

    @property
    def built(self) -> dict:
        """The form as the draft has it."""
        return next(form for form in self.document["forms"] if form["key"] == self.form)

    def field(self, key: str, column: str = "") -> dict:
        found = next(field for field in self.built["fields"] if field["key"] == key)
        return next(one for one in found["fields"] if one["key"] == column) if column else found

    def section(self, key: str) -> list[str]:
        return next(section for section in self.built["layout"] if section["key"] == key).get("fields", [])
