"""`make bench`: how fast the order app is over HTTP, beside bare Flask in the same run and beside others.

Both databases, commits on the disk, `formloom run` as it ships. The orders are made once and kept in the
temporary folder. What counts are the ratios: absolute times vary from machine to machine.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count, repeat
from pathlib import Path
from subprocess import Popen

from bench_data import House, house
from load import Measured, get, measure, post
from serving import FLOOR, FORMLOOM, memory, processor_seconds, running, signed_in

ORDERS = int(os.environ.get("FORMLOOM_BENCH_ORDERS", "100000"))
CLIENTS = (1, 8)
ACCEPTED = {200, 303}


@dataclass(frozen=True)
class Work:
    """One kind of request. floor: what bare Flask does instead.

    rival, rival_rate: the best of the others, ms with one client and requests a second with eight;
    aim, aim_rate: ours (performance.md, as HTML).
    """

    name: str
    floor: str
    rival: float
    aim: float
    rival_rate: float | None = None
    aim_rate: float | None = None


WORKS = (
    Work("page of 50, first", "list", 18, 10, 50, 400),
    Work("page of 50, deep", "list", 72, 10),
    Work("record", "hello", 4.3, 8),
    Work("create", "insert", 5.9, 4),
    Work("approve", "update", 7.4, 5, 168, 600),
    Work("submit, reserving stock", "update", 13, 5),
)


@dataclass(frozen=True)
class Line:
    database: str
    work: Work
    clients: int
    ours: Measured
    floor: Measured


def main(folder: Path, size: int, reads: int, writes: int) -> list[Line]:
    lines = []
    for kind in ("sqlite", "postgresql"):
        print(f"{kind}: {size} orders", flush=True)
        with house(kind, folder, size) as full:
            floor = bare(full, reads, writes)
            lines += [Line(kind, w, c, m, floor[w.floor, c]) for w, c, m in ours(full, reads, writes)]
    return lines


def ours(full: House, reads: int, writes: int) -> Iterator[tuple[Work, int, Measured]]:
    cursor = full.deep(full.size // 2)
    waiting = {c: full.drafts(writes) for c in CLIENTS}
    started = time.perf_counter()
    with running(FORMLOOM, full.config) as (process, port):
        print(f"  first answer after {time.perf_counter() - started:.1f} s (aim 1.5)")
        cookie, token = signed_in(port, "sales_manager@example.com")
        ask = Requests(cookie, token, full)
        submitted = {c: iter(ids) for c, ids in waiting.items()}
        approved = {c: iter(ids) for c, ids in waiting.items()}
        sources: dict[str, Callable[[int], Iterator[bytes]]] = {
            "page of 50, first": lambda c: repeat(get("/apps/orders/order/?view=all", cookie), reads * c),
            "page of 50, deep": lambda c: repeat(get(f"/apps/orders/order/?view=all&after={cursor}", cookie), reads * c),
            "record": lambda c: (ask.record(n) for n in range(reads * c)),
            "create": lambda c: (ask.create() for _ in range(writes)),
            "submit, reserving stock": lambda c: (ask.transition(i, "submit", "draft") for i in submitted[c]),
            "approve": lambda c: (ask.transition(i, "approve", "submitted") for i in approved[c]),
        }
        warm(process, port, [sources["page of 50, first"](1), sources["record"](1), sources["create"](1)])
        for work in sorted(WORKS, key=lambda work: work.name == "approve"):
            for clients in CLIENTS:
                yield work, clients, measured(process, port, sources[work.name](clients), clients)
        print(f"  {memory(process.pid)} MB of memory, web and worker (aim 200)")


def bare(full: House, reads: int, writes: int) -> dict[tuple[str, int], Measured]:
    """What bare Flask takes for the least of each work."""
    found = {}
    with running(FLOOR, full.config) as (process, port):
        name = {"name": "An order of about this size"}
        sources: dict[str, Callable[[int], Iterator[bytes]]] = {
            "hello": lambda c: repeat(get("/hello"), reads * c),
            "list": lambda c: repeat(get("/list"), reads * c),
            "insert": lambda c: repeat(post("/insert", name), writes),
            "update": lambda c: (post(f"/update/{n % writes + 1}", {}) for n in range(writes)),
        }
        warm(process, port, [source(1) for source in sources.values()])
        for key, source in sources.items():
            for clients in CLIENTS:
                found[key, clients] = measured(process, port, source(clients), clients)
    return found


def warm(process: Popen, port: int, sources: list[Iterator[bytes]]) -> None:
    """Every worker and thread has compiled what it needs."""
    for source in sources:
        measured(process, port, source, 8)


def measured(process: Popen, port: int, requests: Iterator[bytes], clients: int) -> Measured:
    before = processor_seconds(process.pid)
    found = measure(port, requests, clients)
    found.processor = processor_seconds(process.pid) - before
    assert set(found.statuses) <= ACCEPTED, f"answers: {dict(found.statuses)}"
    return found


class Requests:
    """What the pages would send, for a person who has signed in."""

    def __init__(self, cookie: str, token: str, full: House):
        self.cookie = cookie
        self.token = token
        self.size = full.size
        self.numbers = count()
        self.run = os.urandom(4).hex()

    def _form(self, **values) -> dict:
        return {"csrf_token": self.token, "key": f"{self.run}-{next(self.numbers)}", **values}

    def record(self, number: int) -> bytes:
        return get(f"/apps/orders/order/{number * 7919 % self.size + 1}", self.cookie)

    def create(self) -> bytes:
        lines = {}
        for n in range(3):
            line = {"id": "", "product": n + 1, "quantity": 2, "price": "9.50", "discount": "", "tax": ""}
            lines |= {f"lines-{n}-{key}": value for key, value in line.items()}
        form = self._form(base='{"lines": []}', channel="sales", customer=next(self.numbers) % 500 + 1, ordered="2026-11-24", **lines)
        return post("/apps/orders/order/new", form, self.cookie)

    def transition(self, record_id: int, key: str, status: str) -> bytes:
        form = self._form(base="{}", status=status)
        return post(f"/apps/orders/order/{record_id}/transitions/{key}", form, self.cookie)


def table(lines: list[Line]) -> str:
    head = f"{'':<12}{'work':<26}{'clients':>8}{'p50 ms':>9}{'p95 ms':>9}{'cpu ms':>8}{'req/s':>8}{'floor':>8}{'ratio':>7}{'best':>7}{'aim':>6}"
    told = [head]
    for line in lines:
        work, ours, one = line.work, line.ours, line.clients == 1
        ratio = ours.p50 / line.floor.p50
        best, aim = (work.rival, work.aim) if one else (work.rival_rate or "", work.aim_rate or "")
        told.append(
            f"{line.database:<12}{work.name:<26}{line.clients:>8}{ours.p50:>9.1f}{ours.p95:>9.1f}{ours.cost:>8.1f}{ours.rate:>8.0f}"
            f"{line.floor.p50:>8.1f}{ratio:>7.1f}{best!s:>7}{aim!s:>6}  {verdict(line, ratio)}"
        )
    told.append(
        "cpu: the server's processor time a request. floor: bare Flask's p50; ratio: ours to it (at most 4)."
        " best, aim: ms with one client, req/s with eight."
    )
    return "\n".join(told)


def verdict(line: Line, ratio: float) -> str:
    work, ours = line.work, line.ours
    if line.clients == 1:
        ahead, aimed = ours.p50 < work.rival, ours.p50 <= work.aim
    elif work.rival_rate:
        ahead, aimed = ours.rate > work.rival_rate, ours.rate >= work.aim_rate
    else:
        return ""
    words = ["aim reached"] if aimed else ["ahead"] if ahead else ["BEHIND"]
    return ", ".join(words + (["over 4x the floor"] if ratio > 4 and line.clients == 1 else []))


if __name__ == "__main__":
    kept = Path(tempfile.gettempdir()) / f"formloom-bench-{os.getuid()}"
    kept.mkdir(exist_ok=True)
    print(table(main(kept, ORDERS, reads=300, writes=400)))
    sys.exit()
