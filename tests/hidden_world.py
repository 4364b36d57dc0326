"""Small apps with random access, and in plain Python what people may see of them (engine.md, Access)."""

from __future__ import annotations

import datetime
import random
from decimal import Decimal

from formloom.platform.access.actor import Actor
from formloom.platform.workflow.commands import Loaded
from small_app import field, form_of, small_app, text
from small_world import World

ROLES = ("clerk", "seller", "chief")
STATUSES = ("open", "done", "dropped")
RANK = {mode: rank for rank, mode in enumerate(("hidden", "masked", "read", "edit", "required"))}
WORDS = ("ash", "beech", "birch", "cedar", "elm", "fir")
COLUMNS = ("what", "price", "who", "paid")
HEADER = {
    "customer": ("name", "secret", "credit"),
    "visit": ("note", "amount", "customer", "credit", "alias", "double", "lines", "total"),
}
INPUTS = {
    "credit": ("customer", "credit"), "alias": ("customer", "secret"), "double": ("amount", None),
    "lines.paid": ("lines.price", None), "total": ("lines.paid", None),
}  # fmt: skip


def fields() -> dict[str, list[dict]]:
    def formula(key, rule):
        return field(key, "formula", settings={"rule": rule})

    lines = [
        field("what"),
        field("price", "number"),
        field("who", "link", settings={"form": "customer"}),
        formula("paid", {"*": [{"var": "price"}, 2]}),
    ]
    return {
        "customer": [field("name"), field("secret"), field("credit", "number")],
        "visit": [
            field("note"),
            field("amount", "number"),
            field("customer", "link", settings={"form": "customer"}),
            field("credit", "lookup", settings={"via": "customer", "field": "credit"}),
            field("alias", "lookup", settings={"via": "customer", "field": "secret", "live": True}),
            formula("double", {"*": [{"var": "amount"}, 2]}),
            field("lines", "rows", fields=lines),
            formula("total", {"sum": [{"map": [{"var": "lines"}, {"var": "paid"}]}]}),
        ],
    }


class HiddenWorld:
    """One random app with its records, and three people of some of its roles."""

    def __init__(self, workspace, seed: int):
        self.dice = random.Random(seed)
        self.document = self._document(seed)
        self.world = World(workspace, self.document)
        self.people = [self._person(number) for number in (1, 2, 3)]
        self.records = {"customer": self._load("customer", 6), "visit": {}}
        self.records["visit"] = self._load("visit", 14)

    def _document(self, seed: int) -> dict:
        made = small_app() | {"key": f"app_{seed}", "roles": [{"key": role, "label": text(role)} for role in ROLES]}
        for status in made["status_lists"][0]["statuses"]:
            status["in_charge"] = self.dice.choice(ROLES)
        for key, members in fields().items():
            form = form_of(made, key)
            form |= {"fields": members, "views": [], "transitions": [], "status_list": "flow"}
            form["title"] = "name" if key == "customer" else "note"
            form["access"] = [self._access(key, role) for role in ROLES]
        return made

    def _access(self, form: str, role: str) -> dict:
        paths = ["*", *HEADER[form], *(f"lines.{c}" for c in COLUMNS if form == "visit")]
        cells = {}
        for path in self.dice.sample(paths, self.dice.randint(1, 4)):
            steps = self.dice.sample(("*", "new", *STATUSES), self.dice.randint(1, 3))
            cells[path] = {step: self.dice.choice(tuple(RANK)) for step in steps}
        return {"role": role, "scope": self._scope(form), "create": True, "cells": cells}

    def _scope(self, form: str):
        number = {"customer": "credit", "visit": "amount"}[form]
        rules = [
            {">=": [{"var": number}, self.dice.randint(0, 5)]},
            {"in": [self.dice.choice(ROLES), {"var": "user.roles"}]},
            {"in": [{"var": "status"}, self.dice.sample(STATUSES, 2)]},
        ]
        if form == "visit":
            rules.append({"===": [{"var": "customer.secret"}, self.dice.choice(WORDS)]})
            rules.append({"some": [{"var": "lines"}, {"===": [{"var": "who.name"}, self.dice.choice(WORDS)]}]})
        return self.dice.choice(["all", "all", "own", "in_charge", "none", *rules])

    def _person(self, number: int) -> Actor:
        roles = frozenset(self.dice.sample(ROLES, self.dice.randint(1, 2)))
        return Actor("member", number, f"P{number}", roles={self.document["key"]: roles})

    def _load(self, form: str, count: int) -> dict[int, dict]:
        """id -> the record as rules see it, whole."""
        pick = self.dice.choice
        batch, made = [], {}
        for _number in range(count):
            values = {"credit": pick([None, 1, 3, 5]), "name": pick(WORDS), "secret": pick([None, *WORDS])}
            if form == "visit":
                known = [None, *self.records["customer"]]
                row = {"what": pick(WORDS), "price": pick([None, 1, 2]), "who": pick(known)}
                values = {"note": pick([None, *WORDS]), "amount": pick([None, 0, 2, 4]), "customer": pick(known)}
                values["lines"] = [row | {"what": pick(WORDS)} for _line in range(self.dice.randint(0, 2))]
            batch.append(Loaded(pick(STATUSES), values, by=pick((1, 2, 3))))
        for loaded, saved in zip(batch, self.world.engine.load(form, batch), strict=True):
            made[saved.id] = self._whole(form, saved.id, loaded)
        return made

    def _whole(self, form: str, record_id: int, loaded: Loaded) -> dict:
        values = {key: _exact(key, value) for key, value in loaded.values.items()}
        if form == "visit":
            customer = self.records["customer"].get(values["customer"], {})
            values |= {
                "credit": customer.get("credit"),
                "alias": customer.get("secret"),
                "double": _twice(values["amount"]),
            }
            lines = self.world.sees(_Place(form, record_id))["lines"]
            values["lines"] = [
                {
                    "id": stands["id"],
                    **{k: _exact(k, v) for k, v in line.items()},
                    "paid": _twice(_exact("price", line["price"])),
                }
                for line, stands in zip(values["lines"], lines, strict=True)
            ]
            values["total"] = sum((line["paid"] for line in values["lines"] if line["paid"] is not None), Decimal(0))
        return values | {"id": record_id, "status": loaded.status, "created_by": loaded.by}

    # what somebody may see

    def access(self, form: str, actor: Actor) -> list[dict]:
        roles = actor.roles_in(self.document["key"])
        return [a for a in form_of(self.document, form)["access"] if a["role"] in roles and a["scope"] != "none"]

    def mode(self, form: str, access: dict, path: str, step: str) -> str:
        cell = self._cell(access, path, step)
        mode = cell or self._cell(access, path.partition(".")[0], step) or self._cell(access, "*", step) or "hidden"
        if form != "visit" or path not in INPUTS:
            return mode
        own, theirs = INPUTS[path]
        limits = ["read"]
        if cell is None:
            limits.append(self.mode(form, access, own, step))
            limits += [self._least(access["role"], theirs)] if theirs else []
        return min([mode, *limits], key=RANK.get)

    @staticmethod
    def _cell(access: dict, path: str, step: str) -> str | None:
        row = access["cells"].get(path, {})
        return row.get(step) or row.get("*")

    def _least(self, role: str, path: str) -> str:
        (access,) = (a for a in form_of(self.document, "customer")["access"] if a["role"] == role)
        if access["scope"] == "none":
            return "hidden"
        return min((self.mode("customer", access, path, step) for step in ("new", *STATUSES)), key=RANK.get)

    def holds(self, form: str, access: dict, actor: Actor, record: dict) -> bool:
        scope = access["scope"]
        if scope == "all":
            return True
        if scope == "own":
            return record["created_by"] == actor.id
        if scope == "in_charge":
            statuses = self.document["status_lists"][0]["statuses"]
            return any(s["key"] == record["status"] and s["in_charge"] == access["role"] for s in statuses)
        return self.judge(form, scope, self.data(form, actor, record, self.opened))

    def modes(self, form: str, actor: Actor, record: dict) -> dict[str, str] | None:
        """Path -> mode; None where no row scope holds the record."""
        held = [a for a in self.access(form, actor) if self.holds(form, a, actor, record)]
        paths = [*HEADER[form], *(f"lines.{c}" for c in COLUMNS if form == "visit")]
        best = {
            path: max((self.mode(form, a, path, record["status"]) for a in held), key=RANK.get)
            for path in paths
            if held
        }
        return best or None

    def ever(self, form: str, actor: Actor, path: str) -> bool:
        """Whether a saved record could show the field; else its name is unknown."""
        grants = self.access(form, actor)
        return any(RANK[self.mode(form, access, path, step)] > 1 for access in grants for step in STATUSES)

    def seen(self, form: str, actor: Actor, record: dict) -> dict | None:
        """The values that show, by key; None where the record does not exist for the actor."""
        modes = self.modes(form, actor, record)
        if modes is None:
            return None
        found = {key: record[key] for key in HEADER[form] if RANK[modes[key]] > 1}
        if "lines" in found:
            columns = ["id", *(c for c in COLUMNS if RANK[modes[f"lines.{c}"]] > 1)]
            found["lines"] = [{c: line[c] for c in columns} for line in found["lines"]]
        return found

    # rules

    def data(self, form: str, actor: Actor, values: dict, open_link) -> dict:
        """Rule data of values, whole or as far as they show."""
        data = {key: values.get(key) for key in HEADER[form]} | {
            key: values[key] for key in ("id", "status", "created_by")
        }
        if form == "visit":
            data["customer"] = open_link(actor, data["customer"])
            lines = [{c: line.get(c) for c in COLUMNS} for line in data["lines"] or []]
            data["lines"] = [line | {"who": open_link(actor, line["who"])} for line in lines]
        roles = sorted(actor.roles_in(self.document["key"]))
        return data | {"user": {"id": actor.id, "roles": roles}, "today": datetime.date(2026, 1, 1)}

    def opened(self, _actor: Actor, customer: int | None) -> dict | None:
        return None if customer is None else self.records["customer"][customer]

    def glimpsed(self, actor: Actor, customer: int | None) -> dict | None:
        """A linked record as far as it shows; one out of reach has its id alone."""
        if customer is None:
            return None
        record = self.records["customer"][customer]
        seen = self.seen("customer", actor, record)
        return {"id": customer} if seen is None else {**seen, "id": customer, "status": record["status"]}

    def judge(self, form: str, rule, data: dict) -> bool:
        with self.world.gate() as gate:
            compiled = gate.compiled.form(form)
        return compiled.rule(rule, compiled.scope)(data) is True


class _Place:
    def __init__(self, form: str, id: int):
        self.form, self.id = form, id


def _exact(key, value):
    return Decimal(value) if key in ("credit", "amount", "price") and value is not None else value


def _twice(value):
    return None if value is None else value * 2
