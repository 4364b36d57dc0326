"""The record that the examples of operators are written for."""

from __future__ import annotations

from .types import TEXT, Type


def labelled(kind: str, en: str, zh: str, **more) -> Type:
    return Type(kind, label={"en": en, "zh": zh}, **more)


TIERS = {"gold": {"en": "Gold", "zh": "金牌"}, "plain": {"en": "Plain", "zh": "普通"}}
TIER = labelled("choice", "Tier", "等级", options=TIERS)
LINE = {
    "qty": labelled("number", "Quantity", "数量"),
    "price": labelled("number", "Unit price (net)", "单价（未税）"),
    "note": labelled("text", "Note", "备注"),
}

SAMPLE = Type(
    "record",
    fields={
        "name": labelled("text", "Name", "名称"),
        "code": labelled("text", "Code", "编码"),
        "amount": labelled("number", "Amount", "金额"),
        "rate": labelled("number", "Exchange rate", "汇率"),
        "ok": labelled("flag", "In order", "正常"),
        "rush": labelled("flag", "Rush", "加急"),
        "due": labelled("date", "Due", "到期日"),
        "start": labelled("date", "Start", "开始日"),
        "seen": labelled("moment", "Seen", "查看时间"),
        "tier": TIER,
        "owner": labelled("person", "Owner", "负责人"),
        "tags": labelled("list", "Tags", "标签", item=TEXT),
        "customer": labelled(
            "link",
            "Customer",
            "客户",
            target="customer",
            fields={"credit": labelled("number", "Credit", "信用额度"), "tier": TIER},
        ),
        "lines": labelled("rows", "Lines", "明细", fields=LINE),
    },
)
