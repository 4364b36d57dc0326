"""Formulas: what people write is a rule, a rule is written back, and a mistake is named by its column."""

from __future__ import annotations

import pytest
from formloom.platform.rules.formula import FormulaError, parse, write
from formloom.platform.rules.sample import SAMPLE
from formloom.platform.rules.types import Type
from rule_maker import RuleMaker
from rule_world import SCOPE

AMOUNT, RATE, OK, RUSH = ({"var": name} for name in ("amount", "rate", "ok", "rush"))
PRICES = {"map": [{"var": "lines"}, {"var": "price"}]}

MEANINGS = [
    ("SUM(lines.price) * (1 - rate)", {"*": [{"sum": [PRICES]}, {"-": [1, RATE]}]}),
    (
        "SUM(lines.qty * lines.price)",
        {"sum": [{"map": [{"var": "lines"}, {"*": [{"var": "qty"}, {"var": "price"}]}]}]},
    ),
    ("amount + rate + 1", {"+": [AMOUNT, RATE, 1]}),
    ("(amount + rate) + 1", {"+": [{"+": [AMOUNT, RATE]}, 1]}),
    ("amount - rate - 1", {"-": [{"-": [AMOUNT, RATE]}, 1]}),
    ("amount - (rate - 1)", {"-": [AMOUNT, {"-": [RATE, 1]}]}),
    ("amount + rate * 2", {"+": [AMOUNT, {"*": [RATE, 2]}]}),
    ("-amount * -3", {"*": [{"-": [AMOUNT]}, -3]}),
    ("-(3)", {"-": [3]}),
    ("NOT ok AND rush OR ok", {"or": [{"and": [{"!": [OK]}, RUSH]}, OK]}),
    ("1 < amount < 5", {"<": [1, AMOUNT, 5]}),
    ('name & " " & amount', {"cat": [{"var": "name"}, " ", AMOUNT]}),
    ('IF(ok, "a", "say ""b""")', {"if": [OK, "a", 'say "b"']}),
    ('tier IN {"gold", "plain"}', {"in": [{"var": "tier"}, ["gold", "plain"]]}),
    ("customer.credit >= amount", {">=": [{"var": "customer.credit"}, AMOUNT]}),
    ("due = EMPTY", {"===": [{"var": "due"}, None]}),
    ("ALL(lines, qty > 0)", {"all": [{"var": "lines"}, {">": [{"var": "qty"}, 0]}]}),
    ("COUNT(FILTER(lines, EMPTY(note)))", {"count": [{"filter": [{"var": "lines"}, {"empty": [{"var": "note"}]}]}]}),
    ('ANY(tags, THIS = "vip")', {"some": [{"var": "tags"}, {"===": [{"var": ""}, "vip"]}]}),
    ("DEFAULT(rate, 1)", {"var": ["rate", 1]}),
    ("lines.0.qty", {"var": "lines.0.qty"}),
    ("ROUND(amount, 2)", {"round": [AMOUNT, 2]}),
]
ALSO = [
    ("amount＋（3）", "amount + 3"),
    ("if(ok，1，2)", "IF(ok, 1, 2)"),
    ("and(ok, rush)", "ok AND rush"),
    ("amount ≠ 3 and amount ≤ 5", "amount <> 3 AND amount <= 5"),
    ("amount * 5%", "amount * 0.05"),
    ("Amount + 汇率", "amount + rate"),
    ("[Exchange rate] × 2", "rate * 2"),
    ("明细.数量", "lines.qty"),
    ("SUM(明细.[单价（未税）])", "SUM(lines.price)"),
    ('等级 = "金牌"', 'tier = "gold"'),
    ("“a” = name", '"a" = name'),
]
MISTAKES = [
    ("amount + name", 10, "number"),
    ("amount + ", 9, "missing at the end"),
    ("((amount)", 10, "missing at the end"),
    ("amount + nothing", 10, "no field “nothing”"),
    ("customer.nothing", 10, "no field “nothing”"),
    ("SUMME(lines.qty)", 1, "no function “SUMME”"),
    ('tier = "golden"', 8, "not one of the options"),
    ("amount # 2", 8, "“#” does not fit"),
    ("amount 2", 8, "“2” does not fit"),
    ('name = "a', 8, "closing quotation mark"),
    ("1 < amount <= 5", 12, "join them with AND"),
    ("SUM(lines.qty * amount)", 17, "each of “lines”"),
    ("IF(amount, 1, 2)", 4, "yes-or-no"),
    ("amount = 0.1234567", 10, "six decimal places"),
    ("ROUND(amount, 9)", 15, "0 to 6 places"),
    ("  ", 1, "no formula yet"),
    ("1 +\n  name", 3, "number"),
]


@pytest.mark.parametrize(("formula", "rule"), MEANINGS, ids=str)
def test_a_formula_is_a_rule_and_is_written_back(formula, rule):
    assert parse(formula, SAMPLE) == rule
    assert write(rule, SAMPLE) == formula


@pytest.mark.parametrize(("formula", "usual"), ALSO, ids=str)
def test_a_formula_may_be_written_in_other_ways(formula, usual):
    assert parse(formula, SAMPLE) == parse(usual, SAMPLE)


@pytest.mark.parametrize(("formula", "column", "said"), MISTAKES, ids=str)
def test_a_mistake_is_named_by_its_column(formula, column, said):
    with pytest.raises(FormulaError, match=f"(?s){said}") as mistake:
        parse(formula, SAMPLE)
    assert mistake.value.column == column


def test_a_mistake_names_its_line():
    with pytest.raises(FormulaError) as mistake:
        parse("1 +\n  name", SAMPLE)
    assert (mistake.value.line, mistake.value.column, mistake.value.position) == (2, 3, 6)


def test_a_rule_is_written_with_the_labels_of_a_language():
    rule = parse("SUM(lines.price) * rate", SAMPLE)
    assert write(rule, SAMPLE, "en") == "SUM(Lines.[Unit price (net)]) * [Exchange rate]"
    assert write(rule, SAMPLE, "zh") == "SUM(明细.[单价（未税）]) * 汇率"
    assert write({"===": [{"var": "tier"}, "gold"]}, SAMPLE, "zh") == '等级 = "金牌"'


def test_a_label_of_two_fields_is_refused_and_never_written():
    twins = {key: Type("number", label={"en": "Net"}) for key in ("net_a", "net_b")}
    scope = Type("record", fields=twins)
    assert write({"+": [{"var": "net_a"}, {"var": "net_b"}]}, scope, "en") == "net_a + net_b"
    with pytest.raises(FormulaError, match="net_a, net_b"):
        parse("Net + 1", scope)


@pytest.mark.parametrize(
    "formula", ["(" * 5000 + "1" + ")" * 4999, "(" * 4900 + "1" + ")" * 4900, "-" * 9000 + "1", "1" * 10001]
)
def test_an_endless_formula_is_refused(formula):
    with pytest.raises(FormulaError):
        parse(formula, SAMPLE)


def test_what_is_written_means_the_same():
    for seed in range(500):
        maker = RuleMaker(seed)
        rule = maker.rule(maker.random.choice(("flag", "number", "text", "date", "moment", "list")))
        assert parse(write(rule, SCOPE), SCOPE) == rule, write(rule, SCOPE)
