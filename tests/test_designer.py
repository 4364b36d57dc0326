"""The form designer over HTTP: fields, columns, sections, tabs and forms are added, moved, copied, changed, removed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from design_desk import Desk, Shop
from formloom.builder.forms import ICONS
from formloom.platform import db, registry
from formloom.platform.definition import store
from page import visit
from small_app import small_app


@pytest.fixture
def desk(app, orders):
    shop = Shop(app, orders)
    return Desk(shop, shop.browser(shop.ada), "orders", "order")


def test_the_palette_offers_every_type_that_there_is(desk):
    assert {one.name for one in registry.fields} == {line.split('"')[1] for line in desk.page.html.split("data-kind=")[1:]}


def test_only_administrators_see_and_use_it(desk):
    before = desk.document
    ben = desk.house.browser(desk.house.ben)
    assert ben.get(desk.here).status_code == 404
    for path in ("fields", "fields/acts", "sections", "sections/acts", "properties", "copies", "removal"):
        assert ben.post(desk.here + path, {"type": "text", "act": "remove", "select": "fields.total"}).status_code == 404, path
    assert desk.document == before


def test_a_field_goes_after_what_is_selected_or_to_the_end(desk):
    assert desk.adds("number", "fields.customer") == "fields.number_2"
    assert desk.section("order")[:4] == ["number", "channel", "customer", "number_2"]
    desk.adds("text", "layout.margin")
    assert desk.section("margin")[-1] == "text"
    desk.adds("text")
    assert desk.section("notes")[-1] == "text_2"
    desk.adds("date", section="totals", after="")
    assert desk.section("totals")[0] == "date"


def test_what_is_selected_shows_its_properties(desk):
    assert "Name of several" in desk.page.text
    page = desk.selects("fields.lines.fields.price")
    assert "Properties" in page.html and page.form("properties").fields["label-en"] == desk.field("lines", "price")["label"]["en"]
    assert "things selected" in desk.selects("fields.total", "fields.net").text
    assert "Name of several" in desk.selects("fields.nothing", "nonsense", "fields.a.b.c").text


def test_properties_change_only_where_they_were_changed(desk):
    before = desk.document
    desk.selects("fields.customer").send("properties")
    desk.selects().send("properties")
    desk.selects("layout.order").send("properties")
    assert desk.document == before
    desk.selects("fields.customer").send("properties", **{"label-en": "Buyer", "help-zh": "谁付款"})
    assert desk.field("customer")["label"] == {"en": "Buyer", "zh": "客户"}
    assert desk.field("customer")["help"] == {"zh": "谁付款"}
    desk.selects("fields.wanted").send("properties", required="always", show="never")
    assert (desk.field("wanted")["required"], desk.field("wanted")["show"]) == (True, False)
    desk.selects("layout.totals").send("properties", columns="4")
    desk.selects().send("properties", **{"plural-en": "All orders", "subtitle": "note"})
    assert (desk.built["plural"]["en"], desk.built["subtitle"]) == ("All orders", "note")
    for _turn in range(4):
        desk.undoes()
    assert desk.document == before


def test_checks_are_added_worded_and_removed(desk):
    before = desk.document
    added = {"key": "check", "rule": True, "message": {"en": "No."}}
    desk.edits("add", path="forms[order].fields[wanted].checks", element=added)
    assert "Add a check" in desk.selects("fields.wanted").text
    desk.sends("properties", select="fields.wanted", check="check", **{"message.check-en": "Too early.", "message.check-zh": ""})
    assert desk.field("wanted")["checks"][-1]["message"] == {"en": "Too early."}
    assert "/build/orders/rules" in desk.selects("fields.wanted").html
    desk.edits("remove", path="forms[order].fields[wanted].checks[check]")
    assert desk.document == before


def test_a_label_is_never_empty(desk):
    before = desk.document
    refused = desk.selects("fields.customer").send("properties", **{"label-en": "", "label-zh": " "})
    assert refused.status == 422 and "This needs a name" in refused.text
    assert desk.document == before


def test_fields_move_one_place_and_from_section_to_section(desk):
    desk.acts("up", "fields.customer")
    assert desk.section("order")[:3] == ["number", "customer", "channel"]
    desk.acts("down", "fields.number", "fields.customer")
    assert desk.section("order")[:3] == ["channel", "number", "customer"]
    desk.acts("up", "fields.net")
    assert desk.section("lines") == ["lines", "net"] and desk.section("totals")[0] == "tax"
    desk.acts("down", "fields.net")
    assert desk.section("lines") == ["lines"] and desk.section("totals")[:2] == ["net", "tax"]
    before = desk.document
    desk.acts("down", "fields.note")
    desk.acts("up", "fields.channel")
    desk.acts("up", "fields.channel")
    assert desk.document == before


def test_columns_move_within_their_table(desk):
    order = [column["key"] for column in desk.field("lines")["fields"]]
    desk.acts("down", "fields.lines.fields.product")
    desk.acts("up", "fields.lines.fields.product", "fields.lines.fields.quantity")
    assert [column["key"] for column in desk.field("lines")["fields"]] in (order, [order[1], order[0], *order[2:]])
    assert desk.adds("text", f"fields.lines.fields.{order[0]}") == "fields.lines.fields.text"
    assert desk.adds("rows", f"fields.lines.fields.{order[0]}").startswith("fields.rows")
    assert desk.adds("date", rows="lines", after=order[-1]) == "fields.lines.fields.date"
    assert desk.field("lines")["fields"][-1]["key"] == "date"


def test_what_is_selected_is_duplicated_and_removed_as_one(desk):
    before = desk.document
    names = desk.acts("duplicate", "fields.customer", "fields.lines.fields.price").location
    assert "fields.customer_2" in names and "fields.lines.fields.price_2" in names
    assert desk.section("order")[2:4] == ["customer", "customer_2"]
    assert desk.field("customer_2")["label"] == {"en": "Customer (copy)", "zh": "客户（副本）"}
    assert desk.field("customer_2")["settings"] == desk.field("customer")["settings"]
    desk.acts("remove", "fields.customer_2", "fields.lines.fields.price_2")
    assert desk.document == before
    desk.undoes()
    desk.undoes()
    assert desk.document == before


def test_sections_are_added_moved_and_removed_with_or_without_their_fields(desk):
    before = desk.document
    assert desk.sends("sections", select="fields.customer").location.endswith("layout.section")
    assert [section["key"] for section in desk.built["layout"]][:2] == ["order", "section"]
    desk.sends("sections/acts", act="down", select="layout.section")
    assert [section["key"] for section in desk.built["layout"]][:3] == ["order", "lines", "section"]
    desk.sends("sections/acts", act="remove", select="layout.section", into="")
    assert desk.document == before
    desk.sends("sections/acts", act="remove", select="layout.totals", into="order")
    assert desk.section("order")[-1] == "open"
    desk.sends("sections/acts", act="remove", select="layout.notes", into="away")
    assert "note" not in {field["key"] for field in desk.built["fields"]}
    desk.undoes()
    desk.undoes()
    assert desk.document == before


def test_tabs_hold_sections_which_move_onto_them(desk):
    before = desk.document
    desk.sends("sections", tab="1")
    assert desk.built["tabs"] == [{"key": "tab", "label": {"en": "Tab", "zh": "标签页"}}]
    desk.sends("sections/acts", act="down", select="layout.notes")
    notes = next(section for section in desk.built["layout"] if section["key"] == "notes")
    assert notes["tab"] == "tab"
    desk.selects("tabs.tab").send("properties", **{"label-en": "More"})
    assert "More" in desk.selects().text
    desk.selects("layout.delivery").send("properties", tab="more")
    desk.sends("sections/acts", act="remove", select="tabs.more")
    assert "tabs" not in desk.built and not any("tab" in section for section in desk.built["layout"])
    for _turn in range(5):
        desk.undoes()
    assert desk.document == before


def test_forms_are_added_copied_ordered_and_removed(desk):
    before = desk.document
    page = visit(desk.browser, "/build/orders/forms")
    assert "Stock move" in page.text
    desk.browser.post("/build/orders/forms", {"label-en": "Complaint", "label-zh": "投诉"})
    made = desk.document["forms"][-1]
    assert made["key"] == "complaint" and {access["role"] for access in made["access"]} == {role["key"] for role in before["roles"]}
    assert "Nothing to look at" in visit(desk.browser, "/build/orders/findings").text
    desk.browser.post("/build/orders/forms/complaint/copies", {})
    assert [form["key"] for form in desk.document["forms"]][-2:] == ["complaint", "complaint_2"]
    desk.browser.post("/build/orders/forms/complaint_2/removal", {})
    desk.browser.post("/build/orders/forms/complaint/removal", {})
    assert desk.document == before
    assert desk.browser.post("/build/orders/forms", {"label-en": " "}).status_code == 422


def test_nonsense_is_refused_in_words(desk):
    before = desk.document
    for path, values in [
        ("fields", {"type": "wormhole"}), ("fields", {"type": "text", "section": "nowhere"}), ("fields", {"type": "text", "rows": "customer"}),
        ("fields/acts", {"act": "explode", "select": "fields.total"}), ("fields/acts", {"act": "up"}), ("sections/acts", {"act": "up"}),
        ("sections/acts", {"act": "remove", "select": "layout.order", "into": "order"}), ("properties", {"select": ["fields.net", "fields.tax"]}),
        ("properties/several", {"select": "fields.net", "section": "nowhere"}),
    ]:  # fmt: skip
        answer = desk.browser.post(desk.here + path, values, headers={"HX-Request": "true"})
        assert answer.status_code == 422 and "alert" in answer.get_data(as_text=True), (path, values)
    assert desk.document == before


def test_a_key_is_changed_until_it_is_published_and_follows_the_first_label(desk):
    before = desk.document
    desk.adds("money", "fields.customer")
    assert desk.selects("fields.money").send("properties", **{"label-en": "Deposit paid"}).location.endswith("fields.deposit_paid")
    assert desk.field("deposit_paid")["label"]["en"] == "Deposit paid" and "deposit_paid" in desk.section("order")
    desk.edits("put", path="forms[order].fields[note].show", value={">": [{"var": "deposit_paid"}, 0]})
    assert desk.sends("properties/key", select="fields.deposit_paid", key="deposit").location.endswith("fields.deposit")
    assert desk.field("note")["show"] == {">": [{"var": "deposit"}, 0]}
    for _turn in range(4):
        desk.undoes()
    assert desk.document == before
    assert "published, so it stays" in desk.selects("fields.customer").text
    refused = desk.sends("properties/key", select="fields.customer", key="buyer")
    assert refused.status == 422 and "published with version 1" in refused.text
    assert desk.sends("properties/key", key="sale").status == 422
    assert desk.document == before


def test_what_was_copied_is_put_in_with_keys_of_its_own(desk):
    before = desk.document
    copied = [desk.field("customer"), desk.field("usual_discount"), desk.field("net")]
    put = desk.sends("clipboard", select="fields.note", elements=json.dumps(copied))
    assert "fields.customer_2" in put.location and "fields.usual_discount_2" in put.location
    assert desk.section("notes")[-4:] == ["note", "customer_2", "usual_discount_2", "net_2"]
    assert desk.field("usual_discount_2")["settings"]["via"] == "customer_2"
    desk.undoes()
    assert desk.document == before
    desk.sends("clipboard", select="fields.lines.fields.price", elements=json.dumps([desk.field("customer"), desk.field("lines")]))
    assert desk.field("lines", "customer")["type"] == "link" and "could not come along" in desk.page.text
    assert desk.sends("clipboard", elements="{").status == 422
    assert desk.sends("clipboard", elements='[{"key": "a", "type": "wormhole", "label": {}}]').status == 422


def test_in_another_form_or_app_what_is_not_there_stays_behind(desk):
    order = [desk.field(key) for key in ("customer", "usual_discount", "promised", "lines", "net", "invoiced")]
    order[2] = order[2] | {"show": {"var": "rush"}}
    shipper = Desk(desk.house, desk.browser, "orders", "shipper")
    shipper.sends("clipboard", elements=json.dumps(order))
    there = {field["key"]: field for field in shipper.built["fields"]}
    assert {"customer", "usual_discount", "promised", "lines"} <= there.keys() and "invoiced" not in there
    assert "show" not in there["promised"] and "Invoiced" in shipper.page.text
    with desk.house.workspace.writing() as connection:
        store.create_app(connection, small_app(), None)
    visit_form = Desk(desk.house, desk.browser, "visits", "visit")
    visit_form.sends("clipboard", elements=json.dumps(order))
    there = {field["key"]: field for field in visit_form.built["fields"]}
    assert there["customer_2"]["settings"]["form"] == "customer" and "promised" in there
    assert "could not come along" in visit_form.page.text
    assert "usual_discount" not in there


def test_a_form_follows_a_status_list_or_none(desk):
    desk.browser.post("/build/orders/forms", {"label-en": "Complaint"})
    complaint = Desk(desk.house, desk.browser, "orders", "complaint")
    complaint.selects().send("properties", status_list=desk.built["status_list"])
    assert complaint.built["status_list"] == desk.built["status_list"]
    complaint.selects().send("properties", status_list="", title="")
    assert "status_list" not in complaint.built and "title" not in complaint.built


def test_every_icon_of_types_and_forms_is_there(desk):
    sprite = (Path(db.__file__).parent.parent / "static" / "icons.svg").read_text()
    missing = {name for name in {*ICONS, *(one.icon for one in registry.fields)} if f'id="{name}"' not in sprite}
    assert missing == set()
    desk.selects().send("properties", icon="ship")
    assert desk.built["icon"] == "ship"


def test_a_field_becomes_another_kind_and_keeps_what_both_know(desk):
    before = desk.document
    key = desk.adds("number").rpartition(".")[2]
    desk.selects(f"fields.{key}").send("properties", **{"settings.scale": "2", "settings.min": "1"})
    desk.sends("fields/type", select=f"fields.{key}", type="money")
    assert desk.field(key)["type"] == "money" and desk.field(key)["settings"] == {"min": "1", "scale": 2}
    desk.sends("fields/type", select=f"fields.{key}", type="link")
    assert desk.field(key)["settings"].keys() == {"form"}
    assert desk.sends("fields/type", select=f"fields.{key}", type="rows").status == 422
    assert desk.sends("fields/type", select="fields.lines", type="text").status == 422
    for _turn in range(4):
        desk.undoes()
    assert desk.document == before
