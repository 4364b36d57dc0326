"""The measuring itself: every request it makes is answered, and its table tells of all of them."""

from __future__ import annotations

from bench_orders import CLIENTS, WORKS, main, table


def test_the_short_form_of_make_bench(databases):
    folder = databases.server.folder.parent / "bench"  # where the server's own user may go
    folder.mkdir()
    lines = main(folder, size=200, reads=4, writes=16)
    assert len(lines) == len(WORKS) * len(CLIENTS) * 2
    told = table(lines)
    assert all(work.name in told for work in WORKS)
