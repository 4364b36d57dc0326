"""What browsers and programs would send, for a person who has signed in."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count, repeat

from bench_data import House
from formloom.platform.records.changes import seen_now, state_of
from load import get, post, post_json

LIST = "/apps/orders/order/?view=all"
VIEWS = {
    "list, two filters": f"{LIST}&f=status~is~reviewed&f=ordered~after~2024-06-01",
    "list, searched": f"{LIST}&q=City+42",
    "list, grouped by status": f"{LIST}&group=status",
    "list, grouped by month": f"{LIST}&group=ordered~month",
    "board": "/apps/orders/order/?view=board",
    "calendar, a month": "/apps/orders/order/?view=promised&month=2024-06",
    "home": "/",
    "inbox": "/inbox",
    "figures of the frame": "/inbox/counts",
}
JSON = "application/json"
DAY = "2026-11-24"
SLOWER = 4  # works that do so much that fewer will do


class Requests:
    """`sources[work](clients)` are the requests of a work, as many as there are to be."""

    def __init__(self, cookie: str, token: str, full: House, reads: int, writes: int, clients: tuple[int, ...]):
        self.cookie = cookie
        self.token = token
        self.size = full.size
        self.people = full.people
        self.numbers = count()
        self.run = os.urandom(4).hex()
        self.cursor = full.deep(full.size // 2)
        self.long = full.long_order()
        self.reads, self.writes = reads, writes
        self.waiting = {(kind, number): full.drafts(writes) for kind in ("JSON", "HTML") for number in clients}

    def of(self, work: str, clients: int) -> Iterator[bytes]:
        name, _colon, kind = work.partition(": ")
        if name in VIEWS:
            return repeat(self._get(VIEWS[name], kind), max(self.reads * clients // SLOWER, 1))
        maker: dict[str, Callable[[str, int], Iterator[bytes]]] = {
            "page of 50, first": lambda kind, n: repeat(self._get(LIST, kind), self.reads * n),
            "page of 50, deep": lambda kind, n: repeat(self._get(f"{LIST}&after={self.cursor}", kind), self.reads * n),
            "record": lambda kind, n: (self._get(self._order(i * 7919 % self.size + 1), kind) for i in range(self.reads * n)),
            "record of 200 lines": lambda kind, n: repeat(self._get(self._order(self.long), kind), max(self.reads * n // SLOWER, 1)),
            "nothing new in a list": lambda kind, n: repeat(self._asked("/apps/orders/order/version", self._list_seen()), self.reads * n),
            "nothing new in a record": lambda kind, n: repeat(self._asked(f"{self._order(1)}/version", self._record_seen()), self.reads * n),
            "create": lambda kind, n: (self._create(kind) for _ in range(self.writes)),
            "submit, with its workflow": lambda kind, n: self._transitions(kind, n, "submit", "draft"),
            "approve": lambda kind, n: self._transitions(kind, n, "approve", "submitted"),
        }
        return maker[name](kind, clients)

    def _get(self, path: str, kind: str) -> bytes:
        return get(path, self.cookie, JSON if kind == "JSON" else "text/html")

    def _asked(self, path: str, seen: str) -> bytes:
        """As an open page asks every few seconds."""
        return get(path, self.cookie, JSON, f'If-None-Match: "{seen}"\r\n')

    def _list_seen(self) -> str:
        with self.people.manager.gate() as gate:
            return str(seen_now(gate, "order"))

    def _record_seen(self) -> str:
        with self.people.manager.gate() as gate:
            return str(state_of(gate, gate.record("order", 1)))

    def _order(self, number: int) -> str:
        return f"/apps/orders/order/{number}"

    def _create(self, kind: str) -> bytes:
        customer = next(self.numbers) % 500 + 1
        lines = [{"product": n + 1, "quantity": "2", "price": "9.50"} for n in range(3)]
        values = {"channel": "sales", "customer": customer, "ordered": DAY, "wanted": "2026-12-09"}
        path = self._order("new")
        if kind == "JSON":
            return post_json(path, {"values": values | {"lines": lines}, "key": self._key()}, self.cookie, self.token)
        cells = {f"lines-{n}-{key}": value for n, line in enumerate(lines) for key, value in ({"id": ""} | line).items()}
        return self._form(path, values | cells, '{"lines": []}')

    def _transitions(self, kind: str, clients: int, key: str, status: str) -> Iterator[bytes]:
        for number in self.waiting[kind, clients]:
            path = f"{self._order(number)}/transitions/{key}"
            if kind == "JSON":
                yield post_json(path, {"status": status, "key": self._key()}, self.cookie, self.token)
            else:
                yield self._form(path, {"status": status}, "{}")

    def _form(self, path: str, values: dict, base: str) -> bytes:
        return post(path, {"csrf_token": self.token, "key": self._key(), "base": base, **values}, self.cookie)

    def _key(self) -> str:
        return f"{self.run}-{next(self.numbers)}"
