"""Lists in groups and what their figures add up to: what a person sees of each record, no more, counted by hand."""

from __future__ import annotations

import csv
import random
import re
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from itertools import product
from urllib.parse import quote, urlencode

import pytest
from formloom.platform.access.actor import SYSTEM
from formloom.platform.errors import FormloomError
from formloom.platform.formats import formats_for
from formloom.platform.records import pages
from formloom.platform.records.results import Query
from formloom.platform.workflow.commands import Commands, Loaded
from formloom.runtime import grouping
from formloom.runtime.listing import Listing
from page import visit
from warehouse import customer
from werkzeug.datastructures import MultiDict

LIST = "/apps/orders/order/"
STATUSES = ("draft", "submitted", "reviewed", "shipped", "closed", "cancelled")
KEYS = ("status", "customer", "sales_person", "channel", "rush", "ordered~month", "created_at~month", "created_by", "below_cost")


@pytest.fixture
def many(orders):
    """A hundred and twenty orders at any status, of three customers or of none, ordered over half a year."""
    dice = random.Random(7)
    buyers = [customer(orders, name).id for name in ("Ernst Handel", "Piccolo", "张三商贸")]
    people = [orders.sales.id, orders.manager.id, None]
    rows = [
        Loaded(
            dice.choice(STATUSES),
            {
                "customer": dice.choice(buyers), "sales_person": dice.choice(people), "freight": dice.choice(["0.10", "12.5", None]),
                "ordered": (date(2026, 6, 1) + timedelta(days=dice.randrange(180))).isoformat(), "rush": dice.random() < 0.3,
            },
            by=dice.choice([orders.sales.id, orders.manager.id]),
        )
        for _number in range(120)
    ]  # fmt: skip
    Commands(orders.workspace, SYSTEM, "orders").load("order", rows)
    return orders


def listing(app, gate, **asked: str) -> Listing:
    return Listing(gate, "order", MultiDict({"view": "all", "columns": "number customer freight total", **asked}), formats_for("en", "UTC"))


def rows_of(gate, query: Query) -> list:
    found, after = [], None
    while True:
        page = gate.page(Query(query.form, query.fields, query.where, query.sort, limit=500, after=after))
        found, after = found + list(page.rows), page.next
        if after is None:
            return found


def key_of(row, group: str, formats):
    name = group.partition("~")[0]
    value = getattr(row, name) if name in ("status", "created_by", "created_at") else row.values.get(name)
    if "~" not in group or value is None:
        return value
    return (formats.local(value).date() if name == "created_at" else value).replace(day=1)


@pytest.mark.parametrize("role", ["sales", "manager", "warehouse", "finance", "management"])
def test_groups_hold_what_a_person_sees_and_no_more(app, many, role):
    formats = formats_for("en", "UTC")
    with app.test_request_context(), getattr(many, role).gate() as gate:
        for group in KEYS:
            made = listing(app, gate, group=group)
            name = group.partition("~")[0]
            if name not in (*made.readable, "status", "created_at", "created_by"):
                with pytest.raises(FormloomError):
                    _ = made.grouping.sections
                continue
            query = Query("order", tuple(key for key in {name, "freight", "total"} if key in made.readable), made.query.where)
            expected = defaultdict(list)
            for row in rows_of(gate, query):
                expected[key_of(row, group, formats)].append(row)
            tokens = {"-" if key is None else str(key): rows for key, rows in expected.items()}
            sections = {section.token: section for section in made.grouping.sections}
            assert {token: int(section.count) for token, section in sections.items()} == {t: len(rows) for t, rows in tokens.items()}, group
            for token, rows in tokens.items():
                for key in made.sums.keys:
                    total = sum((row.values.get(key) or Decimal(0) for row in rows), Decimal(0))
                    assert sections[token].sums[key].replace(",", "") == f"{total:.2f}", (group, token, key)
            opened = listing(app, gate, group=group, open=next(iter(tokens)))
            ids = re.findall(rf'href="{LIST}(\d+)"', next(s for s in opened.grouping.sections if s.open).rows)
            assert {int(one) for one in ids} <= {row.id for row in next(iter(tokens.values()))} and len(ids) == min(50, len(next(iter(tokens.values()))))


def test_the_foot_adds_up_the_whole_filter_and_not_the_page(app, many):
    with app.test_request_context(), many.manager.gate() as gate:
        whole = listing(app, gate)
        assert len(whole.page.rows) == 50 < whole.count.number
        freight = sum((row.values["freight"] or Decimal(0) for row in rows_of(gate, whole.query)), Decimal(0))
        assert whole.sums.whole["freight"] == f"{freight:.2f}"
        narrowed = listing(app, gate, f="rush~yes~")
        assert sum((row.values["freight"] or Decimal(0) for row in rows_of(gate, narrowed.query)), Decimal(0)) == Decimal(narrowed.sums.whole["freight"])


@pytest.fixture
def manager(client, many):
    return client.sign_in(many.manager)


def at(**asked) -> str:
    return f"{LIST}?{urlencode({'view': 'all', **asked}, doseq=True)}"


def sections(page) -> list[str]:
    heads = re.findall(r'<tr class="group-head"><th.*?</th>', page.html, re.S)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", head)).split()).rpartition(" ")[0] for head in heads]


def test_groups_are_closed_and_open_one_by_one(manager):
    page = visit(manager, at(group="status"))
    assert 'class="key"' not in page.html and 'class="pager"' not in page.html
    assert sections(page)[:2] == ["Draft", "Submitted"]  # as they follow in the flow
    for token in ("draft", "closed"):
        page = visit(manager, unescape(re.search(rf'id="open-{token}" href="([^"]+)"', page.html)[1]))
    assert page.html.count('aria-expanded="true"') == 2 and 'class="key"' in page.html
    page = visit(manager, unescape(re.search(r'id="open-closed" href="([^"]+)"', page.html)[1]))
    assert page.html.count('aria-expanded="true"') == 1


def test_months_follow_the_order_of_the_list(manager):
    up, down = (sections(visit(manager, at(group="ordered~month", sort=sort))) for sort in ("ordered", "-ordered"))
    assert up[0] == "June 2026" and down == up[::-1]


def test_a_long_group_leads_to_a_list_of_its_own(manager, many):
    buyer = customer(many, "Long")
    Commands(many.workspace, SYSTEM, "orders").load("order", [Loaded("draft", {"customer": buyer.id, "ordered": "2025-01-31"}) for _one in range(51)])
    for group, token, query in (
        ("customer", str(buyer.id), f"f=customer~is~{buyer.id}"), ("ordered~month", "2025-01-01", "f=ordered~since~2025-01-01&f=ordered~until~2025-01-31")
    ):  # fmt: skip
        page = visit(manager, at(group=group, open=token))
        assert "All 51 of this group" in page.text
        where = unescape(re.search(r'class="link" href="([^"]+)"[^>]*>All 51', page.html)[1])
        assert where.endswith(query) and '<span class="muted num" id="tally">51' in visit(manager, where).html
    either = at(group="customer", open=str(buyer.id), f=["status~is~draft", "rush~yes~"], join="or")
    assert "1 more; filter to see them" in visit(manager, either).text


@pytest.mark.parametrize("group", ["nothing", "cost", "number", "ordered", "status~month", "ordered~week", "lines"])
def test_what_makes_no_groups_is_named(manager, group):
    assert visit(manager, at(group=group)).status == 422


def test_who_may_not_see_a_field_does_not_group_by_it(client, many):
    page = visit(client.sign_in(many.sales), at(menu="group"))
    assert 'id="group-below_cost"' not in page.html and 'id="group-customer"' in page.html
    assert visit(client, at(group="below_cost")).status == 422


def test_of_a_list_too_long_to_count_the_sums_are_worked_out_when_asked(manager, monkeypatch):
    monkeypatch.setattr(pages, "COUNT_LIMIT", 60)
    page = visit(manager, at(columns="number freight"))
    assert "Work out the totals" in page.text and "60+" in page.text
    page = visit(manager, unescape(re.search(r'id="work-out" href="([^"]+)"', page.html)[1]))
    assert "Work out the totals" not in page.text and re.search(r"<tfoot>.*?\d+\.\d\d", page.html, re.S)


def test_a_view_keeps_its_groups(manager):
    page = visit(manager, f"{LIST}views/new?view=all&group=customer").send("question", name="By customer").follow()
    assert sections(page) == ["Ernst Handel", "Piccolo", "张三商贸"] and "Save changes" not in page.text


def kept(client, group: str, sort: str) -> list[list[str]]:
    with client.get(f"{LIST[:-1]}.csv?columns=number+status&view=all&group={quote(group)}&sort={quote(sort)}") as answer:
        return list(csv.reader(answer.get_data().decode("utf-8-sig").splitlines()))


def test_a_list_in_groups_is_kept_in_its_groups(many, client, app, monkeypatch):
    monkeypatch.setattr(grouping, "SHOWN", 500)
    client.sign_in(many.sales)
    for group, sort in product(("status", "customer", "ordered~month", "created_by", "rush"), ("-number", "-status,number")):
        head, *rows = kept(client, group, sort)
        asked = {"columns": "number status", "group": group, "sort": sort}
        with many.sales.gate() as gate, app.test_request_context():
            tokens = [section.token for section in listing(app, gate, **asked).grouping.sections]
            sections = listing(app, gate, **asked, open=tokens).grouping.sections
        numbers = [(section.label.striptags(), number) for section in sections for number in re.findall(r">(SO-[0-9-]+)<", section.rows)]
        assert head == (["Number", "Status"] if group == "status" else [head[0], "Number", "Status"])
        assert [(status, number) if group == "status" else (of, number) for *of, number, status in rows for of in (of or [""])] == numbers, (group, sort)
        assert len(numbers) > 30


def test_groups_beyond_what_is_told_come_last_and_none_is_lost(many, client, monkeypatch):
    client.sign_in(many.sales)
    every = {row[0] for row in kept(client, "status", "")}
    monkeypatch.setattr(grouping, "MOST_GROUPS", 2)
    for group in ("customer", "ordered~month"):
        _head, *rows = kept(client, group, "")
        assert rows[-1][0] == "Other groups" and {row[1] for row in rows} | {"Number"} == every and len(rows) == len(every) - 1
