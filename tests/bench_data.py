"""A house full of orders for measuring: made once for each database, then kept."""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import islice
from pathlib import Path

from bench_copies import Copies, shares
from databases import SECRET, SLUG
from formloom.platform import db
from formloom.platform.access.members import add_member
from formloom.platform.config import Config
from formloom.platform.definition.model import Sort
from formloom.platform.records.compiled import Compiled, open_app
from formloom.platform.records.query import Query
from formloom.platform.workflow.commands import Loaded
from order_app import ROOT, build_orders
from people import People
from postgresql_server import PostgresqlServer

BATCH = 500
LOADED = int(os.environ.get("FORMLOOM_BENCH_LOADED", "20000"))  # orders that come by `load`; the rest are copies of them
CUSTOMERS, PRODUCTS, SELLERS = 500, 100, 20
CLOSED = 14  # orders that are done, for each that stands somewhere else
FIRST_DAY = date(2023, 1, 2)
LISTED = (Sort("ordered", True),)


class House:
    """The order app with `size` orders; `people` act in it."""

    def __init__(self, config: Config, size: int, server: PostgresqlServer):
        self.config = config
        self.server = server
        self.size = size
        self.workspaces = db.Workspaces(config)
        self.people = People(self.workspaces[SLUG], "orders")

    @cached_property
    def compiled(self) -> Compiled:
        with self.people.workspace.reading() as connection:
            return open_app(self.people.workspace, connection, "orders")

    def close(self) -> None:
        self.workspaces.dispose()

    def fill(self) -> None:
        chance = random.Random(1)
        admin = self.people.admin.do
        names = ({"name": f"Customer {n}", "city": f"City {n % 90}"} for n in range(CUSTOMERS))
        customers = self._load("customer", names)
        things = ({"name": f"Product {n}", "list_price": "12.5", "on_hand": 10**8} for n in range(PRODUCTS))
        products = self._load("product", things)
        with self.people.workspace.writing() as connection:
            sellers = [add_member(connection, f"Seller {n}", f"s{n}@example.com", {}) for n in range(SELLERS)]
        statuses = self._statuses()
        loaded, copies = shares(self.size, LOADED)
        made = (order(chance, statuses, customers, products, sellers) for _ in range(loaded))
        for number, batch in enumerate(batches(made)):
            admin.load("order", batch)
            if number % 20 == 19:
                print(f"  {(number + 1) * BATCH} orders", flush=True)
        Copies(self.people.workspace, self.compiled.form("order")).make(copies)

    def drafts(self, number: int) -> list[int]:
        """New draft orders of three lines, ready to be submitted."""
        with self.people.admin.gate() as gate:
            customers = [row.id for row in gate.page(Query("customer", limit=50)).rows]
            products = [row.id for row in gate.page(Query("product", limit=50)).rows]
        chance = random.Random(2)
        return self._load("order", (values(chance, customers, products, [None]) for _ in range(number)))

    def long_order(self, lines: int = 200) -> int:
        """A new order of so many lines."""
        with self.people.admin.gate() as gate:
            customer = gate.page(Query("customer", limit=1)).rows[0].id
            products = [row.id for row in gate.page(Query("product", limit=100)).rows]
        rows = [{"product": products[n % len(products)], "quantity": 1 + n % 9, "price": "9.5"} for n in range(lines)]
        return self._load("order", iter([values_of(customer, None, FIRST_DAY, "City 1", rows)]))[0]

    def deep(self, offset: int) -> str:
        """The cursor of the page that begins so far down the list of all orders."""
        after, step = None, min(BATCH, offset)
        with self.people.manager.gate() as gate:
            for _ in range(offset // step):
                after = gate.page(Query("order", ("number",), sort=LISTED, after=after, limit=step)).next
        return after

    def _load(self, form: str, values: Iterator[dict]) -> list[int]:
        """Records at the start of their form."""
        start = self.compiled.form(form).start_status
        records = (Loaded(start, row) for row in values)
        return [saved.id for batch in batches(records) for saved in self.people.admin.do.load(form, batch)]

    def _statuses(self) -> list[str]:
        """Those of an order, the usual end many times."""
        statuses = self.compiled.form("order").statuses.statuses
        done = [status.key for status in statuses if status.kind == "done"]
        return done * CLOSED + [status.key for status in statuses if status.kind not in ("done", "start")]


def order(chance: random.Random, statuses: list[str], customers: list[int], products: list[int], sellers: list[int]) -> Loaded:
    found = values(chance, customers, products, sellers)
    return Loaded(chance.choice(statuses), found, datetime.fromisoformat(found["ordered"]))


def values(chance: random.Random, customers: list[int], products: list[int], sellers: list) -> dict:
    lines = [
        {"product": chance.choice(products), "quantity": chance.randint(1, 9), "price": f"{chance.randint(100, 9999) / 100}"}
        for _ in range(3)
    ]
    day = FIRST_DAY + timedelta(days=chance.randint(0, 1000))
    return values_of(chance.choice(customers), chance.choice(sellers), day, f"City {chance.randint(0, 89)}", lines)


def values_of(customer: int, seller: int | None, day: date, city: str, lines: list[dict]) -> dict:
    return {
        "customer": customer, "sales_person": seller, "ordered": day.isoformat(),
        "wanted": (day + timedelta(days=9)).isoformat(), "promised": (day + timedelta(days=12)).isoformat(),
        "ship_city": city, "lines": lines,
    }  # fmt: skip


def batches(records: Iterator[Loaded]) -> Iterator[list[Loaded]]:
    while batch := list(islice(records, BATCH)):
        yield batch


@contextmanager
def house(kind: str, folder: Path, size: int) -> Iterator[House]:
    """Filled at the first time, and again whenever tables or the order app are others."""
    kept = folder / f"{kind}-{size}-{_made_of()}"
    kept.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    kept.chmod(0o755)
    server = PostgresqlServer(kept / "server", durable=True)
    config = Config(kept / "instance", server.url("bench") if kind == "postgresql" else "", SECRET)
    if kind == "postgresql":
        server.start()
    try:
        if not (kept / "filled").exists():
            if kind == "postgresql":
                server.execute("DROP DATABASE IF EXISTS bench WITH (FORCE)", "CREATE DATABASE bench")
            build_orders(config)
        with closing(House(config, size, server)) as opened:
            if not (kept / "filled").exists():
                opened.fill()
                (kept / "filled").touch()
            yield opened
    finally:
        server.stop()


def _made_of() -> str:
    """Changes with what makes kept orders useless."""
    made_of = [Path(__file__), ROOT / "seeds/orders.json", *sorted((ROOT / "platform/migrations").rglob("*.py"))]
    made_of += [ROOT / "platform/records/tables.py", ROOT / "platform/records/indexes.py"]
    return hashlib.sha256(b"".join(path.read_bytes() for path in made_of)).hexdigest()[:8]
