"""Following: makers and commenters follow by themselves, followers are told of what happens, once, and of nothing of their own."""

from __future__ import annotations

import pytest
from claims import Claims, claims_app
from formloom.platform.access.members import set_roles
from formloom.platform.errors import NotFound
from formloom.platform.jobs.worker import drain
from formloom.platform.records.following import followed_by, followers
from formloom.platform.workflow.commands import Loaded
from formloom.platform.workflow.purging import purge_app
from formloom.platform.workflow.soundness import check
from formloom.platform.workflow.talk import Talk
from small_app import form_of


@pytest.fixture
def claims(workspace):
    return Claims(workspace, claims_app())


def talk(claims, name: str) -> Talk:
    return Talk(claims.workspace, claims.actor(name), claims.key)


def following(claims, claim) -> set[str]:
    with claims.workspace.reading() as connection:
        found = set(followers(connection, ("claims", "claim", claim.id)))
    return {name for name, number in claims.ids.items() if number in found}


def told(claims) -> dict[str, list[str]]:
    """What everybody has been told who was told anything."""
    drain(claims.workspace)
    assert check(claims.workspace) == []
    return {name: words for name in claims.ids if (words := claims.told(name))}


def test_who_makes_a_record_or_comments_on_it_follows_it_until_they_stop(claims):
    claim = claims.handed_in()
    assert following(claims, claim) == {"ann"}
    talk(claims, "cem").comment("claim", claim.id, "Hello")
    talk(claims, "dora").follow("claim", claim.id)
    talk(claims, "dora").follow("claim", claim.id)
    assert following(claims, claim) == {"ann", "cem", "dora"}
    talk(claims, "cem").follow("claim", claim.id, on=False)
    talk(claims, "cem").follow("claim", claim.id, on=False)
    assert following(claims, claim) == {"ann", "dora"}
    with claims.workspace.reading() as connection:
        assert followed_by(connection, claims.ids["dora"], 10) == {("claims", "claim"): [claim.id]}


def test_history_that_is_brought_in_is_followed_by_nobody(claims):
    form = claims_app()
    form_of(form, "claim")["access"][0]["load"] = True
    claims.publishes(form)
    (saved,) = claims.do("ann").load("claim", [Loaded("waiting", {"about": "Old"})])
    assert following(claims, saved) == set()


def test_one_follows_only_what_one_sees(claims):
    claim = claims.handed_in(amount=7)
    for name in ("ben", "eva"):
        with pytest.raises(NotFound):
            talk(claims, name).follow("claim", claim.id)


def test_followers_are_told_of_transitions_and_comments_but_not_of_edits(claims):
    claim = claims.handed_in()
    claims.do("cem").perform("claim", claim.id, "send_back")
    claims.do("ann").edit("claim", claim.id, {"about": "Train"}, {"about": "Taxi"})
    talk(claims, "cem").comment("claim", claim.id, "Thanks")
    assert told(claims) == {"ann": ["Cem: Send_Back – Train, now at “Draft”", "Cem on Train: “Thanks”"]}


def test_one_is_told_once_of_an_event_and_never_of_ones_own(claims):
    """Whom an effect tells is not told again for following; one of several transitions of one command is told."""
    document = claims_app()
    form = form_of(document, "claim")
    tells = {"to": {"creator": True}, "message": {"en": "Back to you: {about}"}}
    form["transitions"][2]["effects"] = [{"key": "tell", "type": "notify", "settings": tells}]
    form["transitions"].append(
        {"key": "pay", "label": {"en": "Pay"}, "sources": ["approved"], "target": "paid", "automatic": True, "who": {}}
    )
    claims.publishes(document)
    claim = claims.handed_in()
    talk(claims, "dora").follow("claim", claim.id)
    claims.do("cem").perform("claim", claim.id, "send_back")
    assert told(claims) == {"ann": ["Back to you: Taxi"], "dora": ["Cem: Send_Back – Taxi, now at “Draft”"]}
    claims.do("ann").perform("claim", claim.id, "hand_in")
    claims.votes("dora", claim)
    assert told(claims)["ann"][1:] == ["Dora: Pay – Taxi, now at “Paid”"]
    assert told(claims)["dora"][1:] == ["Ann: Hand_In – Taxi, now at “Waiting”"]


def test_who_no_longer_sees_it_is_told_nothing_and_the_title_is_each_readers_own(claims):
    document = claims_app()
    form_of(document, "claim")["access"][1]["cells"] |= {"about": {"*": "hidden"}}
    claims.publishes(document)
    claim = claims.handed_in()
    for name in ("cem", "eva"):
        talk(claims, name).follow("claim", claim.id)
    with claims.workspace.writing() as connection:
        set_roles(connection, claims.ids["eva"], "claims", [])
    claims.do("dora").perform("claim", claim.id, "send_back")
    assert told(claims) == {
        "ann": ["Dora: Send_Back – Taxi, now at “Draft”"], "cem": [f"Dora: Send_Back – Claim #{claim.id}, now at “Draft”"],
    }  # fmt: skip


def test_nothing_is_kept_of_a_form_that_is_purged(claims):
    claim = claims.handed_in()
    talk(claims, "cem").comment("claim", claim.id, "Hello")
    document = claims_app()
    document["forms"] = [
        {"key": "other", "label": {"en": "Other"}, "plural": {"en": "Others"}, "title": "a",
         "fields": [{"key": "a", "type": "text", "label": {"en": "A"}}], "access": []}
    ]  # fmt: skip
    claims.publishes(document)
    purge_app(claims.workspace, "claims", claims.actor("gil"))
    assert following(claims, claim) == set()
