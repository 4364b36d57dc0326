"""The measuring itself: every request it makes is answered, and its table tells of all of them."""

from __future__ import annotations

import bench_data
import pytest
from bench_figures import installed
from bench_orders import CLIENTS, WORKS, Rounds, main, table
from bench_works import SMALL, SUMS, Work
from formloom.platform.workflow.soundness import check


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_short_form_of_make_bench(databases, kind, monkeypatch):
    """Half of the orders are copies, and as sound as the others."""
    folder = databases.server.folder.parent / f"bench-{kind}"  # where the server's own user may go
    folder.mkdir()
    monkeypatch.setattr(bench_data, "LOADED", 20)
    (told,) = main(folder, [40], Rounds(reads=2, writes=4), [kind])
    assert len(told.lines) == len(WORKS) * len(CLIENTS) + len(SUMS)
    said = table(told)
    assert all(work.name in said for work in WORKS + SUMS)
    assert all(figure.name in said and figure.value > 0 for figure in told.figures) and len(told.figures) == 15
    with bench_data.house(kind, folder, 40) as full:
        assert check(full.people.workspace) == []


def test_what_counts_at_a_million_orders_is_what_others_take_there():
    work = Work("page", "list", 5, 18, 96)
    assert (work.bests(SMALL), work.bests(10 * SMALL), work.aims(10 * SMALL)) == (18, 96, 5)


def test_everything_that_is_installed_is_counted():
    assert 20 < installed().value < 400
