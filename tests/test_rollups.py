"""Roll-ups: what links here is summed and counted, whatever is done to it, and what stands on the sum follows."""

from __future__ import annotations

from decimal import Decimal

import pytest
from formloom.platform.workflow.commands import Loaded
from formloom.platform.workflow.soundness import check
from rollup_app import rollup_app
from small_world import World


@pytest.fixture
def world(workspace):
    return World(workspace, rollup_app())


@pytest.fixture
def ada(world):
    return world.do("staff").create("customer", {"name": "Ada", "limit": "1000"})


def order(world, customer, *amounts, **values):
    lines = [{"price": amount, "quantity": "1"} for amount in amounts]
    return world.do("staff").create("order", {"customer": customer.id, "lines": lines, **values})


def sums(world, customer) -> tuple:
    values = world.sees(customer)
    return values["orders"], values["ordered"], values["open"], values["free"]


def test_a_new_record_starts_at_nothing(world, ada):
    assert sums(world, ada) == (0, 0, 0, 1000)


def test_creating_editing_moving_and_deleting_count(world, ada):
    bob = world.do("staff").create("customer", {"name": "Bob", "limit": "10"})
    one, two = order(world, ada, "100", "20.50"), order(world, ada, "7")
    assert sums(world, ada) == (2, Decimal("127.50"), Decimal("127.50"), Decimal("872.50"))
    do = world.do("staff")
    do.edit("order", two.id, {"customer": bob.id}, {"customer": ada.id})
    assert (sums(world, ada)[1], sums(world, bob)[1]) == (Decimal("120.50"), 7)
    do.perform("order", one.id, "close")
    assert sums(world, ada) == (1, Decimal("120.50"), 0, 1000)
    do.delete("order", one.id)
    assert sums(world, ada) == (0, 0, 0, 1000)
    do.restore("order", one.id)
    assert sums(world, ada) == (1, Decimal("120.50"), 0, 1000)
    do.edit("order", two.id, {"customer": None}, {"customer": bob.id})
    assert sums(world, bob) == (0, 0, 0, 10)
    assert check(world.workspace) == []
