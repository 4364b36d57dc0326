"""Importing real data with broken rows: everything sound comes in, everything else is named, nothing is lost."""

from __future__ import annotations

import csv
import shutil
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from databases import SLUG
from formloom.platform import db
from formloom.platform.access.actor import SYSTEM
from formloom.platform.errors import Invalid
from formloom.platform.gallery import template
from formloom.platform.records.compiled import open_app
from formloom.platform.records.query import Gate, Query
from formloom.platform.workflow.intake import run_import
from formloom.platform.workflow.intake_undo import undo_import
from formloom.platform.workflow.soundness import check
from order_app import build_orders
from people import People

NORTHWIND = Path(__file__).parent / "northwind"
BROKEN_ORDERS = {"10250", "10251", "10252", "10253", "10256", "10261", "10265", "10281", "10282", "10287", "10372", "11076"}


@pytest.fixture
def sheets(tmp_path):
    """A folder with the data, to be changed at will."""
    return Path(shutil.copytree(NORTHWIND, tmp_path / "northwind"))


def imports(orders, folder):
    return run_import(orders.workspace, SYSTEM, template("northwind"), folder)


def build_northwind(config):
    build_orders(config)
    workspaces = db.Workspaces(config)
    run_import(workspaces[SLUG], SYSTEM, template("northwind"), NORTHWIND)
    workspaces.dispose()


@pytest.fixture
def northwind(database, databases, tmp_path):
    """The people of the order app, with the data imported: that was import 1."""
    made = databases.fresh(database, "northwind", build_northwind, tmp_path / "northwind-instance")
    workspaces = db.Workspaces(made)
    yield People(workspaces[SLUG], "orders")
    workspaces.dispose()
    databases.drop(made)


def records(orders, form, *fields):
    """number -> values, of every record of a form."""
    with orders.workspace.reading() as connection:
        gate = Gate(connection, open_app(orders.workspace, connection, "orders"), SYSTEM)
        rows = gate.page(Query(form, ("number", *fields), limit=500)).rows
        return {row.values["number"]: gate.record(form, row.id) for row in rows}


def rows(name):
    with open(NORTHWIND / name, encoding="utf-8", newline="") as handle:
        header, *found = csv.reader(handle)
    return header, found


def events(orders):
    with orders.workspace.reading() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM event").scalar()


def change(folder, sheet, old, new):
    text = (folder / sheet).read_text("utf-8")
    assert old in text
    (folder / sheet).write_text(text.replace(old, new), "utf-8")


def repair(folder):
    """Quote what was cut in two: the cells that the header has no place for belong to the one before."""
    joins = {"orders.csv": 12, "customers.csv": 7, "suppliers.csv": 7}
    for name, place in joins.items():
        with open(folder / name, encoding="utf-8-sig", newline="") as handle:
            header, *found = csv.reader(handle)
        for row in found:
            at = place if len(row) > len(header) else 0
            if at and row[4] in (" Ltd.", " Mate"):
                at = 4
            if at:
                row[at - 1 : at + 1] = [",".join(row[at - 1 : at + 1])]
        with open(folder / name, "w", encoding="utf-8-sig", newline="") as handle:
            csv.writer(handle).writerows([header, *found])


def test_everything_sound_comes_in(orders):
    report = imports(orders, NORTHWIND)
    created = {load: counts["created"] for load, counts in report.counts.items()}
    assert created == {
        "shippers": 3, "employees": 9, "suppliers": 20, "categories": 8, "products": 77, "opening_stock": 77, "customers": 67, "orders": 38,
    }  # fmt: skip
    assert records(orders, "order").keys() == {row[0] for row in rows("orders.csv")[1]} - BROKEN_ORDERS
    assert check(orders.workspace) == []


def test_every_total_is_the_sum_of_its_lines_to_the_cent(northwind):
    expected: dict[str, Decimal] = {}
    for order, _product, price, quantity, discount in rows("order-details.csv")[1]:
        amount = Decimal(price) * Decimal(quantity) * (1 - Decimal(discount))
        cents = amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
        expected[order] = expected.get(order, Decimal(0)) + cents
    for number, order in records(northwind, "order").items():
        assert order.values["total"] == expected[number]
        assert order.values["total"] == sum(line["amount"] for line in order.values["lines"])


def test_statuses_dates_people_and_carriers_are_those_of_the_rows(northwind):
    loaded = records(northwind, "order")
    shipped, waiting = loaded["10248"], loaded["11008"]
    assert (shipped.status, waiting.status) == ("shipped", "reviewed")
    assert (str(shipped.values["ordered"]), str(shipped.values["shipped_on"])) == ("1996-07-04", "1996-07-16")
    assert waiting.values["shipped_on"] is None
    assert shipped.created_at.date() == shipped.values["ordered"]
    assert shipped.titles["person", shipped.values["sales_person"]] == "Steven Buchanan"
    assert shipped.created_by == shipped.values["sales_person"]
    assert shipped.titles["shipper", shipped.values["carrier"]] == "Federal Shipping"
    assert shipped.titles["customer", shipped.values["customer"]] == "Vins et alcools Chevalier"
    assert [line["shipped"] for line in shipped.values["lines"]] == [12, 10, 5]
    assert {line["shipped"] for line in waiting.values["lines"]} == {0}


def test_products_have_their_category_and_their_stock_as_an_opening_count(northwind):
    products = records(northwind, "product")
    chang = products["2"].values
    assert (chang["name"], chang["on_hand"], chang["on_order"]) == ("Chang", 17, 40)
    assert products["2"].titles["category", chang["category"]] == "Beverages"
    assert products["2"].titles["supplier", chang["supplier"]] == "Exotic Liquids"
    moved = {}
    for move in records(northwind, "stock_move").values():
        assert (move.status, move.values["kind"]) == ("booked", "count")
        moved[move.values["product"]] = moved.get(move.values["product"], 0) + move.values["stock"]
    assert moved == {product.id: product.values["on_hand"] for product in products.values()}


def test_every_broken_row_is_named_with_what_hangs_on_it(orders):
    report = imports(orders, NORTHWIND)
    told = {(one.row.sheet, one.row.line): one.reason for one in report.refused}
    assert told["customers.csv", 8] == "it has 12 cells where the header has 11"
    assert told["orders.csv", 4] == "it has 15 cells where the header has 14"
    assert told["order-details.csv", 7] == "orderID 10250 is refused (orders.csv, line 4)"
    by_sheet = {sheet: sum(1 for name, _line in told if name == sheet) for sheet, _line in told}
    hanging = [row for row in rows("order-details.csv")[1] if row[0] in BROKEN_ORDERS]
    assert by_sheet == {"customers.csv": 24, "orders.csv": 12, "order-details.csv": len(hanging), "suppliers.csv": 9}
    without = {one.row.line: one.reason for one in report.incomplete}
    assert without[17] == "loaded without it: supplierID: supplierID 7 is refused (suppliers.csv, line 8)"


@pytest.mark.databases("sqlite")
def test_a_sound_order_of_a_broken_customer_is_refused_too(orders, sheets):
    change(sheets, "orders.csv", "10248,VINET", "10248,BLONP")
    report = imports(orders, sheets)
    told = {(one.row.sheet, one.row.line): one.reason for one in report.refused}
    assert told["orders.csv", 2] == "customerID: customerID BLONP is refused (customers.csv, line 8)"
    assert told["order-details.csv", 2] == "orderID 10248 is refused (orders.csv, line 2)"


@pytest.mark.databases("sqlite")
def test_a_broken_line_takes_its_order_with_it(orders, sheets):
    change(sheets, "order-details.csv", "10248,42,9.80,10,0", "10248,42,9.80,ten,0")
    change(sheets, "order-details.csv", "10249,14,18.60,9,0", "10249,14,18.60,9")
    report = imports(orders, sheets)
    told = {(one.row.sheet, one.row.line): one.reason for one in report.refused}
    assert told["orders.csv", 2] == "its line 3 of order-details.csv is refused"
    assert told["order-details.csv", 2] == "orderID 10248 is refused (orders.csv, line 2)"
    assert "“ten” is refused" in told["order-details.csv", 3]
    assert told["order-details.csv", 5] == "it has 4 cells where the header has 5"
    assert not {"10248", "10249"} & records(orders, "order").keys()


def test_a_second_run_changes_nothing(northwind):
    before = events(northwind)
    second = imports(northwind, NORTHWIND)
    assert second.run_id is None
    assert {what for counts in second.counts.values() for what in counts} == {"unchanged"}
    assert len([one for one in second.refused if one.row.sheet == "orders.csv"]) == len(BROKEN_ORDERS)
    assert events(northwind) == before


def test_repaired_rows_load_afterwards(northwind, tmp_path):
    imports(northwind, NORTHWIND).write(tmp_path / "refused")
    repair(tmp_path / "refused")
    report = imports(northwind, tmp_path / "refused")
    assert report.refused == [] and report.incomplete == []
    assert {load: counts["created"] for load, counts in report.counts.items() if counts["created"]} == {
        "suppliers": 9, "customers": 24, "orders": 12,
    }  # fmt: skip
    assert report.counts["products"]["changed"] == 25  # they get their suppliers
    loaded = records(northwind, "order")
    assert len(loaded) == 50
    assert loaded["10250"].values["ship_street"] == "Rua do Paço, 67"
    assert records(northwind, "supplier")["7"].values["name"] == "Pavlova, Ltd."
    assert sum(len(order.values["lines"]) for order in loaded.values()) == len(rows("order-details.csv")[1])
    assert imports(northwind, NORTHWIND).run_id is None
    assert check(northwind.workspace) == []


@pytest.mark.databases("sqlite")
def test_what_people_changed_here_stays_when_the_sheet_changes(orders, sheets):
    imports(orders, sheets)
    vinet, toms = (records(orders, "customer")[number] for number in ("VINET", "TOMSP"))
    orders.sales.do.edit("customer", vinet.id, {"phone": "0"}, {"phone": vinet.values["phone"]})
    change(sheets, "customers.csv", "26.47.15.10", "26.47.15.99")
    change(sheets, "customers.csv", "Karin Josephs", "Karin Joseph")
    change(sheets, "orders.csv", "1996-07-16 00:00:00.000,3,32.38", "NULL,3,32.38")
    report = imports(orders, sheets)
    now = records(orders, "customer")
    assert now["VINET"].values["phone"] == "0"
    assert now["TOMSP"].values["contact"] == "Karin Joseph"
    assert [one.reason for one in report.notices] == [
        "changed here as well, and left so: phone",
        "the sheet says reviewed now; the record stays at shipped",
    ]
    assert undo_import(orders.workspace, SYSTEM, report.run_id).kept == []
    assert records(orders, "customer")["TOMSP"].values["contact"] == toms.values["contact"]


def test_undo_takes_everything_away_and_the_next_run_brings_it_back(northwind):
    undone = undo_import(northwind.workspace, SYSTEM, 1)
    assert (undone.removed, undone.kept) == (299, [])
    assert records(northwind, "order") == {} and records(northwind, "product") == {}
    again = imports(northwind, NORTHWIND)
    assert sum(counts["restored"] for counts in again.counts.values()) == 299
    assert len(records(northwind, "order")) == 38
    assert check(northwind.workspace) == []


def test_undo_leaves_what_somebody_works_with(northwind):
    order = records(northwind, "order")["11008"]
    northwind.manager.do.edit("order", order.id, {"note": "Urgent"}, {"note": None})
    undone = undo_import(northwind.workspace, SYSTEM, 1)
    kept = {(one.load, one.source_id): one.reason for one in undone.kept}
    assert kept.pop(("orders", "11008")) == "somebody changed it since"
    assert kept[("customers", "ERNSH")] == "This is used by: Orders."
    assert {load for load, _id in kept} == {"customers", "shippers", "suppliers", "categories", "products"}
    assert list(records(northwind, "order")) == ["11008"]
    assert check(northwind.workspace) == []


def test_an_order_brought_in_goes_on_like_any_other(northwind):
    order = records(northwind, "order")["11054"]
    northwind.warehouse.do.perform("order", order.id, "prepare")
    lines = records(northwind, "order")["11054"].values["lines"]
    products = {product.id: product.values for product in records(northwind, "product").values()}
    assert {products[line["product"]]["reserved"] for line in lines} == {line["quantity"] for line in lines}
    assert northwind.sales.creates("order", customer=order.values["customer"]).status == "draft"


@pytest.mark.parametrize("name, content", [
    ("orders.csv", b"PK\x03\x04"),
    ("orders.csv", b"orderID,customerID\n1,2\n"),
    ("products.csv", b"\x00" * 100),
    ("order-details.csv", None),
])  # fmt: skip
@pytest.mark.databases("sqlite")
def test_one_bad_file_and_nothing_is_imported(orders, sheets, name, content):
    if content is None:
        (sheets / name).unlink()
    else:
        (sheets / name).write_bytes(content)
    with pytest.raises(Invalid) as caught:
        imports(orders, sheets)
    assert name in str(caught.value)
    assert events(orders) == 0


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("damage, told", [
    ({"into": "parcel"}, "loads[shippers].into: There is no form “parcel”."),
    ({"values": {"nam": "companyName"}}, "loads[shippers].values.nam: There is no field “nam” here."),
    ({"values": {"name": {"columns": ["companyName"], "refers": "orders"}}}, "No load before this one has this key."),
    ({"status": {"var": "town"}}, "loads[shippers]"),
    ({"colour": "red"}, "mapping.loads.0.colour"),
])  # fmt: skip
def test_a_mapping_that_does_not_fit_is_refused(orders, damage, told):
    document = template("northwind")
    document["loads"][0] |= damage
    with pytest.raises(Invalid) as caught:
        run_import(orders.workspace, SYSTEM, document, NORTHWIND)
    assert told in str(caught.value)
    assert events(orders) == 0
