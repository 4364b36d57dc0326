"""The editor of rules: every rule of the order app opens and stays as it is; sentences and formulas change it; mistakes are marked."""

from __future__ import annotations

import json
import random
import re
from html import unescape

import pytest
from formloom.builder.conditions import (
    BARE,
    QUANTIFIERS,
    comparisons,
    names_of,
    read,
    rule_of,
)
from formloom.builder.rule_places import is_rule
from formloom.builder.scopes import scope_for
from formloom.platform.condition_form import JOINS, Condition, Conditions, Group, conditions_from
from formloom.platform.definition import drafts, store
from formloom.platform.definition.diff import find
from formloom.platform.definition.paths import LISTS, kinds, parsed, written
from formloom.platform.definition.schema import load
from formloom.platform.definition.scope import record_scope
from formloom.platform.gallery import template
from formloom.platform.registry import operators
from formloom.platform.rules.formula import write
from formloom.platform.rules.literals import fit
from formloom.platform.rules.types import FLAG
from formloom.platform.rules.typing import elaborate
from things import APP as THINGS
from werkzeug.datastructures import MultiDict

HERE = "/build/orders/rules"
OPERATORS = {operator.name for operator in operators} | {"var"}


@pytest.fixture(params=["orders", "things"])
def every_app(request) -> dict:
    return template("orders") if request.param == "orders" else THINGS


@pytest.fixture
def ada(shop):
    browser = shop.browser(shop.ada)
    browser.get("/build/orders/publication")
    return browser


def draft(shop) -> dict:
    with shop.workspace.reading() as connection:
        return store.draft(connection, store.app_row(connection, "orders").id).document


def rules(value, path=()):
    """(path, rule) of every rule with an operator in a document's forms."""
    if path and "cells" not in path and kinds(path)[-1] != "key" and isinstance(value, dict) and set(value) <= OPERATORS and len(value) == 1:
        yield path, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name not in ("samples", "label"):
                yield from rules(inner, (*path, name))
    elif isinstance(value, list):
        for element in value:
            if isinstance(element, dict):
                yield from rules(element, (*path, element.get(LISTS.get(path[-1], "key"))))


def one_of_each(document) -> list:
    """A rule of every kind of place: by the attributes on the way."""
    found = {}
    for path, rule in rules(document):
        found.setdefault(tuple(one for one, kind in zip(path, kinds(path), strict=True) if kind == "name"), (path, rule))
    return list(found.values())


def given(page: str) -> dict:
    """What the page's form would send."""
    form = page.split('id="rule"')[1].split("</form>")[0]
    sent: dict = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ("radio" not in tag or " checked" in tag):
            sent.setdefault(name[1], []).append(unescape(value[1]) if value else "")
    for name, rest in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.S):
        sent[name] = [unescape(v) for v in re.findall(r'<option value="([^"]*)" selected', rest)] or [unescape(v) for v in re.findall(r'<option value="([^"]*)"', rest)[:1]]
    sent["formula"] = [unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", form, re.S)[1])]
    return sent


def put(shop, path: str, rule) -> None:
    with shop.workspace.writing() as connection:
        app_id = store.app_row(connection, "orders").id
        drafts.change(connection, app_id, "put", {"path": path, "value": rule}, store.draft(connection, app_id).rev, shop.ada.id)


def opened(browser, path: str) -> str:
    answer = browser.get(HERE, query_string={"path": path})
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.get_data(as_text=True)


def test_every_rule_of_the_shipped_apps_has_a_place_and_a_meaning_there(every_app):
    app, seen = load(every_app), 0
    for path, rule in rules(every_app):
        assert is_rule(parsed(written(path)), every_app), written(path)
        write(rule, scope_for(rule, path, app), "en")
        seen += 1
    assert seen


def test_a_rule_of_every_kind_of_place_opens_and_is_kept_as_it_was(shop, ada):
    before = draft(shop)
    places = one_of_each(before)
    assert len(places) > 20
    for path, _rule in places:
        answer = ada.post(HERE, given(opened(ada, written(path))))
        assert answer.status_code == 303, (path, re.findall(r'class="error">(.*?)<', answer.get_data(as_text=True)))
    assert draft(shop) == before


def test_sentences_and_rules_are_the_same_thing():
    app = load(template("orders"))
    said = 0
    for path, rule in rules(template("orders")):
        scope = scope_for(rule, path, app)
        conditions = read(rule, scope, "en") if scope else None
        if conditions is not None:
            said += 1
            assert read(rule_of(conditions, scope), scope, "en") == conditions, (path, rule)
    assert said > 60


def random_condition(chance: random.Random, names: list) -> Condition:
    one = chance.choice(names)
    comparison = chance.choice(comparisons(one.type))
    options = list(one.type.options or (one.type.item.options if one.type.item else ()))
    values = {"number": ["0", "12.5"], "date": ["2026-12-31", "= today", "= ADD_DAYS(today, 7)", "= ADD_DAYS(today, -30)"],
              "moment": ["2026-11-24T09:12:00Z"], "time": ["09:30"], "person": ["= user.id", "1"], "link": ["1"]}  # fmt: skip
    if one.path.startswith(QUANTIFIERS):
        values |= {"date": ["2026-12-31"], "person": ["1"]}
    value = chance.choice(options or values.get(one.type.kind, ["北京 “x”"]))
    return Condition(one.path, comparison, "" if comparison in BARE else (value,) if comparison == "one_of" else value)


def random_conditions(chance: random.Random, names: list) -> Conditions:
    """Groups of a kind that a rule keeps apart: several groups, each of several conditions."""
    join = chance.choice(JOINS)
    other = JOINS[1 - JOINS.index(join)]
    groups = [Group(other, [random_condition(chance, names) for _one in range(chance.randint(2, 3))]) for _group in range(chance.randint(2, 3))]
    return Conditions(join, groups)


@pytest.mark.parametrize("form", ["order", "invoice"])
def test_random_sentences_become_rules_and_come_back(form):
    app = load(template("orders"))
    scope, chance = record_scope(app, app.form_by_key[form]), random.Random(7)
    names = names_of(scope, "en")
    assert {"some", "all", "none", "sum", "count"} <= {one.path.partition(":")[0] for one in names}
    assert any(one.path.startswith("old.") for one in names) and "user.roles" in {one.path for one in names}
    for _turn in range(200):
        conditions = random_conditions(chance, names)
        rule = rule_of(conditions, scope)
        fit(elaborate(rule, scope), FLAG)
        assert read(rule, scope, "zh") == conditions, rule


def test_random_sentences_stand_in_the_form_as_they_were_given(shop, ada):
    path, app, chance = "forms[order].fields[note].required", load(draft(shop)), random.Random(3)
    scope = scope_for(None, parsed(path), app)
    for _turn in range(4):
        conditions = random_conditions(chance, names_of(scope, "en"))
        put(shop, path, rule_of(conditions, scope))
        assert conditions_from(MultiDict(given(opened(ada, path)))) == conditions


def test_a_rule_that_no_longer_fits_stays_until_another_is_written(shop, ada):
    path = "forms[order].fields[note].required"
    put(shop, path, {"var": "gone"})
    page = opened(ada, path)
    assert "no longer fits" in page
    assert ada.post(HERE, given(page)).status_code == 303
    assert find(draft(shop), parsed(path)) == {"var": "gone"}
    assert ada.post(HERE, {"path": path, "how": "formula", "formula": "rush"}).status_code == 303
    assert find(draft(shop), parsed(path)) == {"var": "rush"}


def test_a_formula_is_kept_and_a_mistake_is_marked(shop, ada):
    path = "forms[order].fields[note].required"
    assert ada.post(HERE, {"path": path, "how": "formula", "formula": "total > 1000"}).status_code == 303
    assert find(draft(shop), parsed(path)) == {">": [{"var": "total"}, 1000]}
    wrong = ada.post(HERE, {"path": path, "how": "formula", "formula": "total > nothing"})
    page = wrong.get_data(as_text=True)
    assert wrong.status_code == 422 and "total &gt; <mark>n</mark>othing" in page and "total &gt; nothing</textarea>" in page
    assert ada.post(HERE, {"path": path, "how": "formula", "formula": "total + 1"}).status_code == 422
    said = ada.post(f"{HERE}/meaning", {"path": path, "how": "formula", "formula": "总金额 > 5"})
    assert "Total is more than 5" in said.get_data(as_text=True)
    assert ada.post(HERE, {"path": path, "how": "never"}).status_code == 303
    assert find(draft(shop), parsed(path)) is None


def test_conditions_are_added_taken_away_and_kept(shop, ada):
    path = "forms[order].fields[note].show"
    page = ada.post(HERE, {"path": path, "how": "sentences", "join": "and", "act": "group"}).get_data(as_text=True)
    assert 'name="field-0-0"' in page
    sent = {"path": path, "how": "sentences", "join": "and", "field-0-0": "total", "is-0-0": "more", "value-0-0": "100"}
    more = ada.post(HERE, sent | {"act": "more-0"}).get_data(as_text=True)
    assert 'name="field-0-1"' in more
    sent |= {"field-1-0": "customer.tier", "is-1-0": "is", "value-1-0": "a"}
    sent |= {"field-1-1": "rush", "is-1-1": "yes"}
    assert ada.post(HERE, sent).status_code == 303
    kept = find(draft(shop), parsed(path))
    assert kept == {"and": [{">": [{"var": "total"}, 100]}, {"or": [{"===": [{"var": "customer.tier"}, "a"]}, {"var": "rush"}]}]}
    less = ada.post(HERE, sent | {"act": "less-0-0"}).get_data(as_text=True)
    assert 'value="total" selected' not in less
    assert ada.post(HERE, sent | {"value-0-0": "= today"}).status_code == 422


def test_scopes_are_named_or_a_rule(shop, ada):
    path = "forms[order].access[sales].scope"
    assert ada.post(HERE, {"path": path, "how": "named", "named": "own"}).status_code == 303
    assert find(draft(shop), parsed(path)) == "own"
    assert ada.post(HERE, {"path": path, "how": "formula", "formula": "rush"}).status_code == 303
    assert find(draft(shop), parsed(path)) == {"var": "rush"}


def test_it_is_tried_on_a_record(shop, ada):
    from formloom.platform.access import members
    from formloom.platform.workflow.commands import Commands

    with shop.workspace.writing() as connection:
        members.set_roles(connection, shop.ada.id, "orders", ["sales"])
    made = Commands(shop.workspace, shop.actor(shop.ada), "orders").create("customer", {"name": "Kestrel Books", "city": "Berlin"})
    path = "forms[customer].fields[city].required"
    sent = {"path": path, "how": "formula", "formula": 'name = "Kestrel Books" AND city = "Paris"', "act": "try", "record": str(made.id)}
    page = re.sub(r"<[^>]+>", " ", ada.post(HERE, sent).get_data(as_text=True))
    page = " ".join(unescape(page).split())
    assert "Name is “Kestrel Books” yes" in page and "City is “Paris” no" in page and "City Berlin" in page
    found = ada.post(HERE, sent | {"act": "find", "find": "Kestrel"}).get_data(as_text=True)
    assert f'value="try-{made.id}"' in found and "Kestrel Books" in found
    assert "No record was found" in ada.post(HERE, sent | {"act": "find", "find": "Nobody"}).get_data(as_text=True)
    assert "There is no such record" in ada.post(HERE, sent | {"record": "999"}).get_data(as_text=True)


def test_it_is_tried_on_values_made_up(shop, ada):
    path = next(written(path) for path, _rule in rules(draft(shop)) if "effects" in path and path[-1] == "when")
    assert 'id="find"' not in opened(ada, path)
    note = "forms[order].fields[note].required"
    formula = {"path": note, "how": "formula", "formula": "total > 1000 AND rush", "act": "made"}
    page = ada.post(HERE, formula | {"made-total": "1200.5", "made-rush": "true"}).get_data(as_text=True)
    told = " ".join(unescape(re.sub(r"<[^>]+>", " ", page.split('id="made-up"')[1])).split())
    assert "Total is more than 1000 yes" in told and "Total 1,200.5" in told
    page = ada.post(HERE, formula | {"made-total": "much"}).get_data(as_text=True)
    told = " ".join(unescape(re.sub(r"<[^>]+>", " ", page.split('id="made-up"')[1])).split())
    assert "Total is more than 1000 no" in told and 'value="much"' in page and 'id="wrong-total"' in page


def test_what_is_no_rule_is_not_found(shop, ada):
    for path in ("", "forms", "forms[nothing].fields[x].show", "roles[sales].label", "forms[order]", "forms[order].fields[total].label",
                 "forms[order].views[nowhere].where", "forms[order].fields[total].settings.scale"):
        assert ada.get(HERE, query_string={"path": path}).status_code == 404, path
    assert json.loads(json.dumps(draft(shop)))
