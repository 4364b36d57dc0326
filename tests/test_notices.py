"""Notices: who is told, in which words, and for how long it is kept."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from claims import Claims, claims_app
from formloom.platform.access.members import change_member
from formloom.platform.jobs import purge
from formloom.platform.jobs.worker import drain
from formloom.platform.workflow.notices import notice
from formloom.platform.workflow.outbox import DEAD, outbox
from formloom.platform.workflow.requests import request
from formloom.platform.workflow.soundness import check
from small_app import form_of

NOW = datetime.now(timezone.utc).replace(tzinfo=None)


def telling(message="{about}: {salary}", cells=None, scope=None, **to) -> dict:
    """Handing a claim in tells people."""
    document = claims_app()
    form = form_of(document, "claim")
    form["transitions"][0]["effects"] = [{"key": "tell", "type": "notify", "settings": {"to": to, "message": {"en": message}}}]
    manager = form["access"][1]
    manager["cells"] |= cells or {}
    manager["scope"] = scope or manager["scope"]
    return document


def told(workspace, name: str, document: dict, **values) -> list[str]:
    claims = Claims(workspace, document)
    claims.handed_in(**values)
    drain(workspace)
    assert check(workspace) == []
    return claims.told(name)


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("hidden", "Taxi: …"),
        ("masked", "Taxi: …"),
        ("read", "Taxi: 900"),
        ({"*": "hidden", "draft": "read"}, "Taxi: …"),  # it is at the next step by now
        ({"*": "hidden", "waiting": "read"}, "Taxi: 900"),
    ],
)
def test_it_says_what_its_reader_may_read_at_the_step_that_the_record_came_to(workspace, mode, words):
    cells = {"salary": mode if isinstance(mode, dict) else {"*": mode}}
    assert told(workspace, "cem", telling(cells=cells, roles=["manager"]), salary=900) == [words]


def test_a_role_whose_scope_begins_with_the_new_status_is_told(workspace):
    document = telling(scope="in_charge", roles=["manager"])
    document["status_lists"][0]["statuses"][1]["in_charge"] = "manager"
    assert told(workspace, "cem", document) == ["Taxi: …"]


def test_the_head_of_the_creator_is_told_and_nobody_who_does_not_see_it(workspace):
    claims = Claims(workspace, telling(head=True, roles=["finance", "clerk"], creator=True))
    claims.handed_in("ben", amount=7)
    drain(workspace)
    assert {name: len(claims.told(name)) for name in claims.ids} == {
        "ann": 0, "ben": 0, "cem": 0, "dora": 0, "eva": 0, "fay": 1, "gil": 0,
    }  # fmt: skip


def test_who_has_left_is_told_nothing(workspace):
    claims = Claims(workspace, telling(roles=["manager"], fields=["boss"]))
    made = claims.do("ann").create("claim", {"about": "Taxi", "boss": claims.ids["eva"], "amount": 500})
    with workspace.writing() as connection:
        for name in ("cem", "eva"):
            change_member(connection, claims.ids[name], active=False)
    claims.do("ann").perform("claim", made.id, "hand_in")
    drain(workspace)
    assert [len(claims.told(name)) for name in ("cem", "dora", "eva")] == [0, 1, 0]


def test_old_rows_are_purged_and_nothing_else(workspace):
    claims = Claims(workspace, telling(roles=["manager"]))
    claims.do("ann").create("claim", {"about": "Old"}, key="old")
    for _claim in range(3):
        claims.handed_in()
    drain(workspace)
    with workspace.writing() as connection:
        ids = list(connection.scalars(sa.select(outbox.c.id).order_by(outbox.c.id)))
        old = {"finished_at": NOW - timedelta(days=15)}
        connection.execute(sa.update(outbox).where(outbox.c.id.in_(ids[:2])).values(old))
        connection.execute(sa.update(outbox).where(outbox.c.id == ids[0]).values(state=DEAD))
        some = sa.select(sa.func.min(notice.c.id))
        connection.execute(sa.update(notice).where(notice.c.id == some.scalar_subquery()).values(read_at=NOW - timedelta(days=91)))
        connection.execute(sa.update(request).values(at=NOW - timedelta(days=15)))
    claims.do("ann").create("claim", {"about": "New"}, key="new")
    assert purge.purge(workspace, NOW) is False
    with workspace.reading() as connection:
        assert list(connection.scalars(sa.select(outbox.c.id).order_by(outbox.c.id))) == [ids[0], *ids[2:]]
        assert connection.scalar(sa.select(sa.func.count()).select_from(notice)) == 3 * 3 - 1
        assert list(connection.scalars(sa.select(request.c.key))) == ["new"]


def test_a_purge_takes_no_more_than_a_batch_at_a_time(workspace):
    with workspace.writing() as connection:
        old = NOW - timedelta(days=30)
        keys = [{"actor_id": 1, "key": f"{n}", "digest": "", "answer": None, "at": old} for n in range(purge.BATCH + 3)]
        connection.execute(sa.insert(request), keys)
    assert purge.purge(workspace, NOW) is True
    with workspace.reading() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(request)) == 3
    assert purge.purge(workspace, NOW) is False
