"""Line items in sheets: rows that share what tells a record are its lines, from one sheet or from two of a workbook."""

from __future__ import annotations

import re

import pytest
import xlsxwriter
from formloom.platform.records.results import Query
from formloom.platform.workflow import sheet_log
from formloom.platform.workflow.soundness import check
from sheet_desk import HERE, Sheet, opened

FLAT = """About,Customer,What,Hours,Rate
Garden,Zhang Wei,Mowing,2,40
Garden,,Hedges,"1,5",50
Roof,李雷,Tiles,8,60
Garden,Zhang Wei,Leaves,1,30
"""


@pytest.fixture
def shop(house):
    return opened(house)


def lines(shop) -> dict[str, list[tuple]]:
    """What stands in the lines of each visit, by what it is about."""
    with shop.world.gate() as gate:
        rows = gate.page(Query("visit", ("about",), limit=50)).rows
        found = [gate.record("visit", row.id).values for row in rows]
    return {one["about"]: [(line["what"], line["hours"], line["rate"]) for line in one["lines"]] for one in found}


def book(tmp_path, visits: list[list], work: list[list]) -> bytes:
    made = xlsxwriter.Workbook(tmp_path / "book.xlsx")
    for name, rows in (("Notes", [["Nothing", "Here"], ["to", "read"]]), ("Visits", visits), ("Work", work)):
        sheet = made.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    made.close()
    return (tmp_path / "book.xlsx").read_bytes()


@pytest.mark.databases("sqlite", "postgresql")
def test_rows_of_one_record_are_its_lines_wherever_they_stand(shop, monkeypatch):
    monkeypatch.setattr(sheet_log, "CHUNK", 2)
    sheet = Sheet(shop, content=FLAT)
    guess = sheet.guess
    assert [guess[f"column-{place}"] for place in range(5)] == ["about", "customer", "lines.what", "lines.hours", "lines.rate"]
    assert (guess["key"], guess["group"]) == ("about", "0")
    sheet.tried()
    assert sheet.counts == {"created": 2, "line": 2, "refused": 0} and lines(shop) == {}
    sheet.does("run")
    assert lines(shop) == {"Garden": [("Mowing", 2, 40), ("Hedges", 1.5, 50), ("Leaves", 1, 30)], "Roof": [("Tiles", 8, 60)]}
    again = Sheet(shop, content=FLAT).tried()
    assert again.counts == {"created": 0, "unchanged": 2, "line": 2, "refused": 0}
    assert check(shop.workspace) == []


@pytest.mark.databases("sqlite", "postgresql")
def test_lines_of_a_record_become_those_of_the_sheet_and_go_back(shop):
    Sheet(shop, content=FLAT).tried().does("run")
    first = lines(shop)
    changed = "About,What,Hours,Rate\nGarden,Leaves,1,30\nGarden,Mowing,3,\nGarden,Paths,2,20\n"
    sheet = Sheet(shop, content=changed).tried()
    assert sheet.counts == {"created": 0, "changed": 1, "line": 2, "refused": 0}
    assert "Line 2</span><span>1 line is taken away" in sheet.page and lines(shop) == first
    sheet.does("run")
    assert lines(shop)["Garden"] == [("Mowing", 3, 40), ("Leaves", 1, 30), ("Paths", 2, 20)]
    sheet.does("undo")
    assert sheet.counts["undone"] == 1 and sorted(lines(shop)["Garden"]) == sorted(first["Garden"])
    assert check(shop.workspace) == []


def test_what_others_changed_in_lines_since_stays_when_it_is_taken_back(shop):
    sheet = Sheet(shop, content=FLAT).tried().does("run")
    garden = next(row.id for row in _rows(shop) if row.values["about"] == "Garden")
    with shop.world.gate() as gate:
        base = [{"id": line["id"], "what": line["what"]} for line in gate.record("visit", garden).values["lines"]]
    shop.world.do("staff").edit("visit", garden, {"lines": [base[0] | {"what": "Mowing twice"}, *base[1:]]}, {"lines": base})
    sheet.does("undo")
    assert set(lines(shop)) == {"Garden"} and (sheet.counts["undone"], sheet.counts["kept"]) == (1, 1)


def _rows(shop) -> list:
    with shop.world.gate() as gate:
        return list(gate.page(Query("visit", ("about",), limit=50)).rows)


@pytest.mark.databases("sqlite", "postgresql")
def test_a_broken_line_takes_its_record_with_it_and_is_named_by_its_line(shop):
    broken = "About,Day,What,Hours\nGarden,2026-11-02,Mowing,2\nGarden,2026-11-03,Hedges,many\nRoof,,Tiles,8\nWall,2026-11-02,Bricks,1\nWall,2026-11-04,Bricks,1\n"
    sheet = Sheet(shop, content=broken).tried(key="about", group="0")
    assert sheet.counts == {"created": 1, "refused": 4}
    page = sheet.page
    for line, why in {
        2: "goes with line 3, which is not taken", 3: "Day: line 2 says “2026-11-02”; Lines · Hours: “many” is refused", 5: "goes with line 6, which is not taken",
    }.items():  # fmt: skip
        assert re.search(rf"Line {line}</span><span>[^<]*{re.escape(why)}", page), (line, page)
    refused = sheet.does("run").browser.get(f"{sheet.path}/refused.csv").get_data(as_text=True)
    repaired = refused.replace("2026-11-03", "2026-11-02").replace("2026-11-04", "2026-11-02").replace("many", "3")
    assert Sheet(shop, content=repaired).tried().does("run").counts == {"created": 2, "line": 2, "refused": 0}
    assert lines(shop)["Garden"] == [("Mowing", 2, None), ("Hedges", 3, None)]


def test_what_a_command_refuses_is_told_of_the_line_in_the_sheet(shop):
    sheet = Sheet(shop, content="About,What,Hours\nGarden,Mowing,2\nGarden,Hedges,99999999999999\n").tried(key="about")
    assert sheet.counts == {"created": 0, "refused": 2}
    assert re.search(r"Line 3</span><span>Lines · Hours: ", sheet.page)


def sheet_named(sheet: Sheet, name: str) -> str:
    return re.search(rf'<a class="chip" href="{HERE}/(\d+)">{name}</a>', sheet.page)[1]


@pytest.mark.databases("sqlite", "postgresql")
def test_any_sheet_of_a_workbook_is_chosen_and_one_of_lines_put_under_another(shop, tmp_path):
    work = [["No", "What", "Hours"], ["b", "Tiles", 8], ["a", "Mowing", 2], ["a", "Hedges", "soon"], ["x", "Nowhere", 1]]
    sheet = Sheet(shop, content=book(tmp_path, [["No", "About", "Day"], ["a", "Garden", "2026-11-02"], ["b", "Roof", "2026-11-03"]], work), name="book.xlsx")
    page, (notes, work) = sheet.page, (sheet_named(sheet, name) for name in ("Notes", "Work"))
    assert '<th scope="row" id="head-0">No</th>' in page and 'id="head-0">Nothing</th>' in sheet.browser.get(f"{HERE}/{notes}").get_data(as_text=True)
    assert f'<option value="{work}.0" selected>No</option>' in page and '<option value="0" selected>No</option>' in page
    sheet.path = sheet.browser.post(f"{sheet.path}/lines", {"own": "0", "there": f"{work}.0"}).location
    assert sheet.guess | {"key": ""} == {f"column-{n}": path for n, path in enumerate(("", "about", "day", "lines.what", "lines.hours"))} | {"key": "", "group": "0"}
    sheet.tried()
    assert sheet.counts == {"created": 1, "line": 1, "refused": 4}
    assert re.search(r"Work, line 4</span><span>Lines · Hours: “soon” is refused", sheet.page) and "Work, line 5</span><span>About: This is needed" in sheet.page
    sheet.does("run")
    assert lines(shop) == {"Roof": [("Tiles", 8, None)]}
    assert "Work, line 4" in sheet.browser.get(f"{sheet.path}/refused.csv").get_data(as_text=True)
    assert sheet.browser.get(HERE).get_data(as_text=True).count("book.xlsx · ") == 2


@pytest.mark.parametrize(("own", "there", "status"), [("0", "99.0", 404), ("9", "2.0", 404), ("0", "1.0", 404), ("x", "2.0", 404), ("0", "2", 404)])
def test_only_sheets_of_the_same_file_go_together(shop, tmp_path, own, there, status):
    sheet = Sheet(shop, content=book(tmp_path, [["No", "About"], ["a", "Garden"]], [["No", "What"], ["a", "Mowing"]]), name="book.xlsx")
    assert sheet.browser.post(f"{sheet.path}/lines", {"own": own, "there": there}).status_code == status


def test_a_file_is_discarded_with_all_of_its_sheets(shop, tmp_path):
    sheet = Sheet(shop, content=book(tmp_path, [["No", "About"], ["a", "Garden"]], [["No", "What"], ["a", "Mowing"]]), name="book.xlsx")
    sheet.does("removal")
    with shop.workspace.reading() as connection:
        assert not sheet_log.imports_of(connection, "visits", "visit", 2) and sheet_log.chunks_of(connection, 2) == 0
