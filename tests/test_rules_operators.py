"""Every operator, by its own examples: checked, refused, in Python, browser and SQL, as sentence and formula.

A new operator is tested without a new test.
"""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from formloom.platform.registry import operators
from formloom.platform.rules.browser import shape
from formloom.platform.rules.evaluate import compile_rule
from formloom.platform.rules.formula import parse, write
from formloom.platform.rules.sample import SAMPLE
from formloom.platform.rules.sentence import sentence
from formloom.platform.rules.sql import NotInSql, Rows, compile_sql, constant
from formloom.platform.rules.types import RuleError, Type
from formloom.platform.rules.typing import check, paths
from rule_world import as_json, from_json

OPERATORS = list(operators)
EXAMPLES = [(operator.name, *example) for operator in OPERATORS for example in operator.examples]
REFUSED = [(operator.name, rule) for operator in OPERATORS for rule in operator.refused]


def shown(given) -> str:
    return given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: operator.name)
def test_an_operator_shows_what_it_takes_and_what_not(operator):
    assert operator.examples and operator.refused
    assert operator.name == "var" or operator.formula or operator.infix


@pytest.mark.parametrize(("name", "rule", "data", "answer"), EXAMPLES, ids=shown)
def test_an_example_has_its_answer(name, rule, data, answer):
    assert as_json(compile_rule(rule, SAMPLE)(from_json(data, SAMPLE))) == answer


@pytest.mark.parametrize(("name", "rule"), REFUSED, ids=shown)
def test_a_wrong_use_is_refused_with_a_sentence_and_a_path(name, rule):
    with pytest.raises(RuleError) as refused:
        check(rule, SAMPLE)
    assert str(refused.value.sentence)
    assert refused.value.path.startswith(name)


def test_examples_have_their_answers_in_the_browser(rule_browser):
    cases = [[rule, shape(SAMPLE, paths(rule, SAMPLE)), [data]] for _name, rule, data, _answer in EXAMPLES]
    for (_name, rule, data, answer), (found,) in zip(EXAMPLES, rule_browser.answers(cases), strict=True):
        assert found == answer, (rule, data)


def test_examples_have_their_answers_in_sql(workspace):
    with workspace.reading() as connection:
        for _name, rule, data, answer in EXAMPLES:
            try:
                said = compile_sql(rule, SAMPLE, standing(data), workspace.dialect)
            except NotInSql as unsaid:
                assert "formula field" in str(unsaid)
            else:
                assert as_json(connection.scalar(sa.select(said.label("answer")))) == answer, (rule, data)


def standing(data: dict):
    """A `resolve` for which the values stand in the statement itself."""

    def resolve(path: tuple[str, ...], here: Type = SAMPLE, values=data):
        for key in path:
            here, values = here.members[key], values.get(key) if values else None
        if here.kind == "rows":
            return rows(values or [], here)
        if here.kind == "list":
            return values or []
        return constant(from_json(values["id"] if isinstance(values, dict) else values, here), here)

    return resolve


def rows(lines: list[dict], type: Type) -> Rows:
    columns = type.members
    selects = [
        sa.select(*(constant(from_json(line.get(key), column), column).label(key) for key, column in columns.items()))
        for line in lines or [{}]
    ]
    table = sa.union_all(*selects).subquery()
    return Rows(table, sa.true() if lines else sa.false(), lambda path: table.c[path[0]])


@pytest.mark.parametrize("rule", [rule for _name, rule, _data, _answer in EXAMPLES], ids=shown)
def test_an_example_is_a_sentence_and_a_formula(rule):
    assert sentence(rule, SAMPLE, "en") != sentence(rule, SAMPLE, "zh")
    for language in (None, "en", "zh"):
        formula = write(rule, SAMPLE, language)
        assert parse(formula, SAMPLE) == rule, formula
