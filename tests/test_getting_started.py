"""Getting started: templates used and looked at, an app from blank; each works at its own address at once."""

from __future__ import annotations

import re
import threading
from datetime import datetime
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter
from formloom.platform.definition import drafts
from formloom.platform.definition.beginning import first_app, key_from
from formloom.platform.definition.checks import problems
from formloom.platform.definition.findings import BLOCK
from formloom.platform.definition.schema import load
from formloom.platform.gallery import TEMPLATES, templates
from formloom.platform.records.compiled import open_app

HOME = "/build/"
NORTHWIND = Path(__file__).parent / "northwind"


@pytest.fixture
def ada(house):
    browser = house.browser(house.ada)
    browser.get(HOME)
    return browser


def words(answer) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))).split())


def test_the_templates_that_ship_are_shown_and_used_at_an_address_of_their_own(house, ada):
    page = words(ada.get(HOME))
    assert "No app yet" in page and all(load(document).label["en"] in page for document in templates().values())
    for key in ("orders", "orders_2"):
        answer = ada.post("/build/clones", {"template": "orders"})
        assert answer.status_code == 303 and answer.location.startswith(f"/apps/{key}/")
        assert ada.get(answer.location).status_code == 200
    with house.workspace.reading() as connection:
        assert drafts.base(connection, "orders_2")["key"] == "orders"
    assert ada.post("/build/clones", {"app": "orders"}).location.startswith("/apps/orders_3/")
    assert ada.post("/build/clones", {"template": "nothing"}).status_code == 404
    assert house.browser(house.ben).post("/build/clones", {"template": "orders"}).status_code in (400, 404)


def test_a_template_comes_with_its_sample_data(house, ada):
    ada.post("/build/clones", {"template": "orders", "samples": "1"})
    for thread in threading.enumerate():
        if thread.name == "samples orders":
            thread.join()
    assert "SO-" in words(ada.get("/apps/orders/order/?view=all"))


def test_a_template_is_looked_at_as_each_role_sees_it(house, ada):
    for name in TEMPLATES[:1]:
        page = words(ada.get(f"/build/templates/{name}"))
        for thread in threading.enumerate():
            if thread.name.startswith("preview-"):
                thread.join()
        page = words(ada.get(f"/build/templates/{name}"))
        assert "SO-" in page and "records in the sample data" in page
        assert "This role does not see any" in words(ada.get(f"/build/templates/{name}?form=invoice&role=warehouse"))
    assert ada.get("/build/templates/nothing").status_code == 404
    assert ada.get("/build/templates/orders?form=nothing").status_code == 404
    assert "preview" not in words(ada.get("/workspaces"))


def test_from_blank_to_a_first_record(house, ada):
    assert ada.post(HOME, {"name": "", "record": "Visit"}).status_code == 422
    made = ada.post(HOME, {"name": "Site visits", "record": "Visit"})
    assert made.location == "/build/site_visits/"
    assert ada.post("/build/site_visits/publication").status_code == 303
    new = ada.get("/apps/site_visits/visit/new")
    assert new.status_code == 200
    saved = ada.post("/apps/site_visits/visit/new", {"title": "Berlin", "base": "{}"})
    assert saved.status_code == 303 and "Berlin" in words(ada.get("/apps/site_visits/visit/"))
    assert ada.post(HOME, {"name": "Site visits", "record": "Visit"}).location == "/build/site_visits_2/"
    assert ada.post(HOME, {"name": "现场走访", "record": "走访"}).location == "/build/app/"


def test_the_smallest_app_has_nothing_wrong():
    assert [one for one in problems(load(first_app("visits", {"en": "Visits"}, {"en": "Visit"}))) if one.severity == BLOCK] == []


@pytest.mark.parametrize(
    ("words", "key"),
    [("Site visits", "site_visits"), ("Über uns", "uber_uns"), ("现场", "thing"), ("1 2 3", "thing"), ("x" * 40, "x" * 20), ("A__b", "a_b")],
)
def test_keys_come_from_words(words, key):
    assert key_from(words, "thing") == key
    assert key_from(words, "thing", {key}) not in (key, "")


def uploaded(browser, *files):
    sent = {"files": [(BytesIO(content), name) for name, content in files], "csrf_token": browser.token}
    return browser.post("/build/spreadsheets", sent, content_type="multipart/form-data")


def guessed(page: str) -> dict:
    """What the page of guesses would send."""
    found: dict = {}
    for tag in re.findall(r"<input[^>]*>", page.split('action="/build/spreadsheets/')[1]):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ("checkbox" not in tag or " checked" in tag):
            found[name[1]] = unescape(value[1]) if value else "on"
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', page, re.S):
        found[name] = re.findall(r'<option value="([^"]*)" selected', options)[0]
    return found


def test_northwinds_products_become_an_app(house, ada):
    ada.get("/build/spreadsheets")
    files = [(f"{name}.csv", (NORTHWIND / f"{name}.csv").read_bytes()) for name in ("products", "suppliers", "categories")]
    answer = uploaded(ada, *files)
    assert answer.status_code == 303, words(answer)
    page = ada.get(answer.location).get_data(as_text=True)
    assert "9 rows cannot be read and stay out" in page
    sent = guessed(page) | {"name": "Product list", "products.units_on_order.type": "text"}
    made = ada.post(answer.location, sent)
    assert made.status_code == 303, words(made)
    for thread in threading.enumerate():
        if thread.name.startswith("rows "):
            thread.join()
    told = words(ada.get(answer.location))
    assert "The rows are in." in told
    listed = words(ada.get("/apps/product_list/products/?columns=product_name+supplier_id+unit_price&sort=product_name"))
    assert "Aniseed Syrup" in listed and "10.00" in listed and "Exotic Liquids" in listed
    with house.workspace.reading() as connection:
        form = open_app(house.workspace, connection, "product_list").app.form_by_key["products"]
    assert form.by_key["units_on_order"].type == "text" and form.by_key["discontinued"].type == "flag"
    assert ada.post(answer.location, sent).status_code == 422


def test_a_workbook_with_two_sheets(house, ada, tmp_path):
    book = xlsxwriter.Workbook(tmp_path / "visits.xlsx", {"default_date_format": "yyyy-mm-dd"})
    visits, towns = book.add_worksheet("Visits"), book.add_worksheet("Towns")
    towns.write_column("A1", ["Town", "Berlin", "Oslo", "Porto"])
    towns.write_column("B1", ["Country", "Germany", "Norway", "Portugal"])
    visits.write_row("A1", ["Number", "Town", "Day", "Cost", "State"])
    for row in range(1, 13):
        visits.write_row(row, 0, [f"V-{row:03}", ["Berlin", "Oslo", "Porto"][row % 3]])
        visits.write_datetime(row, 2, datetime(2026, 1, row))
        visits.write_row(row, 3, [row * 1.5, ["open", "done"][row % 2]])
    book.close()
    ada.get("/build/spreadsheets")
    answer = uploaded(ada, ("visits.xlsx", (tmp_path / "visits.xlsx").read_bytes()))
    page = ada.get(answer.location).get_data(as_text=True)
    sent = guessed(page)
    assert {sent[f"visits.{key}.type"] for key in ("number", "town", "day", "cost", "state")} == {"serial", "link:towns", "date", "money", "choice"}
    ada.post(answer.location, sent)
    for thread in threading.enumerate():
        if thread.name.startswith("rows "):
            thread.join()
    listed = words(ada.get("/apps/visits/visits/?sort=number"))
    assert "V-001" in listed and "Porto" in listed and "12 " in listed
    assert house.browser(house.ben).get(answer.location).status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.csv", b""), ("heads.csv", b"a,b\n"), ("broken.xlsx", b"PK\x03\x04 no workbook"), ("picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0"), ("old.xls", b"\xd0\xcf\x11\xe0 no workbook")],
)
def test_files_without_a_table_are_refused(ada, name, content):
    ada.get("/build/spreadsheets")
    answer = uploaded(ada, (name, content))
    assert answer.status_code == 422 and "Nothing was made." in words(answer)


def test_what_was_not_uploaded_is_not_there(ada):
    for token in ("0" * 24, "..", "x"):
        assert ada.get(f"/build/spreadsheets/{token}").status_code == 404
