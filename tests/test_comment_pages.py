"""Comments and following on the page of a record: written, refused, changed and deleted there, also without script."""

from __future__ import annotations

import io
import re

import pytest
from every_field import PDF, PNG
from formloom.platform.formats import utc_now
from formloom.platform.jobs.worker import drain
from formloom.platform.records import attachments
from formloom.platform.workflow.soundness import check
from house import BEN, add_workspace
from order_world import a_customer, a_product, an_order, told
from page import Page, visit
from test_json import JsonClient

LIST = "/apps/orders/order/"


@pytest.fixture
def order(orders):
    return an_order(orders, a_customer(orders), (a_product(orders, 10), 1))


@pytest.fixture
def opened(orders, client, order):
    client.sign_in(orders.sales)
    return visit(client, f"{LIST}{order.id}")


def said(page) -> list[str]:
    return re.findall(r'<div class="said">(.*?)</div>', page.html, re.S)


def pressed(page) -> bool:
    return re.search(r'id="follow-button"[^>]*aria-pressed="true"', page.html) is not None


def test_a_comment_stands_in_the_story_with_its_markup_shown_as_text(opened):
    page = opened.send("comment", text="<script>alert(1)</script> & @Finance\nhttps://example.com/?a=1&b=2").follow()
    (words,) = said(page)
    assert words.startswith("&lt;script&gt;alert(1)&lt;/script&gt; &amp; ")
    assert '<span class="called">@Finance</span>' in words
    assert 'href="https://example.com/?a=1&amp;b=2" rel="nofollow noopener noreferrer"' in words
    assert page.text.index("just now") < page.text.index("Created")
    assert page.form("comment").fields["text"] == ""


def test_what_was_refused_comes_back_as_it_was_written(opened):
    for text, why in (("", "Write something first."), ("长" * 5001, "At most 5000 characters; these are 5001.")):
        refused = opened.send("comment", text=text)
        assert refused.status == 422 and why in refused.text
        assert refused.form("comment").fields["text"] == text
        assert said(refused) == []


def test_ones_own_is_changed_and_deleted_on_the_page(opened, client, orders, order):
    page = opened.send("comment", text="Wich one?").follow()
    (path,) = re.findall(r'action="(/apps/orders/order/\d+/comments/\d+)"', page.html)
    assert client.post(path, {"text": " "}).status_code == 422
    assert "Which one?" in said(visit(client, client.post(path, {"text": "Which one?"}).location))[0]
    client.sign_in(orders.manager)
    other = visit(client, f"{LIST}{order.id}")
    assert "edited" in other.text and f'action="{path}' not in other.html
    assert client.post(path, {"text": "Not mine"}).status_code == client.post(f"{path}/deletion").status_code == 404
    client.sign_in(orders.sales)
    page = visit(client, client.post(f"{path}/deletion").location)
    assert said(page) == [] and "Comment deleted" in page.text


def test_people_are_offered_who_see_the_record(opened, client, orders, order):
    path = f"{LIST}{order.id}/people"
    assert [one["name"] for one in client.get(f"{path}?q=fin").json] == ["Finance"]
    assert client.get(f"{path}?q=sales").json == [{"id": orders.manager.id, "name": "Sales Manager"}]  # not oneself
    assert client.get(f"{LIST}999/people").status_code == 404


def test_following_is_switched_on_the_page_and_tells_of_what_happens(opened, client, orders, order):
    assert 'id="follow-button"' in opened.html and pressed(opened)  # who made it follows it
    client.sign_in(orders.manager)
    page = visit(client, f"{LIST}{order.id}")
    assert not pressed(page)
    page = page.send("follow", on="1").follow()
    assert pressed(page)
    orders.sales.submits(order)
    drain(orders.workspace)
    assert len(told(orders.manager)) == 1  # by an effect of this transition, and not for following too
    assert not pressed(page.send("follow", on="0").follow())


def test_who_does_not_see_the_record_finds_none_of_it(client, orders, order):
    client.sign_in(orders.warehouse)  # sees no drafts
    for path in ("comments", "comments/1", "comments/1/deletion", "following"):
        for number in (order.id, 999):
            assert client.post(f"{LIST}{number}/{path}", {"text": "x", "on": "1"}).status_code == 404
    assert client.get(f"{LIST}{order.id}/people").status_code == 404


def attached(opened, text: str = "", *files: tuple[bytes, str], **more):
    """A comment with files, sent as a browser does."""
    form = opened.form("comment")
    data = form.fields | {"text": text, "files": [(io.BytesIO(content), name) for content, name in files], **more}
    return Page(opened.client, opened.client.post(form.action, data, content_type="multipart/form-data"))


def fetched(client, path: str) -> int:
    answer = client.get(path)
    answer.close()
    return answer.status_code


def test_files_of_a_comment_are_given_to_those_who_see_the_record_until_it_is_deleted(opened, client, orders, order):
    page = attached(opened, "", (PDF, "合同.pdf"), (PNG, "front.png")).follow()
    paths = re.findall(r'href="(/apps/orders/order/\d+/files/[^"]+)"', page.html)
    assert len(paths) == 2 and "合同.pdf" in page.text and said(page) == []
    client.sign_in(orders.manager)
    assert [fetched(client, path) for path in paths] == [200, 200]
    assert fetched(client, paths[0].replace(f"/{order.id}/", "/999/")) == 404
    client.sign_in(orders.warehouse)  # sees no drafts
    assert [fetched(client, path) for path in paths] == [404, 404]
    client.sign_in(orders.sales)
    (path,) = re.findall(r'action="(/apps/orders/order/\d+/comments/\d+)"', page.html)
    assert check(orders.workspace) == []
    client.post(f"{path}/deletion")
    assert [fetched(client, path) for path in paths] == [404, 404]
    assert attachments.purge(orders.workspace, utc_now()) == 2
    assert check(orders.workspace) == []


def test_a_file_stays_at_hand_where_the_words_are_refused_and_only_ones_own_can_be_attached(opened, client, orders, order):
    refused = attached(opened, "x" * 5001, (PDF, "contract.pdf"))
    (kept,) = re.findall(r'name="kept" value="(.*?)"', refused.html)
    assert refused.status == 422 and kept.endswith("/contract.pdf")
    assert "is a program" in attached(opened, "Run this", (b"MZ\x90\x00" + b"\0" * 100, "x.exe")).text
    client.sign_in(orders.manager)
    other = visit(client, f"{LIST}{order.id}")
    assert attached(other, "Theirs", kept=kept).status == 422
    client.sign_in(orders.sales)
    page = attached(visit(client, f"{LIST}{order.id}"), "Short", kept=kept).follow()
    assert "contract.pdf" in page.text
    assert attached(page, "Again", kept=kept).status == 422  # it is in a comment already
    orders.admin.do.erase("order", order.id, ["#comments"])
    assert "contract.pdf" not in visit(client, f"{LIST}{order.id}").text
    assert fetched(client, f"{LIST}{order.id}/files/{kept}") == 404


def test_comments_are_read_and_written_in_json_too(client, orders, order):
    sales, path = JsonClient(client, orders.sales), f"{LIST}{order.id}"
    status, made = sales.post(f"{path}/comments", {"text": "@Finance?", "key": "k"})
    assert status == 201 and sales.post(f"{path}/comments", {"text": "@Finance?", "key": "k"})[1] == made
    for wrong in ({}, {"text": 7}, {"text": "x", "mentions": ["a"]}, {"text": " "}, {"text": "x", "files": ["1/a"]}):
        assert sales.post(f"{path}/comments", wrong)[0] == 422, wrong
    assert sales.post(f"{path}/comments/{made['id']}", {"text": "@Finance!"}) == (200, made)
    (one,) = sales.get(f"{path}/comments")[1]
    assert (one["text"], one["by"]["name"], one["mentions"], one["deleted_at"]) == ("@Finance!", "Sales", [orders.finance.id], None)
    assert sales.post(f"{path}/comments/{made['id']}/deletion", {}) == (200, made)
    assert sales.get(f"{path}/comments")[1][0]["text"] is None
    assert sales.post(f"{path}/following", {"on": False}) == (200, {"on": False})
    assert sales.post(f"{path}/following", {"on": "yes"})[0] == 422
    assert client.get(f"{path}/comments").location.endswith(f"{path}#talk")
    assert JsonClient(client, orders.warehouse).get(f"{path}/comments")[0] == 404


def test_people_of_another_workspace_find_none_of_it(app, client, orders, order):
    with app.app_context():
        add_workspace(app, "other", BEN)
    client.sign_in(BEN)
    path = f"{LIST}{order.id}"
    for asked in ("comments", "people", "version"):
        assert client.get(f"{path}/{asked}", headers={"Accept": "application/json"}).status_code == 404
    for sent in ("comments", "comments/1", "comments/1/deletion", "following"):
        assert client.post(f"{path}/{sent}", {"text": "x", "on": "1"}).status_code == 404
    assert client.get(f"{LIST}version").status_code == 404
