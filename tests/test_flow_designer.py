"""The flow designer: the diagram's places, every edit of statuses and transitions, effects by the schemas of their actions."""

from __future__ import annotations

import json
import os
import re
from html import unescape
from itertools import combinations

import pytest
from formloom.builder.layout import HEIGHT, WIDTH, positions
from formloom.platform.definition import store
from formloom.platform.definition.flow import Status, StatusList
from formloom.platform.definition.schema import load
from formloom.platform.gallery import template
from hypothesis import given, settings
from hypothesis import strategies as st

HERE = "/build/orders/flows/order"
LONG = "FORMLOOM_SOAK" in os.environ


@pytest.fixture
def ada(shop):
    browser = shop.browser(shop.ada)
    browser.get(f"{HERE}/")
    return browser


def draft(shop) -> dict:
    with shop.workspace.reading() as connection:
        return store.draft(connection, store.app_row(connection, "orders").id).document


def app(shop):
    return load(draft(shop))


def order(shop):
    return app(shop).form_by_key["order"]


def statuses(shop):
    return app(shop).statuses(order(shop)).by_key


def does(browser, path: str, **values) -> None:
    answer = browser.post(f"{HERE}/{path}", {"next": f"{HERE}/", **values})
    assert answer.status_code == 303, re.findall(r"<li>(.*?)</li>|error[^>]*>(.*?)<", answer.get_data(as_text=True))


def apart(places) -> bool:
    return all(abs(a[0] - b[0]) >= WIDTH or abs(a[1] - b[1]) >= HEIGHT for a, b in combinations(places, 2))


@given(st.lists(st.sampled_from(("start", "active", "done", "exception", "cancelled")), min_size=1, max_size=30), st.randoms())
@settings(max_examples=40, deadline=None)
def test_boxes_never_overlap_and_stay_where_they_were_put(kinds, random):
    made = [Status(f"s{n}", {"en": "S"}, kind, x=random.choice((None, n * 500)), y=7000) for n, kind in enumerate(kinds)]
    places = positions(StatusList("l", {"en": "L"}, tuple(made)), ())
    assert apart(places.values()) and all(places[s.key] == (s.x, 7000) for s in made if s.x is not None)


def test_every_form_of_the_order_app_has_its_flow_in_both_shapes(shop, ada):
    for form in app(shop).forms:
        for query in ("", "?as=table"):
            answer = ada.get(f"/build/orders/flows/{form.key}/{query}")
            assert answer.status_code == 200, form.key
    page = unescape(ada.get(f"{HERE}/").get_data(as_text=True))
    assert all(f'data-status="{key}"' in page for key in statuses(shop))
    assert ada.get("/build/orders/flows/nothing/").status_code == 404
    assert shop.browser(shop.ben).get(f"{HERE}/").status_code == 404


def test_statuses_are_added_changed_moved_and_removed_with_what_leads_there(shop, ada):
    before = draft(shop)
    does(ada, "statuses", **{"label-en": "In production", "label-zh": "生产中"})
    made = statuses(shop)["in_production"]
    assert made.label == {"en": "In production", "zh": "生产中"}
    given = {"label-en": "Producing", "label-zh": "生产中", "kind": "exception", "colour": "red", "in_charge": "warehouse", "hours_allowed": "8"}
    does(ada, "statuses/in_production", **given, clock_stands=["false", "true"])
    made = statuses(shop)["in_production"]
    assert (made.label["en"], made.kind, made.colour, made.in_charge, made.hours_allowed, made.clock_stands) == ("Producing", "exception", "red", "warehouse", 8, True)
    path = "status_lists[order_flow].statuses[in_production]"
    edit = {"name": "patch", "arguments": json.dumps({"path": path, "values": {"x": 300, "y": 200}}), "next": f"{HERE}/"}
    assert ada.post("/build/orders/edits", edit).status_code == 303
    assert 'transform="translate(300 200)"' in ada.get(f"{HERE}/").get_data(as_text=True)
    does(ada, "tidiness")
    assert statuses(shop)["in_production"].x is None
    does(ada, "transitions", source="reviewed", target="in_production")
    assert order(shop).transition_by_key["producing"].sources == ("reviewed",)
    does(ada, "statuses/in_production/removal")
    assert "in_production" not in statuses(shop) and "producing" not in order(shop).transition_by_key
    for _step in range(6):
        ada.post("/build/orders/undo")
    assert draft(shop) == before


def test_many_are_changed_at_once_and_taken_back_at_once(shop, ada):
    before = draft(shop)
    does(ada, "bulk/statuses", picked=["draft", "submitted"], kind="", in_charge="finance", hours_allowed="12")
    assert {(statuses(shop)[key].in_charge, statuses(shop)[key].hours_allowed) for key in ("draft", "submitted")} == {("finance", 12)}
    assert statuses(shop)["draft"].kind == "start"
    ada.post("/build/orders/undo")
    assert draft(shop) == before
    does(ada, "bulk/transitions", picked=["approve", "submit"], role="finance", may="yes")
    assert all("finance" in order(shop).transition_by_key[key].who.roles for key in ("approve", "submit"))
    does(ada, "bulk/transitions", picked=["approve", "submit"], role="finance", may="no")
    assert all("finance" not in order(shop).transition_by_key[key].who.roles for key in ("approve", "submit"))
    for kind in ("statuses", "transitions"):
        assert ada.post(f"{HERE}/bulk/{kind}", {"kind": "done", "role": "finance"}, headers={"HX-Request": "true"}).status_code == 422


def test_a_line_of_the_table_changes_its_own_columns_only(shop, ada):
    before = draft(shop)
    does(ada, "transitions/approve", part="line", name="Let it pass", target="ready", automatic=["false", "true"])
    one, was = order(shop).transition_by_key["approve"], load(before).form_by_key["order"].transition_by_key["approve"]
    assert (one.label, one.target, one.automatic) == ({**was.label, "en": "Let it pass"}, "ready", True)
    assert (one.sources, one.who, one.guards, one.effects) == (was.sources, was.who, was.guards, was.effects)
    does(ada, "statuses/draft", name="Being written", clock_stands=["false", "true"])
    assert (statuses(shop)["draft"].label["en"], statuses(shop)["draft"].clock_stands) == ("Being written", True)
    ada.post("/build/orders/undo")
    ada.post("/build/orders/undo")
    assert draft(shop) == before


def test_a_shared_list_says_whom_it_touches_and_is_copied(shop, ada):
    assert ada.post("/build/orders/flows/customer/status-list", {"list": "order_flow"}).status_code == 303
    assert "Shared with Customer" in unescape(ada.get(f"{HERE}/").get_data(as_text=True))
    assert "Shared with Customer" in unescape(ada.get(f"{HERE}/?status=draft").get_data(as_text=True))
    assert ada.post("/build/orders/flows/customer/status-list", {"copy": "1"}).status_code == 303
    customer = app(shop).form_by_key["customer"]
    assert customer.status_list not in (None, "order_flow")
    assert app(shop).statuses(customer).statuses == app(shop).statuses(order(shop)).statuses
    assert "Shared with" not in ada.get(f"{HERE}/").get_data(as_text=True)


def test_a_status_takes_its_reminders_along(shop, ada):
    element = {"wait": {"days": 1}, "to": {"creator": True}, "message": {"en": "It waits."}}
    for key, where in (("alone", ["submitted"]), ("shared", ["submitted", "reviewed"])):
        edit = {"path": "forms[order].reminders", "element": {"key": key, "statuses": where, **element}}
        assert ada.post("/build/orders/edits", {"name": "add", "arguments": json.dumps(edit)}).status_code == 303
    does(ada, "statuses/submitted/removal")
    found = {one.key: one.statuses for one in order(shop).reminders}
    assert "alone" not in found and found["shared"] == ("reviewed",)


def test_places_in_the_diagram_are_one_line_of_what_is_published(shop, ada):
    for key, x in (("draft", 40), ("submitted", 400)):
        edit = {"path": f"status_lists[order_flow].statuses[{key}]", "values": {"x": x, "y": 80}}
        ada.post("/build/orders/edits", {"name": "patch", "arguments": json.dumps(edit)})
    page = ada.get("/build/orders/publication").get_data(as_text=True)
    assert page.count("places in the diagram") == 1 and "place in the diagram" not in page
    assert ada.post("/build/orders/publication").status_code == 303


def test_each_part_of_a_transition_is_changed_alone(shop, ada):
    path = "transitions/approve"
    does(ada, path, part="who", roles=["finance", "management"], creator=["false", "true"], fields=["sales_person"])
    who = order(shop).transition_by_key["approve"].who
    assert (who.roles, who.creator, who.fields) == (("finance", "management"), True, ("sales_person",))
    does(ada, path, part="approval", kind="some", count="2", not_self=["false", "true"], opinion="required", signature=["false", "true"])
    approval = order(shop).transition_by_key["approve"].approval
    assert (approval.kind, approval.count, approval.not_self, approval.opinion, approval.signature) == ("some", 2, True, "required", True)
    does(ada, path, part="approval", kind="")
    does(ada, path, part="ask", more="note")
    does(ada, path, part="ask", **{"ask-note": "needed"})
    assert [(ask.field, ask.required) for ask in order(shop).transition_by_key["approve"].ask if ask.field == "note"] == [("note", True)]
    does(ada, path, part="ask", **{"ask-note": "no"})
    main = {"label-en": "Release", "label-zh": "放行", "sources": ["submitted", "reviewed"], "target": "ready", "tone": "danger", "confirm-en": "Sure?"}
    does(ada, path, part="main", **main, bulk=["false"], automatic=["false"], preview=["false", "true"])
    one = order(shop).transition_by_key["approve"]
    assert (one.label["en"], one.sources, one.target, one.tone, one.confirm, one.bulk, one.preview) == (
        "Release", ("submitted", "reviewed"), "ready", "danger", {"en": "Sure?"}, False, True,
    )  # fmt: skip
    does(ada, path, part="wait", waits=["false", "true"], field="wanted", days="-2", hours="0", working=["false", "true"])
    assert (order(shop).transition_by_key["approve"].wait.field, order(shop).transition_by_key["approve"].wait.days) == ("wanted", -2)
    does(ada, path, part="guard", more="1")
    guard = order(shop).transition_by_key["approve"].guards[-1]
    does(ada, path, part="guard", **{f"message.{guard.key}-en": "Wait for it.", f"lifts.{guard.key}": "1", f"lift.{guard.key}": ["finance"]})
    guard = order(shop).transition_by_key["approve"].guards[-1]
    assert (guard.message, guard.lift) == ({"en": "Wait for it."}, ("finance",))
    assert ada.post(f"{HERE}/{path}", {"part": "main", "label-en": ""}, headers={"HX-Request": "true"}).status_code == 422
    assert ada.post(f"{HERE}/{path}", {"part": "nonsense"}).status_code == 404


@pytest.mark.long
def test_every_effect_of_the_order_app_opens_and_stays_what_it_is(shop, ada):
    """In short every third of them."""
    all_of_them = [(form, one, effect) for form in app(shop).forms for one in form.transitions for effect in one.effects]
    assert len(all_of_them) > 30
    for form, one, effect in all_of_them[:: 1 if LONG else 3]:
        address = f"/build/orders/flows/{form.key}/transitions/{one.key}/effects/{effect.key}"
        page = ada.get(address).get_data(as_text=True)
        assert not re.search(r'<textarea[^>]*>{[^<]*</textarea><p class="help">A formula|value="[^"]* = {', page), address
        answer = ada.post(address, sent(page))
        assert answer.status_code == 303, (address, re.findall(r'class="error">.*?<span>(.*?)<', answer.get_data(as_text=True), re.S))
    with_settings = lambda found: {(f.key, t.key, e.key): dict(e.settings) for f in found.forms for t in f.transitions for e in t.effects}  # noqa: E731
    kept, was = with_settings(app(shop)), with_settings(load(template("orders")))
    assert {key: set(kept[key]) for key in kept} == {key: set(was[key]) for key in was}


def sent(page: str) -> dict:
    """What the form of an effect's page would send, as it was drawn."""
    form = page.split("<form class=\"card\"")[1].split("</form>")[0]
    found: dict = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ("checkbox" not in tag or " checked" in tag):
            found.setdefault(name[1], []).append(unescape(value[1]) if value else "")
    for name, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.S):
        found[name] = unescape(text)
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.S):
        found[name] = next(iter(re.findall(r'<option value="([^"]*)" selected', options)), "")
    return found


def test_an_effect_is_added_and_a_wrong_formula_is_named(shop, ada):
    address = f"{HERE}/transitions/approve/effects/new"
    assert ada.get(f"{address}?type=set").status_code == 200
    assert ada.get(f"{address}?type=nonsense").status_code == 404
    wrong = ada.post(address, {"type": "set", "values": ["promised = nowhere + 1"]})
    assert wrong.status_code == 422 and "promised = nowhere + 1" in unescape(wrong.get_data(as_text=True))
    assert ada.post(address, {"type": "set", "values": ["promised = ADD_DAYS(today, 3)", ""]}).status_code == 303
    effect = order(shop).transition_by_key["approve"].effects[-1]
    assert effect.type == "set" and effect.settings["values"] == {"promised": {"add_days": [{"var": "today"}, 3]}}


def test_a_form_without_statuses_gets_some(house):
    browser = house.browser(house.ada)
    browser.get("/build/")
    browser.post("/build/", {"name": "Visits", "record": "Visit"})
    assert "No statuses yet" in browser.get("/build/visits/flows/visit/").get_data(as_text=True)
    assert browser.post("/build/visits/flows/visit/status-list", {"list": ""}).status_code == 303
    assert 'data-status="draft"' in browser.get("/build/visits/flows/visit/").get_data(as_text=True)
    assert browser.post("/build/visits/flows/visit/status-list", {"list": "nothing"}, headers={"HX-Request": "true"}).status_code == 422
    assert browser.post("/build/visits/publication").status_code == 303
    assert browser.get("/apps/visits/visit/new").status_code == 200
