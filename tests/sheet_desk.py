"""The small app with sheets to bring in, and one person's import on its pages."""

from __future__ import annotations

import io
import re
from types import SimpleNamespace

from formloom.platform import db
from formloom.platform.access.joining import Person, bring_in
from formloom.platform.access.members import set_roles
from formloom.platform.jobs.worker import drain
from formloom.platform.records.results import Query
from house import BEN
from people import PASSWORD
from small_app import field, field_of, form_of, small_app
from small_world import World

HERE = "/apps/visits/visit/import"
CLEO, DORA = (SimpleNamespace(email=f"{name}@example.com", name=name.title()) for name in ("cleo", "dora"))
CHOSEN = re.compile(r'name="(column-\d+)"[^>]*>(.*?)</select>', re.DOTALL)
COUNT = re.compile(r'data-count-of="(\w+)">(\d+)<')

SHEET = """About,Customer,Day,Number,Budget,Urgent,Colour of the gate
Garden,Zhang Wei,02.11.2026,,"1.234,50",yes,green
Roof,李雷,03.11.2026,,80,no,red
"""


def sheet_app() -> dict:
    document = small_app()
    visit = form_of(document, "visit")
    field_of(document, "visit", "about")["required"] = True
    check_budget = {"key": "least", "rule": {">=": [{"var": "budget"}, 0]}, "message": {"en": "A budget is not negative."}}
    visit["fields"] += [
        field("number", "serial", settings={"pattern": "V-{n:4}"}), field("budget", "money", checks=[check_budget]),
        field("urgent", "flag"), field("secret"), field("at", "moment"),
    ]  # fmt: skip
    document["roles"] += [{"key": name, "label": {"en": name.title()}} for name in ("guest", "loader")]
    cells = {"*": {"*": "edit"}, "secret": {"*": "hidden"}}
    visit["access"] = [
        {"role": "staff", "scope": "all", "create": True, "delete": ["open"], "cells": cells},
        {"role": "guest", "scope": "all", "cells": {"*": {"*": "read"}}},
        {"role": "loader", "scope": "all", "load": True, "cells": {"*": {"*": "read"}}},
    ]
    form_of(document, "customer")["access"] += [{"role": "loader", "scope": "all", "cells": {"*": {"*": "read"}}}]
    return document


def opened(house):
    """Ben makes visits, Cleo reads them, Dora brings in history."""
    house.world = World(house.workspace, sheet_app())
    with house.app.app_context():
        for one, role in ((CLEO, "guest"), (DORA, "loader")):
            bring_in(house.workspace, Person(one.name, one.email, {"visits": [role]}), PASSWORD)
        db.system.session.commit()
    with house.workspace.writing() as connection:
        set_roles(connection, BEN.id, "visits", ["staff"])
    for name in ("Zhang Wei", "李雷", "Twice", "Twice"):
        house.world.engine.create("customer", {"name": name})
    return house


class Sheet:
    """One person's import on its pages."""

    def __init__(self, shop, person=BEN, content: str | bytes = SHEET, name: str = "visits.csv"):
        self.shop, self.browser = shop, shop.browser(person)
        self.browser.get(HERE)
        content = content.encode() if isinstance(content, str) else content
        self.answer = self.browser.post(HERE, {"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")
        self.path = self.answer.location

    @property
    def page(self) -> str:
        return self.browser.get(self.path).get_data(as_text=True)

    @property
    def guess(self) -> dict[str, str]:
        """What is chosen on the page of the columns."""
        page = self.browser.get(f"{self.path}?settle=1").get_data(as_text=True)
        found = {name: re.search(r'value="([^"]*)" selected', options) for name, options in CHOSEN.findall(page)}
        told = {name: re.search(rf'name="{name}".*?</select>', page, re.DOTALL) for name in ("key", "group")}
        found |= {name: re.search(r'value="([^"]*)" selected', one[0]) for name, one in told.items() if one}
        return {name: got[1] if got else "" for name, got in found.items()}

    def does(self, what: str, data=None, status: int = 303) -> Sheet:
        answer = self.browser.post(f"{self.path}/{what}", data or {})
        assert answer.status_code == status
        drain(self.shop.workspace)
        return self

    def tried(self, **settled) -> Sheet:
        return self.does("columns", self.guess | settled)

    @property
    def counts(self) -> dict[str, int]:
        return {what: int(number) for what, number in COUNT.findall(self.page)}


def visits(shop) -> list[dict]:
    with shop.world.gate("staff") as gate:
        keys = ("about", "customer", "day", "budget", "urgent", "number")
        return [dict(row.values) | {"status": row.status, "id": row.id} for row in gate.page(Query("visit", keys, limit=200)).rows]


def by_number(shop) -> dict[str, dict]:
    return {one["number"]: one for one in visits(shop)}
