"""The editor of rules: every rule of the order app opens and stays as it is; sentences and formulas change it; mistakes are marked."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from formloom.builder.conditions import read, rule_of
from formloom.builder.scopes import scope_at
from formloom.platform.definition import store
from formloom.platform.definition.diff import find
from formloom.platform.definition.paths import WHOLE, kinds, parsed, written
from formloom.platform.definition.schema import load
from formloom.platform.gallery import start_app, template

HERE = "/build/orders/rules"


@pytest.fixture
def shop(house):
    start_app(house.workspace, template("orders"), house.ada.id)
    return house


@pytest.fixture
def ada(shop):
    browser = shop.browser(shop.ada)
    browser.get("/build/orders/publication")
    return browser


def draft(shop) -> dict:
    with shop.workspace.reading() as connection:
        return store.draft(connection, store.app_row(connection, "orders").id).document


def rules(value, path=()):
    """(path, rule) of every rule in a document's forms."""
    if isinstance(value, dict) and not (path and len(path) > 3 and path[-1] in WHOLE):
        for name, inner in value.items():
            yield from rules(inner, (*path, name))
    elif isinstance(value, list) and path and path[-1] in ("forms", "fields", "transitions", "access", "views", "guards", "checks", "effects", "reminders"):
        for element in value:
            if isinstance(element, dict):
                yield from rules(element, (*path, element.get("key") or element.get("role")))
    elif path and path[-1] in WHOLE and isinstance(value, dict) and "samples" not in path:
        yield path, value


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


def opened(browser, path: str) -> str:
    answer = browser.get(HERE, query_string={"path": path})
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.get_data(as_text=True)


def test_every_rule_of_the_order_app_opens_and_stays_what_it_is(shop, ada):
    document, seen = draft(shop), 0
    for path, rule in list(rules(document))[::6]:
        text = written(path)
        if parsed(text) != path or "settings" in path and kinds(path)[-1] == "free":
            continue
        answer = ada.post(HERE, given(opened(ada, text)))
        assert answer.status_code == 303, (text, re.findall(r'class="error">(.*?)<', answer.get_data(as_text=True)))
        assert find(draft(shop), path) == rule or sayable(shop, path, rule), text
        seen += 1
    assert seen > 20


def sayable(shop, path, rule) -> bool:
    """Another writing of the same sentences."""
    app = load(draft(shop))
    scope = scope_at(path, app)
    return read(find(draft(shop), path), scope, "en") == read(rule, scope, "en")


def test_sentences_and_rules_are_the_same_thing():
    app = load(template("orders"))
    said = 0
    for path, rule in rules(template("orders")):
        scope = scope_at(path, app)
        conditions = read(rule, scope, "en") if scope else None
        if conditions is not None:
            said += 1
            assert read(rule_of(conditions, scope), scope, "en") == conditions, (path, rule)
    assert said > 60


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
    assert "There is no such record" in ada.post(HERE, sent | {"record": "999"}).get_data(as_text=True)


def test_what_is_no_rule_is_not_found(shop, ada):
    for path in ("", "forms", "forms[nothing].fields[x].show", "roles[sales].label", "forms[order]"):
        assert ada.get(HERE, query_string={"path": path}).status_code == 404, path
    assert json.loads(json.dumps(draft(shop)))
