"""`make bench`: how fast the order app is over HTTP, beside bare Flask in the same run and beside others.

Both databases, commits on the disk, `formloom run` as it ships. The orders are made once and kept in the
temporary folder. What counts are the ratios: absolute times vary from machine to machine.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from subprocess import Popen

from bench_builder import built
from bench_data import House, house
from bench_figures import first_page, installed, published
from bench_page import seen
from bench_requests import Requests
from bench_works import LARGE, SMALL, SUMS, WORKS, Figure, Work
from formloom.platform.records.results import Group, Measure, Summary
from load import Measured, get, measure, post
from serving import FLOOR, FORMLOOM, memory, processor_seconds, running, signed_in

CLIENTS = (1, 8)
ACCEPTED = {200, 201, 303, 304}
MOST_OVER_FLOOR = 4
TOTAL = Measure("sum", "total")
SUMMARIES = {
    "sum by status": Summary("order", (Group("status"),), (Measure(), TOTAL)),
    "sum by customer and month": Summary("order", (Group("customer"), Group("ordered", "month")), (TOTAL,), limit=1000),
}


@dataclass(frozen=True)
class Rounds:
    """How many requests of each work: `reads` for each client, `writes` in all."""

    reads: int
    writes: int


@dataclass(frozen=True)
class Line:
    work: Work
    clients: int
    ours: Measured
    floor: Measured


@dataclass
class Told:
    """What was measured on one database at one size."""

    database: str
    size: int
    lines: list[Line] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)


def main(folder: Path, sizes: list[int], rounds: Rounds, databases: list[str]) -> Iterator[Told]:
    """Each as soon as it is measured."""
    for size in sizes:
        for kind in databases:
            print(f"{kind}: {size} orders", flush=True)
            with house(kind, folder, size) as full:
                told = Told(kind, size)
                measure_all(full, rounds, told)
                if size <= SMALL:
                    told.figures.append(published(full, folder))
                    told.figures += built(full, folder, rounds.reads)
            yield told


def measure_all(full: House, rounds: Rounds, told: Told) -> None:
    floor = dict(bare(full, rounds, told))
    started = time.perf_counter()
    with running(FORMLOOM, full.config) as (process, port):
        told.figures.append(Figure("start to first answer", time.perf_counter() - started, "s", 1.4, 1.5))
        cookie, token = signed_in(port, "sales_manager@example.com")
        told.figures += first_page(port, cookie)
        told.figures += seen(full, port, rounds.reads)
        ask = Requests(cookie, token, full, rounds.reads, rounds.writes, CLIENTS)
        warm(process, port, [ask.of(work.name, 1) for work in WORKS if not work.writes])
        for work in WORKS:
            for clients in CLIENTS:
                ours = measured(process, port, ask.of(work.name, clients), clients)
                told.lines.append(Line(work, clients, ours, floor[work.floor, clients]))
        told.figures.append(Figure("memory, web and worker", memory(process.pid), "MB", 159, 200))
    told.lines += [Line(work, 1, summed(full, work, rounds), floor[work.floor, 1]) for work in SUMS]


def summed(full: House, work: Work, rounds: Rounds) -> Measured:
    """A summary asked of the gate, without HTTP around it."""
    found = Measured()
    began, before = time.perf_counter(), time.process_time()
    for _turn in range(max(rounds.reads // 10, 1) + 1):
        started = time.perf_counter()
        with full.people.manager.gate() as gate:
            assert gate.summary(SUMMARIES[work.name]).rows
        found.latencies.append((time.perf_counter() - started) * 1000)
    del found.latencies[0]  # what was prepared for it
    found.seconds, found.processor = time.perf_counter() - began, time.process_time() - before
    return found


def bare(full: House, rounds: Rounds, told: Told) -> Iterator[tuple[tuple[str, int], Measured]]:
    """What bare Flask takes for the least of each work."""
    with running(FLOOR, full.config) as (process, port):
        name = {"name": "An order of about this size"}
        sources: dict[str, Callable[[int], Iterator[bytes]]] = {
            "hello": lambda n: repeat(get("/hello"), rounds.reads * n),
            "list": lambda n: repeat(get("/list"), rounds.reads * n),
            "sums": lambda n: repeat(get("/sums"), max(rounds.reads * n // 10, 1)),
            "insert": lambda n: repeat(post("/insert", name), rounds.writes),
            "update": lambda n: (post(f"/update/{i % rounds.writes + 1}", {}) for i in range(rounds.writes)),
        }
        warm(process, port, [source(1) for source in sources.values()])
        for key, source in sources.items():
            for clients in CLIENTS:
                yield (key, clients), measured(process, port, source(clients), clients)
        told.figures.append(Figure("memory of bare Flask", memory(process.pid), "MB"))


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


def table(told: Told) -> str:
    """ours/best below 1 is ahead of the others; ours/aim at most 1 is the aim; ours/floor is to be at most 4."""
    said = [f"{told.database}, {told.size} orders", f"{'work':<34}{'clients':>8}{'p50 ms':>9}{'p95 ms':>9}{'cpu ms':>8}{'req/s':>7}{'/floor':>8}{'/best':>7}{'/aim':>7}"]
    for line in told.lines:
        ours = line.ours
        said.append(
            f"{line.work.name:<34}{line.clients:>8}{ours.p50:>9.1f}{ours.p95:>9.1f}{ours.cost:>8.1f}{ours.rate:>7.0f}"
            f"{_shown(ours.p50 / line.floor.p50):>8}" + "".join(f"{_shown(ratio):>7}" for ratio in ratios(line, told.size)) + f"  {verdict(line, told.size)}"
        )
    for figure in told.figures:
        ratio = [figure.value / to if to else None for to in (figure.best, figure.aim)]
        said.append(f"{figure.name:<42}{figure.value:>9.2f} {figure.unit:<31}" + "".join(f"{_shown(one):>7}" for one in ratio) + f"  {words(*ratio)}")
    return "\n".join(said)


def ratios(line: Line, size: int) -> tuple[float | None, float | None]:
    """(to the best of the others, to our aim): of the time with one client, of the rate with eight."""
    work, ours = line.work, line.ours
    if line.clients == 1:
        return tuple(ours.p50 / to if to else None for to in (work.bests(size), work.aims(size)))
    return tuple(to / ours.rate if to else None for to in (work.best_rate, work.aim_rate))


def verdict(line: Line, size: int) -> str:
    over = line.clients == 1 and line.ours.p50 > MOST_OVER_FLOOR * line.floor.p50
    return ", ".join(filter(None, (words(*ratios(line, size)), f"over {MOST_OVER_FLOOR}x the floor" if over else "")))


def words(to_best: float | None, to_aim: float | None) -> str:
    if to_best is not None and to_best >= 1:
        return "BEHIND"
    if to_aim is not None:
        return "aim reached" if to_aim <= 1 else "short of the aim"
    return "ahead" if to_best is not None else ""


def _shown(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}"


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("sizes", nargs="*", type=int, default=[SMALL, LARGE], help="how many orders")
    parser.add_argument("--reads", type=int, default=300)
    parser.add_argument("--writes", type=int, default=400)
    parser.add_argument("--database", action="append", choices=("sqlite", "postgresql"))
    return parser.parse_args()


if __name__ == "__main__":
    wanted = asked()
    kept = Path(tempfile.gettempdir()) / f"formloom-bench-{os.getuid()}"
    kept.mkdir(exist_ok=True)
    for told in main(kept, wanted.sizes, Rounds(wanted.reads, wanted.writes), wanted.database or ["sqlite", "postgresql"]):
        print(table(told), end="\n\n", flush=True)
    size = installed()
    print(f"{size.name}: {size.value:.0f} {size.unit} ({words(size.value / size.best, size.value / size.aim)})")
