"""Roll-ups that a new version brings: right for the records there are, whatever happens meanwhile."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from formloom.platform.access.actor import SYSTEM
from formloom.platform.definition import drafts, store
from formloom.platform.errors import Conflict, NotFound, Refused
from formloom.platform.gallery import template
from formloom.platform.records.compiled import open_app
from formloom.platform.records.query import Gate, Query
from formloom.platform.workflow import backfill as filling
from formloom.platform.workflow import publication
from formloom.platform.workflow.commands import Loaded
from formloom.platform.workflow.intake import run_import
from formloom.platform.workflow.intake_undo import undo_import
from formloom.platform.workflow.publication import publish
from formloom.platform.workflow.soundness import check
from rollup_app import Growing, counts, formula, read, rollup_app, sums
from small_app import field, field_of, form_of, status

DERIVED = ("rollup", "formula")
NORTHWIND = Path(__file__).parent / "northwind"


def without_sums() -> dict:
    """The app before anybody thought of adding up."""
    document = rollup_app()
    for form in document["forms"]:
        form["fields"] = [f for f in form["fields"] if f["type"] not in DERIVED or f["key"] == "total"]
    return document


@pytest.fixture
def world(workspace):
    return Growing(workspace, without_sums())


@pytest.fixture
def busy(world):
    """Two customers of a region, with orders of which one is deleted and one dropped, and a payment."""
    do = world.do("staff")
    world.region = do.create("region", {"name": "North"})
    world.ada, world.bob = (
        do.create("customer", {"name": name, "limit": "100", "region": world.region.id}) for name in ("Ada", "Bob")
    )
    world.first, world.second, world.third = (world.order(world.ada, amount) for amount in ("10", "20", "40"))
    do.delete("order", world.second.id)
    do.perform("order", world.third.id, "drop")
    do.create("payment", {"order": world.first.id, "amount": "4"})
    return world


def test_new_sums_know_the_records_there_are_along_the_whole_chain(busy):
    assert busy.publishes(rollup_app()) == 2
    ada, bob, region = (busy.sees(saved) for saved in (busy.ada, busy.bob, busy.region))
    assert [ada[key] for key in ("orders", "ordered", "open", "free")] == [2, 50, 6, 94]
    assert [bob[key] for key in ("orders", "ordered", "open", "free")] == [0, 0, 0, 100]
    assert (region["open"], region["strained"], region["children"]) == (6, 0, 0)
    assert check(busy.workspace) == []
    busy.do("staff").restore("order", busy.second.id)
    assert busy.sees(busy.region)["open"] == 26
    assert check(busy.workspace) == []


def test_more_records_than_a_batch(world, monkeypatch):
    monkeypatch.setattr(filling, "BATCH", 3)
    names = [Loaded("saved", {"name": f"c{n}", "limit": "10"}) for n in range(8)]
    customers = world.engine.load("customer", names)
    for n, customer in enumerate(customers):
        world.order(customer, *["1"] * n)
    world.publishes(rollup_app())
    assert [world.sees(customer)["open"] for customer in customers] == list(range(8))
    assert check(world.workspace) == []


@pytest.fixture
def before_the_flip(monkeypatch):
    """`before_the_flip(work)`: what commands of the old version do once everything is worked out for the new one."""

    def arrange(work):
        flip = publication._flip

        def later(*arguments):
            work()
            return flip(*arguments)

        monkeypatch.setattr(publication, "_flip", later)

    return arrange


def test_what_moves_between_the_backfill_and_the_flip_is_right(busy, before_the_flip):
    """Links moved away and back, records made, changed and deleted by commands of the old version."""
    do, made = busy.do("staff"), []

    def work():
        do.edit("order", busy.first.id, {"customer": busy.bob.id}, {"customer": busy.ada.id})
        made.append(do.create("customer", {"name": "Carol", "region": busy.region.id, "limit": "1"}))
        busy.order(made[0], "5")
        do.perform("order", busy.third.id, "reopen")

    before_the_flip(work)
    busy.becomes(rollup_app())
    publish(busy.workspace, "sums", 1)
    assert [busy.sees(saved)["open"] for saved in (busy.ada, busy.bob, *made)] == [40, 6, 5]
    assert (busy.sees(busy.region)["open"], busy.sees(busy.region)["strained"]) == (51, 1)
    assert check(busy.workspace) == []


def test_a_changed_condition_and_a_changed_formula_reach_what_stands_on_them(busy):
    busy.publishes(rollup_app())
    document = rollup_app()
    del field_of(document, "customer", "open")["settings"]["where"]
    field_of(document, "order", "total")["settings"]["rule"] = {
        "*": [2, {"sum": [{"map": [read("lines"), read("amount")]}]}]
    }
    busy.publishes(document)
    ada = busy.sees(busy.ada)
    assert (busy.sees(busy.first)["due"], ada["ordered"], ada["open"], ada["free"]) == (16, 100, 96, 4)
    assert busy.sees(busy.region)["open"] == 96
    assert check(busy.workspace) == []


def test_a_sum_that_comes_back_counts_what_happened_without_it(busy):
    busy.publishes(rollup_app())
    busy.publishes(without_sums())
    busy.order(busy.ada, "7")
    busy.publishes(rollup_app())
    assert (busy.sees(busy.ada)["orders"], busy.sees(busy.ada)["open"]) == (3, 13)
    assert check(busy.workspace) == []


def test_sums_follow_records_that_are_moved_out_of_a_status(busy):
    document = rollup_app()
    stands = {"if": [{"===": [read("status"), "open"]}, "open", "not"]}
    form_of(document, "order")["fields"].append(formula("stands", stands, result="text"))
    busy.publishes(document)
    assert busy.sees(busy.ada)["open"] == 6
    document["status_lists"][0]["statuses"] = [status("started", "start"), status("done", "done"), status("dropped", "cancelled")]
    where = {"===": [read("status"), "done"]}
    field_of(document, "customer", "open")["settings"]["where"] = {"or": [where, {"===": [read("status"), "started"]}]}
    field_of(document, "order", "stands")["settings"]["rule"]["if"][0] = where
    order = form_of(document, "order")
    order["transitions"], order["access"][0]["delete"] = [], []
    busy.publishes(document, mapping={"order": {"open": "done"}})
    assert busy.sees(busy.ada)["open"] == 6
    assert busy.sees(busy.first)["stands"] == "open"
    assert check(busy.workspace) == []


def test_an_unchanged_sum_follows_them_too(workspace):
    document = rollup_app()
    open_or_dropped = {"in": [read("status"), ["open", "dropped"]]}
    field_of(document, "customer", "orders")["settings"]["where"] = {"!": [open_or_dropped]}
    world = Growing(workspace, document)
    ada = world.do("staff").create("customer", {"name": "Ada"})
    world.do("staff").perform("order", world.order(ada, "1").id, "close")
    assert world.sees(ada)["orders"] == 1
    document["status_lists"][0]["statuses"] = [status("open", "start"), status("dropped", "cancelled")]
    order = form_of(document, "order")
    order["transitions"], order["access"][0]["delete"] = [], []
    world.publishes(document, mapping={"order": {"done": "dropped"}})
    assert world.sees(ada)["orders"] == 0
    assert check(workspace) == []


def test_a_show_rule_that_changes_reaches_what_stands_on_it(workspace):
    document = rollup_app()
    fee = field("fee", "money")
    form_of(document, "order")["fields"] += [fee, formula("whole", {"+": [read("total"), read("fee")]})]
    form_of(document, "customer")["fields"].append(field("wholes", "rollup", settings=sums("order", "customer", "whole")))
    world = Growing(workspace, document)
    ada = world.do("staff").create("customer", {"name": "Ada"})
    world.order(ada, "5", fee="1")
    assert world.sees(ada)["wholes"] == 6
    fee["show"] = {"===": [read("about"), "dear"]}
    world.publishes(document)
    assert world.sees(ada)["wholes"] == 0
    assert check(workspace) == []


def test_a_new_formula_over_a_sum_that_moves_meanwhile(busy, before_the_flip):
    """The sum's record is not changed by what moves its sum; the formula is worked out again all the same."""
    busy.publishes(rollup_app())
    document = rollup_app()
    form_of(document, "customer")["fields"].append(formula("twice", {"*": [2, read("open")]}))
    busy.becomes(document)
    before_the_flip(lambda: busy.order(busy.ada, "100"))
    publish(busy.workspace, "sums", 1)
    assert busy.sees(busy.ada)["twice"] == 212
    assert check(busy.workspace) == []


def test_people_at_work_do_not_notice_and_every_order_counts(world):
    ada = world.do("staff").create("customer", {"name": "Ada", "limit": "0"})
    made, wrong, stop = [], [], threading.Event()

    def work():
        do = world.do("staff")
        while not stop.is_set():
            try:
                made.append(world.order(ada, "1"))
                if len(made) % 3 == 0:
                    do.edit("order", made[-1].id, {"customer": None}, {"customer": ada.id})
            except (Conflict, NotFound, Refused) as error:
                wrong.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for document in (rollup_app(), without_sums(), rollup_app()):
            world.publishes(document)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert wrong == []
    seen = [world.sees(one)["customer"] for one in made]
    assert world.sees(ada)["orders"] == seen.count(ada.id) > 0
    assert check(world.workspace) == []


def test_an_import_its_undo_and_its_return_count(orders):
    """The order app with sums over a whole import, which is taken back and brought in again."""
    with orders.workspace.reading() as connection:
        app_id = store.app_row(connection, "orders").id
        document = store.draft(connection, app_id).document
    form_of(document, "customer")["fields"] += [
        field("orders_all", "rollup", settings=counts("order", "customer")),
        field("turnover", "rollup", settings=sums("order", "customer", "total", where={"!==": [read("status"), "cancelled"]})),
    ]
    form_of(document, "product")["fields"].append(field("sold", "rollup", settings=sums("order", "lines.product", "quantity")))
    with orders.workspace.writing() as connection:
        drafts.change(connection, app_id, "replace", {"by": document}, store.draft(connection, app_id).rev, 1)
    publish(orders.workspace, "orders", 1)
    for _time in range(2):
        run = run_import(orders.workspace, SYSTEM, template("northwind"), NORTHWIND)
        with orders.workspace.reading() as connection:
            gate = Gate(connection, open_app(orders.workspace, connection, "orders"), SYSTEM)
            rows = gate.page(Query("customer", ("orders_all", "turnover"), limit=500)).rows
            assert sum(row.values["orders_all"] for row in rows) == gate.count(Query("order")).number > 30
            assert sum(row.values["turnover"] for row in rows) > 10_000
        assert check(orders.workspace) == []
        undone = undo_import(orders.workspace, SYSTEM, run.run_id)
        assert undone.kept == []
        assert check(orders.workspace) == []
