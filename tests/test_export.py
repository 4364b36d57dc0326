"""Records as comma-separated values: what a list shows, all of it, and nothing that it does not."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from decimal import Decimal

import pytest
from every_world import every_world, filled
from formloom.platform.errors import Invalid, NotFound
from formloom.platform.formats import formats_for
from formloom.platform.records import export, xlsx
from formloom.platform.records.results import Query
from formloom.platform.workflow.commands import Loaded
from order_world import a_customer, a_product, an_order
from python_calamine import CalamineWorkbook


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def sheet(gate, query: Query, columns, language="en", zone="UTC") -> list[dict[str, str]]:
    head, *rows = export.sheet(gate, query, columns, formats_for(language, zone))
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.fixture
def world(workspace):
    return every_world(workspace)


def test_every_type_is_written_so_that_a_spreadsheet_can_work_with_it(world):
    world.do("staff").create("every", filled(world, day="2026-11-24", moment="2026-11-24T20:30:00Z", colour="red", fine=True))
    with world.gate("staff") as gate:
        (row,) = sheet(gate, *export.query_of(gate, "every"), zone="Asia/Shanghai")
        (chinese,) = sheet(gate, *export.query_of(gate, "every"), language="zh")
    assert (row["Day"], row["Moment"], row["Opens"]) == ("2026-11-24", "2026-11-25 04:30:00", "09:30")
    assert (row["Amount"], row["Twice"], row["Stars"], row["Number"]) == ("1234.5", "6", "4", "E-0001")
    assert (row["Other"], row["Team"], row["Tier"], row["Fine"]) == ("Ernst", "Asia", "gold", "Yes")
    assert (row["Colour"], chinese["Colour"], row["Colours"]) == ("Red", "红", "Red, Blue") and row["Status"] == "Open"
    assert row["Share"] == row["Owner"] == row["Files"] == "" and not {"Lines", "Head"} & row.keys()


def test_what_is_masked_stays_masked_and_what_is_hidden_stays_away(world):
    number = world.do("staff").create("every", filled(world)).id
    with world.gate("desk") as gate:
        (row,) = sheet(gate, *export.query_of(gate, "every"))
    assert row["Phone"] == "••••••4567" and row["Amount"] == "••••••" and row["About"] == "First"
    with world.gate("guest") as gate:
        (row,) = sheet(gate, *export.query_of(gate, "every"))
        assert row["Opens"] == "09:30"
    world.do("staff").perform("every", number, "finish", {"stars": 3})
    with world.gate("guest") as gate:
        (row,) = sheet(gate, *export.query_of(gate, "every"))
        assert {key for key, cell in row.items() if cell} == {"About", "Status"}
    with world.gate("nobody") as gate, pytest.raises(NotFound):
        export.query_of(gate, "every")


def test_all_rows_come_in_order_however_many_there_are(world):
    world.engine.load("every", [Loaded("open", {"about": f"A{number:04}"}) for number in range(1203)])
    with world.gate("staff") as gate:
        rows = sheet(gate, Query("every", ("about",), limit=5, sort=export.query_of(gate, "every")[0].sort), ("about",))
        assert sorted(row["About"] for row in rows) == [f"A{number:04}" for number in range(1203)]
        with pytest.raises(Invalid):
            sheet(gate, Query("every", ("nothing",)), ("about",))
        with pytest.raises(NotFound):
            export.query_of(gate, "every", "nowhere")


def kept(browser, path: str) -> list[list[str]]:
    with browser.get(path) as answer:
        assert answer.status_code == 200 and answer.mimetype == "text/csv"
        assert f"{path.partition('.csv')[0].rpartition('/')[2]}.csv" in answer.headers["Content-Disposition"]
        return read(answer.get_data().decode("utf-8-sig"))


def test_a_list_is_kept_as_a_sheet_at_its_own_address(orders, client):
    product = a_product(orders)
    for name in ("=HYPERLINK(0)", "张三商贸", "Kestrel, “Books”"):
        an_order(orders, a_customer(orders, name=name), (product, 2))
    sales = client.sign_in(orders.sales)
    head, *rows = kept(sales, "/apps/orders/order.csv?columns=customer+total+status&sort=total&after=nonsense")
    assert head == ["Customer", "Total", "Status"]
    assert sorted(row[0] for row in rows) == ["'=HYPERLINK(0)", "Kestrel, “Books”", "张三商贸"]
    assert {tuple(row[1:]) for row in rows} == {("140.42", "Draft")}
    assert len(kept(sales, "/apps/orders/order.csv?q=Kestrel")) == 2
    assert sales.get("/apps/orders/order.csv?f=nonsense").status_code == 422
    assert sales.get("/apps/orders/nothing.csv").status_code == sales.get("/apps/nowhere/order.csv").status_code == 404


def test_whoever_sees_no_list_gets_no_sheet(app, orders, client):
    assert app.test_client().get("/apps/orders/order.csv").status_code == 303
    a_product(orders)
    path = "/apps/orders/product.csv?columns=name+cost"
    assert kept(client.sign_in(orders.purchasing), path) == [["Name", "Cost"], ["Birch stool", "31.5"]]
    assert kept(client.sign_in(orders.sales), path) == [["Name"], ["Birch stool"]]


def test_a_workbook_has_figures_days_and_text_that_is_no_formula(tmp_path):
    heads = ["What", "Amount", "Long", "Day", "Old", "At", "Nothing"]
    rows = [["=1+1 <b>&\x0b", Decimal("-1234.50"), Decimal("1234567890123.123456"), date(2026, 11, 24), date(1899, 1, 1), datetime(2026, 11, 24, 20, 30), ""]]
    with (tmp_path / "kept.xlsx").open("wb") as out:
        xlsx.write(out, "Orders: [all] / 订单", [heads, *rows])
    book = CalamineWorkbook.from_path(tmp_path / "kept.xlsx")
    assert book.sheet_names == ["Orders   all    订单"]
    head, row = book.get_sheet_by_index(0).to_python()
    assert head == heads
    assert row == ["=1+1 <b>&", -1234.5, "1234567890123.123456", date(2026, 11, 24), "1899-01-01", datetime(2026, 11, 24, 20, 30), ""]
