"""Workspaces are many, connections are not: those not used for longest close theirs, and open them again."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from formloom.platform import db
from formloom.platform.access.members import add_member, member
from formloom.platform.access.workspaces import create_workspace
from formloom.platform.app import bare_app, close_app

SLUGS = [f"team-{n}" for n in range(6)]
NAMES = sa.select(member.c.name)


@pytest.fixture
def workspaces(config, monkeypatch):
    """Six workspaces, each with a member of its own, of which two may keep connections."""
    monkeypatch.setattr(db, "MOST_AWAKE", 2)
    app = bare_app(config)
    opened = app.extensions["workspaces"]
    with app.app_context():
        for slug in SLUGS:
            create_workspace(config, opened, slug, slug)
            with opened[slug].writing() as connection:
                add_member(connection, slug)
        db.system.session.rollback()
    yield opened
    close_app(app)


def awake(workspaces) -> list[str]:
    """Those that have a connection open."""
    pools = {slug: (workspaces._open[slug].read.pool, workspaces._open[slug].write.pool) for slug in SLUGS}
    return [slug for slug, both in pools.items() if any(pool.checkedin() + pool.checkedout() for pool in both)]


def names(workspaces, slug: str) -> list[str]:
    with workspaces[slug].reading() as connection:
        return list(connection.scalars(NAMES))


def test_only_those_used_last_keep_connections(workspaces):
    for _round in range(2):
        for slug in SLUGS:
            assert names(workspaces, slug) == [slug]
    assert awake(workspaces) == SLUGS[-2:]
    assert names(workspaces, SLUGS[0]) == [SLUGS[0]]
    assert set(awake(workspaces)) == {SLUGS[0], SLUGS[-1]}


def test_what_is_in_use_is_left_alone(workspaces):
    with workspaces[SLUGS[0]].reading() as reading, workspaces[SLUGS[1]].writing() as writing:
        add_member(writing, "Zed")
        for slug in SLUGS[2:]:
            assert names(workspaces, slug) == [slug]
        assert list(reading.scalars(NAMES)) == [SLUGS[0]]
        assert not reading.invalidated and not writing.invalidated
    assert names(workspaces, SLUGS[1]) == [SLUGS[1], "Zed"]


def test_many_at_once_get_what_is_theirs(workspaces):
    wrong = []

    def work(first: int):
        for turn in range(30):
            slug = SLUGS[(first + turn * 5) % len(SLUGS)]
            found = names(workspaces, slug)
            if found != [slug]:
                wrong.append((slug, found))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
