"""Approvals: who must say yes, in which order, what is counted once, and what each is told of it."""

from __future__ import annotations

from collections import Counter

import pytest
from claims import Claims, claims_app
from formloom.platform.access.members import change_member, set_roles
from formloom.platform.errors import Conflict, Invalid, NotFound, Refused
from formloom.platform.workflow.soundness import check
from small_app import form_of, transition


@pytest.fixture
def company(workspace):
    """`company(kind="all")` is a company whose claims are approved so."""

    def build(who=("manager",), fields=(), creator=False, head=False, ask=(), guards=(), effects=(), **approval):
        meant = {"roles": list(who), "fields": list(fields), "creator": creator, "head": head}
        return Claims(workspace, claims_app(who=meant, approval=approval, ask=list(ask), guards=list(guards), effects=list(effects)))

    yield build
    assert check(workspace) == []


def test_one_yes_of_one_takes_it(company):
    claims = company()
    claim = claims.handed_in()
    assert claims.awaited(claim) == {"cem", "dora", "gil"}
    assert claims.votes("dora", claim, opinion="Fine by me").status == "approved"
    last = claims.history(claim)[0]
    assert (last.kind, last.transition, last.opinion) == ("performed", "approve", "Fine by me")


def test_all_must_say_yes_and_until_then_the_record_stays(company):
    claims = company(kind="all")
    claim = claims.handed_in()
    after = [claims.votes(name, claim) for name in ("cem", "gil")]
    assert [(a.status, a.rev) for a in after] == [("waiting", claim.rev)] * 2
    assert claims.awaited(claim) == {"dora"}
    assert claims.option("cem", claim).round.missing == 1
    assert claims.why_not("cem", claim) == "You have said yes already."
    with pytest.raises(Refused, match="already"):
        claims.votes("cem", claim)
    taken = claims.votes("dora", claim)
    assert (taken.status, taken.rev) == ("approved", claim.rev + 1)
    assert [event.kind for event in claims.history(claim)][:3] == ["performed", "voted", "voted"]


def test_all_are_those_who_hold_the_role_when_it_is_decided(company):
    claims = company(kind="all")
    claim = claims.handed_in()
    claims.votes("cem", claim)
    with claims.workspace.writing() as connection:
        set_roles(connection, claims.ids["gil"], "claims", ["clerk"])
        change_member(connection, claims.ids["dora"], active=False)
    assert claims.awaited(claim) == {"cem"}  # nobody else is meant any more: who said yes may carry it out
    assert claims.votes("cem", claim).status == "approved"


def test_some_of_them(company):
    claims = company(kind="some", count=2)
    claim = claims.handed_in()
    assert claims.votes("cem", claim).status == "waiting"
    assert claims.votes("dora", claim).status == "approved"


def test_in_turn_each_after_the_other(company):
    claims = company(who=("manager", "finance"), head=True, kind="in_turn")
    claim = claims.handed_in()
    assert claims.why_not("eva", claim) == "It is not your turn: first it is up to Manager."
    with pytest.raises(Refused, match="not your turn"):
        claims.votes("eva", claim)
    claims.votes("cem", claim)
    assert claims.awaited(claim) == {"eva"}
    assert "already" in claims.why_not("cem", claim)
    assert claims.why_not("dora", claim) == "It is not your turn: first it is up to Finance."
    claims.votes("eva", claim)
    assert claims.awaited(claim) == {"fay"}
    assert claims.votes("fay", claim).status == "approved"


def test_one_yes_counts_for_the_turns_that_follow_one_another(company):
    claims = company(who=("manager", "nobody", "finance", "head"), kind="in_turn")
    with claims.workspace.writing() as connection:
        set_roles(connection, claims.ids["gil"], "claims", ["manager", "nobody", "head"])
        set_roles(connection, claims.ids["fay"], "claims", ["clerk"])
    document = claims_app(who={"roles": ["manager", "nobody", "finance", "head"]}, approval={"kind": "in_turn"})
    form_of(document, "claim")["access"].append({"role": "nobody", "scope": "all", "cells": {"*": {"*": "read"}}})
    form_of(document, "claim")["access"][3]["scope"] = "all"
    claims.publishes(document)
    claim = claims.handed_in()
    claims.votes("gil", claim)
    assert claims.awaited(claim) == {"eva"}  # manager and nobody are both Gil's, head comes after finance
    claims.votes("eva", claim)
    assert claims.awaited(claim) == {"gil"}
    assert claims.votes("gil", claim).status == "approved"


def test_not_by_oneself(company):
    claims = company(kind="all")
    claim = claims.handed_in("gil")
    assert claims.awaited(claim) == {"cem", "dora"}
    assert claims.why_not("gil", claim) == "You created this; somebody else must approve it."
    with pytest.raises(Refused, match="somebody else"):
        claims.votes("gil", claim)


def test_by_oneself_where_it_may_be(company):
    claims = company(who=(), creator=True, not_self=False)
    claim = claims.handed_in()
    assert claims.votes("ann", claim).status == "approved"


def test_a_role_counts_where_its_row_scope_holds_the_record(company):
    claims = company(who=("finance",), kind="all")
    assert claims.awaited(claims.handed_in(amount=100)) == {"eva"}
    small = claims.handed_in(amount=99)
    assert claims.awaited(small) == {"fay"}  # Eva does not see it
    with pytest.raises(NotFound):
        claims.votes("eva", small)


def test_where_nobody_holds_the_role_the_head_stands_in_and_then_an_administrator(company):
    claims = company(who=("nobody",))
    claim = claims.handed_in()
    assert claims.awaited(claim) == {"fay"}
    assert claims.why_not("cem", claim) == "Only the head of department can do this."
    claims.votes("fay", claim)
    assert (claims.history(claim)[0].kind, claims.history(claim)[0].stands_in) == ("performed", "head")
    of_the_head = claims.handed_in("fay")
    assert claims.awaited(of_the_head) == {"gil"}  # the head of the department above
    with claims.workspace.writing() as connection:
        set_roles(connection, claims.ids["fay"], "claims", ["clerk"])  # and sees no claim of others
    other = claims.handed_in("ben")
    assert claims.awaited(other) == {"gil"}
    assert claims.option("cem", other).round.turn.stands_in == "admin"
    claims.votes("gil", other)
    assert claims.history(other)[0].stands_in == "admin"


def test_where_there_is_nobody_at_all_it_says_so(company):
    claims = company(who=("nobody",))
    with claims.workspace.writing() as connection:
        for name in ("fay", "gil"):
            set_roles(connection, claims.ids[name], "claims", ["clerk"])
    claim = claims.handed_in()
    assert claims.awaited(claim) == set()
    assert claims.why_not("cem", claim).startswith("Nobody who may see this could approve it")


def test_a_person_that_the_record_names(company):
    claims = company(who=(), fields=("boss",))
    assert claims.awaited(claims.handed_in(boss=claims.ids["dora"])) == {"dora"}
    assert claims.awaited(claims.handed_in()) == {"fay"}  # nobody is named


def test_a_vote_is_taken_back_while_the_round_is_open(company):
    claims = company(kind="all")
    claim = claims.handed_in()
    claims.votes("cem", claim, opinion="Yes")
    back = claims.do("cem").withdraw("claim", claim.id, "approve")
    assert (back.status, back.rev) == ("waiting", claim.rev)
    assert claims.awaited(claim) == {"cem", "dora", "gil"}
    assert [event.kind for event in claims.history(claim)][:2] == ["withdrawn", "voted"]
    for name in ("cem", "dora"):
        claims.votes(name, claim)
    for name, transition_key, refusal in (("gil", "approve", Refused), ("cem", "hand_in", NotFound), ("cem", "x", NotFound)):
        with pytest.raises(refusal):
            claims.do(name).withdraw("claim", claim.id, transition_key)
    claims.votes("gil", claim)
    with pytest.raises(Refused, match="taken back"):
        claims.do("cem").withdraw("claim", claim.id, "approve")


def test_returning_to_an_earlier_step_closes_the_round(company):
    claims = company(kind="some", count=2)
    claim = claims.handed_in()
    claims.votes("cem", claim)
    claims.votes("dora", claim, "send_back")
    claims.do("ann").perform("claim", claim.id, "hand_in")
    assert claims.awaited(claim) == {"cem", "dora", "gil"}
    assert claims.votes("cem", claim).status == "waiting"
    assert claims.votes("gil", claim).status == "approved"


def test_a_transition_that_leads_nowhere_else_starts_a_new_round_once_taken(workspace):
    document = claims_app()
    form_of(document, "claim")["transitions"].append(
        transition("note", "waiting", "waiting", who={"roles": ["manager"]}, approval={"kind": "some", "count": 2})
    )
    claims = Claims(workspace, document)
    claim = claims.handed_in()
    for _round in range(2):
        claims.votes("cem", claim, "note")
        claims.votes("dora", claim, "note")
    assert Counter(event.kind for event in claims.history(claim)) == {"performed": 3, "voted": 2, "created": 1}


def test_opinions_are_asked_for_as_the_approval_says(company):
    claims = company(kind="all", opinion="required")
    claim = claims.handed_in()
    for nothing in (None, "", "  "):
        with pytest.raises(Invalid, match="opinion"):
            claims.votes("cem", claim, opinion=nothing)
    for wrong in (7, ["yes"], "a\0b", "x" * 2001, {"a": 1}):
        with pytest.raises(Invalid, match="opinion"):
            claims.votes("cem", claim, opinion=wrong)
    claims.votes("cem", claim, opinion=" 同意 ")
    assert claims.history(claim)[0].opinion == "同意"
    with pytest.raises(Invalid, match="No opinion"):
        claims.votes("cem", claim, "send_back", opinion="why")


def test_what_is_asked_is_saved_with_each_vote(company):
    claims = company(kind="some", count=2, ask=[{"field": "remark", "required": True}])
    claim = claims.handed_in()
    with pytest.raises(Invalid, match="remark"):
        claims.votes("cem", claim)
    first = claims.votes("cem", claim, input={"remark": "first"}, base={"remark": None})
    assert (first.rev, first.status) == (claim.rev + 1, "waiting")
    with pytest.raises(Conflict):
        claims.votes("dora", claim, input={"remark": "second"}, base={"remark": None}, rev=claim.rev)
    second = claims.votes("dora", claim, input={"remark": "second"}, base={"remark": "first"}, rev=first.rev)
    assert (second.rev, second.status) == (first.rev + 1, "approved")
    changes = [[(t.old, t.new) for t in event.changes] for event in claims.history(claim)[:2]]
    assert changes == [[("first", "second")], [(None, "first")]]


def test_guards_are_asked_at_every_vote(company):
    small = {"key": "small", "rule": {"<": [{"var": "amount"}, 200]}, "message": {"en": "{amount} is too much."}}
    claims = company(kind="some", count=2, guards=[small])
    claim = claims.handed_in()
    claims.votes("cem", claim)
    claims.do("ann").edit("claim", claim.id, {"amount": 300}, {"amount": "150"})
    with pytest.raises(Refused, match="300 is too much"):
        claims.votes("dora", claim)
    claims.do("ann").edit("claim", claim.id, {"amount": 30}, {"amount": "300"})
    claims.votes("cem", claim)
    assert claims.votes("dora", claim).status == "approved"


def test_effects_come_once_with_the_deciding_vote(company):
    count = {"key": "set", "type": "set", "settings": {"values": {"tally": {"+": [{"if": [{"!==": [{"var": "tally"}, None]}, {"var": "tally"}, 0]}, 1]}}}}
    claims = company(kind="all", effects=[count])
    claim = claims.handed_in()
    for name in ("cem", "dora", "gil"):
        claims.votes(name, claim)
    with claims.gate("cem") as gate:
        assert gate.record("claim", claim.id).values["tally"] == 1
