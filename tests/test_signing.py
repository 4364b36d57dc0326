"""Who else says yes: handed on, asked besides, acting for who is away; by right, told in the history, to the end."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from claims import Claims, claims_app
from formloom.platform.access import substitutes
from formloom.platform.access.members import change_member, set_roles
from formloom.platform.errors import FormloomError, Invalid, NotFound, Refused
from formloom.platform.jobs.worker import drain
from formloom.platform.workflow.outbox import now
from formloom.platform.workflow.signing import Signing
from formloom.platform.workflow.soundness import check
from processes import together


class Signed(Claims):
    """`claims.hands_on("cem", claim, "fay")`: Cem lets Fay say yes in his stead."""

    def signing(self, name: str) -> Signing:
        return Signing(self.workspace, self.actor(name), self.key)

    def hands_on(self, name: str, claim, to: str, reason="On a journey", **rest):
        return self.signing(name).hand_on("claim", claim.id, "approve", self.ids.get(to, to), reason, **rest)

    def adds(self, name: str, claim, to: str, reason="She knows the hotel", **rest):
        return self.signing(name).add_signer("claim", claim.id, "approve", self.ids.get(to, to), reason, **rest)

    def away(self, name: str, deputy: str, first: int = 0, last: int = 3) -> None:
        """Days from today."""
        day = now().date()
        with self.workspace.writing() as connection:
            days = (day + timedelta(first), day + timedelta(last))
            substitutes.go_away(connection, self.ids[name], self.ids[deputy], *days, self.ids[name], day)


@pytest.fixture
def company(workspace):
    def build(who=("manager",), **approval):
        meant = {"roles": list(who)}
        document = claims_app(who=meant, approval=approval)
        document["forms"][0]["access"][2]["scope"] = "all"
        return Signed(workspace, document)

    yield build
    assert check(workspace) == []


def test_what_is_handed_on_is_said_in_the_stead_of_who_did(company):
    claims = company(kind="all")
    claim = claims.handed_in()
    after = claims.hands_on("cem", claim, "eva")
    assert (after.status, after.rev) == ("waiting", claim.rev)
    assert claims.awaited(claim) == {"eva", "dora", "gil"}
    assert claims.why_not("cem", claim) == "You have handed this on."
    told = claims.history(claim)[0]
    assert (told.kind, told.opinion, told.asked) == ("handed_on", "On a journey", (claims.ids["eva"],))
    for name in ("dora", "gil"):
        claims.votes(name, claim)
    assert claims.votes("eva", claim).status == "approved"
    last = claims.history(claim)[0]
    assert (last.actor_id, last.acts_for) == (claims.ids["eva"], (claims.ids["cem"],))


def test_it_is_handed_on_again_and_back(company):
    claims = company(kind="all")
    claim = claims.handed_in()
    claims.hands_on("cem", claim, "eva")
    claims.hands_on("eva", claim, "fay")
    assert claims.awaited(claim) == {"fay", "dora", "gil"}
    assert claims.why_not("eva", claim).startswith("Only Manager")
    claims.hands_on("fay", claim, "cem")
    assert claims.awaited(claim) == {"cem", "dora", "gil"}
    claims.votes("cem", claim)
    assert claims.history(claim)[0].acts_for == ()


def test_it_is_handed_on_to_nobody_who_may_not_say_yes_here(company):
    claims = company(kind="all")
    claim = claims.handed_in()
    with claims.workspace.writing() as connection:
        change_member(connection, claims.ids["fay"], active=False)
    refusals = {
        "cem": "This is you", "dora": "vote on this already", "ann": "They created this", "ben": "do not see",
        "fay": "do not see", 0: "Choose somebody", 10**12: "Choose somebody", None: "Choose somebody",
        True: "Choose somebody", "eva": "", 4711: "do not see",
    }  # fmt: skip
    for to, sentence in refusals.items():
        if sentence:
            with pytest.raises(Invalid, match="to"):
                claims.hands_on("cem", claim, to)
    for reason in (None, "", "  ", 7, "a\0b", "x" * 2001):
        with pytest.raises(Invalid, match="reason"):
            claims.hands_on("cem", claim, "eva", reason)
    for name, refusal in (("eva", Refused), ("ben", NotFound), ("ann", Refused)):
        with pytest.raises(refusal):
            claims.hands_on(name, claim, "eva")
    with pytest.raises(NotFound):
        claims.signing("cem").hand_on("claim", claim.id, "send_back", claims.ids["eva"], "Why")
    assert claims.awaited(claim) == {"cem", "dora", "gil"}


def test_twice_at_once_is_once(company):
    claims = company()
    claim = claims.handed_in()
    first = claims.hands_on("cem", claim, "eva", key="click")
    assert claims.hands_on("cem", claim, "eva", key="click") == first
    with pytest.raises(Refused, match="handed this on"):
        claims.hands_on("cem", claim, "fay")
    claims.votes("cem", claim, "send_back")
    claims.do("ann").perform("claim", claim.id, "hand_in")
    assert claims.awaited(claim) == {"cem", "dora", "gil"}  # a new round
    claims.votes("cem", claim)
    with pytest.raises(FormloomError):
        claims.hands_on("dora", claim, "eva")  # it has moved on


def test_eight_hand_on_at_once_and_one_of_them_does(company, config):
    claims = company()
    claim = claims.handed_in()
    told = Counter(together(config, "hands_on", 8, claim.id, claims.ids["cem"], [claims.ids[name] for name in ("eva", "fay")]))
    assert told == {"waiting": 1, "refused": 7}
    assert len(claims.awaited(claim) & {"eva", "fay"}) == 1


def test_whoever_holds_it_and_can_no_longer_gives_it_back(company):
    claims = company(kind="all")
    claim = claims.handed_in()
    claims.hands_on("cem", claim, "eva")
    with claims.workspace.writing() as connection:
        set_roles(connection, claims.ids["eva"], "claims", [])
    assert claims.awaited(claim) == {"cem", "dora", "gil"}


def test_a_signer_is_asked_besides(company):
    claims = company()
    claim = claims.handed_in()
    claims.adds("cem", claim, "eva")
    assert claims.awaited(claim) == {"cem", "dora", "gil", "eva"}
    assert claims.votes("cem", claim).status == "waiting"
    assert claims.awaited(claim) == {"eva"}
    assert claims.option("eva", claim).round.missing == 1
    assert claims.why_not("dora", claim).startswith("Enough have said yes")
    taken = claims.votes("eva", claim)
    assert taken.status == "approved"
    assert [(event.kind, event.asked) for event in claims.history(claim)][2] == ("signer_added", (claims.ids["eva"],))


def test_who_was_asked_besides_does_not_carry_it_alone(company):
    claims = company(kind="some", count=2)
    claim = claims.handed_in()
    claims.adds("cem", claim, "eva")
    for name, status in (("eva", "waiting"), ("cem", "waiting"), ("dora", "approved")):
        assert claims.votes(name, claim).status == status
    other = claims.handed_in()
    claims.adds("cem", other, "eva")
    claims.hands_on("eva", other, "fay")
    for again in ("eva", "fay", "gil"):
        with pytest.raises(Invalid):
            claims.adds("cem", other, again if again != "eva" else "fay")
    assert claims.awaited(other) == {"cem", "dora", "gil", "fay"}


def test_a_signer_in_turn_holds_up_the_next(company):
    claims = company(who=("manager", "finance"), kind="in_turn")
    claim = claims.handed_in()
    claims.adds("cem", claim, "fay")
    claims.votes("cem", claim)
    assert claims.awaited(claim) == {"fay"}
    claims.votes("fay", claim)
    assert claims.awaited(claim) == {"eva"}
    assert claims.votes("eva", claim).status == "approved"


def test_who_is_away_has_a_substitute_for_as_long(company):
    claims = company(kind="all")
    claim = claims.handed_in()
    claims.away("cem", "eva")
    assert claims.awaited(claim) == {"cem", "dora", "gil", "eva"}
    claims.votes("eva", claim)
    assert claims.history(claim)[0].acts_for == (claims.ids["cem"],)
    assert claims.awaited(claim) == {"dora", "gil"}
    claims.do("eva").withdraw("claim", claim.id, "approve")
    for first, last in ((1, 3), (-3, -1)):
        with claims.workspace.writing() as connection:
            substitutes.come_back(connection, claims.ids["cem"])
            days = (now().date() + timedelta(first), now().date() + timedelta(last))
            substitutes.go_away(connection, claims.ids["cem"], claims.ids["eva"], *days, 1, days[0])
        assert claims.awaited(claim) == {"cem", "dora", "gil"}


def test_a_substitute_passes_nothing_on_and_approves_nothing_of_their_own(company):
    claims = company(who=("finance",))
    claims.away("eva", "ann")
    claims.away("ann", "cem")
    claim = claims.handed_in("ann")
    assert claims.awaited(claim) == {"eva"}  # neither the creator in Eva's stead, nor Cem in Ann's
    assert claims.why_not("ann", claim) == "You created this; somebody else must approve it."
    of_ben = claims.handed_in("ben")
    assert claims.awaited(of_ben) == {"eva"}  # Ann does not see it
    claims.away("eva", "cem")
    assert claims.awaited(of_ben) == {"eva", "cem"}
    assert claims.votes("cem", of_ben).status == "approved"


def test_one_person_counts_once_for_some_and_for_each_of_all(company):
    claims = company(kind="some", count=2)
    claims.away("cem", "dora")
    claim = claims.handed_in()
    assert claims.votes("dora", claim).status == "waiting"
    assert claims.history(claim)[0].acts_for == ()  # her own first
    with pytest.raises(Refused, match="already"):
        claims.votes("dora", claim)
    document = claims_app(approval={"kind": "all"})
    claims.publishes(document)
    other = claims.handed_in()
    claims.votes("dora", other)
    assert claims.awaited(other) == {"gil"}
    assert claims.history(other)[0].acts_for == (claims.ids["cem"],)


def test_what_is_set_for_an_absence_must_make_sense(company):
    claims, day = company(), date(2026, 3, 2)
    cem, eva = claims.ids["cem"], claims.ids["eva"]
    wrong = {
        "deputy": [(cem, day, day), (4711, day, day), (2**40, day, day)],
        "last": [(eva, day, date(2026, 3, 1)), (eva, date(2026, 2, 1), date(2026, 2, 2)), (eva, day, date(2028, 3, 2))],
    }
    for path, cases in wrong.items():
        for case in cases:
            with pytest.raises(Invalid, match=path), claims.workspace.writing() as connection:
                substitutes.go_away(connection, cem, *case, cem, day)
    with claims.workspace.reading() as connection:
        assert substitutes.absence(connection, cem) is None


def test_who_is_asked_gets_word(company, config):
    claims = company()
    claim = claims.handed_in()
    claims.hands_on("cem", claim, "eva")
    claims.adds("dora", claim, "fay", "Was it <b>her</b> car?")
    drain(claims.workspace)
    assert claims.told("eva") == ["Cem hands “Approve” on to you – Taxi: “On a journey”"]
    assert claims.told("fay") == ["Dora asks for your yes too: Approve – Taxi: “Was it <b>her</b> car?”"]
