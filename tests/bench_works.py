"""What is measured, with what the best of the others takes and what is aimed at (docs: performance.md's table)."""

from __future__ import annotations

from dataclasses import dataclass

SMALL, LARGE = 100_000, 1_000_000


@dataclass(frozen=True)
class Work:
    """One kind of request.

    floor: what bare Flask does instead.  best, aim: ms with one client, the best of the others and ours to be;
    best_large, aim_large: the same at a million orders.  best_rate, aim_rate: requests a second with eight clients.
    json: whether it is what the others' figures are of; a page in HTML is told beside it.
    """

    name: str
    floor: str
    aim: float | None = None
    best: float | None = None
    best_large: float | None = None
    aim_large: float | None = None
    best_rate: float | None = None
    aim_rate: float | None = None
    writes: bool = False

    def bests(self, size: int) -> float | None:
        return self.best_large if size > SMALL and self.best_large is not None else self.best

    def aims(self, size: int) -> float | None:
        return self.aim_large if size > SMALL and self.aim_large is not None else self.aim


WORKS = (
    Work("page of 50, first: JSON", "list", 5, 18, 96, best_rate=50, aim_rate=400),
    Work("page of 50, first: HTML", "list", 10, 18, 96, best_rate=50),
    Work("page of 50, deep: JSON", "list", 5, 72, 658),
    Work("page of 50, deep: HTML", "list", 10, 72, 658),
    Work("list, two filters: HTML", "list"),
    Work("list, searched: HTML", "list"),
    Work("list, grouped by status: HTML", "sums"),
    Work("list, grouped by month: HTML", "sums"),
    Work("board: HTML", "sums"),
    Work("calendar, a month: HTML", "list"),
    Work("home: HTML", "list"),
    Work("inbox: HTML", "list"),
    Work("figures of the frame: JSON", "list"),
    Work("record: JSON", "hello", 2.5, 4.3),
    Work("record: HTML", "hello", 8),
    Work("record of 200 lines: JSON", "hello"),
    Work("record of 200 lines: HTML", "hello", 60),
    Work("nothing new in a list: JSON", "hello"),
    Work("nothing new in a record: JSON", "hello"),
    Work("create: JSON", "insert", 4, 5.9, writes=True),
    Work("create: HTML", "insert", writes=True),
    Work("submit, with its workflow: JSON", "update", 5, 13, writes=True),
    Work("submit, with its workflow: HTML", "update", writes=True),
    Work("approve: JSON", "update", 5, 7.4, best_rate=168, aim_rate=600, writes=True),
    Work("approve: HTML", "update", writes=True),
)

SUMS = (
    Work("sum by status", "sums", 20, 32, 162, 150),
    Work("sum by customer and month", "sums"),
)


@dataclass(frozen=True)
class Figure:
    """Something measured once. less: the unit; smaller is better."""

    name: str
    value: float
    unit: str
    best: float | None = None
    aim: float | None = None
