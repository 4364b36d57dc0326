"""The query gate: pages in order however deep, filters that see what the person sees, counts, choices."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from formloom.platform.access.actor import SYSTEM
from formloom.platform.definition.model import Sort
from formloom.platform.errors import Invalid, NotFound
from formloom.platform.records import compiled, pages
from formloom.platform.records.query import Gate
from formloom.platform.records.results import Query
from formloom.platform.workflow.commands import Commands, Loaded

STATUSES = ("draft", "submitted", "reviewed", "shipped", "closed")


@pytest.fixture
def archive(orders):
    """60 orders of two customers: by sales and by somebody else, many with empty or equal dates."""
    engine = Commands(orders.workspace, SYSTEM, "orders")
    orders.customers = engine.load("customer", [Loaded("saved", {"name": name}) for name in ("Ernst Handel", "张三商贸")])
    product = engine.load("product", [Loaded("stocked", {"name": "Chai", "list_price": "18", "cost": "9", "on_hand": "1000"})])[0]
    dice = random.Random(7)
    made = [
        Loaded(
            dice.choice(STATUSES),
            {
                "customer": dice.choice(orders.customers).id,
                "promised": dice.choice([None, "2026-12-01", "2026-12-02", "2026-12-24"]),
                "sales_person": orders.sales.id,
                "lines": [{"product": product.id, "quantity": str(dice.randint(1, 9))}],
            },
            by=dice.choice([orders.sales.id, orders.manager.id]),
        )
        for _number in range(60)
    ]
    orders.made = engine.load("order", made)
    return orders


def rows_of(gate: Gate, query: Query):
    """All rows, page by page, forwards."""
    found, page = [], gate.page(query)
    found += page.rows
    while page.next:
        page = gate.page(Query(**{**query.__dict__, "after": page.next}))
        found += page.rows
    return found


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", ["promised", "total", "status", "id"])
def test_pages_join_into_the_whole_in_order(archive, sort, descending):
    with archive.management.gate() as gate:
        query = Query("order", ("promised", "total"), sort=(Sort(sort, descending),), limit=7)
        rows, flow = rows_of(gate, query), [status.key for status in gate.compiled.form("order").statuses.statuses]
    assert len(rows) == 60
    assert len({row.id for row in rows}) == 60

    def key(row):
        value = {"status": flow.index(row.status), "id": row.id}.get(sort, row.values.get(sort))
        return (value is not None, value, row.id) if value is not None else (False, 0, row.id)

    assert rows == sorted(rows, key=key, reverse=descending)


def test_the_previous_page_is_where_one_came_from(archive):
    with archive.management.gate() as gate:
        query = Query("order", ("promised",), sort=(Sort("promised"),), limit=7)
        first = gate.page(query)
        second = gate.page(Query(**{**query.__dict__, "after": first.next}))
        back = gate.page(Query(**{**query.__dict__, "before": second.previous}))
    assert [row.id for row in back.rows] == [row.id for row in first.rows]
    assert first.previous is None
    assert back.previous is None


@pytest.mark.parametrize("walked", [True, False])
@pytest.mark.parametrize("falls", [(False, True), (True, False)])
def test_sorted_by_status_the_flow_gives_the_order_on_every_page_and_back(archive, monkeypatch, walked, falls):
    """Each status walked by its index, or, where they are too many, ranked row by row."""
    monkeypatch.setattr(pages, "MOST_WALKED", 48 if walked else 0)
    sort = (Sort("status", falls[0]), Sort("promised", falls[1]))
    with archive.management.gate() as gate:
        flow = [status.key for status in gate.compiled.form("order").statuses.statuses]
        gate.compiled.form("order").statements.clear()
        query = Query("order", ("promised",), sort=sort, limit=7)
        rows, page, back = rows_of(gate, query), gate.page(query), []
        while page.next:
            page = gate.page(replace(query, after=page.next))
        while page.previous:
            page = gate.page(replace(query, before=page.previous))
            back = [*page.rows, *back]
    expected = sorted(rows, key=lambda row: row.id, reverse=falls[1])
    expected.sort(key=lambda row: (row.values["promised"] is not None, row.values["promised"] or 0), reverse=falls[1])
    expected.sort(key=lambda row: flow.index(row.status), reverse=falls[0])
    assert len(rows) == 60 and [row.id for row in rows] == [row.id for row in expected]
    assert [row.id for row in back] == [row.id for row in rows[: len(back)]] and len(back) > 50


def test_filters_and_counts_agree_with_plain_python(archive):
    where = {"and": [{"===": [{"var": "status"}, "shipped"]}, {">": [{"var": "promised"}, "2026-12-01"]}]}
    with archive.management.gate() as gate:
        every = rows_of(gate, Query("order", ("promised",), limit=50))
        rows = rows_of(gate, Query("order", ("promised",), where=where, limit=50))
        count = gate.count(Query("order", where=where))
    from datetime import date

    day = date(2026, 12, 1)
    expected = {r.id for r in every if r.status == "shipped" and r.values["promised"] and r.values["promised"] > day}
    assert {row.id for row in rows} == expected
    assert (count.number, count.exact) == (len(expected), True)


def test_search_finds_chinese_names_and_means_signs_as_typed(archive):
    with archive.management.gate() as gate:
        assert gate.count(Query("order", search="张三")).number == sum(
            row.values["customer"] == archive.customers[1].id for row in rows_of(gate, Query("order", ("customer",)))
        )
        assert gate.count(Query("order", search="%")).number == 0
        assert gate.count(Query("customer", search="handel")).number == 1


def test_what_one_never_sees_is_unknown_everywhere(archive):
    with archive.warehouse.gate() as gate:
        for query in (
            Query("product", ("cost",)),
            Query("product", where={">": [{"var": "cost"}, 1]}),
            Query("product", sort=(Sort("cost"),)),
            Query("product", ("nothing",)),
        ):
            with pytest.raises(Invalid, match="There is no field"):
                gate.page(query)
        with pytest.raises(Invalid, match="cost"):
            gate.page(Query("order", where={"some": [{"var": "lines"}, {">": [{"var": "product.cost"}, 1]}]}))


def test_a_damaged_cursor_is_refused(archive):
    with archive.management.gate() as gate:
        for cursor in ("x", "W10", "WzEsMl0", "====", "eyJhIjoxfQ"):
            with pytest.raises(Invalid, match="damaged"):
                gate.page(Query("order", ("promised",), sort=(Sort("promised"),), after=cursor))


def test_no_role_no_form(archive):
    from dataclasses import replace

    with archive.sales.gate() as gate:
        stranger = Gate(gate.connection, gate.compiled, replace(gate.actor, roles={}))
        assert stranger.forms() == []
        with pytest.raises(NotFound):
            stranger.page(Query("order"))
        with pytest.raises(NotFound):
            stranger.record("order", archive.made[0].id)


def test_choices_are_what_one_may_see_with_what_rules_need(archive):
    with archive.sales.gate() as gate:
        chosen = gate.choices("order", "lines.product", "cha")
        assert [choice.title for choice in chosen] == ["Chai"]
        assert chosen[0].values["list_price"] == 18
        assert "cost" not in chosen[0].values
        assert [choice.title for choice in gate.choices("order", "customer", "张")] == ["张三商贸"]
        assert archive.sales.id in [choice.id for choice in gate.choices("order", "sales_person", "")]


def test_many_ask_different_things_at_once(archive, monkeypatch):
    """What is kept of questions is shared by threads, and gives way to newer ones."""
    monkeypatch.setattr(compiled, "KEPT_QUESTIONS", 3)

    def ask(start: int) -> set[tuple[int, int]]:
        found = set()
        for amount in range(start, start + 40):
            with archive.management.gate() as gate:
                query = Query("order", ("total",), where={">": [{"var": "total"}, -amount]})
                found.add((len(gate.page(query).rows), gate.count(query).number))
                gate.record("order", archive.made[0].id)
        return found

    with ThreadPoolExecutor(6) as pool:
        assert set().union(*pool.map(ask, range(0, 240, 40))) == {(50, 60)}
