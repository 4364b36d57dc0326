"""Approvals as people meet them: the record's page, the question, the inbox, the history."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from claims import Claims, build_people, claims_app
from databases import SLUG
from formloom.platform.access.substitutes import go_away
from formloom.platform.app import close_app, create_app
from formloom.platform.workflow.outbox import now
from page import visit
from playwright.sync_api import expect
from small_app import form_of
from web import Live, WebClient, served


@pytest.fixture
def site(databases, tmp_path):
    """`site(kind="all")` gives the company, its app over HTTP, and `browse(name)`."""
    made = []

    def build(who=("manager",), head=False, fields=(), **approval):
        meant = {"roles": list(who), "fields": list(fields), "head": head}
        document = claims_app(who=meant, approval=approval, tone="main")
        document["status_lists"][0]["statuses"][1]["in_charge"] = "manager"
        app = create_app(databases.fresh("sqlite", "people", build_people, tmp_path / "site"))
        made.append(app)
        claims = Claims(app.extensions["workspaces"][SLUG], document)

        def browse(name: str) -> WebClient:
            return WebClient(app).sign_in(SimpleNamespace(email=f"{name}@example.com"))

        claims.app, claims.browse = app, browse
        return claims

    yield build
    for app in made:
        close_app(app)


def address(claim) -> str:
    return f"/apps/claims/claim/{claim.id}"


def waiting(claims: Claims, *names: str) -> list[int]:
    """How much waits for each, as the frame counts it."""
    return [claims.browse(name).get("/inbox/counts").get_json()["inbox"] for name in names]


def test_the_page_says_who_has_said_yes_and_who_is_awaited(site):
    claims = site(kind="all")
    claim = claims.handed_in()
    cem = claims.browse("cem")
    answer = visit(cem, f"{address(claim)}/transitions/approve").send("question", **{"vote-opinion": "Looks <b>right</b>"})
    assert answer.location == address(claim), answer.text
    page = answer.follow()
    assert "your yes to “Approve” counts" in page.text
    assert "All must say yes: Manager" in page.text
    assert "Looks <b>right</b>" in page.text  # as it was written
    assert "Awaited: D Dora G Gil" in page.text
    assert "You have said yes already." in page.text
    assert "Take back my yes" in page.text
    assert "Take back my yes" not in visit(claims.browse("ann"), address(claim)).text


def test_the_story_says_that_a_yes_counts_no_more(site):
    claims = site(kind="some", count=3)
    claim = claims.handed_in()
    for name in ("cem", "dora"):
        claims.votes(name, claim)
    claims.do("ann").edit("claim", claim.id, {"amount": 300}, {"amount": "150"})
    assert "2 yeses given before count no more." in visit(claims.browse("ann"), address(claim)).text


def test_a_yes_is_taken_back_on_the_page(site):
    claims = site(kind="all")
    claim = claims.handed_in()
    claims.votes("cem", claim)
    cem = claims.browse("cem")
    cem.get(address(claim))
    assert cem.post(f"{address(claim)}/transitions/approve/withdrawal").status_code == 303
    page = visit(cem, address(claim))
    assert "Took back the yes to “Approve”" in page.text
    assert "Take back my yes" not in page.text
    again = cem.post(f"{address(claim)}/transitions/approve/withdrawal")
    assert (again.status_code, "taken back" in again.get_data(as_text=True)) == (422, True)
    assert cem.post(f"{address(claim)}/transitions/nothing/withdrawal").status_code == 404
    assert claims.browse("ben").post(f"{address(claim)}/transitions/approve/withdrawal").status_code == 404


def test_an_opinion_that_is_missing_is_asked_for_where_it_stands(site):
    claims = site(opinion="required")
    claim = claims.handed_in()
    page = visit(claims.browse("cem"), f"{address(claim)}/transitions/approve")
    refused = page.send("question")
    assert refused.status == 422
    assert "Say what you think of it." in refused.text
    assert 'aria-invalid="true"' in refused.html
    assert page.send("question", **{"vote-opinion": "x" * 100_000}).status == 422
    assert page.send("question", **{"vote-opinion": "a\0b"}).status == 422
    assert page.send("question", **{"vote-opinion": "Fine"}).follow().text.count("Fine") == 1


def test_the_inbox_lists_what_waits_for_my_vote_and_not_what_i_have_voted_on(site):
    claims = site(kind="all")
    claim, mine = claims.handed_in(), claims.handed_in("gil")
    assert waiting(claims, "cem", "dora", "gil", "eva", "ann") == [2, 2, 2, 0, 0]
    cem = claims.browse("cem")
    inbox = cem.get("/inbox").get_data(as_text=True)
    assert inbox.count(">Approve</button>") == 2
    assert f"{address(mine)}/transitions/approve" not in claims.browse("gil").get("/inbox").get_data(as_text=True)
    cem.post(f"{address(claim)}/transitions/approve", {"status": "waiting", "rev": claim.rev, "base": "{}"})
    assert claims.awaited(claim) == {"dora", "gil"}
    assert waiting(claims, "cem", "dora") == [1, 2]
    assert f"{address(claim)}/transitions/approve" not in cem.get("/inbox").get_data(as_text=True)
    claims.do("cem").withdraw("claim", claim.id, "approve")
    assert waiting(claims, "cem") == [2]
    claims.votes("cem", claim)
    claims.votes("dora", claim, "send_back")
    claims.do("ann").perform("claim", claim.id, "hand_in")
    assert waiting(claims, "cem") == [2]  # a new round


def test_in_turn_the_inbox_follows(site):
    claims = site(who=("finance",), head=True, fields=("boss",), kind="in_turn")
    claim = claims.handed_in(boss=claims.ids["dora"])
    claims.handed_in("fay", boss=claims.ids["cem"])
    assert waiting(claims, "eva", "fay") == [2, 0]
    claims.votes("eva", claim)
    assert waiting(claims, "eva", "fay") == [1, 0]
    assert "Dora" in visit(claims.browse("eva"), address(claim)).text
    claims.votes("dora", claim)
    assert waiting(claims, "fay") == [1]
    assert ">Approve</button>" in claims.browse("fay").get("/inbox").get_data(as_text=True)
    claims.votes("fay", claim)
    assert waiting(claims, "fay") == [0]


def test_in_turn_what_is_handed_on_leaves_one_inbox_for_the_other(site):
    claims = site(who=("finance", "manager"), kind="in_turn")
    claim = claims.handed_in()
    asked = f"{address(claim)}/transitions/approve"
    for name, other in (("eva", "fay"), ("fay", "eva")):
        assert waiting(claims, "eva", "fay") == [int(name == "eva"), int(name == "fay")]
        visit(claims.browse(name), f"{asked}/hand-on").send("question", to=claims.ids[other], reason="Away")
    visit(claims.browse("eva"), f"{asked}/signers").send("question", to=claims.ids["fay"], reason="Her desk")
    claims.votes("eva", claim)
    assert waiting(claims, "eva", "fay") == [0, 1]
    assert asked not in claims.browse("cem").get("/inbox").get_data(as_text=True)
    claims.votes("fay", claim)
    assert waiting(claims, "eva", "fay") == [0, 0]
    assert asked in claims.browse("cem").get("/inbox").get_data(as_text=True)


def test_who_stands_in_finds_it_in_the_inbox_and_reads_why(site):
    claims = site(who=("nobody",))
    claim = claims.handed_in()
    assert waiting(claims, "fay", "ben", "eva") == [1, 0, 0]
    page = visit(claims.browse("fay"), address(claim))
    assert "There is nobody (else) for “Nobody”; the head of department stands in." in page.text
    claims.votes("fay", claim)
    assert "as head of department" in visit(claims.browse("fay"), address(claim)).text


def test_the_statements_of_the_inbox_do_not_grow_with_what_waits(site):
    import sqlalchemy as sa

    claims = site(kind="all")
    cem, counts = claims.browse("cem"), []
    for more in (1, 20):
        for _claim in range(more):
            claims.votes("dora", claims.handed_in())
        cem.get("/inbox")
        sent = []
        sa.event.listen(sa.Engine, "before_cursor_execute", note := lambda _c, _cu, statement, *_r, sent=sent: sent.append(statement))
        cem.get("/inbox")
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_two_people_approve_in_a_browser(site, browser):
    claims = site(kind="some", count=2)
    claim = claims.handed_in()
    with served(claims.app) as url:
        live = Live(claims.app, url, browser)
        first, second = (live.visit(SimpleNamespace(email=f"{name}@example.com"), address(claim)) for name in ("cem", "dora"))
        for page, opinion in ((first, "Good value"), (second, "Agreed")):
            page.reload()
            page.locator("#next").get_by_role("button", name="Approve").click()
            page.locator("dialog").get_by_label("Your opinion").fill(opinion)
            page.locator("dialog").get_by_role("button", name="Approve").click()
            expect(page.locator(".flashes")).to_contain_text("Approve")
        expect(second.locator(".of-record > .badge")).to_have_text("Approved")
        expect(second.locator(".story")).to_contain_text("Good value")
        expect(second.locator(".story")).to_contain_text("Agreed")
        live.close()


def test_masked_and_hidden_fields_stay_so_beside_an_approval(site):
    claims = site(kind="all")
    claim = claims.handed_in(salary=4711)
    claims.votes("dora", claim)
    assert "4711" not in visit(claims.browse("cem"), address(claim)).html
    assert "salary" in form_of(claims_app(), "claim")["access"][1]["cells"]


def test_a_vote_is_handed_on_and_a_signer_added_on_the_page(site):
    claims = site(kind="all")
    claims.handed_in()
    claim = claims.handed_in()
    ids = claims.ids
    cem = claims.browse("cem")
    asked = visit(cem, f"{address(claim)}/transitions/approve/hand-on")
    assert "Eva" in asked.html and "Dora" not in asked.text and "Ann" not in asked.text
    wrong = asked.send("question", to="", reason=" ")
    assert (wrong.status, "Choose somebody." in wrong.text, "Say why." in wrong.text) == (422, True, True)
    page = asked.send("question", to=ids["eva"], reason="At sea").follow()
    assert "is handed on" in page.text and "Cem: handed on to Eva" in page.text and "Handed “Approve” on to Eva" in page.text
    again = visit(cem, f"{address(claim)}/transitions/approve/hand-on")
    assert "You have handed this on." in again.text
    assert waiting(claims, "cem", "eva", "dora", "ben") == [1, 1, 2, 0]
    visit(claims.browse("dora"), f"{address(claim)}/transitions/approve/signers").send("question", to=ids["fay"], reason="Her desk")
    assert waiting(claims, "fay") == [1]
    for name in ("eva", "fay", "dora"):
        assert f"{address(claim)}/transitions/approve" in claims.browse(name).get("/inbox").get_data(as_text=True)
        claims.votes(name, claim)
        assert waiting(claims, name) == [1 if name == "dora" else 0]
    assert claims.awaited(claim) == {"gil"}
    assert "Eva said yes for Cem" in visit(cem, address(claim)).text


def test_the_inbox_of_a_substitute_has_what_waits_for_who_is_away(site):
    claims = site(who=("finance",), head=True, fields=("boss",), kind="in_turn")
    ids, day = claims.ids, now().date()
    with claims.workspace.writing() as connection:
        for name, deputy in (("eva", "fay"), ("dora", "eva"), ("fay", "eva")):
            go_away(connection, ids[name], ids[deputy], day, day, ids[name], day)
    claim = claims.handed_in(boss=ids["dora"])
    for name, figures in (("fay", [1, 1]), ("eva", [0, 1])):
        assert waiting(claims, "fay", "eva") == figures
        inbox = visit(claims.browse(name), "/inbox")
        assert ">Approve</button>" in inbox.html and ("for Eva" if name == "fay" else "for Dora") in inbox.text
        claims.votes(name, claim)
    assert waiting(claims, "fay", "eva") == [0, 0]
    assert "Eva for Dora, Fay : Approve" in visit(claims.browse("cem"), address(claim)).text


def test_all_of_it_in_json(site):
    claims = site(kind="all", signature=True)
    claim, ids = claims.handed_in(), claims.ids
    cem, here = claims.browse("cem"), f"{address(claim)}/transitions/approve"

    def send(path: str, **body) -> tuple[int, dict]:
        answer = cem.post(path, json.dumps(body), content_type="application/json", headers={"Accept": "application/json"})
        return answer.status_code, answer.get_json()

    for wrong in ({"to": "x", "reason": "Why"}, {"to": ids["eva"]}, {"to": ids["ann"], "reason": "Why"}, {"to": True, "reason": "W"}):
        assert send(f"{here}/signers", **wrong)[0] == 422, wrong
    assert send(f"{here}/signers", to=ids["fay"], reason="Why")[1]["status"] == "waiting"
    assert send(here, signature={"file": "1/a.png"}, status="waiting")[0] == 422
    assert send(here, signature="Cem", copies=[ids["eva"]], status="waiting")[0] == 200
    assert send(f"{here}/withdrawal")[0] == 200
    assert send(f"{here}/hand-on", to=ids["eva"], reason="Why")[0] == 200
    assert send(f"{here}/hand-on", to=ids["eva"], reason="Why")[1]["error"]["message"] == "You have handed this on."
    assert claims.awaited(claim) == {"dora", "eva", "fay", "gil"}
