"""The views of a form are built: lists, boards, calendars and timelines."""

from __future__ import annotations

import pytest
from design_desk import Desk, Shop


@pytest.fixture
def desk(app, orders):
    shop = Shop(app, orders)
    return Desk(shop, shop.browser(shop.ada), "orders", "order")


def test_views_show_columns_in_an_order_to_roles(desk):
    before = desk.document
    assert desk.sends("views").location.endswith("views.view")
    desk.selects("views.view").send("properties", **{"label-en": "Rush", "column": "total"})
    desk.selects("views.view").send("properties", column="customer")
    desk.selects("views.view").send("properties", act="up.customer")
    desk.selects("views.view").send("properties", act="remove.status", roles=["", "sales"], **{"sort-0": "total"})
    desk.selects("views.view").send("properties", **{"descending-0": "true"})
    view = next(one for one in desk.built["views"] if one["key"] == "view")
    assert view["columns"] == ["number", "customer", "total"] and view["roles"] == ["sales"]
    assert view["sort"] == [{"field": "total", "descending": True}] and view["label"]["en"] == "Rush"
    assert "forms%5Border%5D.views%5Bview%5D.where" in desk.selects("views.view").html
    desk.edits("remove", path="forms[order].views[view]")
    assert desk.document == before
    for view in desk.built["views"]:
        desk.selects(f"views.{view['key']}").send("properties")
        assert desk.document == before, view


def test_a_view_is_a_board_a_calendar_or_a_timeline(desk):
    before = desk.document
    desk.sends("views")

    def sets(**values):
        desk.selects("views.view").send("properties", **values)
        view = next(one for one in desk.built["views"] if one["key"] == "view")
        return {name: view[name] for name in ("kind", "by", "total", "start", "end", "title") if name in view}

    assert sets(kind="board") == {"kind": "board", "by": "status"}
    assert sets(total="total") == {"kind": "board", "by": "status", "total": "total"}
    assert sets(by="channel")["by"] == "channel"
    assert sets(kind="calendar") == {"kind": "calendar", "start": "ordered"}
    assert sets(start="promised", title="customer") == {"kind": "calendar", "start": "promised", "title": "customer"}
    assert sets(kind="timeline") == {"kind": "timeline", "start": "ordered", "end": "wanted"}
    assert sets(by="customer")["by"] == "customer"
    assert sets(kind="list") == {}
    for _change in range(9):
        desk.undoes()
    assert desk.document == before


def test_a_field_that_is_removed_leaves_the_views_that_go_by_it(desk):
    desk.sends("views")
    desk.selects("views.view").send("properties", kind="board")
    desk.selects("views.view").send("properties", by="channel", total="total")
    desk.edits("remove_field", form="order", field="channel")
    view = next(one for one in desk.built["views"] if one["key"] == "view")
    assert (view["kind"], view.get("by"), view["total"]) == ("board", None, "total")
    assert "Choose what the board has a column for" in desk.selects("views.view").text
