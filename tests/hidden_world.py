"""Small apps with random access, random people and random records; `hidden_oracle.py` says who may see what of them."""

from __future__ import annotations

import random
from datetime import date, datetime
from decimal import Decimal

from formloom.platform.access.actor import Actor
from formloom.platform.access.members import add_member, department
from formloom.platform.workflow.commands import Loaded
from hidden_oracle import Oracle, worked_out
from small_app import field, form_of, small_app, text
from small_world import World
from sqlalchemy import insert

ROLES = ("clerk", "seller", "chief")
STATUSES = ("open", "done", "dropped")
MODES = ("hidden", "masked", "read", "edit", "required")
WORDS = ("ash", "Beech tree", "birch", "CEDAR", "elm", "fir", "张三商贸", "Straße 7", "ﬁr 张")
COLUMNS = ("what", "price", "who", "paid")
HEADER = {
    "customer": ("name", "secret", "credit", "agent"),
    "visit": (
        "note", "amount", "day", "met", "helper", "customer", "credit", "alias", "agent", "double", "lines", "total",
    ),
}  # fmt: skip
PEOPLE = (1, 2, 3)
HOUSES = {1: None, 2: 1, 3: None}  # departments, each with the one above it


def fields() -> dict[str, list[dict]]:
    def formula(key, rule):
        return field(key, "formula", settings={"rule": rule})

    def link(key, **settings):
        return field(key, "link", settings={"form": "customer"} | settings)

    def lookup(key, of, **settings):
        return field(key, "lookup", settings={"via": "customer", "field": of} | settings)

    lines = [
        field("what"),
        field("price", "number"),
        link("who", where={"!": [{"<": [{"var": "credit"}, 3]}]}),
        formula("paid", {"*": [{"var": "price"}, 2]}),
    ]
    return {
        "customer": [field("name"), field("secret"), field("credit", "number"), link("agent")],
        "visit": [
            field("note", default="new note"),
            field("amount", "number"),
            field("day", "date"),
            field("met", "moment"),
            field("helper", "person"),
            link("customer"),
            lookup("credit", "credit"),
            lookup("alias", "secret", live=True),
            lookup("agent", "agent"),
            formula("double", {"*": [{"var": "amount"}, 2]}),
            field("lines", "rows", fields=lines),
            formula("total", {"sum": [{"map": [{"var": "lines"}, {"var": "paid"}]}]}),
        ],
    }


class HiddenWorld:
    """One random app with its records, and three people of some of its roles, in departments."""

    def __init__(self, workspace, seed: int):
        self.dice = random.Random(seed)
        self.workspace = workspace
        self.asked = 0
        self._settle()
        self.document = self._document(seed)
        self.world = World(workspace, self.document)
        self.people = [self._person(number) for number in PEOPLE]
        self.records: dict[str, dict[int, dict]] = {"customer": {}, "visit": {}}
        for form, count in (("customer", 3), ("customer", 3), ("visit", 14)):
            self._load(form, count)
        self.oracle = Oracle(self)

    def _settle(self) -> None:
        self.lives = {number: self.dice.choice([None, *HOUSES]) for number in PEOPLE}
        with self.workspace.writing() as connection:
            rows = [{"id": number, "parent_id": above, "name": f"D{number}"} for number, above in HOUSES.items()]
            connection.execute(insert(department), rows)
            for number in PEOPLE:
                assert add_member(connection, f"P{number}", department_id=self.lives[number]) == number

    def _document(self, seed: int) -> dict:
        made = small_app() | {"key": f"app_{seed}", "roles": [{"key": role, "label": text(role)} for role in ROLES]}
        made["zone"] = self.dice.choice(["UTC", "Asia/Shanghai", "America/New_York"])
        for status in made["status_lists"][0]["statuses"]:
            status["in_charge"] = self.dice.choice(ROLES)
        for key, members in fields().items():
            form = form_of(made, key)
            form |= {"fields": members, "views": [], "transitions": [], "status_list": "flow"}
            form |= {"title": "name", "subtitle": "secret"} if key == "customer" else {"title": "note"}
            form["access"] = [self._access(key, role) for role in ROLES]
        return made

    def _access(self, form: str, role: str) -> dict:
        paths = ["*", "*", *HEADER[form], *(f"lines.{c}" for c in COLUMNS if form == "visit")]
        cells = {}
        for path in self.dice.sample(paths, self.dice.randint(1, 6)):
            steps = self.dice.sample(("*", "new", *STATUSES), self.dice.randint(1, 3))
            cells[path] = {step: self.dice.choice(MODES) for step in steps}
        return {"role": role, "scope": self._scope(form), "create": self.dice.random() < 0.8, "cells": cells}

    def _scope(self, form: str):
        named = ["all", "all", "all", "own", "in_charge", "department", "department_below", "none"]
        return self.dice.choice([*named, *(self._rule(form) for _rule in range(5))])

    def _rule(self, form: str) -> dict:
        number = {"customer": "credit", "visit": "amount"}[form]
        rules = [
            {">=": [{"var": number}, self.dice.randint(0, 5)]},
            {"in": [self.dice.choice(ROLES), {"var": "user.roles"}]},
            {"in": [{"var": "status"}, self.dice.sample(STATUSES, 2)]},
            {"or": [{"===": [{"var": "created_by"}, {"var": "user.id"}]}, {"===": [{"var": "status"}, "done"]}]},
        ]
        if form == "visit":
            rules.append({"===": [{"var": "customer.secret"}, self.dice.choice(WORDS)]})
            rules.append({"some": [{"var": "lines"}, {"===": [{"var": "who.name"}, self.dice.choice(WORDS)]}]})
            rules.append({"or": [{"===": [{"var": "helper"}, {"var": "user.id"}]}, {">": [{"var": "total"}, 3]}]})
        return self.dice.choice(rules)

    def _person(self, number: int) -> Actor:
        roles = frozenset(self.dice.sample(ROLES, self.dice.choice([1, 1, 2, 2, 3])))
        house = self.lives[number]
        below = frozenset() if house is None else frozenset({house, *(h for h, above in HOUSES.items() if above == house)})
        held = {self.document["key"]: roles}
        return Actor("member", number, f"P{number}", roles=held, department=house, departments_below=below)

    def _load(self, form: str, count: int) -> None:
        pick, customers = self.dice.choice, [None, *self.records["customer"]]
        batch = []
        for _number in range(count):
            values = {"credit": pick([None, 1, 3, 5]), "name": pick(WORDS), "secret": pick([None, *WORDS])}
            values["agent"] = pick(customers)
            if form == "visit":
                row = {"price": pick([None, 1, 2]), "who": pick(customers)}
                values = {"note": pick([None, *WORDS]), "amount": pick([None, 0, 2, 4]), "customer": pick(customers)}
                values |= {"day": pick(DAYS), "met": pick(MOMENTS), "helper": pick([None, *PEOPLE])}
                values["lines"] = [row | {"what": pick(WORDS)} for _line in range(self.dice.randint(0, 2))]
            batch.append(Loaded(pick(STATUSES), values, by=pick(PEOPLE)))
        for loaded, saved in zip(batch, self.world.engine.load(form, batch), strict=True):
            ids = [line["id"] for line in self.world.sees(saved).get("lines", ())]
            self.records[form][saved.id] = self._whole(form, saved.id, loaded, ids)

    def _whole(self, form: str, record_id: int, loaded: Loaded, line_ids: list[int]) -> dict:
        """The record as it stands, all of it."""
        values = {key: _as_kept(key, value) for key, value in loaded.values.items()}
        own = {"id": record_id, "status": loaded.status, "created_by": loaded.by}
        if form == "visit":
            customer = self.records["customer"].get(values["customer"], {})
            values |= {"credit": customer.get("credit"), "agent": customer.get("agent")}
            lines = zip(loaded.values["lines"], line_ids, strict=True)
            values["lines"] = [{"id": i} | {k: _as_kept(k, v) for k, v in line.items()} for line, i in lines]
            values = worked_out(values, self.records["customer"])
        return values | own

    def change(self, form: str, record_id: int, key: str, value) -> None:
        """As the engine does it; what hangs on it follows."""
        record = self.records[form][record_id]
        self.world.engine.edit(form, record_id, {key: value}, {key: record[key]})
        record[key] = _as_kept(key, value)
        if key == "customer":
            record |= {name: self.records["customer"][value][name] for name in ("credit", "agent")}
        for visit in self.records["visit"].values():
            visit |= worked_out(visit, self.records["customer"])


DAYS = (None, "2025-12-29", "2026-01-04", "2026-03-31", "2026-04-01", "2024-02-29")
MOMENTS = (None, "2025-12-31T23:30:00Z", "2026-01-01T02:00:00Z", "2026-03-29T16:00:00Z", "2026-04-01T03:59:59.5Z")


def _as_kept(key, value):
    if value is None:
        return None
    if key in ("credit", "amount", "price"):
        return Decimal(value)
    if key == "day":
        return date.fromisoformat(value)
    return datetime.fromisoformat(value.replace("Z", "").ljust(26, "0") if "." in value else value[:-1]) if key == "met" else value
