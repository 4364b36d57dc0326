"""What a read costs does not grow with the table: rows that SQLite steps over, rows that PostgreSQL looks at."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import sqlalchemy as sa
from formloom.platform.definition.model import Sort
from formloom.platform.records.query import Gate
from formloom.platform.records.results import Group, Measure, Query, Summary
from formloom.platform.workflow.commands import Loaded
from formloom.platform.workflow.filling import refill
from small_app import field, form_of, small_app, text
from small_world import World

START, SMALL, LARGE = 400, 4, 2  # records, and how often their number doubles
ABOUT = 1.3  # times what the small table costs; a scan would cost four times as much, or more
MINE = {"===": [{"var": "created_by"}, {"var": "user.id"}]}
CELLS = {"*": {"*": "read"}}
ROLES = {
    "staff": {"scope": "all", "cells": CELLS},
    "mine": {"scope": "own", "cells": CELLS},
    "charge": {"scope": "in_charge", "cells": CELLS},
    "either": {"scope": {"or": [MINE, {"===": [{"var": "status"}, "dropped"]}]}, "cells": CELLS},
    "part": {"scope": "all", "cells": CELLS | {"amount": {"*": "hidden", "open": "read", "done": "read"}}},
}


def document() -> dict:
    made = small_app()
    made["roles"] = [{"key": role, "label": text(role)} for role in ROLES]
    for status in made["status_lists"][0]["statuses"]:
        status["in_charge"] = "charge" if status["key"] != "done" else None
    visit = form_of(made, "visit")
    visit["fields"].append(field("amount", "number"))
    visit["transitions"] = []
    visit["access"] = [{"role": role} | access for role, access in ROLES.items()]
    sorts = {"all": ["day"], "dear": ["amount"]}
    visit["views"] = [
        {"key": key, "label": text(key), "columns": ["about", "amount"], "sort": [{"field": f, "descending": True} for f in by]}
        for key, by in sorts.items()
    ]
    form_of(made, "customer")["access"] = [{"role": role, "scope": "all", "cells": CELLS} for role in ROLES]
    return made


@pytest.fixture
def world(workspace):
    made = World(workspace, document())
    (customer,) = made.engine.load("customer", [Loaded("saved", {"name": "Zebra 张三"})])
    made.engine.load("visit", [visit(n) for n in range(START)])
    made.customer = customer.id
    return made


def visit(number: int, **values) -> Loaded:
    """Of each status, day and amount as many, one in three by the person who asks; they have nothing to do with each other."""
    dice = random.Random(number)
    given = {"about": f"Visit {number % 50}", "day": f"2026-0{dice.randint(1, 9)}-11", "amount": dice.choice([None, 1, 2, 3, 4, 5])}
    return Loaded(dice.choice(("open", "done", "dropped")), given | values, by=dice.choice((1, 2, 2)))


def grow(world, doublings: int) -> None:
    """The table so many times twice as large, and two in it that are rare."""
    with world.workspace.writing() as connection:
        connection.execute(sa.text("DELETE FROM visits__visit WHERE f_amount = 99"))
        columns = [c["name"] for c in sa.inspect(connection).get_columns("visits__visit") if c["name"] != "id"]
        named = ", ".join(columns)
        for _time in range(doublings):
            connection.execute(sa.text(f"INSERT INTO visits__visit ({named}) SELECT {named} FROM visits__visit"))
    world.engine.load("visit", [visit(n, customer=world.customer, amount=99) for n in (1, 4)])
    refill(world.workspace)
    settle(world)


def settle(world) -> None:
    """The databases know how many rows there are."""
    statement = "ANALYZE" if world.workspace.dialect == "sqlite" else "VACUUM ANALYZE"
    with world.workspace.write.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(statement)


@contextmanager
def measured(gate: Gate) -> Iterator[list[int]]:
    """What is read inside costs so many steps (SQLite) or rows that are looked at (PostgreSQL)."""
    cost = [0]
    if gate.dialect == "sqlite":
        raw = gate.connection.connection.dbapi_connection
        raw.set_progress_handler(lambda: cost.append(1), 1)
        yield cost
        raw.set_progress_handler(None, 1)
        cost[:] = [len(cost)]
        return
    gate.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # it reads small tables in one go
    with overheard(gate) as asked:
        yield cost
    for statement, values in asked:
        plan = gate.connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values).scalar()
        cost[0] += looked_at(plan[0]["Plan"])


@contextmanager
def overheard(gate: Gate) -> Iterator[list[tuple]]:
    """The statements that reach the database, with their values."""
    asked: list[tuple] = []

    def listen(_connection, _cursor, statement, values, _context, _many):
        asked.append((statement, values))

    sa.event.listen(gate.connection.engine, "before_cursor_execute", listen)
    yield asked
    sa.event.remove(gate.connection.engine, "before_cursor_execute", listen)


def looked_at(plan: dict) -> int:
    """Rows that the leaves of a plan touch, kept or not."""
    below = plan.get("Plans", ())
    own = 0 if below else (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]
    return int(own) + sum(looked_at(part) for part in below)


def first_page(query: Query) -> Callable[[Gate], None]:
    return lambda gate: gate.page(query)


def deep_page(query: Query) -> Callable[[Gate], None]:
    """The page after the hundredth row, and the one before it; the way there is not measured."""

    def read(gate: Gate):
        return gate.page(replace(query, after=gate.deep)), gate.page(replace(query, before=gate.deep))

    read.query = query
    return read


def by(*names: str, **rest) -> Query:
    return Query("visit", ("about", "amount"), sort=tuple(Sort(n.strip("-"), n.startswith("-")) for n in names), **rest)


READS = {
    "a view": ("staff", first_page(by("-day"))),
    "a deep page": ("staff", deep_page(by("-day"))),
    "the other way": ("staff", deep_page(by("day"))),
    "what is mine": ("mine", deep_page(by("-day"))),
    "what I am in charge of": ("charge", deep_page(by("-day"))),
    "mine or dropped": ("either", deep_page(by("-day"))),
    "mine, or what I am in charge of": ("mine charge", deep_page(by("-day"))),
    "by what shows in part": ("part", deep_page(by("-amount"))),
    "by what shows in part, empty first": ("part", first_page(by("amount"))),
    "by what shows in part, deep": ("part", deep_page(by("amount"))),
    "where what shows in part is this": ("part", first_page(by(where={"===": [{"var": "amount"}, 99]}))),
    "search for a rare word": ("staff", first_page(by(search="zebra"))),
    "search for a rare word, in part": ("part", first_page(by(search="张三"))),
    "search for nothing that is there": ("staff", first_page(by("-day", search="no such words"))),
}


def cost_of(world, role: str, read) -> int:
    with world.gate(*role.split()) as gate:
        if hasattr(read, "query"):
            gate.deep = gate.page(replace(read.query, limit=100)).next
        gate.connection = gate.connection.execution_options(longest_question=0)  # which would watch the steps too
        read(gate)  # compiled, and its statement kept
        with measured(gate) as cost:
            read(gate)
        return cost[0]


def test_reads_cost_the_same_in_a_small_table_and_a_large_one(world):
    grow(world, SMALL)
    small = {name: cost_of(world, *read) for name, read in READS.items()}
    grow(world, LARGE)
    large = {name: cost_of(world, *read) for name, read in READS.items()}
    assert not {name: (small[name], large[name]) for name in READS if large[name] > ABOUT * small[name] + 300}


def test_a_sum_by_status_reads_the_index_alone(world):
    grow(world, 1)
    summary = Summary("visit", (Group("status"),), (Measure(), Measure("sum", "amount")))
    with world.gate("staff") as gate, overheard(gate) as asked:
        if gate.dialect == "postgresql":
            gate.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        gate.summary(summary)
        statement, values = asked[-1]
        how = "EXPLAIN QUERY PLAN" if gate.dialect == "sqlite" else "EXPLAIN"
        plan = "\n".join(str(row[-1]) for row in gate.connection.exec_driver_sql(f"{how} {statement}", values))
    assert "COVERING INDEX" in plan or "Index Only Scan" in plan, plan
