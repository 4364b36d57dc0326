"""What a rule may be and cost: refused at the check, or stopped while it runs."""

from __future__ import annotations

from decimal import Decimal

import pytest
from formloom.platform.errors import TooLarge
from formloom.platform.rules.evaluate import compile_rule
from formloom.platform.rules.sample import SAMPLE
from formloom.platform.rules.types import RuleError, Type
from formloom.platform.rules.typing import check, paths

TEN = list(range(10))


def nested(depth: int):
    rule = 1
    for _ in range(depth):
        rule = {"+": [rule, 1]}
    return rule


def named(given) -> str:
    """The same name in every process: sets in order, no addresses."""
    if isinstance(given, set | frozenset):
        return " ".join(sorted(given))
    return type(given).__name__ if type(given) is object else str(given)


@pytest.mark.parametrize("depth", [51, 1_000, 10_000])
def test_a_rule_nested_too_deeply_is_refused(depth):
    with pytest.raises(RuleError, match="nested too deeply"):
        check(nested(depth), SAMPLE)


def test_a_list_nested_too_deeply_is_refused():
    rule = []
    for _ in range(10_000):
        rule = [rule]
    with pytest.raises(RuleError, match="nested too deeply"):
        check(rule, SAMPLE)


def test_a_rule_of_too_many_parts_is_refused():
    with pytest.raises(RuleError, match="too long"):
        check({"+": [{"+": [1] * 90} for _ in range(90)]}, SAMPLE)


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"and": [True], "or": [True]},
        {"eval": ["1"]},
        {"log": ["x"]},
        {"method": [1, "x"]},
        object(),
        {"==": [1, 1]},
        {1: 2},
    ],
    ids=named,
)
def test_what_is_no_rule_is_refused(rule):
    with pytest.raises(RuleError):
        check(rule, SAMPLE)


@pytest.mark.parametrize(
    ("literal", "said"),
    [
        (float("nan"), "not a number"),
        (float("inf"), "not a number"),
        (1e300, "too large"),
        (0.1234567, "six decimal"),
        ("x" * 10_001, "too long"),
    ],
    ids=lambda given: str(given)[:12],
)
def test_a_value_that_is_none_is_refused(literal, said):
    with pytest.raises(RuleError, match=said):
        check({"===": [literal, literal]}, SAMPLE)


@pytest.mark.parametrize(
    "path", ["__class__", "name.__class__", "customer.__dict__", "lines.x", "amount.real", "customer.credit.x"]
)
def test_a_name_reaches_declared_fields_alone(path):
    with pytest.raises(RuleError, match="There is no field"):
        check({"var": path}, SAMPLE)


def test_the_path_leads_to_the_part_that_is_wrong():
    with pytest.raises(RuleError) as refused:
        check({"and": [True, {">": [{"var": "amount"}, "1"]}]}, SAMPLE)
    assert refused.value.path == "and[1].>[1]"


def test_steps_over_lists_are_limited():
    """Ten lists of ten inside each other are ten thousand million steps."""
    rule = 1
    for _ in range(10):
        rule = {"sum": [{"map": [TEN, rule]}]}
    with pytest.raises(TooLarge):
        compile_rule(rule, SAMPLE)({})


@pytest.mark.parametrize(
    ("start", "step"),
    [
        ("x", {"cat": [{"var": "accumulator"}, {"var": "accumulator"}]}),
        ([1], {"merge": [{"var": "accumulator"}, {"var": "accumulator"}]}),
    ],
    ids=("text", "list"),
)
def test_what_grows_at_each_step_is_limited(start, step):
    with pytest.raises(TooLarge):
        compile_rule({"reduce": [[*TEN, *TEN, *TEN], step, start]}, SAMPLE)({})


def test_each_evaluation_has_steps_of_its_own():
    answer = compile_rule({"sum": [{"map": [{"var": "lines"}, {"var": "qty"}]}]}, SAMPLE)
    data = {"lines": [{"qty": Decimal(1)}] * 1000}
    assert [answer(data) for _ in range(500)] == [1000] * 500


@pytest.mark.parametrize(
    ("rule", "read"),
    [
        ({"sum": [{"map": [{"var": "lines"}, {"var": "qty"}]}]}, {"lines", "lines.qty"}),
        ({"var": "customer.credit"}, {"customer.credit"}),
        ({"var": "lines.0.qty"}, {"lines.qty"}),
        ({"var": ["amount", {"var": "rate"}]}, {"amount", "rate"}),
        ({"missing": ["name", "customer.tier"]}, {"name", "customer.tier"}),
        ({"sum": [{"map": [{"map": [{"var": "lines"}, {"var": ""}]}, {"var": "price"}]}]}, {"lines", "lines.price"}),
        (
            {"sum": [{"map": [{"if": [{"var": "ok"}, {"var": "lines"}, {"filter": [{"var": "lines"}, {"empty": [{"var": "note"}]}]}]}, {"var": "qty"}]}]},
            {"ok", "lines", "lines.note", "lines.qty"},
        ),
        ({"reduce": [{"var": "lines"}, {"+": [{"var": "accumulator"}, {"var": "current.qty"}]}, {"var": "rate"}]}, {"lines", "lines.qty", "rate"}),
    ],
    ids=named,
)  # fmt: skip
def test_the_data_that_a_rule_reads_is_known(rule, read):
    assert paths(rule, SAMPLE) == read


def test_links_may_run_in_circles():
    node = Type("link", target="node", fields=lambda: {"next": node, "size": Type("number")})
    scope = Type("record", fields={"first": node})
    third = {"id": 3, "size": Decimal(5), "next": None}
    answer = compile_rule({"var": "first.next.next.size"}, scope)
    assert answer({"first": {"id": 1, "next": {"id": 2, "next": third}}}) == 5
    assert answer({"first": {"id": 1, "next": None}}) is None
    assert compile_rule({"var": "first.next"}, scope)({"first": {"id": 1, "next": {"id": 2}}}) == 2
