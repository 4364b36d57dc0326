"""Several records at once from a list: each by its own rights, and a report that leaves none out."""

from __future__ import annotations

import re
from html import unescape

import pytest
from axe_playwright_python.sync_playwright import Axe
from order_world import a_customer, a_product, an_order
from playwright.sync_api import expect

ORDERS = "/apps/orders/order/"
BULK = f"{ORDERS}bulk"


@pytest.fixture
def three(orders):
    """Two submitted orders and a draft."""
    customer, product = a_customer(orders), a_product(orders, 100)
    made = [an_order(orders, customer, (product, 1)) for _one in range(3)]
    for order in made[:2]:
        orders.sales.submits(order)
    return made


@pytest.fixture
def manager(orders, client):
    return client.sign_in(orders.manager)


def asked(client, *records, **more) -> str:
    answer = client.get(BULK, query_string=[*(("record", record.id) for record in records), *more.items()])
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def sent(client, page: str, **more):
    """The question on a page, answered: every record with the change at which it was seen."""
    seen = re.findall(r'name="record" value="([0-9.]+)"', page)
    (key,) = re.findall(r'name="key" value="(.*?)"', page)
    (do,) = re.findall(r'name="do" value="(.*?)"', page)
    base = re.findall(r'name="base" value="(.*?)"', page)
    data = {"record": seen, "do": do, "key": key, "base": unescape(base[0]) if base else "{}", **more}
    return client.post(BULK, data)


def status(orders, record) -> str:
    return orders.admin.sees(record).status


def test_what_some_can_do_is_offered_with_how_many_and_why_not_the_rest(orders, manager, three):
    page = asked(manager, *three)
    assert re.search(r'value="take\.approve".*?2 of 3 can', page, re.S)
    assert "take.ship" not in page  # what nobody can do with these
    for query, answer in (("record=x", 404), (f"record={three[0].id}&do=take.nothing", 404), ("&".join(f"record={n}" for n in range(1, 202)), 422)):
        assert manager.get(f"{BULK}?{query}").status_code == answer, query
    assert "1 is no longer there." in manager.get(f"{BULK}?record={three[0].id}&record=999").get_data(as_text=True)


def test_each_is_judged_by_itself_and_the_report_names_those_that_stay(orders, manager, three):
    question = asked(manager, *three, do="take.approve")
    report = sent(manager, question).get_data(as_text=True)
    assert "2 records are done." in report and "1 record stays as it was." in report
    assert {status(orders, order) for order in three[:2]}.isdisjoint({"draft", "submitted"})
    assert status(orders, three[2]) == "draft"
    assert "2 records are done." in sent(manager, question).get_data(as_text=True)  # clicked twice, counted once


def test_what_was_changed_since_it_was_seen_is_left_alone(orders, manager, three):
    question = asked(manager, *three[:2], do="take.approve")
    orders.manager.sends_back(three[0], reason="The price")
    report = sent(manager, question).get_data(as_text=True)
    assert "1 record is done." in report and "1 record stays as it was." in report


def test_what_a_transition_asks_is_filled_in_once(orders, manager, three):
    question = asked(manager, *three[:2], do="take.send_back")
    refused = sent(manager, question, reason="")
    assert refused.status_code == 422 and {status(orders, order) for order in three[:2]} == {"submitted"}
    assert "2 records are done." in sent(manager, question, reason="Check the prices").get_data(as_text=True)
    assert {orders.sales.sees(order).values["reason"] for order in three[:2]} == {"Check the prices"}


def test_one_field_of_all_is_set_where_it_may_be(orders, client, three):
    client.sign_in(orders.sales)
    assert 'value="fill.note"' in asked(client, *three)
    question = asked(client, *three, do="fill", fill="fill.note")
    report = sent(client, question, note="By truck").get_data(as_text=True)
    notes = [orders.sales.sees(order).values["note"] for order in three]
    assert notes[2] == "By truck"
    assert report.count("By truck") == 0 and f"{notes.count('By truck')} record" in report
    assert client.get(f"{BULK}?record={three[2].id}&do=fill.total").status_code == 404
    assert sent(client, question, nothing="x").status_code == 422


def test_several_are_deleted_where_each_may_be(orders, client, three):
    client.sign_in(orders.sales)
    report = sent(client, asked(client, *three, do="delete")).get_data(as_text=True)
    assert "1 record is done." in report and "2 records stay as they were." in report
    assert client.get(f"{ORDERS}{three[2].id}").status_code == 404


def test_who_may_change_nothing_picks_nothing(orders, client, three):
    page = client.sign_in(orders.management).get(f"{ORDERS}?view=all").get_data(as_text=True)
    assert 'class="pick"' not in page


def test_all_of_a_list_longer_than_its_page(orders, client):
    for number in range(52):
        orders.sales.creates("customer", name=f"Customer {number:02}")
    client.sign_in(orders.sales)
    page = client.get("/apps/orders/customer/bulk?all=1&sort=name").get_data(as_text=True)
    assert len(re.findall('name="record" value="', page)) == 52


def test_in_a_browser_by_mouse_and_by_keyboard(live, orders, three):
    page = live.visit(orders.manager, f"{ORDERS}?view=all")
    page.locator("#pick-all").check()
    expect(page.locator(".picking b")).to_have_text("3 picked")
    page.get_by_role("button", name="Change several").click()
    page.locator("dialog").get_by_role("button", name="Return to sales").click()
    page.locator("dialog #q-reason").fill("Check the prices")
    assert [v["id"] for v in Axe().run(page).response["violations"]] == []
    page.locator("dialog .primary").click()
    expect(page.locator("dialog")).to_contain_text("2 records are done.")
    page.locator("dialog").get_by_role("link", name="Back to the list").click()
    expect(page.locator("#list").get_by_text("Returned to sales")).to_have_count(2)
    page.goto(f"{ORDERS}?view=all")
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    expect(page.locator(".picking b")).to_have_text("2 picked")
    page.set_viewport_size({"width": 390, "height": 844})
    assert [v["id"] for v in Axe().run(page).response["violations"]] == []
