"""The official JsonLogic cases: what the profile accepts gives the official answer, in Python and in the browser.

What it refuses stands, with the reason, in `jsonlogic/refusals.json`; `FORMLOOM_WRITE_REFUSALS=1` writes it anew.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from formloom.platform.rules.browser import shape
from formloom.platform.rules.evaluate import compile_rule
from formloom.platform.rules.types import EMPTY, FLAG, NUMBER, TEXT, RuleError, Type, join
from formloom.platform.rules.typing import check, paths
from rule_world import as_json, exact, from_json

FOLDER = Path(__file__).parent / "jsonlogic"
CASES = [case for case in json.loads((FOLDER / "official.json").read_text()) if isinstance(case, dict)]
REFUSALS = FOLDER / "refusals.json"
DECLARED = {("items", "[]"): Type("rows", fields={"qty": NUMBER})}
"""What data alone does not tell: the columns of no items."""


def type_of(data) -> Type:
    """The type that JSON data would have if a form declared it."""
    if data is None:
        return EMPTY
    if isinstance(data, dict):
        return Type(
            "record", fields={key: DECLARED.get((key, repr(value))) or type_of(value) for key, value in data.items()}
        )
    if isinstance(data, list):
        item = EMPTY
        for part in data:
            found = type_of(part)
            item = found if found.kind == "record" else join(item, found) or TEXT
        return Type("list", item=item)
    return FLAG if isinstance(data, bool) else TEXT if isinstance(data, str) else NUMBER


def scope_of(case: dict) -> Type:
    """The data's type, where every name that the rule reads and the data lacks is a field that is empty."""
    data = case.get("data")
    if data is not None and not isinstance(data, dict):
        return type_of(data)
    declared = json.loads(json.dumps(data or {}))
    for name in names(case["rule"]):
        declare(declared, name.split("."))
    return type_of(declared)


def names(rule) -> list[str]:
    """What `var` and `missing` name outside of lists, whose items declare their own."""
    if isinstance(rule, list):
        return [name for part in rule for name in names(part)]
    if not isinstance(rule, dict):
        return []
    ((operator, given),) = rule.items()
    given = given if isinstance(given, list) else [given]
    if operator in ("map", "filter", "all", "some", "none", "reduce"):
        return names([given[0], *given[2:]])
    here = {"var": given[:1], "missing": given, "missing_some": given[1] if len(given) > 1 else []}.get(operator, [])
    return [name for name in here if isinstance(name, str) and name] + names(given)


def declare(holder, keys: list[str]) -> None:
    first, *beyond = keys
    if not isinstance(holder, dict):
        return
    if beyond:
        if holder.get(first) is None:
            holder[first] = {}
        declare(holder[first], beyond)
    else:
        holder.setdefault(first, None)


def refusal(case: dict) -> str | None:
    try:
        check(case["rule"], scope_of(case))
    except RuleError as error:
        return str(error)
    return None


def listed() -> list[dict]:
    return [
        {"rule": case["rule"], "data": case.get("data"), "reason": reason}
        for case in CASES
        if (reason := refusal(case)) is not None
    ]


def expected(case: dict):
    """The official answer, numbers as their digits."""
    return digits(case["result"])


def digits(value):
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return exact.text(exact.Decimal(repr(value)))
    return [digits(part) for part in value] if isinstance(value, list) else value


ACCEPTED = [case for case in CASES if refusal(case) is None]


def test_every_case_that_is_refused_is_listed_with_its_reason():
    found = listed()
    if os.environ.get("FORMLOOM_WRITE_REFUSALS"):
        lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in found)
        REFUSALS.write_text(f"[\n{lines}\n]\n")
    assert found == json.loads(REFUSALS.read_text())


def test_how_many_run():
    assert (len(CASES), len(ACCEPTED)) == (278, 211)


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: json.dumps([case["rule"], case.get("data")]))
def test_an_accepted_case_gives_the_official_answer(case):
    scope = scope_of(case)
    data = from_json(case.get("data") or {}, scope)
    assert as_json(compile_rule(case["rule"], scope)(data)) == expected(case)


def test_the_browser_gives_the_official_answers(rule_browser):
    cases = [case for case in ACCEPTED if scope_of(case).kind == "record"]
    asked = [
        [case["rule"], shape(scope_of(case), paths(case["rule"], scope_of(case))), [case.get("data") or {}]]
        for case in cases
    ]
    for case, (found,) in zip(cases, rule_browser.answers(asked), strict=True):
        assert found == expected(case), case["rule"]
