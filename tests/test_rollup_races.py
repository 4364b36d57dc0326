"""Many processes count towards the same records at once: every sum is exact, and nobody waits for ever."""

from __future__ import annotations

import pytest
from formloom.platform.workflow.soundness import check
from processes import together
from rollup_app import rollup_app
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
