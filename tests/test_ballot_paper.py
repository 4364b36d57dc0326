"""What goes with a vote: a signature, drawn or typed, and copies of the outcome."""

from __future__ import annotations

import base64
import re
import struct
import zlib

import pytest
from claims import Claims, claims_app
from formloom.platform.access.substitutes import go_away
from formloom.platform.errors import Invalid
from formloom.platform.jobs.worker import drain
from formloom.platform.workflow.outbox import now
from formloom.platform.workflow.soundness import check
from page import visit
from test_approval_pages import address, site  # noqa: F401 (a fixture)


@pytest.fixture
def company(workspace):
    def build(**approval):
        return Claims(workspace, claims_app(approval=approval))

    yield build
    assert check(workspace) == []


def drawn(width: int = 20) -> str:
    """A picture as a browser draws it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, 2, 8, 6, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress((b"\0" + b"\x11" * 4 * width) * 2))
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + head + rows + chunk(b"IEND", b"")).decode()


def test_a_copy_goes_to_those_who_were_chosen_once_it_is_decided(company):
    claims = company(kind="some", count=2)
    claim, ids = claims.handed_in(), claims.ids
    claims.votes("cem", claim, copies=[ids["eva"], ids["fay"]])
    drain(claims.workspace)
    assert claims.told("eva") == []
    claims.votes("dora", claim, copies=[ids["eva"]])
    drain(claims.workspace)
    assert claims.told("eva") == claims.told("fay") == ["Copy: Dora: Approve – Taxi, now at “Approved”"]
    assert [event.asked for event in claims.history(claim)][:2] == [(ids["eva"],), (ids["eva"], ids["fay"])]


def test_a_copy_tells_of_any_outcome_and_of_no_later_one(company):
    claims = company(kind="some", count=2)
    claim = claims.handed_in()
    claims.votes("cem", claim, copies=[claims.ids["fay"]])
    claims.votes("dora", claim, "send_back")
    claims.do("ann").perform("claim", claim.id, "hand_in")
    for name in ("cem", "gil"):
        claims.votes(name, claim)
    drain(claims.workspace)
    assert claims.told("fay") == ["Copy: Dora: Send_Back – Taxi, now at “Draft”"]


def test_no_copy_goes_to_who_cannot_see_it(company):
    claims = company()
    claim = claims.handed_in(amount=50)
    for wrong, sentence in (
        (["eva"], "Eva cannot see this record"), (["ben"], "Ben cannot see"), ([4711], "cannot see"), ([0], "Copies go"),
        ([True], "Copies go"), (["x"], "Copies go"), (list(range(1, 60)), "Copies go"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            claims.votes("cem", claim, copies=[claims.ids.get(one, one) for one in wrong])
        assert sentence in str(refused.value.problems[0].message)
    with pytest.raises(Invalid, match="copies"):
        claims.votes("cem", claim, "send_back", copies=[claims.ids["fay"]])
    assert claims.history(claim)[0].kind == "performed"  # that it was handed in


def test_a_signature_is_a_name_or_ones_own_drawing(company):
    claims = company(kind="all", signature=True)
    claim = claims.handed_in()
    for wrong in (None, "", "  ", 7, "a\0b", "x" * 101, {"file": "1/signature.png"}, {"file": "../x"}, {"name": "Cem"}, ["x"]):
        with pytest.raises(Invalid, match="signature"):
            claims.votes("cem", claim, signature=wrong)
    claims.votes("cem", claim, signature=" Cem Öz ")
    assert claims.history(claim)[0].signed == {"name": "Cem Öz"}
    with pytest.raises(Invalid, match="No signature"):
        claims.votes("dora", claim, "send_back", signature="Dora")


def test_what_is_drawn_is_kept_with_the_vote_and_seen_where_the_record_is(site):  # noqa: F811
    claims = site(kind="all", signature=True)
    claim, other = claims.handed_in(), claims.handed_in(by="ben")
    cem = claims.browse("cem")
    page = visit(cem, f"{address(claim)}/transitions/approve")
    for wrong in ("", "data:image/png;base64,AAAA", "data:image/svg+xml;base64,AAAA", "x" * 500_000):
        again = page.send("question", **{"vote-drawn": wrong})
        assert again.status == 422 and 'aria-invalid="true"' in again.html
    told = page.send("question", **{"vote-drawn": drawn(), "vote-copies": str(claims.ids["fay"])}).follow()
    assert "Copy to Fay" in told.text
    (picture,) = set(re.findall(r'src="([^"]+signature.png\?show)"', told.html))
    answer = claims.browse("ann").get(picture)
    answer.get_data()
    answer.close()
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    assert claims.browse("ben").get(picture).status_code == 404
    assert claims.browse("cem").get(picture.replace(address(claim), address(other))).status_code == 404
    claims.do("gil").erase("claim", claim.id, ["#opinion"])
    assert cem.get(picture).status_code == 404
    assert check(claims.workspace) == []


def test_several_are_signed_together(site):  # noqa: F811
    """By who acts for somebody away, too."""
    claims = site(signature=True, opinion="required")
    made, ids, day = [claims.handed_in() for _one in range(2)], claims.ids, now().date()
    with claims.workspace.writing() as connection:
        go_away(connection, ids["cem"], ids["eva"], day, day, ids["cem"], day)
    eva = claims.browse("eva")
    boxes = [f"{claim.id}.{claim.rev}" for claim in made]
    eva.get("/inbox")
    sent = {"record": boxes, "do": "take.approve", "key": "k" * 16, "base": "{}", "next": "/inbox", "vote-opinion": "Fine"}
    assert "Sign, or enter your name." in eva.post("/apps/claims/claim/bulk", sent).get_data(as_text=True)
    report = eva.post("/apps/claims/claim/bulk", sent | {"vote-drawn": drawn()}).get_data(as_text=True)
    assert "2 records are done." in report
    files = [claims.history(claim)[0].signed["file"] for claim in made]
    assert len(set(files)) == 2
    assert claims.history(made[0])[0].acts_for == (ids["cem"],)
