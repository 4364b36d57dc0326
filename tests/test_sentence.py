"""A rule said to people, in English and Chinese."""

from __future__ import annotations

import pytest
from formloom.platform.rules.sample import SAMPLE
from formloom.platform.rules.sentence import sentence
from rule_maker import RuleMaker
from rule_world import SCOPE

AMOUNT, TIER, OK = {"var": "amount"}, {"var": "tier"}, {"var": "ok"}
SAID = [
    ({">": [AMOUNT, 1000]}, "Amount is more than 1000", "金额大于1000"),
    ({"<": [{"var": "due"}, {"var": "start"}]}, "Due is before Start", "到期日早于开始日"),
    ({"===": [TIER, "gold"]}, "Tier is Gold", "等级是金牌"),
    ({"!==": [TIER, None]}, "Tier is not empty", "等级不为空"),
    ({"in": [TIER, ["gold", "plain"]]}, "Tier is one of Gold, Plain", "等级是金牌、普通之一"),
    ({"in": ["vip", {"var": "tags"}]}, "Tags includes “vip”", "标签包含“vip”"),
    (OK, "In order is yes", "正常为是"),
    ({"!": [OK]}, "Not In order is yes", "并非正常为是"),
    (
        {"or": [OK, {"and": [{"<": [AMOUNT, 1]}, {"empty": [{"var": "name"}]}]}]},
        "In order is yes or (Amount is less than 1 and Name is empty)",
        "正常为是或（金额小于1且名称为空）",
    ),
    (
        {"<=": [1, AMOUNT, 3]},
        "1 is at most Amount and Amount is at most 3",
        "1不大于金额且金额不大于3",
    ),
    ({">": [{"var": "customer.credit"}, 0]}, "Credit of Customer is more than 0", "客户的信用额度大于0"),
    (
        {"sum": [{"map": [{"var": "lines"}, {"*": [{"var": "qty"}, {"var": "price"}]}]}]},
        "The total of (Quantity × Unit price (net)) of each of Lines",
        "明细各项的（数量 × 单价（未税））的合计",
    ),
    (
        {"all": [{"var": "lines"}, {">": [{"var": "qty"}, 0]}]},
        "For all of Lines: Quantity is more than 0",
        "明细全部满足：数量大于0",
    ),
    (
        {"if": [OK, AMOUNT, 0]},
        "Amount if In order is yes, otherwise 0",
        "如果正常为是则为金额，否则为0",
    ),
    ({"*": [AMOUNT, {"-": [1, 0.1]}]}, "Amount × (1 − 0.1)", "金额 × （1 − 0.1）"),
    ({"add_days": [{"var": "due"}, 30]}, "30 days after Due", "到期日之后30天"),
    (True, "Yes", "是"),
]


@pytest.mark.parametrize(("rule", "english", "chinese"), SAID, ids=lambda given: str(given)[:40])
def test_a_rule_is_said_in_both_languages(rule, english, chinese):
    assert sentence(rule, SAMPLE, "en") == english
    assert sentence(rule, SAMPLE, "zh") == chinese


def test_every_rule_can_be_said():
    for seed in range(300):
        maker = RuleMaker(seed)
        rule = maker.rule(maker.random.choice(("flag", "number", "text", "date", "moment", "list")))
        assert sentence(rule, SCOPE, "en") and sentence(rule, SCOPE, "zh")
