"""How many SQL statements a page or a command takes: never more for more rows, lines or links."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from board_app import LIST as JOBS
from formloom.platform.access.members import add_member
from formloom.platform.quick import Prepared
from formloom.platform.records.query import Query
from formloom.platform.workflow.commands import Loaded, Saved
from formloom.platform.workflow.soundness import check
from rollup_app import rollup_app
from small_world import World

FEW, MANY = 2, 40


@pytest.fixture
def counted(monkeypatch):
    """`with counted() as statements:` lists all that is sent to any database meanwhile."""
    sent: list[str] | None = None

    def note(_connection, _cursor, statement, *_rest):
        if sent is not None:
            sent.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    run = Prepared.run

    def noted(self, connection, named):
        note(None, None, self.sql)
        return run(self, connection, named)

    monkeypatch.setattr(Prepared, "run", noted)

    @contextmanager
    def count() -> Iterator[list[str]]:
        nonlocal sent
        sent = []
        yield sent
        sent = None

    yield count
    sa.event.remove(sa.Engine, "before_cursor_execute", note)


@pytest.fixture
def shop(orders):
    """Forty customers and products, and orders of two sizes: `few` (2 lines) and `many` (40)."""
    admin = orders.admin.do
    rows = [{"name": f"Buyer {n}"} for n in range(MANY)]
    customers = [saved.id for saved in admin.load("customer", [Loaded("saved", row) for row in rows])]
    rows = [{"name": f"Thing {n}", "list_price": "10", "on_hand": 10_000} for n in range(MANY)]
    products = [saved.id for saved in admin.load("product", [Loaded("stocked", row) for row in rows])]
    with orders.workspace.writing() as connection:
        sellers = [add_member(connection, f"Seller {n}", f"s{n}@example.com", {}) for n in range(MANY)]
    orders.customers, orders.products, orders.sellers = customers, products, sellers
    return orders


def lines(shop, count: int) -> list[dict]:
    return [{"product": product, "quantity": 1, "price": "10"} for product in shop.products[:count]]


def order(shop, count: int):
    return shop.manager.creates("order", customer=shop.customers[0], lines=lines(shop, count))


def loaded(shop, count: int) -> list:
    """Orders of as many customers and sellers."""
    values = [
        {"customer": c, "sales_person": s, "ordered": "2026-01-01", "lines": lines(shop, 1)}
        for c, s in zip(shop.customers[:count], shop.sellers[:count], strict=True)
    ]
    return shop.admin.do.load("order", [Loaded("draft", value) for value in values])


def the_same(counted, little: Callable, much: Callable) -> None:
    """Both twice, so that what is prepared once is ready; the second time counts."""
    told = []
    for act in (little, much):
        act()
    for act in (little, much):
        with counted() as statements:
            act()
        told.append(list(statements))
    assert len(told[0]) == len(told[1]), "\n".join(told[1])
    assert 0 < len(told[0]) < 40


def test_creating_takes_the_same_for_two_lines_and_forty(shop, counted):
    the_same(counted, lambda: order(shop, FEW), lambda: order(shop, MANY))


def test_editing_takes_the_same_for_two_lines_and_forty(shop, counted):
    few, many = order(shop, FEW), order(shop, MANY)

    def dearer(record, price):
        before = shop.manager.sees(record).values["lines"]
        after = [{**line, "price": price()} for line in before]
        keep = ("id", "product", "quantity", "price", "discount", "tax")
        after, before = ([{k: line[k] for k in keep} for line in lines] for lines in (after, before))
        shop.manager.do.edit("order", record.id, {"lines": after}, {"lines": before})

    prices = iter(range(11, 99))
    the_same(counted, lambda: dearer(few, lambda: next(prices)), lambda: dearer(many, lambda: next(prices)))


def test_submitting_takes_the_same_for_two_products_and_forty(shop, counted):
    few, many = ([order(shop, count) for _ in range(2)] for count in (FEW, MANY))
    the_same(counted, lambda: shop.manager.submits(few.pop()), lambda: shop.manager.submits(many.pop()))


def test_cancelling_takes_the_same_for_two_products_and_forty(shop, counted):
    few, many = ([shop.manager.submits(order(shop, count)) for _ in range(2)] for count in (FEW, MANY))

    def cancels(records):
        shop.manager.cancels(records.pop(), reason="not needed")

    the_same(counted, lambda: cancels(few), lambda: cancels(many))


def test_loading_takes_the_same_for_two_records_and_forty(shop, counted):
    the_same(counted, lambda: loaded(shop, FEW), lambda: loaded(shop, MANY))


def test_a_list_takes_the_same_for_two_rows_and_forty(shop, counted):
    loaded(shop, MANY)
    paths = ("number", "customer", "sales_person", "total")

    def lists(limit):
        with shop.manager.gate() as gate:
            assert len(gate.page(Query("order", paths, limit=limit)).rows) == limit

    the_same(counted, lambda: lists(FEW), lambda: lists(MANY))


def test_a_record_takes_the_same_for_two_lines_and_forty(shop, counted):
    few, many = order(shop, FEW), order(shop, MANY)
    the_same(counted, lambda: shop.manager.sees(few), lambda: shop.manager.sees(many))


def test_what_can_happen_next_takes_the_same_for_two_lines_and_forty(shop, counted):
    few, many = order(shop, FEW), order(shop, MANY)
    do = shop.manager.do
    the_same(counted, lambda: do.available("order", few.id), lambda: do.available("order", many.id))


def test_history_takes_the_same_for_two_events_and_forty(shop, counted):
    few, many = order(shop, FEW), order(shop, FEW)
    for number in range(MANY):
        shop.manager.edits(many, note=f"note {number}")

    def reads(record):
        with shop.manager.gate() as gate:
            gate.history("order", record.id)

    the_same(counted, lambda: reads(few), lambda: reads(many))


@pytest.fixture
def browsing(shop, client):
    return client.sign_in(shop.manager)


def opens(client, path: str) -> Callable[[], None]:
    def open_page():
        answer = client.get(path)
        assert answer.status_code == 200, path

    return open_page


def test_a_list_page_takes_the_same_for_few_rows_and_many(shop, browsing, counted):
    loaded(shop, FEW)
    open_list = opens(browsing, "/apps/orders/order/")
    open_list()
    with counted() as statements:
        open_list()
    few = list(statements)
    loaded(shop, MANY)
    open_list()
    with counted() as statements:
        open_list()
    assert len(few) == len(statements), "\n".join(statements)


def test_a_record_page_takes_the_same_for_two_lines_and_forty(shop, browsing, counted):
    few, many = order(shop, FEW), order(shop, MANY)
    path = "/apps/orders/order/{}"
    the_same(counted, opens(browsing, path.format(few.id)), opens(browsing, path.format(many.id)))


@pytest.mark.parametrize("path", ["/", "/inbox"])
def test_a_page_takes_the_same_for_few_orders_and_many(shop, browsing, counted, path):
    def submitted(records):
        for record in records:
            shop.manager.submits(record)

    submitted(loaded(shop, FEW))
    opens(browsing, path)()
    with counted() as statements:
        opens(browsing, path)()
    few = list(statements)
    submitted(loaded(shop, MANY))
    opens(browsing, path)()
    with counted() as statements:
        opens(browsing, path)()
    assert len(few) == len(statements), "\n".join(statements)


@pytest.fixture
def summing(workspace):
    """An app of roll-ups: forty customers in as many regions, forty products."""
    world = World(workspace, rollup_app())
    regions = world.engine.load("region", [Loaded("saved", {"name": f"r{n}"}) for n in range(MANY)])
    rows = [{"name": f"c{n}", "region": region.id, "limit": "9"} for n, region in enumerate(regions)]
    world.customers = [saved.id for saved in world.engine.load("customer", [Loaded("saved", row) for row in rows])]
    names = [Loaded("saved", {"name": f"p{n}"}) for n in range(MANY)]
    world.products = [saved.id for saved in world.engine.load("product", names)]
    return world


def counted_lines(world, count: int) -> list[dict]:
    return [{"product": product, "quantity": "1", "price": "2"} for product in world.products[:count]]


def test_lines_that_count_towards_two_products_or_forty_take_the_same(summing, counted):
    def orders(count):
        lines = counted_lines(summing, count)
        summing.engine.create("order", {"customer": summing.customers[0], "lines": lines})

    the_same(counted, lambda: orders(FEW), lambda: orders(MANY))
    assert check(summing.workspace) == []


def test_loading_what_counts_towards_two_records_or_forty_takes_the_same(summing, counted):
    def loads(count):
        lines = counted_lines(summing, count)
        rows = [{"customer": customer, "lines": lines[n : n + 2]} for n, customer in enumerate(summing.customers[:count])]
        summing.engine.load("order", [Loaded("open", row) for row in rows])

    the_same(counted, lambda: loads(FEW), lambda: loads(MANY))
    assert summing.sees(Saved("customer", summing.customers[0], 1, ""))["open"] == 4 * 2 * 2
    assert check(summing.workspace) == []


def test_a_board_and_a_calendar_take_the_same_for_two_cards_and_forty(boards, counted):
    for name, count in (("few", FEW), ("many", MANY)):
        for number in range(count):
            boards.lead.creates("job", about=f"{name} {number}", room="north", start="2026-11-11")
    lead = boards.browser("lead")
    for view in ("view=flow", "view=rooms", "view=days&month=2026-11", "view=plan&from=2026-11-02"):
        the_same(counted, lambda view=view: lead.get(f"{JOBS}?{view}&q=few"), lambda view=view: lead.get(f"{JOBS}?{view}&q=many"))
