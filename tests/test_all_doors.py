"""Doors agree: through a dragged card, a cell of a list, many at once, a sheet, a link, JSON or the commands nothing can be
done that the record's page refuses; the same random cases go through all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from databases import SLUG
from depot_app import lines_of
from door_world import ASKED, GOOD, Maker, Taking, a_change, a_taking, case_ids, order_at, ready, row_of
from door_world import clients as clients
from door_world import depot as depot
from door_world import doors_config as doors_config
from doors import (
    Verdict,
    by_bulk,
    by_button,
    by_card,
    by_cell,
    by_dragged_card,
    by_import,
    by_json,
    by_link,
    by_load,
    by_page,
    by_question,
    by_sheet,
    link_to,
    posted,
    told,
)  # fmt: skip
from formloom.platform.definition.model import Sort
from formloom.platform.records.query import Query
from formloom.platform.workflow.sheet_cells import fillable, telling

LIST = "/apps/depot/order/"
Ways = dict[str, Callable[..., Verdict]]
DOORS = {
    "make": ("page", "command", "json", "load", "folder", "sheet", "link"),
    "change": ("page", "command", "json", "cell", "many", "card", "sheet"),
    "take": ("page", "command", "json", "foreseen", "button", "card", "many"),
}


@pytest.mark.long
def test_no_door_does_what_the_record_page_refuses(depot, clients, tmp_path):
    doors = Doors(depot, clients, tmp_path)
    for seed in case_ids(16, 500, first=50):
        doors.makes(Maker(depot, seed), f"new {seed}")
        doors.changes(Maker(depot, 10_000 + seed))
        doors.takes(Maker(depot, 20_000 + seed))
    wanted = {(what, name, taken) for what, names in DOORS.items() for name in names for taken in (True, False)}
    assert not wanted - set(doors.seen)


class Doors:
    """Every door that is there for a case, each with an order of its own."""

    def __init__(self, depot, clients, folder):
        self.depot, self.clients, self.folder = depot, clients, folder
        self.seen: Counter = Counter()
        order_at(depot, "draft")
        with depot.gate() as gate:
            self.transitions = gate.compiled.form("order").form.transition_by_key

    def makes(self, maker: Maker, name: str) -> None:
        role, values = maker.role(), maker.values()
        workspace, client, people = self.depot.workspace, self.clients[role], self.depot.people[role]
        ways: Ways = {
            "page": lambda _: by_page(client, f"{LIST}new", values),
            "command": lambda _: told(people.do.create, "order", values),
            "json": lambda _: by_json(client, f"{LIST}new", {"values": values}),
        }
        lines = values.get("lines", [])
        gathered = values.get("express") is True and lines  # by themselves, which history does not do again
        if role == "depot" and not gathered and not any("status" in line for line in lines):  # which history alone may state
            ways["load"] = lambda _: by_load(people.do, values)
        if role == "depot" and not gathered and not any("product" in line for line in lines):
            ways["folder"] = lambda _: by_import(workspace, self.folder / name, values)
        if self.fills(role, values, "new"):
            ways["sheet"] = lambda _: Verdict(by_sheet(workspace, people.actor, self.by_name(values)) == "created")
        if role == "depot":
            outside = f"/s/{SLUG}/{link_to(workspace, 'order', None)}"
            if set(values) <= set(ASKED):
                ways["link"] = lambda _: by_page(self.clients[""], outside, values)
            else:
                assert not by_page(self.clients[""], outside, values).taken
        self.agree("make", ways, lambda: None, lambda _: self.newest(), (name, role, values))

    def changes(self, maker: Maker) -> None:
        case = a_change(maker)
        client, values, people, only = self.clients[case.role], case.values, self.depot.people[case.role], case.only
        ways: Ways = {
            "page": lambda order: by_page(client, f"{LIST}{order.id}", self.with_ids(order, values)),
            "command": lambda order: told(people.do.edit, "order", order.id, *self.edit(order, values)),
            "json": lambda order: by_json(client, f"{LIST}{order.id}", dict(zip(("changes", "base"), self.edit(order, values), strict=True))),
        }
        if only:
            ways["cell"] = lambda order: by_cell(client, f"{LIST}{order.id}/cells/{only}", values)
            ways["many"] = lambda order: by_bulk(client, LIST, order, f"fill.{only}", values)
        if only == "room" or (only == "day" and values["day"]):  # a calendar has no place without a day
            sent = {"by": only, "to": values[only] or "", "base": f'{{"{only}": null}}'}
            ways["card"] = lambda order: by_card(client, f"{LIST}{order.id}", **sent)
        if "about" not in values and "lines" not in values and None not in values.values() and self.fills(case.role, values, case.step):
            ways["sheet"] = lambda order: Verdict(self.by_row(people, order, values))
        self.agree("change", ways, lambda: order_at(self.depot, case.step), lambda order: self.left(order, values), case)

    def takes(self, maker: Maker) -> None:
        case = a_taking(maker)
        client, people, key, room = self.clients[case.role], self.depot.people[case.role], case.key, maker.random.choice(GOOD["room"])
        sent = {(name if case.index is None else f"lines-0-{name}"): value or "" for name, value in case.asked.items()}
        ways: Ways = {
            "page": lambda order: by_question(client, self.question(order, case), sent),
            "command": lambda order: told(self.perform, people, order, case),
            "json": lambda order: by_json(client, self.question(order, case), {"input": case.asked}),
            "foreseen": lambda order: told(people.do.effects, "order", order.id, key, case.asked, row_of(self.depot, order, case.index)),
        }
        if not case.asked:
            ways["button"] = lambda order: by_button(client, f"{LIST}{order.id}", self.button(order, case))
        transition = self.transitions.get(key)
        if case.index is None and transition is not None and not transition.rows:
            if not case.asked or transition.ask:  # a card that is just put there says nothing else
                ways["card"] = lambda order: by_dragged_card(client, f"{LIST}{order.id}", order, transition, case.asked)
            if not transition.preview:  # which is looked at one by one
                ways["many"] = lambda order: by_bulk(client, LIST, order, f"take.{key}", case.asked)
        self.agree("take", ways, lambda: ready(self.depot, case, room), lambda order: self.left(order, case.asked), case)

    def agree(self, what: str, ways: Ways, order: Callable, left: Callable, case) -> None:
        """Go through all of them; what is `left` is the same where the answer is."""
        for door, way in ways.items():
            mine = order()
            answer = way(mine)
            stands = left(mine)
            if door == "page":
                verdict, expected = answer, stands
            assert answer.taken == verdict.taken, (door, case, answer, verdict)
            if door in ("command", "load") and verdict.names != {"lines"}:  # closed as a whole, where the command names the column
                assert answer.names == verdict.names, (door, case, answer, verdict)
            elif door == "folder":
                assert answer.names <= verdict.names | {"lines"}, (case, answer, verdict)
            assert stands == expected or door == "foreseen", (door, case)
            self.seen[what, door, answer.taken] += 1

    def fills(self, role: str, values: dict, at: str) -> bool:
        """Whether a sheet of theirs has such columns; and where a record is there, finds it by what it is about."""
        paths = {key for key in values if key != "lines"} | {f"lines.{name}" for line in values.get("lines", ()) for name in line}
        with self.depot.people[role].gate() as gate:
            form = gate.compiled.form("order")
            return paths <= set(fillable(gate, form, False)) and (at == "new" or "about" in telling(gate, form))

    def by_name(self, values: dict) -> dict:
        """With the chair as a sheet has it."""
        if "lines" not in values:
            return values
        names = {self.depot.chair.id: "Chair"}
        return values | {"lines": [{key: names.get(cell, cell) if key == "product" else cell for key, cell in line.items()} for line in values["lines"]]}

    def by_row(self, people, order, values: dict) -> bool:
        """A row of a sheet that changes an order."""
        about = {"about": f"Order {order.id}"}
        self.depot.engine.edit("order", order.id, about, {"about": self.depot.sees(order)["about"]})
        return by_sheet(people.workspace, people.actor, values | about, "about") in ("changed", "unchanged")

    def question(self, order, case: Taking) -> str:
        row = row_of(self.depot, order, case.index)
        return f"{LIST}{order.id}/transitions/{case.key}" + ("" if row is None else f"/{row}")

    def button(self, order, case: Taking) -> str:
        row = row_of(self.depot, order, case.index)
        return case.key if row is None else f"lines.{row}.{case.key}"

    def perform(self, people, order, case: Taking):
        return people.do.perform("order", order.id, case.key, case.asked, row=row_of(self.depot, order, case.index))

    def with_ids(self, order, values: dict) -> dict:
        if "lines" not in values:
            return values
        ids = [line["id"] for line in lines_of(self.depot, order)]
        return values | {"lines": [{"id": ids[index]} | line for index, line in enumerate(values["lines"])]}

    def edit(self, order, values: dict) -> tuple[dict, dict]:
        """(changes, base) of somebody who has just opened the record."""
        before, sent = self.depot.sees(order), self.with_ids(order, values)
        base = {key: before.get(key) for key in sent}
        if "lines" in sent:
            base["lines"] = [{key: line[key] for key in ("id", *values["lines"][index])} for index, line in enumerate(before["lines"])]
        return sent, base

    def left(self, order, values: dict) -> tuple[str, dict]:
        """The status and the values of an order, but for what tells it from its like."""
        with self.depot.gate() as gate:
            record = gate.record("order", order.id)
        found = {key: value for key, value in record.values.items() if key != "about" or key in values}
        found["express"] = found["express"] or None  # a page cannot tell a box left alone from a no
        return record.status, found | {"lines": [{k: v for k, v in line.items() if k != "id"} for line in record.values["lines"]]}

    def newest(self) -> tuple[str, dict]:
        with self.depot.gate() as gate:
            (row,) = gate.page(Query("order", (), sort=(Sort("id", descending=True),), limit=1)).rows
        return self.left(row, {"about"})


@pytest.mark.long
def test_whoever_follows_an_order_changes_nothing_of_it(depot, clients):
    for seed in case_ids(8, 400):
        maker = Maker(depot, 80_000 + seed)
        case, values = a_taking(maker), maker.values()
        order, before = ready(depot, case, "north"), depot.sees
        token = link_to(depot.workspace, "order", order.id)
        outside, stands = by_link(depot.workspace, token), before(order)
        attempts = [(outside.create, "order", values), (outside.edit, "order", order.id, values, {}), (outside.delete, "order", order.id)]
        attempts += [(outside.perform, "order", order.id, case.key, case.asked, {}, None, None, None, row_of(depot, order, case.index))]
        assert not any(told(*attempt).taken for attempt in attempts), (seed, values)
        path = f"/s/{SLUG}/{token}"
        assert clients[""].get(path).status_code == 200 and clients[""].post(path, posted(values)).status_code == 404
        assert before(order) == stands
