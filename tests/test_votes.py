"""Votes that meet: clicked twice, sixteen at once, by strangers; and what a round costs."""

from __future__ import annotations

from collections import Counter

import pytest
import sqlalchemy as sa
from claims import Claims, claims_app
from formloom.platform.access.members import add_member, set_roles
from formloom.platform.errors import NotFound
from formloom.platform.records.votes import vote
from formloom.platform.workflow.soundness import check
from processes import together


def deciding(workspace, **approval) -> Claims:
    return Claims(workspace, claims_app(approval=approval))


def test_the_same_click_twice_counts_once(workspace):
    claims = deciding(workspace, kind="some", count=2)
    claim = claims.handed_in()
    first = claims.votes("cem", claim, key="click")
    assert claims.votes("cem", claim, key="click") == first
    assert claims.option("dora", claim).round.missing == 1


def test_sixteen_say_yes_at_once_and_one_of_them_takes_it(workspace, config):
    claims = deciding(workspace, kind="some", count=3)
    with claims.workspace.writing() as connection:
        for name in claims.ids:
            set_roles(connection, claims.ids[name], "claims", ["manager"] if name != "ann" else ["clerk", "manager"])
    claim = claims.handed_in()
    told = Counter(together(config, "votes", 16, claim.id, [claims.ids[n] for n in ("ben", "cem", "dora", "eva", "fay")]))
    assert told["approved"] == 1
    assert told["waiting"] == 2
    assert sum(told.values()) == 16
    with claims.workspace.reading() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(vote)) == 3
    assert [event.kind for event in claims.history(claim)][:3] == ["performed", "voted", "voted"]
    assert check(workspace) == []


def test_strangers_and_nonsense_get_nothing(workspace):
    claims = deciding(workspace)
    claim = claims.handed_in()
    with pytest.raises(NotFound):
        claims.do("ben").withdraw("claim", claim.id, "approve")
    with pytest.raises(NotFound):
        claims.votes("ben", claim)
    for record_id in (0, 10**9, 2**70):
        with pytest.raises(NotFound):
            claims.do("cem").withdraw("claim", record_id, "approve")


def test_the_cost_of_a_round_does_not_grow_with_those_who_vote(workspace):
    """Members are looked up at once, however many there are."""
    claims = deciding(workspace, kind="all")
    claim = claims.handed_in()
    counts = []
    claims.option("cem", claim)
    for more in (0, 40):
        with workspace.writing() as connection:
            for number in range(more):
                add_member(connection, f"M{number}", f"m{number}@example.com", {"claims": ["manager"]})
        sent = []
        sa.event.listen(sa.Engine, "before_cursor_execute", note := lambda _c, _cu, statement, *_r, sent=sent: sent.append(statement))
        assert len(claims.option("cem", claim).round.awaited) == 3 + more
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_what_a_vote_would_do_is_seen_without_an_opinion_and_leaves_nothing(workspace):
    claims = deciding(workspace, opinion="required")
    claim = claims.handed_in()
    (seen,) = claims.do("cem").effects("claim", claim.id, "approve")
    assert (seen.before.status, seen.after.status) == ("waiting", "approved")
    assert claims.awaited(claim) == {"cem", "dora", "gil"}
