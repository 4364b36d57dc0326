"""Statements run by the driver: the same rows, values and errors as by SQLAlchemy."""

from __future__ import annotations

import gc
from datetime import datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa
from formloom.platform import quick
from formloom.platform.access.members import add_member, member
from formloom.platform.exact import Exact
from formloom.platform.ids import one_of

things = sa.Table(
    "things",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, unique=True),
    sa.Column("amount", Exact()),
    sa.Column("at", sa.DateTime),
    sa.Column("told", sa.JSON),
)
ADD = sa.insert(things).inline()
MOMENT = datetime(2026, 2, 3, 4, 5, 6)
ROWS = [
    {"id": n, "name": f"name {n}", "amount": Decimal(n) / 4, "at": MOMENT, "told": {"n": [n, None]}} for n in range(1, 6)
]


@pytest.fixture
def connection(workspace):
    with workspace.writing() as opened:
        things.create(opened)
        assert quick.write(opened, ADD, ROWS) == len(ROWS)
        yield opened


def test_every_use_gives_the_same_rows(connection):
    statement = sa.select(things).where(things.c.at <= sa.bindparam("at"), things.c.name.in_(["name 2", "name 4"]))
    expected = [tuple(ROWS[1].values()), tuple(ROWS[3].values())]
    for _use in range(3):
        found = quick.rows(connection, statement.order_by(things.c.id), {"at": MOMENT})
        assert [tuple(row) for row in found] == expected
    kept = statement.order_by(things.c.id.desc())
    for _use in range(3):
        found = quick.rows(connection, kept, {"at": MOMENT})
        assert [tuple(row) for row in found] == expected[::-1]
        assert found[0].amount == Decimal(1) and dict(found[0]._mapping)["told"] == {"n": [4, None]}


def test_what_varies_is_never_remembered(connection):
    statement = sa.select(things.c.id).where(things.c.id == sa.bindparam("id"))
    for number in (1, 2, 3, 4):
        assert [row.id for row in quick.rows(connection, statement, {"id": number})] == [number]
    with pytest.raises((KeyError, sa.exc.DBAPIError)):
        quick.rows(connection, statement, {})


def test_a_list_that_makes_other_sql_each_time_is_left_to_sqlalchemy(connection):
    statement = sa.select(things.c.id).where(things.c.id.in_(sa.bindparam("some", expanding=True))).order_by(things.c.id)
    for some in ([1], [2, 3], [], [4], [5, 1, 2]):
        assert [row.id for row in quick.rows(connection, statement, {"some": some})] == sorted(some)


def test_any_number_of_ids_is_one_statement(connection):
    statement = sa.select(things.c.id).where(one_of(things.c.id)).order_by(things.c.id)
    for ids in ([2], [], [5, 1, 99], list(range(2000))):
        assert [row.id for row in quick.rows(connection, statement, {"ids": ids})] == [n for n in range(1, 6) if n in ids]


def test_ids_are_found_by_the_index(connection):
    found = sa.select(things.c.name).where(one_of(things.c.id))
    if connection.dialect.name == "sqlite":
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {found.compile(dialect=connection.dialect)}", ("[1]",))
        assert "SEARCH things USING INTEGER PRIMARY KEY" in str(plan.all())


def test_one_change_and_several_are_counted(connection):
    statement = sa.update(things).where(things.c.id == sa.bindparam("b_id")).values(name=sa.bindparam("name"))
    assert quick.write(connection, statement, [{"b_id": 1, "name": "other"}]) == 1
    assert quick.write(connection, statement, [{"b_id": n, "name": f"new {n}"} for n in (2, 3, 77)]) == 2
    assert connection.scalars(sa.select(things.c.name).order_by(things.c.id)).all()[:3] == ["other", "new 2", "new 3"]


def test_errors_are_those_of_sqlalchemy(workspace):
    with workspace.writing() as connection:
        things.create(connection)
    with pytest.raises(sa.exc.IntegrityError), workspace.writing() as connection:
        for _twice in range(2):
            quick.write(connection, ADD, ROWS[:1])
    missing = quick.Quick(sa.select(sa.column("x")).select_from(sa.table("nowhere")))
    with pytest.raises(sa.exc.DBAPIError), workspace.reading() as connection:
        missing.all(connection)
    with workspace.reading() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(things)) == 0


def test_reading_is_of_one_moment_from_the_first_statement_on(workspace):
    everybody = quick.Quick(sa.select(member.c.id))
    with workspace.reading() as connection:
        assert everybody.all(connection) == []
        assert connection.in_transaction()
        if connection.dialect.name == "sqlite":  # PostgreSQL reads what is committed, statement by statement
            with workspace.writing() as other:
                add_member(other, "Ada")
            assert everybody.all(connection) == []
    with workspace.reading() as connection:
        assert len(everybody.all(connection)) == (connection.dialect.name == "sqlite")


def test_a_statement_that_nobody_keeps_is_let_go(connection):
    before = len(quick._kept)
    for number in range(30):
        for _use in range(2):
            statement = sa.select(things.c.id).where(things.c.id > number)
            quick.rows(connection, statement)
            quick.rows(connection, statement)
    del statement
    gc.collect()
    assert len(quick._kept) <= before + 1  # the one that SQLAlchemy's own cache has


@pytest.mark.databases("postgresql")
def test_a_lost_connection_takes_no_other_with_it(workspace):
    kept = sa.select(things.c.name)
    with workspace.writing() as connection:
        things.create(connection)
        assert [quick.rows(connection, kept) for _use in range(2)] == [[], []]
    with workspace.reading() as lost, workspace.reading() as other:
        raw = other.connection.dbapi_connection
        pid = lost.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        other.exec_driver_sql(f"SELECT pg_terminate_backend({pid}, 5000)")
        with pytest.raises(sa.exc.OperationalError) as told:
            quick.rows(lost, kept)
        assert told.value.connection_invalidated and lost.invalidated
        assert quick.rows(other, kept) == []
    with workspace.reading() as again:
        assert quick.rows(again, kept) == []
    workspace.rest()
    assert raw.closed
