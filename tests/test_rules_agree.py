"""A rule has one meaning: Python, browser, SQLite and PostgreSQL give the same answers to random rules.

`FORMLOOM_SOAK=1` runs many more of them; `FORMLOOM_SEED` makes others.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress

import pytest
import sqlalchemy as sa
from databases import Databases
from formloom.platform import db
from formloom.platform.rules.browser import shape
from formloom.platform.rules.evaluate import compile_rule
from formloom.platform.rules.sql import NotInSql, compile_sql, compile_where
from formloom.platform.rules.typing import check, paths
from rule_maker import RuleMaker
from rule_world import RECORDS, SCOPE, World, as_json, resolve

SOAK = os.environ.get("FORMLOOM_SOAK") == "1"
RULES = 3_000 if SOAK else 250
RECORDS_MET = 60 if SOAK else 24
SEED = int(os.environ.get("FORMLOOM_SEED", "20261124"))
KINDS = ("flag", "flag", "flag", "number", "number", "text", "date", "moment")
WORLD = World(SEED, RECORDS_MET)


def made(count: int, kinds, **options) -> list:
    makers = [RuleMaker(SEED + number, **options) for number in range(count)]
    return [maker.rule(maker.random.choice(kinds)) for maker in makers]


def python_answers(rule) -> list:
    answer = compile_rule(rule, SCOPE)
    return [as_json(answer(record)) for record in WORLD.records]


def shown(rule) -> str:
    return json.dumps(rule, ensure_ascii=False)


@pytest.fixture(scope="session")
def rule_database(database, databases: Databases, tmp_path_factory):
    """An engine on a database that holds the records of the world."""

    def build(config):
        workspaces = db.Workspaces(config)
        with workspaces["rules"].writing() as connection:
            if config.postgresql:
                connection.exec_driver_sql(f"CREATE SCHEMA {db.schema_of('rules')}")
            WORLD.fill(connection)
        workspaces.dispose()

    config = databases.fresh(database, f"rules_{RECORDS_MET}", build, tmp_path_factory.mktemp("rules") / "instance")
    workspaces = db.Workspaces(config)
    yield workspaces["rules"]
    workspaces.dispose()
    databases.drop(config)


@pytest.mark.long
def test_the_browser_answers_as_python_does(rule_browser):
    rules = made(RULES, (*KINDS, "list", "list"))
    shared = [as_json(record) for record in WORLD.records]
    cases = [[rule, shape(SCOPE, paths(rule, SCOPE)), list(range(len(shared)))] for rule in rules]
    for rule, found in zip(rules, rule_browser.answers(cases, shared), strict=True):
        assert found == python_answers(rule), shown(rule)


def said(compiler, rules: list, dialect: str) -> list:
    """(rule, its SQL) for all but the few that are too deep for a filter."""
    found = []
    for rule in rules:
        with suppress(NotInSql):
            found.append((rule, compiler(rule, SCOPE, resolve, dialect)))
    assert len(found) > 0.8 * len(rules)
    return found


@pytest.mark.long
def test_sql_answers_as_python_does(rule_database):
    rules = made(RULES, KINDS, in_sql=True)
    with rule_database.reading() as connection:
        for rule, answer in said(compile_sql, rules, rule_database.dialect):
            statement = sa.select(answer.label("answer")).select_from(RECORDS).order_by(RECORDS.c.id)
            found = [as_json(value) for value in connection.scalars(statement)]
            assert found == sql_form(rule, python_answers(rule)), shown(rule)


@pytest.mark.long
def test_a_condition_in_sql_selects_what_python_answers_yes_to(rule_database):
    rules = made(RULES, ("flag",), in_sql=True)
    ids = [record["id"] for record in WORLD.records]
    with rule_database.reading() as connection:
        for rule, condition in said(compile_where, rules, rule_database.dialect):
            statement = sa.select(RECORDS.c.id).where(condition).order_by(RECORDS.c.id)
            expected = [key for key, answer in zip(ids, python_answers(rule), strict=True) if answer is True]
            assert list(connection.scalars(statement)) == expected, shown(rule)


def sql_form(rule, answers: list) -> list:
    """An empty yes-or-no answer comes out of SQL as no."""
    if check(rule, SCOPE).kind != "flag":
        return answers
    return [answer is True for answer in answers]


@pytest.mark.parametrize(
    "rule",
    [
        {"count": [{"missing": ["name"]}]},
        {"map": [{"var": "lines"}, {"var": "qty"}]},
        {"reduce": [{"var": "lines"}, {"+": [{"var": "accumulator"}, 1]}, 0]},
        {"sum": [[1, {"var": "amount"}]]},
        {"var": "lines.0.qty"},
        {"map": [{"var": "lines"}, {"map": [[1], 2]}]},
    ],
    ids=shown,
)
def test_what_sql_cannot_say_it_names(rule):
    with pytest.raises(NotInSql, match="formula field"):
        compile_sql(rule, SCOPE, resolve, "sqlite")


def test_what_is_too_deep_for_a_database_is_refused_before_it(rule_database):
    """SQLite's parser gives up at a hundred things inside each other, with an error of its own."""
    rule = {"var": "amount"}
    with rule_database.reading() as connection, pytest.raises(NotInSql, match="too deep"):
        for _ in range(40):
            rule = {"+": [1, {"min": [rule, 2]}]}
            answer = compile_sql(rule, SCOPE, resolve, rule_database.dialect)
            connection.execute(sa.select(answer).select_from(RECORDS))
