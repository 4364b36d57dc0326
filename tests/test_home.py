"""Home and inbox: what waits and why, what was started, what is followed, in figures that lead there; several done at once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from claims import claims_app
from formloom.platform.workflow.outbox import now
from order_world import a_customer, a_product, an_order
from page import visit
from test_approval_pages import site  # noqa: F401 (a fixture)

ORDERS = "/apps/orders/order/"


def figures(page) -> dict[str, int]:
    """The figures of the first page, by their words."""
    found = re.findall(r'<b class="num">(\d+)\+?</b><span>(.*?)</span>', page.html)
    return {label: int(count) for count, label in found}


def reasons(page) -> dict[str, int]:
    """Those above the inbox."""
    nav = re.search(r'<nav class="why-waits".*?</nav>', page.html, re.S)
    return {label.strip(): int(count) for label, count in re.findall(r">([^<>]+) <b>(\d+)", nav[0])} if nav else {}


def titles(page) -> list[str]:
    return re.findall(r'<a class="title" href="[^"]*">(.*?)</a>', page.html)


@pytest.fixture
def three(orders):
    """Two submitted orders and a draft."""
    customer, product = a_customer(orders), a_product(orders, 100)
    made = [an_order(orders, customer, (product, 1)) for _one in range(3)]
    for order in made[:2]:
        orders.sales.submits(order)
    return made


def test_home_says_how_much_there_is_and_where(orders, client, three):
    client.sign_in(orders.sales)
    home = visit(client, "/")
    assert figures(home) == {"In your charge": 1, "Started by you": 3, "Followed": 4}  # the customer is just there
    orders.manager.sends_back(three[0], reason="The price")
    assert figures(visit(client, "/")) == {"In your charge": 1, "Returned to you": 1, "Started by you": 3, "Followed": 4}
    assert titles(visit(client, "/inbox?kind=returned")) == [orders.sales.sees(three[0]).values["number"]]
    client.sign_in(orders.manager)
    assert figures(visit(client, "/")) == {"In your charge": 1, "Started by you": 0, "Followed": 0}


def test_the_inbox_tells_apart_why_things_wait(site):  # noqa: F811
    claims = site()
    handed = claims.handed_in(about="Asks")
    mine = claims.handed_in(about="Mine")
    claims.do("cem").perform("claim", mine.id, "send_back")
    assert reasons(visit(claims.browse("cem"), "/inbox")) == {}  # one reason only
    assert titles(visit(claims.browse("cem"), "/inbox")) == ["Asks"]
    assert figures(visit(claims.browse("cem"), "/"))["To approve"] == 1
    ann = visit(claims.browse("ann"), "/inbox")
    assert titles(ann) == ["Mine"] and figures(visit(claims.browse("ann"), "/"))["Returned to you"] == 1
    assert titles(visit(claims.browse("ben"), "/inbox")) == []
    assert handed.status == "waiting"


def test_what_is_overdue_is_counted_apart(site):  # noqa: F811
    document = claims_app()
    document["status_lists"][0]["statuses"][1] |= {"hours_allowed": 2, "in_charge": "manager"}
    claims = site()
    claims.publishes(document)
    claims.handed_in(now=now() - timedelta(hours=5), about="Late")
    claims.handed_in(about="Fresh")
    page = visit(claims.browse("cem"), "/inbox")
    assert reasons(page) == {"All": 2, "To approve": 2, "Overdue": 1}
    assert titles(page)[0] == "Late" and titles(visit(claims.browse("cem"), "/inbox?kind=overdue")) == ["Late"]
    assert titles(visit(claims.browse("cem"), "/inbox?kind=nothing")) == []


def test_what_is_followed_is_listed_while_one_sees_it(orders, client, three):
    client.sign_in(orders.finance)
    path = f"{ORDERS}{three[0].id}"
    visit(client, path).send("follow", on="1")
    number = orders.sales.sees(three[0]).values["number"]
    page = visit(client, "/inbox/followed")
    assert number in page.text and f'href="{path}"' in page.html
    visit(client, path).send("follow", on="0")
    assert "You follow nothing yet" in visit(client, "/inbox/followed").text


def test_several_are_approved_together_with_a_report_for_each(orders, client, three):
    client.sign_in(orders.manager)
    inbox = visit(client, "/inbox")
    boxes = re.findall(r'form="bulk-orders-order" name="record" value="([0-9.]+)"', inbox.html)
    assert len(boxes) == 2 and 'name="do" value="take.approve"' in inbox.html
    question = client.get(f"{ORDERS}bulk", query_string=[*(("record", box) for box in boxes), ("do", "take.approve"), ("next", "/inbox")])
    page = question.get_data(as_text=True)
    orders.manager.sends_back(three[0], reason="The price")
    (key,) = re.findall(r'name="key" value="(.*?)"', page)
    report = client.post(f"{ORDERS}bulk", {"record": boxes, "do": "take.approve", "key": key, "base": "{}", "next": "/inbox"})
    text = report.get_data(as_text=True)
    assert "1 record is done." in text and "1 record stays as it was." in text and 'href="/inbox"' in text


def test_nothing_is_offered_together_that_the_app_wants_looked_at_one_by_one(site):  # noqa: F811
    document = claims_app()
    document["forms"][0]["transitions"][1]["bulk"] = False
    claims = site()
    claims.handed_in()
    claims.handed_in()
    assert 'value="take.approve"' in visit(claims.browse("cem"), "/inbox").html
    claims.publishes(document)
    page = visit(claims.browse("cem"), "/inbox")
    assert 'value="take.approve"' not in page.html and len(titles(page)) == 2
