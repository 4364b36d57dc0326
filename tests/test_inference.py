"""What columns of sheets are taken for: types, choices, serial numbers, links; and that no table is too strange."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from formloom.builder.spreadsheets import app_document
from formloom.platform.definition.checks import problems
from formloom.platform.definition.findings import BLOCK
from formloom.platform.definition.inference import Table, infer, number, raw
from formloom.platform.definition.schema import load
from hypothesis import given, settings
from hypothesis import strategies as st

NORTHWIND = Path(__file__).parent / "northwind"


def table(name: str) -> Table:
    with (NORTHWIND / f"{name}.csv").open(encoding="utf-8") as file:
        heads, *rows = csv.reader(file)
    return Table(name, heads, rows)


def column(values, head="What"):
    (sheet,) = infer([Table("Sheet", [head], [[value] for value in values])])
    return sheet.columns[0]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["Berlin", "Oslo", "Lisbon"], "text"),
        (["3", "4.5", "-1"], "number"),
        (["1,234.50", "12.00", "7"], "number"),
        (["1.234,50", "12,00", "7,1"], "number"),
        (["€ 12", "€ 7.50", ""], "money"),
        (["5%", "12.5%", "100%"], "percent"),
        (["2026-11-25", "2026-01-01", "2025-12-31"], "date"),
        (["25.11.2026", "01.01.2026", "31.12.2025"], "date"),
        (["2026年11月25日", "2026年1月1日", "2025年12月31日"], "date"),
        (["2026-11-25 10:00", "2026-01-01 09:30", "2025-12-31 23:59"], "moment"),
        (["09:30", "10:00", "7:15"], "time"),
        (["yes", "no", "yes", "no"], "flag"),
        (["是", "否", "是"], "flag"),
        (["a@b.de", "c@d.com", "e@f.org"], "mail"),
        (["https://a.de", "http://b.de/x", "https://c.de"], "url"),
        (["+49 30 1234567", "030-998877", "(171) 555-2222"], "phone"),
        (["new", "old", "new", "old", "new", "old", "new"], "choice"),
        (["01067", "80331", "20095"], "text"),
        (["SO-0001", "SO-0002", "SO-0003"], "serial"),
        (["x" * 200, "y", "z"], "long_text"),
        (["", "", ""], "text"),
    ],
)
def test_columns_are_what_their_values_say(values, kind):
    assert column(values).type == kind


def test_a_head_speaks_of_money_and_a_few_strays_do_not_change_a_type():
    assert column(["12", "13.50", "9"], "Unit price").type == "money"
    dates = column(["2026-11-25"] * 39 + ["soon"])
    assert (dates.type, dates.misfits) == ("date", 1)
    assert column(["1", "2", "n/a"]).required is False and column(["b", "c", "a"]).required is True


def test_serial_patterns_keep_their_width():
    assert column(["SO-0001", "SO-0002", "SO-0003"]).settings == {"pattern": "SO-{n:4}"}
    assert column(["7", "8", "9", "10"]).settings == {"pattern": "{n}"}


def test_northwinds_sheets_belong_together():
    products, suppliers, categories = infer([table("products"), table("suppliers"), table("categories")])
    kinds = {one.head: one.type for one in products.columns}
    assert kinds["productID"] == "serial" and kinds["productName"] == "text" and kinds["unitPrice"] == "money"
    assert kinds["unitsInStock"] == "number" and kinds["discontinued"] == "flag"
    links = {one.head: one.settings["form"] for one in products.columns if one.type == "link"}
    assert links == {"supplierID": suppliers.key, "categoryID": categories.key}
    assert products.title == "product_name" and suppliers.title == "company_name"


def test_values_come_in_as_an_import_reads_them():
    assert raw("number", "1.234,50", {}, "") == "1234.50" and raw("percent", "5%", {}, "") == "0.05"
    assert raw("date", "25.11.2026", {}, "%d.%m.%Y") == "2026-11-25" and raw("flag", "Ja", {}, "") == "true"
    assert raw("date", "soon", {}, "") is None and number("1,2,3") is None and str(number("(5)")) == "-5"


CELLS = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(["", "1", "2026-01-01", "yes", "12,5", "{n}", "=1+1", "NULL"])


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=12), st.lists(CELLS, min_size=3, max_size=3), st.text(max_size=20))
@settings(max_examples=150, deadline=None)
def test_every_table_becomes_an_app_with_nothing_wrong(rows, heads, name):
    guesses = infer([Table(name, [head or "?" for head in heads], rows), Table(f"{name} 2", ["Key", "x", "y"], rows)])
    document = app_document("made", "Made", guesses, "en")
    assert [one for one in problems(load(document)) if one.severity == BLOCK] == []

