"""Votes count for what stood there when they were given: what makes them void, and what does not."""

from __future__ import annotations

from claims import Claims, claims_app
from formloom.platform.workflow.soundness import check
from small_app import field, form_of, status, transition


def deciding(workspace, **approve) -> Claims:
    """Two managers approve."""
    return Claims(workspace, claims_app(approval={"kind": "some", "count": 2}, **approve))


def test_a_yes_counts_for_what_stood_there(workspace):
    claims = deciding(workspace)
    claim = claims.handed_in()
    claims.votes("cem", claim)
    claims.do("ann").edit("claim", claim.id, {"remark": "and a taxi"}, {"remark": None})
    assert claims.history(claim)[0].voided == 1
    assert claims.votes("dora", claim).status == "waiting"
    assert claims.votes("cem", claim).status == "approved"
    assert [event.voided for event in claims.history(claim)][:2] == [0, 0]


def test_only_a_change_of_content_makes_a_yes_void(workspace):
    claims = deciding(workspace, ask=[{"field": "remark"}])
    claim = claims.handed_in()
    claims.votes("cem", claim)
    claims.do("ann").edit("claim", claim.id, {"about": "Taxi"}, {"about": "Taxi"})
    assert claims.votes("dora", claim, input={"remark": "mine"}).status == "approved"


def test_a_yes_of_an_earlier_stay_is_not_told_as_void(workspace):
    claims = deciding(workspace)
    claim = claims.handed_in()
    claims.votes("cem", claim)
    claims.votes("dora", claim, "send_back")
    claims.do("ann").edit("claim", claim.id, {"amount": 200}, {"amount": "150"})
    assert claims.history(claim)[0].voided == 0


def test_what_another_transition_changes_where_the_record_stays_makes_a_yes_void(workspace):
    document = claims_app(approval={"kind": "some", "count": 2})
    raises = {"key": "set", "type": "set", "settings": {"values": {"amount": 900}}}
    manager = {"roles": ["manager"]}
    form_of(document, "claim")["transitions"] += [
        transition("raise", "waiting", "waiting", who=manager, effects=[raises]),
        transition("look", "waiting", "waiting", who=manager),
        transition("note", "waiting", "waiting", who=manager, approval={"kind": "some", "count": 2}, effects=[raises]),
    ]
    claims = Claims(workspace, document)
    claim = claims.handed_in()
    claims.votes("cem", claim)
    claims.votes("dora", claim, "look")
    assert claims.option("cem", claim).round.missing == 1
    claims.votes("dora", claim, "raise")
    assert claims.option("cem", claim).round.missing == 2
    assert claims.history(claim)[0].voided == 1
    other = claims.handed_in()
    for name, key in (("cem", "note"), ("gil", "approve"), ("dora", "note")):
        claims.votes(name, other, key)
    assert claims.history(other)[0].voided == 1  # Gil's, not those that decided
    assert claims.option("cem", other).round.missing == 2
    assert check(workspace) == []


def test_a_line_that_moves_or_a_value_that_is_erased_makes_a_yes_void(workspace):
    document = claims_app(approval={"kind": "some", "count": 2})
    document["status_lists"].append({"key": "parts", "label": {"en": "Parts"}, "statuses": [status("due", "start"), status("met", "done")]})
    form = form_of(document, "claim")
    form["fields"].append(field("parts", "rows", settings={"status_list": "parts"}, fields=[field("what")]))
    form["transitions"].append(transition("meet", "due", "met", rows="parts", who={"roles": ["manager"]}))
    claims = Claims(workspace, document)
    claim = claims.handed_in(parts=[{"what": "Way"}])
    with claims.gate("cem") as gate:
        (line,) = gate.record("claim", claim.id).values["parts"]
    claims.votes("gil", claim)
    claims.votes("cem", claim, "meet", row=line["id"])
    assert claims.history(claim)[0].voided == 1
    claims.votes("gil", claim)
    claims.do("gil").erase("claim", claim.id, ["about"])
    assert claims.history(claim)[0].voided == 1
    assert claims.option("cem", claim).round.missing == 2
