"""Sheets and links are doors like the others: the same random cases get the answer that the commands give."""

from __future__ import annotations

import pytest
from doors import TAKEN, by_links, by_sheet, told
from formloom.platform.workflow.sheet_cells import fillable, telling
from small_app import form_of
from test_doors_agree import ROLES, STEPS, Maker, case_ids, document, orders_at
from test_doors_agree import depot as depot
from test_doors_agree import doors_config as doors_config

ASKED = ("about", "express", "note")


def filled(depot, role: str, maker: Maker) -> tuple[dict, dict]:
    """Random values of a record's own fields as somebody may write them into a sheet, and those that are theirs to fill."""
    values = {key: value for key, value in maker.values().items() if key != "lines" and value is not None}
    with depot.people[role].gate() as gate:
        open_ones = fillable(gate, gate.compiled.form("order"), False)
    return values, {key: value for key, value in values.items() if key in open_ones}


@pytest.mark.long
def test_rows_that_make_records_are_taken_as_the_command_takes_them(depot):
    seen = set()
    for seed in case_ids(25, 600):
        maker = Maker(depot, 50_000 + seed)
        role = maker.random.choice(ROLES)
        values, mine = filled(depot, role, maker)
        expected = told(depot.people[role].do.create, "order", mine) == TAKEN
        became = by_sheet(depot.workspace, depot.people[role].actor, values)
        assert became == ("created" if expected else "refused"), (seed, role, values)
        seen.add(became)
    assert seen == {"created", "refused"}


@pytest.mark.long
def test_rows_that_change_records_are_taken_as_the_command_takes_them(depot):
    seen = set()
    for seed in case_ids(25, 600):
        maker = Maker(depot, 60_000 + seed)
        role, step = maker.random.choice(ROLES), maker.random.choice(list(STEPS))
        one, other = orders_at(depot, step, 2)
        for order, about in ((one, f"One {seed}"), (other, f"Other {seed}")):
            depot.engine.edit("order", order.id, {"about": about}, {"about": depot.sees(order)["about"]})
        with depot.people[role].gate() as gate:
            if "about" not in telling(gate, gate.compiled.form("order")):
                continue
        values, mine = filled(depot, role, maker)
        now = depot.sees(one)
        mine = {key: value for key, value in mine.items() if key != "about" and value != now[key]}
        expected = told(depot.people[role].do.edit, "order", one.id, mine, {key: now[key] for key in mine})
        became = by_sheet(depot.workspace, depot.people[role].actor, values | {"about": f"Other {seed}"}, "about")
        assert became == ("refused" if expected != TAKEN else "changed" if mine else "unchanged"), (seed, role, step, values)
        seen.add(became)
    assert seen == {"changed", "refused", "unchanged"}


@pytest.fixture
def open_depot(doors_config):
    """The depot, whose orders are followed and come in by link."""
    from databases import SLUG
    from depot_app import stocked
    from formloom.platform import db
    from formloom.platform.definition import drafts, store
    from formloom.platform.workflow.publication import publish
    from small_world import World

    workspaces = db.Workspaces(doors_config)
    workspace = workspaces[SLUG]
    values = {"public": {"fields": list(ASKED), "a_day": 10_000, "roles": ["sales"]}, "tracking": {"fields": ["about"], "roles": ["sales"]}}
    with workspace.writing() as connection:
        row = store.app_row(connection, "depot")
        drafts.change(connection, row.id, "patch", {"path": "forms[order]", "values": values}, store.draft(connection, row.id).rev, 1)
    publish(workspace, "depot", 1)
    found = World(workspace, "depot")
    found.chair = stocked(found, "Chair", 1_000_000)
    yield found
    workspaces.dispose()


@pytest.mark.long
def test_a_link_takes_what_its_form_asks_for_and_nothing_else(open_depot):
    outside, seen = by_links(open_depot.workspace, "order", None), set()
    for seed in case_ids(60, 2000):
        values = Maker(open_depot, 70_000 + seed).values()
        if not values["lines"]:
            del values["lines"]
        expected = told(open_depot.do("depot").create, "order", values) == TAKEN and set(values) <= set(ASKED)
        assert (told(outside.create, "order", values) == TAKEN) == expected, (seed, values)
        seen.add(expected)
    assert seen == {True, False}


@pytest.mark.long
def test_whoever_follows_an_order_changes_nothing_of_it(open_depot):
    for seed in case_ids(20, 400):
        maker = Maker(open_depot, 80_000 + seed)
        (order,) = orders_at(open_depot, maker.random.choice(list(STEPS)), 1)
        before = open_depot.sees(order)
        outside, values = by_links(open_depot.workspace, "order", order.id), maker.values()
        attempts = [(outside.create, "order", values), (outside.edit, "order", order.id, values, {}), (outside.delete, "order", order.id)]
        attempts += [(outside.perform, "order", order.id, transition) for transition in form_transitions()]
        assert all(told(*attempt) != TAKEN for attempt in attempts), (seed, values)
        assert open_depot.sees(order) == before


def form_transitions() -> list[str]:
    return [one["key"] for one in form_of(document(), "order")["transitions"]]
