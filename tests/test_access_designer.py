"""Access as it is designed: the matrix with its defaults, fills taken back as one, roles, access published alone, and why."""

from __future__ import annotations

import json
import re
from html import unescape
from random import Random

import pytest
from formloom.builder.matrix import LETTERS
from formloom.platform.access import members
from formloom.platform.access.actor import SYSTEM
from formloom.platform.access.members import load_actor
from formloom.platform.definition import store
from formloom.platform.definition.schema import load
from formloom.platform.errors import NotFound
from formloom.platform.gallery import template
from formloom.platform.records.compiled import open_app
from formloom.platform.records.query import Gate
from formloom.platform.records.results import Query
from formloom.platform.workflow.commands import Commands
from formloom.platform.workflow.samples import add_people, play

HERE = "/build/orders/access/order"


@pytest.fixture
def ada(shop):
    browser = shop.browser(shop.ada)
    browser.get(f"{HERE}/")
    return browser


def draft(shop):
    with shop.workspace.reading() as connection:
        return load(store.draft(connection, store.app_row(connection, "orders").id).document)


def fills(browser, role: str, cells: dict) -> None:
    arguments = json.dumps({"form": "order", "role": role, "cells": cells})
    assert browser.post("/build/orders/edits", {"name": "set_cells", "arguments": arguments, "next": f"{HERE}/"}).status_code == 303


def cells(page: str) -> dict:
    """(role, path, step) -> (letter, whether it is set there) as the table shows them."""
    heads = re.findall(r'<th scope="col" data-role="([^"]*)" data-step="([^"]*)"', page)
    found = {}
    for path, row in re.findall(r'<tr data-path="([^"]*)">(.*?)</tr>', page, re.S):
        for (role, step), names in zip(heads, re.findall(r'<td class="([^"]*)"', row), strict=True):
            found[role, path, step] = (names[0], names.endswith(" o"))
    return found


def test_every_cell_shows_what_the_role_gets_and_whether_it_is_set_there(shop, ada):
    app = draft(shop)
    for form in app.forms:
        found = cells(ada.get(f"/build/orders/access/{form.key}/?role=*").get_data(as_text=True))
        assert len(found) >= len(app.roles) * len(app.steps(form)) * len(form.fields) / 2
        for (role, path, step), (letter, own) in found.items():
            access = form.access_by_role.get(role)
            mode = access.mode(path, step) if access else "hidden"
            assert (letter, own) == (LETTERS[mode], bool(access) and step in access.cells.get(path, {})), (form.key, role, path, step)


def test_a_fill_is_one_edit_and_one_undo(shop, ada):
    before = draft(shop)
    fills(ada, "sales", {"total": {"draft": "hidden", "submitted": "masked"}, "note": {"*": "read"}})
    access = draft(shop).form_by_key["order"].access_by_role["sales"]
    assert (access.mode("total", "draft"), access.mode("total", "submitted"), access.cell("note", "closed")) == ("hidden", "masked", "read")
    ada.post("/build/orders/undo")
    assert draft(shop) == before
    ada.post(f"{HERE}/cells", {"role": "sales", "path": "total", "step": "draft", "mode": "hidden", "next": f"{HERE}/"})
    assert draft(shop).form_by_key["order"].access_by_role["sales"].mode("total", "draft") == "hidden"
    assert ada.post(f"{HERE}/cells", {"role": "sales", "path": "total", "step": "draft", "mode": "all"}, headers={"HX-Request": "1"}).status_code == 422


def test_whole_records_and_copies(shop, ada):
    ada.post(f"{HERE}/roles/sales", {"create": ["false"], "load": ["false", "true"], "delete": ["draft", "submitted"], "next": HERE})
    access = draft(shop).form_by_key["order"].access_by_role["sales"]
    assert (access.create, access.load, access.delete) == (False, True, ("draft", "submitted"))
    ada.post(f"{HERE}/copies", {"source": "sales_manager", "role": "sales", "next": HERE})
    form = draft(shop).form_by_key["order"]
    assert form.access_by_role["sales"].cells == form.access_by_role["sales_manager"].cells
    assert ada.post(f"{HERE}/roles/nobody", {}, headers={"HX-Request": "1"}).status_code == 404


def test_roles_are_added_copied_described_and_removed_everywhere(shop, ada):
    before, roles = draft(shop), "/build/orders/roles"
    assert "Nobody has this role yet." in ada.get(roles).get_data(as_text=True)
    ada.post(roles, {"label-en": "Trainee", "label-zh": "实习生", "like": "sales", "next": roles})
    app = draft(shop)
    assert app.role_by_key["trainee"].label == {"en": "Trainee", "zh": "实习生"}
    order = app.form_by_key["order"]
    assert order.access_by_role["trainee"].cells == order.access_by_role["sales"].cells
    assert "trainee" in order.transition_by_key["submit"].who.roles
    ada.post(f"{roles}/trainee", {"label-en": "Apprentice", "description-en": "Learns.", "next": roles})
    assert draft(shop).role_by_key["trainee"].description == {"en": "Learns."}
    ada.post(f"{roles}/trainee/removal", {"next": roles})
    assert draft(shop) == before
    ada.post(f"{roles}/sales/removal", {"next": roles})
    app = draft(shop)
    assert all("sales" not in one.who.roles for form in app.forms for one in form.transitions)
    assert ada.post(roles, {"label-en": ""}, headers={"HX-Request": "1"}).status_code == 422


def test_access_goes_live_alone_and_list_record_search_and_sheet_agree_at_once(shop, ada):
    with shop.workspace.writing() as connection:
        members.set_roles(connection, shop.ben.id, "orders", ["sales"])
    ben = shop.browser(shop.ben)
    commands = Commands(shop.workspace, shop.actor(shop.ben), "orders")
    made = commands.create("customer", {"name": "Kestrel Books", "city": "Lisbon"})
    pages = [f"/apps/orders/customer/{made.id}", "/apps/orders/customer/?columns=name+city", "/apps/orders/customer/?q=Lisbon", "/apps/orders/customer/.csv?columns=name+city"]
    there = [path for path in pages if ben.get(path).status_code == 200]
    assert all("Lisbon" in ben.get(path).get_data(as_text=True) for path in there) and len(there) >= 3
    arguments = json.dumps({"form": "customer", "role": "sales", "cells": {"city": {"*": "hidden", "new": "hidden", "saved": "hidden"}}})
    ada.post("/build/orders/edits", {"name": "set_cells", "arguments": arguments})
    ada.post("/build/orders/edits", {"name": "rename", "arguments": json.dumps({"path": "forms[customer]", "label": {"en": "Half built"}})})
    said = unescape(re.sub(r"<[^>]+>", " ", ada.get("/build/orders/access/publication").get_data(as_text=True)))
    assert "hidden" in said and "Half built" not in said
    assert ada.post("/build/orders/access/publication").status_code == 303
    for path in there:
        answer = ben.get(path)
        assert answer.status_code in (200, 422), path
        assert "Lisbon" not in answer.get_data(as_text=True).replace("q=Lisbon", "").replace('value="Lisbon"', ""), path
    assert "Half built" not in ben.get("/apps/orders/customer/").get_data(as_text=True)


def test_the_inspector_says_what_the_engine_does(shop, ada):
    """For random people, records, fields and transitions: no difference from the gate and the commands."""
    with shop.workspace.writing() as connection:
        people = add_people(connection, open_app(shop.workspace, connection, "orders").app)
    samples = template("orders")["samples"]
    play(shop.workspace, "orders", people, {**samples, "records": samples["records"][:60]})
    random, asked = Random(7), 0
    with shop.workspace.reading() as connection:
        compiled = open_app(shop.workspace, connection, "orders")
        actors = [load_actor(connection, number) for number in sorted(people.values())]
        for _turn in range(60):
            actor, form = random.choice(actors), random.choice(compiled.app.forms)
            record, path = random.randint(1, 6), random.choice(form.paths)
            flow = [one for one in form.transitions if not one.rows and not one.automatic]
            query = {"form": form.key, "person": actor.id, "record": record}
            try:
                seen = Gate(connection, compiled, actor).record(form.key, record)
            except NotFound:
                seen = None
            yes = says_yes(ada, query)
            assert yes is (seen is not None), query
            if seen is None:
                continue
            asked += 1
            assert says_yes(ada, query | {"what": f"field:{path}"}) is (seen.modes.get(path, "hidden") in ("read", "edit", "required")), (query, path)
            if flow:
                one = random.choice(flow)
                options = Commands(shop.workspace, actor, "orders").available(form.key, record)
                allowed = any(option.allowed for option in options if option.transition.key == one.key)
                assert says_yes(ada, query | {"what": f"transition:{one.key}"}) is allowed, (query, one.key)
    assert asked > 15


def test_the_inspector_knows_a_record_by_its_name(shop, ada):
    with shop.workspace.writing() as connection:
        people = add_people(connection, open_app(shop.workspace, connection, "orders").app)
        members.set_roles(connection, shop.ada.id, "orders", ["management"])
    samples = template("orders")["samples"]
    play(shop.workspace, "orders", people, {**samples, "records": samples["records"][:20]})
    with shop.workspace.reading() as connection:
        gate = Gate(connection, open_app(shop.workspace, connection, "orders"), SYSTEM)
        row = gate.page(Query("customer", ("name",), limit=1)).rows[0]
    query = {"form": "customer", "person": people["ada"]}
    assert says_yes(ada, query | {"record": row.values["name"].upper()}) is says_yes(ada, query | {"record": row.id})
    for nobody in ("nobody is called so", "9" * 40, "²⁹⁴"):
        page = ada.get("/build/orders/inspector", query_string=query | {"record": nobody}).get_data(as_text=True)
        assert 'class="alert bad"' in page and 'id="verdict"' not in page


def says_yes(browser, query: dict) -> bool:
    page = browser.get("/build/orders/inspector", query_string=query).get_data(as_text=True)
    verdict = page.split('id="verdict"')[1]
    return 'class="alert good"' in verdict
