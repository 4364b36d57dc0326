"""Views that people save of a list: made from what it shows, shared, and never more than their reader may see."""

from __future__ import annotations

import re
from html import unescape

import pytest
from formloom.platform import db
from formloom.platform.access.actor import Actor
from formloom.platform.access.members import add_member, set_roles
from formloom.platform.access.workspaces import create_workspace
from formloom.platform.app import bare_app, close_app
from formloom.platform.errors import NotFound
from formloom.platform.formats import formats_for
from formloom.platform.records import saved_views
from formloom.platform.records.compiled import open_app
from formloom.platform.records.saved_views import SavedView
from formloom.runtime.view_content import OpenedView
from page import visit
from visits import Visits
from warehouse import customer
from werkzeug.datastructures import MultiDict

LIST = "/apps/orders/order/"


@pytest.fixture
def sales(client, orders):
    return client.sign_in(orders.sales)


def saved(client, query: str = "", **sent) -> str:
    """The address of a view saved of the list at these parameters."""
    page = visit(client, f"{LIST}views/new?{query}").send("question", **{"name": "Mine", **sent})
    assert page.status == 303, page.text
    return page.location


def tabs(page) -> list[str]:
    nav = page.html.split('<nav class="tabs"')[1].split("</nav>")[0]
    return [re.sub(r"<[^>]+>", "", label).strip() for label in re.findall(r"<a .*?</a>", nav, re.S)]


def headings(page) -> list[str]:
    return [re.sub(r"<[^>]+>", "", head).strip() for head in re.findall(r'<th scope="col"(?! class="pick").*?</th>', page.html, re.S)]


def test_what_the_list_shows_is_saved_and_opens_again(sales, orders):
    for name, note in (("Ernst Handel", "a"), ("Piccolo", "b")):
        orders.sales.creates("order", customer=customer(orders, name).id, note=note)
    query = "view=all&f=status~is~draft&sort=-ordered,number&columns=number+note&q=ernst"
    before = visit(sales, f"{LIST}?{query}")
    page = visit(sales, saved(sales, query))
    assert tabs(page)[-1] == "Mine" and headings(page) == headings(before) == ["Number2", "Note"]
    assert "Ernst" not in page.text.split("Number")[0] and "Piccolo" not in page.text
    assert 'value="ernst"' in page.html and "Status is Draft" in page.text
    assert "Save changes" not in page.text


def test_it_holds_what_the_published_view_leaves_out(sales, orders):
    draft = orders.sales.creates("order", customer=customer(orders, "Ernst Handel").id)
    orders.sales.cancels(draft, reason="x")
    where = saved(sales, "view=open")
    assert "Ernst Handel" in visit(sales, f"{LIST}?view=all").text
    assert "Ernst Handel" not in visit(sales, where).text


def test_a_changed_view_says_so_and_is_replaced_renamed_and_deleted(sales, orders):
    orders.sales.creates("order", customer=customer(orders, "Ernst Handel").id)
    where = saved(sales, "view=all")
    changed = visit(sales, unescape(re.search(r'id="sort-total" href="([^"]+)"', visit(sales, where).html)[1]))
    assert "Save changes" in changed.text
    form = re.search(r'action="([^"]*/content)".*?name="list" value="([^"]*)"', changed.html, re.S)
    assert sales.post(form[1], {"list": unescape(form[2])}).status_code == 303
    page = visit(sales, where)
    assert "Save changes" not in page.text and re.search(r'aria-sort="ascending".*?Total', page.html)
    number = where.rpartition("=")[2]
    page = visit(sales, f"{LIST}views/{number}").send("question", name="  By   total ").follow()
    assert tabs(page)[-1] == "By total"
    assert sales.post(f"{LIST}views/{number}/deletion").status_code == 303
    assert visit(sales, where).status == 404 and "By total" not in tabs(visit(sales, LIST))


@pytest.mark.parametrize(("name", "said"), [("", "Give it a name."), ("   ", "Give it a name."), ("x" * 61, "At most 60 characters.")])
def test_a_name_is_needed_and_what_was_chosen_stays(sales, name, said):
    page = visit(sales, f"{LIST}views/new").send("question", name=name, role="finance")
    assert page.status == 422 and said in page.text
    assert re.search(r'value="finance" checked', page.html)


def test_one_view_opens_the_list_and_the_address_says_which(sales, orders):
    first, second = saved(sales, name="One", default="1"), saved(sales, "view=all", name="Two", default="1")
    assert visit(sales, LIST).location == second != first
    assert visit(sales, f"{LIST}?view=open").status == 200
    sales.post(f"{LIST}views/{second.rpartition('=')[2]}", {"name": "Two"})
    assert visit(sales, LIST).status == 200


def test_shared_views_show_their_reader_what_the_reader_may_see(client, orders):
    orders.sales.creates("order", customer=customer(orders, "Ernst Handel").id)
    client.sign_in(orders.manager)
    plain = saved(client, "view=all&columns=number+margin+total&sort=-margin", name="Margins", role=["sales", "finance"])
    secret = saved(client, "view=all&f=margin~gt~0", name="Good ones", role="sales")
    private = saved(client, name="Not yours")
    client.sign_in(orders.sales)
    page = visit(client, plain)
    assert headings(page) == ["Number", "Total €"] and "Shared" in page.text and "Not yours" not in page.text
    refused = visit(client, secret)
    assert refused.status == 422 and "There is no field “margin” here." in refused.text
    assert visit(client, private).status == 404
    for path in ("", "/content", "/deletion"):
        assert client.post(f"{LIST}views/{plain.rpartition('=')[2]}{path}", {"name": "x"}).status_code == 404
    client.sign_in(orders.warehouse)
    assert visit(client, plain).status == 404  # shared with others


def test_who_keeps_a_view_of_what_is_hidden_now_still_reaches_the_list(client, orders):
    client.sign_in(orders.manager)
    where = saved(client, "view=all&f=margin~gt~0", default="1")
    assert visit(client, LIST).location == where
    with orders.workspace.writing() as connection:
        set_roles(connection, orders.manager.id, "orders", ["sales"])
    assert visit(client, where).status == 422
    assert visit(client, LIST).status == 200


def test_an_administrator_puts_an_end_to_what_is_shared_and_never_meets_what_is_not(client, orders):
    client.sign_in(orders.sales)
    shared, own = saved(client, name="For all", role="finance"), saved(client, name="Own")
    client.sign_in(orders.admin)
    assert client.post(f"{LIST}views/{own.rpartition('=')[2]}/deletion").status_code == 404
    assert client.post(f"{LIST}views/{shared.rpartition('=')[2]}/deletion").status_code == 303
    client.sign_in(orders.sales)
    assert (visit(client, shared).status, visit(client, own).status) == (404, 200)


def test_what_cannot_be_asked_cannot_be_kept(sales):
    for query in ("f=margin~gt~1", "f=nothing~is~1", "sort=cost", "f=" + "note~has~x%0A" * 3000):
        assert sales.post(f"{LIST}views", {"name": "x", "list": query}).status_code == 422, query[:40]
    assert sales.post("/apps/orders/nothing/views", {"name": "x"}).status_code == 404


def test_another_workspace_has_views_of_its_own(config):
    """The same people, the same app and the same numbers."""
    app = bare_app(config)
    workspaces = app.extensions["workspaces"]
    content = {"where": True, "f": [], "sort": [], "columns": ["about"], "q": ""}
    ann = Actor("member", 1, "Ann", roles={"visits": frozenset({"staff"})}, admin=True)
    with app.app_context():
        for slug in ("ours", "theirs"):
            create_workspace(config, workspaces, slug, slug)
            with workspaces[slug].writing() as connection:
                add_member(connection, "Ann")
        db.system.session.rollback()
    with workspaces["ours"].writing() as connection:
        number = saved_views.add(connection, ann, "visits", "visit", name="Ours", content=content, roles=["staff"])
    with workspaces["ours"].reading() as ours, workspaces["theirs"].reading() as theirs:
        assert saved_views.one(ours, ann, "visits", "visit", number).name == "Ours"
        with pytest.raises(NotFound):
            saved_views.one(theirs, ann, "visits", "visit", number)
    close_app(app)


def test_views_belong_to_one_list(sales, orders):
    number = saved(sales).rpartition("=")[2]
    assert visit(sales, f"/apps/orders/customer/?view={number}").status == 404
    assert sales.post(f"/apps/orders/customer/views/{number}/deletion").status_code == 404


def test_a_sheet_has_what_the_view_shows(sales, orders):
    for name in ("Piccolo", "Ernst Handel"):
        orders.sales.creates("order", customer=customer(orders, name).id, note=name)
    number = saved(sales, "view=all&columns=note+number&sort=-note,number&f=note~has~c").rpartition("=")[2]
    with sales.get(f"/apps/orders/order.csv?view={number}") as answer:
        lines = answer.get_data().decode("utf-8-sig").splitlines()
    assert lines[0] == "Note,Number" and [line.partition(",")[0] for line in lines[1:]] == ["Piccolo"]


def test_a_view_outlives_a_field_that_a_publish_drops(workspace):
    visits = Visits(workspace)
    visits.publishes()
    day = [{"!==": [{"var": "day"}, None]}, {"===": [{"var": "about"}, "Tea"]}]
    content = {"where": {"and": day}, "f": ["day~today~", "about~has~e"], "sort": ["-day", "about"], "columns": ["about", "day"], "q": ""}
    saved = SavedView(7, 1, "Ann", "Mine", content, (), False)

    def opened() -> OpenedView:
        with workspace.reading() as connection:
            return OpenedView(saved, open_app(workspace, connection, "visits").form("visit"), formats_for("en", "UTC"))

    assert not opened().gone and opened().view.where == content["where"]
    visits.publishes(visits.without_field("day"))
    found = opened()
    asked = found.parameters(MultiDict({"view": "7"}), ("about",))
    assert found.view.where == day[1] and (asked.getlist("f"), asked["sort"], asked["columns"]) == (["about~has~e"], "about", "about")
    assert any("day" in words for words in found.gone)
