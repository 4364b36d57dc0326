"""What somebody may see of a random app, in plain Python as engine.md words it; nothing here asks the engine."""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from small_app import form_of

RANK = {mode: rank for rank, mode in enumerate(("hidden", "masked", "read", "edit", "required"))}
STEPS = ("new", "open", "done", "dropped")
BUILT_IN = ("id", "status", "created_by")
INPUTS = {
    "credit": ("customer", "credit"), "alias": ("customer", "secret"), "agent": ("customer", "agent"),
    "double": ("amount", None), "lines.paid": ("lines.price", None), "total": ("lines.paid", None),
}  # fmt: skip


def worked_out(visit: dict, customers: dict) -> dict:
    """A visit with its formulas and its live look-up as they are now."""
    lines = [line | {"paid": _twice(line["price"])} for line in visit["lines"]]
    total = sum((line["paid"] for line in lines if line["paid"] is not None), Decimal(0))
    alias = customers.get(visit["customer"], {}).get("secret")
    return visit | {"alias": alias, "double": _twice(visit["amount"]), "lines": lines, "total": total}


def _twice(value):
    return None if value is None else value * 2


class Oracle:
    def __init__(self, world):
        self.world = world
        self.document = world.document
        self.paths = {key: [p for f in form_of(self.document, key)["fields"] for p in _paths(f)] for key in world.records}

    def records(self, form: str) -> dict[int, dict]:
        return self.world.records[form]

    def header(self, form: str) -> list[str]:
        return [path for path in self.paths[form] if "." not in path]

    # access

    def access(self, form: str, actor) -> list[dict]:
        roles = actor.roles_in(self.document["key"])
        return [a for a in form_of(self.document, form)["access"] if a["role"] in roles and a["scope"] != "none"]

    def mode(self, form: str, access: dict, path: str, step: str) -> str:
        """From the narrowest cell to the widest; what is worked out is never brighter than what it comes from."""
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
        return min((self.mode("customer", access, path, step) for step in STEPS), key=RANK.get)

    def holds(self, form: str, access: dict, actor, record: dict) -> bool:
        scope, author = access["scope"], record["created_by"]
        if scope == "all":
            return True
        if scope == "own":
            return author == actor.id
        if scope == "in_charge":
            statuses = self.document["status_lists"][0]["statuses"]
            return any(s["key"] == record["status"] and s["in_charge"] == access["role"] for s in statuses)
        if scope in ("department", "department_below"):
            mine = {actor.department} if scope == "department" else actor.departments_below
            return author == actor.id or (actor.department is not None and self.world.lives[author] in mine)
        return holds(scope, self.data(form, actor, record, self._opened))

    def modes(self, form: str, actor, record: dict) -> dict[str, str] | None:
        """Path -> mode; None where no row scope holds the record."""
        held = [a for a in self.access(form, actor) if self.holds(form, a, actor, record)]
        if not held:
            return None
        return {p: max((self.mode(form, a, p, record["status"]) for a in held), key=RANK.get) for p in self.paths[form]}

    def at_new(self, form: str, actor) -> dict[str, str] | None:
        held = [a for a in self.access(form, actor) if a["create"]]
        return {p: max((self.mode(form, a, p, "new") for a in held), key=RANK.get) for p in self.paths[form]} if held else None

    def ever(self, form: str, actor, path: str) -> bool:
        """Whether a saved record could show the field; else its name is unknown."""
        return any(RANK[self.mode(form, a, path, step)] > 1 for a in self.access(form, actor) for step in STEPS[1:])

    def always(self, form: str, actor, path: str) -> bool:
        """Whether the actor sees the field of every record that there could be for them."""
        grants = self.access(form, actor)
        reads = [all(RANK[self.mode(form, a, path, step)] > 1 for step in STEPS[1:]) for a in grants]
        return all(reads) or any(read and a["scope"] == "all" for a, read in zip(grants, reads, strict=True))

    def seen(self, form: str, actor, record: dict) -> dict | None:
        """The values that show, by key; None where the record does not exist for the actor."""
        modes = self.modes(form, actor, record)
        if modes is None:
            return None
        found = {key: record[key] for key in self.header(form) if RANK[modes[key]] > 1}
        if "lines" in found:
            columns = ["id", *(p[6:] for p in self.paths[form] if p.startswith("lines.") and RANK[modes[p]] > 1)]
            found["lines"] = [{c: line[c] for c in columns} for line in found["lines"]]
        return found

    def view(self, form: str, actor) -> dict[int, dict]:
        """Every record that exists for the actor, as far as it shows, with what every record tells."""
        seen = {i: self.seen(form, actor, record) for i, record in self.records(form).items()}
        return {i: values | {k: self.records(form)[i][k] for k in BUILT_IN} for i, values in seen.items() if values is not None}

    # rules

    def data(self, form: str, actor, values: dict, open_link: Callable) -> dict:
        """Rule data of values, whole or as far as they show."""
        data = {key: values.get(key) for key in (*self.header(form), *BUILT_IN)}
        for key in ("customer", "agent"):
            data[key] = open_link(actor, data.get(key))
        if "lines" in data:
            columns = [p[6:] for p in self.paths[form] if p.startswith("lines.")]
            lines = [{c: line.get(c) for c in columns} for line in data["lines"] or []]
            data["lines"] = [line | {"who": open_link(actor, line["who"])} for line in lines]
        return data | {"user": {"id": actor.id, "roles": sorted(actor.roles_in(self.document["key"]))}}

    def _opened(self, _actor, customer: int | None) -> dict | None:
        return None if customer is None else self.records("customer")[customer]

    def glimpsed(self, actor, customer: int | None) -> dict | None:
        """A linked record as far as it shows; one out of reach has its id alone."""
        if customer is None:
            return None
        record = self.records("customer")[customer]
        seen = self.seen("customer", actor, record)
        if seen is None:
            return {"id": customer}
        return {**seen, "agent": self.glimpsed(actor, seen.get("agent")), "id": customer, "status": record["status"]}


def _paths(member: dict) -> list[str]:
    return [member["key"], *(f"{member['key']}.{c['key']}" for c in member.get("fields", ()))]


def holds(rule: Any, data: Any) -> bool:
    return value(rule, data) is True


def value(rule: Any, data: Any) -> Any:
    """JsonLogic with empty as null: comparing with it is false, and/or/not see it as false."""
    if not isinstance(rule, dict):
        return [value(part, data) for part in rule] if isinstance(rule, list) else _plain(rule)
    ((name, arguments),) = rule.items()
    arguments = arguments if isinstance(arguments, list) else [arguments]
    if name == "var":
        return _read(arguments[0], data)
    if name in OVER_ITEMS:
        items = value(arguments[0], data) or []
        return OVER_ITEMS[name]([value(arguments[1], item) for item in items])
    return OPERATORS[name](*(value(argument, data) for argument in arguments))


def _plain(constant: Any) -> Any:
    return Decimal(constant) if isinstance(constant, int) and not isinstance(constant, bool) else constant


def _read(path: str, data: Any) -> Any:
    for key in path.split("."):
        data = None if data is None else data.get(key)
    return data["id"] if isinstance(data, dict) else data


def _ordered(compare: Callable) -> Callable:
    return lambda one, other: one is not None and other is not None and compare(one, _like(one, other))


def _like(one: Any, other: Any) -> Any:
    return datetime.date.fromisoformat(other) if isinstance(one, datetime.date) and isinstance(other, str) else other


OVER_ITEMS = {
    "some": lambda found: any(item is True for item in found),
    "none": lambda found: not any(item is True for item in found),
    "map": list,
}
OPERATORS: dict[str, Callable] = {
    "===": lambda one, other: one == _like(one, other),
    "!==": lambda one, other: one != _like(one, other),
    ">": _ordered(lambda one, other: one > other),
    ">=": _ordered(lambda one, other: one >= other),
    "<": _ordered(lambda one, other: one < other),
    "<=": _ordered(lambda one, other: one <= other),
    "!": lambda one: one is not True,
    "and": lambda *several: all(one is True for one in several),
    "or": lambda *several: any(one is True for one in several),
    "in": lambda one, several: one is not None and several is not None and one in several,
    "empty": lambda one: one is None or one in ("", []),
    "count": lambda found: Decimal(sum(item is not None for item in found or [])),
    "sum": lambda found: sum((item for item in found if item is not None), Decimal(0)),
}


def found_in(search: str, text: str | None) -> bool:
    """Whether a text holds what is looked for; one letter of an alphabet is the beginning of a word."""
    folded = [" ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", t or "").casefold()).split()) for t in (search, text)]
    looked_for, there = folded
    if len(looked_for) == 1 and looked_for not in "张三商贸":
        return any(word.startswith(looked_for) for word in there.split(" "))
    return looked_for in there
