"""What an open page asks every few seconds: whether anything changed that this person sees, answered cheaply and without telling more."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from claims import Claims, claims_app
from formloom.platform.access.members import set_roles
from formloom.platform.errors import NotFound
from formloom.platform.records.changes import Seen, changed_since, seen_now, standing_on, state_of
from formloom.platform.records.history import event
from formloom.platform.workflow.talk import Talk
from order_world import a_customer, a_product, an_order
from page import visit

LIST = "/apps/orders/order/"


@pytest.fixture
def claims(workspace):
    return Claims(workspace, claims_app())


def seen(claims, name: str = "cem") -> Seen:
    with claims.gate(name) as gate:
        return seen_now(gate, "claim")


def changed(claims, before: Seen | None, name: str = "cem") -> bool:
    with claims.gate(name) as gate:
        return changed_since(gate, "claim", before)


def state(claims, claim, name: str = "cem"):
    with claims.gate(name) as gate:
        return state_of(gate, gate.record("claim", claim.id))


# lists


def test_a_list_has_changed_when_a_record_was_made_edited_or_moved(claims):
    before = seen(claims)
    assert not changed(claims, before) and before == seen(claims)
    claim = claims.handed_in()
    assert changed(claims, before)
    before = seen(claims)
    claims.do("cem").perform("claim", claim.id, "send_back")
    assert changed(claims, before)
    before = seen(claims)
    Talk(claims.workspace, claims.actor("ann"), "claims").comment("claim", claim.id, "Only words")
    assert not changed(claims, before)


def test_other_forms_count_where_the_list_stands_on_them_and_nowhere_else(orders):
    with orders.sales.gate() as gate:
        customers, carriers = (standing_on(gate.compiled.form(key)) for key in ("customer", "shipper"))
    assert carriers == {"shipper"} and "customer" in customers
    with orders.sales.gate() as gate:
        before = {key: seen_now(gate, key) for key in ("order", "product")}
    a_customer(orders)
    with orders.sales.gate() as gate:
        assert changed_since(gate, "order", before["order"])  # it shows their names
        assert changed_since(gate, "product", before["product"]) == ("customer" in standing_on(gate.compiled.form("product")))


def test_an_event_that_shows_up_after_a_later_one_is_not_missed(claims):
    """Its number was given first, its transaction ended last."""
    for _one in range(3):
        claims.handed_in()
    with claims.workspace.writing() as connection:
        late = connection.execute(sa.select(event).order_by(event.c.id.desc()).offset(1)).mappings().first()
        connection.execute(sa.delete(event).where(event.c.id == late["id"]))
    before = seen(claims)
    assert not changed(claims, before)
    with claims.workspace.writing() as connection:
        connection.execute(sa.insert(event).values(dict(late)))
    assert changed(claims, before) and seen(claims) != before


def test_what_cannot_be_told_counts_as_changed(claims):
    claims.handed_in()
    assert changed(claims, None) and changed(claims, Seen(10**9, 3))
    assert [Seen.read(text) for text in ("", "x", "1", "1.x", "-1.0", "9" * 40 + ".1", "7.2")] == [None] * 6 + [Seen(7, 2)]


def test_who_sees_nothing_of_a_form_is_told_nothing(claims):
    with claims.workspace.writing() as connection:
        connection.execute(sa.text("DELETE FROM member_role WHERE member_id = :id"), {"id": claims.ids["eva"]})
    with pytest.raises(NotFound):
        seen(claims, "eva")


# records


def test_a_record_is_another_one_when_what_shows_of_it_is(claims):
    claim = claims.handed_in()
    first = state(claims, claim)
    assert state(claims, claim) == first and first.by == claims.ids["ann"]
    talk = Talk(claims.workspace, claims.actor("ann"), "claims")
    number = talk.comment("claim", claim.id, "Hello")
    said = state(claims, claim)
    assert (said.shown, said.said != first.said) == (first.shown, True)
    for act in (lambda: talk.reword("claim", claim.id, number, "Hallo"), lambda: talk.take_back("claim", claim.id, number)):
        act()
        assert state(claims, claim).said != said.said
        said = state(claims, claim)
    claims.do("cem").perform("claim", claim.id, "send_back")
    assert state(claims, claim).shown != first.shown and state(claims, claim).by == claims.ids["cem"]


# pages


@pytest.fixture
def order(orders):
    return an_order(orders, a_customer(orders), (a_product(orders, 10), 1))


def asked(client, path: str, version: str):
    return client.get(path, headers={"If-None-Match": f'"{version}"', "Accept": "application/json"})


def version_on(page) -> str:
    return re.search(r'data-version="(.*?)"', page.html)[1]


@pytest.mark.databases("sqlite", "postgresql")
def test_nothing_is_sent_while_nothing_changes(client, orders, order):
    client.sign_in(orders.manager)
    for address in (LIST, f"{LIST}{order.id}"):
        page = visit(client, address)
        path = re.search(r'data-live="(.*?)"', page.html)[1]
        same = asked(client, path, version_on(page))
        assert (same.status_code, same.data) == (304, b"")
        orders.sales.edits(order, note=f"Seen from {address}")
        told = asked(client, path, version_on(page))
        assert told.status_code == 200 and told.json["changed"] is True
        assert told.headers["ETag"] == f'"{version_on(visit(client, address))}"'
    assert told.json["words"] == "Sales changed this."


def test_ones_own_doing_elsewhere_is_said_so_and_words_are_no_change(client, orders, order):
    client.sign_in(orders.sales)
    path = f"{LIST}{order.id}"
    before = version_on(visit(client, path))
    Talk(orders.workspace, orders.manager.actor, "orders").comment("order", order.id, "Words")
    assert asked(client, f"{path}/version", before).json == {"changed": False, "words": ""}
    orders.sales.edits(order, note="Elsewhere")
    assert asked(client, f"{path}/version", before).json["words"] == "You changed this elsewhere."


def test_who_loses_sight_of_a_record_is_told_no_more(client, orders, order):
    client.sign_in(orders.finance)
    path = f"{LIST}{order.id}"
    before = version_on(visit(client, path))
    assert asked(client, f"{path}/version", "nonsense").json["changed"] is True
    with orders.workspace.writing() as connection:
        set_roles(connection, orders.finance.id, "orders", ["warehouse"])  # who sees no drafts
    assert asked(client, f"{path}/version", before).status_code == 404
    assert asked(client, f"{LIST}version", "nonsense").status_code == 200
    assert asked(client, f"{LIST}999/version", before).status_code == 404
    assert asked(client, "/apps/orders/nothing/version", before).status_code == 404
