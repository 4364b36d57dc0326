"""Sudden death: whatever is killed, nothing acknowledged is lost and everything still agrees."""

from __future__ import annotations

import os

import pytest
from databases import SLUG
from formloom.platform import db
from order_app import build_orders
from people import People
from processes import together
from warehouse import drafts, stocked

SOAK = bool(os.environ.get("FORMLOOM_SOAK"))
ROUNDS = 500 if SOAK else 50
CHECK_EACH = 25 if SOAK else 10


@pytest.fixture
def durable_config(database, durable_databases, tmp_path):
    made = durable_databases.fresh(database, "orders", build_orders, tmp_path / "orders")
    yield made
    durable_databases.drop(made)


@pytest.fixture
def durable_orders(durable_config):
    workspaces = db.Workspaces(durable_config)
    yield People(workspaces[SLUG], "orders")
    workspaces.dispose()


@pytest.mark.long
def test_killed_at_any_moment_nothing_acknowledged_is_lost(durable_orders, durable_config):
    waiting = [order.id for name in ("Chai", "Tofu") for order in drafts(durable_orders, 15, stocked(durable_orders, 60, name), 5)]
    (told,) = together(durable_config, "survives", 1, waiting, ROUNDS, 7, CHECK_EACH)
    assert told["wrong"] == []
    assert told["acknowledged"] > ROUNDS
