"""Publishing from its page: what changes in words, where records go, what is worked out anew, which flow they finish on."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from formloom.builder import publication as pages
from formloom.platform.access import members
from formloom.platform.access.actor import SYSTEM
from formloom.platform.definition import store
from formloom.platform.errors import Refused
from formloom.platform.records.compiled import open_app
from formloom.platform.records.query import Gate
from formloom.platform.workflow.commands import Commands
from web import WebClient

HERE = "/build/orders/publication"


class Shop:
    """The order app over HTTP; Ada administers it."""

    def __init__(self, orders, app):
        self.workspace, self.ada, self.app = orders.workspace, orders.admin, app

    def browser(self, person) -> WebClient:
        return WebClient(self.app).sign_in(person)


@pytest.fixture
def shop(orders, app):
    return Shop(orders, app)


@pytest.fixture
def ada(shop, monkeypatch):
    """Ada's browser, whose requests wait for a publish however slow the machine is."""
    monkeypatch.setattr(pages, "PATIENCE", 60)
    browser = shop.browser(shop.ada)
    browser.get(HERE)
    return browser


def builds(browser, name: str, **given) -> None:
    answer = browser.post("/build/orders/edits", {"name": name, "arguments": json.dumps(given), "next": HERE})
    assert answer.status_code == 303, answer.get_data(as_text=True)


def page(browser, path=HERE) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", browser.get(path).get_data(as_text=True))).replace("\n", " ")


def words(browser, path=HERE) -> str:
    return " ".join(page(browser, path).split())


def number(shop) -> int:
    with shop.workspace.reading() as connection:
        return store.live(connection, "orders").number


def test_what_changed_is_said_and_published(shop, ada):
    assert "Nothing to publish" in words(ada)
    builds(ada, "rename", path="forms[order].fields[note]", label={"en": "Remark"})
    builds(ada, "add_field", form="order", field={"key": "vip", "type": "flag", "label": {"en": "VIP", "zh": "贵宾"}}, section="order")
    builds(ada, "set_cells", form="order", role="sales", cells={"vip": {"*": "edit"}})
    said = words(ada)
    assert "Order › Remark label › English: Note → Remark" in said and "Order › VIP is new (Field)" in said
    assert "Order › Order fields: VIP" in said and "Sales › VIP Rights: as elsewhere → at every step: edit" in said
    answer = ada.post(HERE, {"note": "VIP customers"})
    assert answer.status_code == 303 and number(shop) == 2
    assert "Version 2 runs." in words(ada) and "Nothing to publish" in words(ada)
    assert "VIP customers" in words(ada, "/build/orders/versions")


def test_what_is_wrong_keeps_it_from_being_published(shop, ada):
    builds(ada, "remove", path="forms[order].fields[customer]")
    assert "This cannot be published yet." in words(ada)
    assert ada.post(HERE).status_code == 422 and number(shop) == 1


def test_somebody_else_built_on_meanwhile(shop, ada):
    builds(ada, "rename", path="forms[order]", label={"en": "Sale"})
    (base,) = re.findall(r'name="base" value="(\d+)"><?', ada.get(HERE).get_data(as_text=True).split('action="/build/orders/publication"')[1])[:1]
    builds(ada, "rename", path="forms[order]", label={"en": "Deal"})
    assert ada.post(HERE, {"base": base}).status_code == 409 and number(shop) == 1


def test_records_of_a_status_that_goes_are_moved_where_one_says(shop, ada):
    with shop.workspace.writing() as connection:
        members.set_roles(connection, shop.ada.id, "orders", ["finance", "sales"])
    parked = {"key": "parked", "label": {"en": "Parked", "zh": "搁置"}}
    park = {"key": "park", "label": {"en": "Park", "zh": "搁置"}, "sources": ["draft"], "target": "parked", "who": {"roles": ["finance"]}}
    back = park | {"key": "unpark", "label": {"en": "Unpark", "zh": "恢复"}, "sources": ["parked"], "target": "draft"}
    builds(ada, "add_status", status_list="payment_flow", status=parked)
    for transition in (park, back):
        builds(ada, "add_transition", form="payment", transition=transition)
    ada.post(HERE)
    commands = Commands(shop.workspace, shop.ada.actor, "orders")
    customer = commands.create("customer", {"name": "Kestrel Books"})
    made = commands.create("payment", {"customer": customer.id, "amount": "10"})
    commands.perform("payment", made.id, "park")
    for path in ("forms[payment].transitions[park]", "forms[payment].transitions[unpark]"):
        builds(ada, "remove", path=path)
    builds(ada, "remove_status", status_list="payment_flow", status="parked")
    said = words(ada)
    assert "Payment › Parked is gone: 1 record moves to" in said and "1 record is on its way" in said
    assert ada.post(HERE).status_code == 422 and number(shop) == 2
    assert ada.post(HERE, {"move-payment-parked": "confirmed"}).status_code == 303 and number(shop) == 3
    with shop.workspace.reading() as connection:
        assert Gate(connection, open_app(shop.workspace, connection, "orders"), SYSTEM).record("payment", made.id).status == "confirmed"


def test_what_is_worked_out_anew_is_counted(shop, ada):
    Commands(shop.workspace, SYSTEM, "orders").create("customer", {"name": "Kestrel Books", "credit_limit": "10"})
    rule = {"*": [{"-": [{"var": "credit_limit"}, {"var": "credit_used"}]}, 2]}
    builds(ada, "put", path="forms[customer].fields[credit_free].settings.rule", value=rule)
    assert "Customer › " in words(ada) and "worked out anew for 1 record" in words(ada)


def test_records_on_their_way_finish_as_they_started(shop, ada):
    with shop.workspace.writing() as connection:
        members.set_roles(connection, shop.ada.id, "orders", ["finance", "sales"])
    commands = Commands(shop.workspace, shop.ada.actor, "orders")
    customer = commands.create("customer", {"name": "Kestrel Books"})
    made = commands.create("payment", {"customer": customer.id, "amount": "10"})
    later = {"key": "later", "rule": {">": [{"var": "amount"}, 1000]}, "message": {"en": "Too small.", "zh": "金额太小。"}}
    builds(ada, "add", path="forms[payment].transitions[confirm].guards", element=later)
    said = words(ada)
    assert "The flow of Payment changes; 1 record is on its way" in said and "They finish as they started" in said
    assert ada.post(HERE, {"finish-payment": "finish"}).status_code == 303 and number(shop) == 2
    newcomer = commands.create("payment", {"customer": customer.id, "amount": "10"})
    commands.perform("payment", made.id, "confirm")
    with pytest.raises(Refused, match="Too small"):
        commands.perform("payment", newcomer.id, "confirm")
