"""Many processes count towards the same records at once: every sum is exact, and nobody waits for ever."""

from __future__ import annotations

import pytest
from formloom.platform.workflow.commands import Loaded
from formloom.platform.workflow.soundness import check
from processes import together
from rollup_app import read, rollup_app
from small_app import field, form_of, transition
from small_world import World

PROCESSES = 10


@pytest.fixture
def world(workspace):
    return World(workspace, rollup_app())


def test_everybody_counts_towards_one_customer(world, config):
    region = world.engine.create("region", {"name": "North"})
    customer = world.engine.create("customer", {"name": "Ada", "limit": "0", "region": region.id})
    rounds = 8
    left = together(config, "counts_towards", PROCESSES, customer.id, rounds)
    seen = world.sees(customer)
    assert (seen["open"], world.sees(region)["open"]) == (sum(left), sum(left))
    assert (seen["orders"], seen["free"]) == (PROCESSES * rounds * 3 // 4, -sum(left))
    assert check(world.workspace) == []


def test_links_that_cross_do_not_stop_anybody(world, config):
    regions = [world.engine.create("region", {"name": name}).id for name in ("North", "South")]
    customers = [world.engine.create("customer", {"name": f"c{n}", "region": regions[n % 2]}).id for n in range(3)]
    line = {"quantity": "1", "price": "100"}
    orders = [world.engine.create("order", {"customer": customers[n % 3], "lines": [line]}).id for n in range(4)]
    done = together(config, "crosses", PROCESSES, orders, customers, regions)
    assert sum(done) > PROCESSES * 3
    assert check(world.workspace) == []


def adjusting() -> dict:
    """Orders whose transitions adjust their customer and region, one in this order and one in the other."""
    document = rollup_app()
    order = form_of(document, "order")
    order["fields"].append(field("region", "link", settings={"form": "region"}))
    form_of(document, "region")["fields"].append(field("budget", "money"))
    customer = {"key": "c", "type": "adjust", "settings": {"target": "customer", "changes": {"limit": read("total")}}}
    region = {"key": "r", "type": "adjust", "settings": {"target": "region", "changes": {"budget": read("total")}}}
    order["transitions"] += [
        transition("forth", "open", "done", effects=[customer, region]),
        transition("back", "open", "done", effects=[region, customer]),
    ]
    return document


def test_effects_in_opposite_orders_and_sums_do_not_stop_each_other(workspace, config):
    world = World(workspace, adjusting())
    region = world.engine.create("region", {"name": "North"})
    customer = world.engine.create("customer", {"name": "Ada", "limit": "0", "region": region.id})
    values = {"customer": customer.id, "region": region.id, "lines": [{"quantity": "1", "price": "3"}]}
    orders = [saved.id for saved in world.engine.load("order", [Loaded("open", values)] * 64)]
    assert sum(together(config, "adjusts_both", 8, orders)) == 64
    assert (world.sees(customer)["limit"], world.sees(region)["budget"]) == (192, 192)
    assert (world.sees(customer)["open"], world.sees(customer)["free"]) == (0, 192)
    assert check(workspace) == []
