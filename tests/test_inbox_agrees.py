"""What the inbox lists as awaiting somebody's vote is what the command would take, whatever was arranged."""

from __future__ import annotations

import random

import pytest
from claims import claims_app
from formloom.platform.access import substitutes
from formloom.platform.errors import FormloomError
from formloom.platform.records.results import Query
from formloom.platform.workflow.soundness import check
from formloom.runtime.ballots import Ballots
from test_signing import Signed

NAMES = ("ann", "ben", "cem", "dora", "eva", "fay", "gil")


def approvals(dice: random.Random) -> dict:
    """Nobody needs to stand in, and everybody sees all, of which the inbox does not ask for each role."""
    kind = dice.choice(("one", "all", "some", "in_turn"))
    roles = [dice.choice(("manager", "clerk")), *dice.sample(["finance"], dice.randint(0, 1))]
    who = {"roles": roles, "fields": dice.choice(([], ["boss"]))}
    made = claims_app(who=who, approval={"kind": kind, "count": 2, "not_self": dice.random() < 0.7})
    for access in made["forms"][0]["access"]:
        access["scope"] = "all"
    return made


def act(claims: Signed, dice: random.Random, claim) -> None:
    """Something that somebody does about it, or tries to."""
    name, other = dice.sample(NAMES, 2)
    try:
        what = dice.choice(("vote", "vote", "hand", "hand", "add", "away", "back", "withdraw"))
        if what == "vote":
            claims.votes(name, claim)
        elif what == "hand":
            claims.hands_on(name, claim, other)
        elif what == "add":
            claims.adds(name, claim, other)
        elif what == "withdraw":
            claims.do(name).withdraw("claim", claim.id, "approve")
        elif what == "away":
            claims.away(name, other)
        else:
            with claims.workspace.writing() as connection:
                substitutes.come_back(connection, claims.ids[name])
    except FormloomError:
        pass


def listed(claims: Signed, name: str, claim) -> tuple[bool, bool]:
    """Whether it is among the rows that await this person, and whether the row itself says so."""
    with claims.gate(name) as gate:
        form = gate.compiled.form("claim")
        ballots = Ballots(gate, form)
        arms = tuple(ballots.arms)
        found = gate.page(Query("claim", arms=arms)).rows if arms else []
        rows = [row for row in gate.page(Query("claim", ("boss",) if "boss" in gate.readable_fields("claim") else ())).rows if row.id == claim.id]
        stands = ballots.votes(rows)
        waits = [row for row in rows if ballots.waits(ballots.transitions[0], row, stands.get(row.id, ((), ())))]
        return claim.id in {row.id for row in found}, bool(waits)


@pytest.mark.parametrize("seed", (12, 28, 38, 56))
def test_the_inbox_lists_what_the_command_takes(workspace, seed):
    dice, asked = random.Random(seed), 0
    claims = Signed(workspace, approvals(dice))
    for _round in range(4):
        claims.publishes(approvals(dice))
        claim = claims.handed_in(dice.choice(("ann", "gil")), boss=claims.ids[dice.choice(("cem", "dora", "eva"))])
        for _step in range(8):
            act(claims, dice, claim)
            found = [option.round for option in claims.do("gil").available("claim", claim.id) if option.round]
            if not found or found[0].turn is None:
                break
            awaited = {name: claims.ids[name] in found[0].awaited for name in NAMES}
            asked += sum(awaited.values())
            assert {name: listed(claims, name, claim) for name in NAMES} == {name: (is_so, is_so) for name, is_so in awaited.items()}
    assert check(workspace) == []
    assert asked > 8, "hardly anybody was asked for anything"
