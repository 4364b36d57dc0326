"""Sheets brought into a form on its pages: guessed, tried, done, taken back; each row by the person's own rights."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
import xlsxwriter
from formloom.platform.access.accounts import now
from formloom.platform.access.members import set_roles
from formloom.platform.jobs.purge import purge
from formloom.platform.jobs.worker import deliver_batch, drain
from formloom.platform.records import reading
from formloom.platform.records.results import Query
from formloom.platform.workflow import sheet_log, sheet_work
from formloom.platform.workflow.sheet_log import sheet_import
from formloom.platform.workflow.soundness import check
from house import BEN
from sheet_desk import CLEO, DORA, HERE, Sheet, by_number, opened, visits

BROKEN = """About,Customer,Day,Number,Budget,Urgent
Garden,Zhang Wei,2026-11-02,,10,yes
,Zhang Wei,2026-11-03,,10,yes
Roof,Nobody,2026-11-03,,10,yes
Gate,Twice,2026-11-03,,10,yes
Wall,Zhang Wei,someday,,10,yes
Door,Zhang Wei,2026-11-03,,much,yes
Lawn,Zhang Wei,2026-11-03,,10,perhaps
Shed,Zhang Wei,2026-11-03,,10,yes,and more
Path,Zhang Wei,2026-11-03,V-9999,10,yes
Pond,Zhang Wei,2026-11-03,,-5,yes
Fence,Zhang Wei,2026-11-05,,10,no
"""


@pytest.fixture
def shop(house):
    return opened(house)


@pytest.mark.databases("sqlite", "postgresql")
def test_a_sheet_is_guessed_tried_and_brought_in(shop):
    sheet = Sheet(shop)
    assert sheet.guess == {
        "column-0": "about", "column-1": "customer", "column-2": "day", "column-3": "number", "column-4": "budget", "column-5": "urgent",
        "column-6": "", "key": "about", "group": "",
    }  # fmt: skip
    assert "Zhang Wei · 李雷" in sheet.page and "green · red" in sheet.page
    sheet.tried(key="number")
    assert sheet.counts == {"created": 2, "refused": 0} and visits(shop) == []
    sheet.does("run")
    assert sheet.counts == {"created": 2, "refused": 0}
    garden, roof = sorted(visits(shop), key=lambda one: one["about"])
    assert (garden["customer"], str(garden["day"]), garden["budget"], garden["urgent"]) == (1, "2026-11-02", 1234.5, True)
    assert (roof["customer"], roof["number"], roof["status"]) == (2, "V-0002", "open")
    with shop.world.gate("staff") as gate:
        (created,) = gate.history("visit", garden["id"])
    assert (created.kind, created.actor_id) == ("created", BEN.id)
    assert check(shop.workspace) == []


@pytest.mark.databases("sqlite", "postgresql")
def test_every_broken_row_is_named_by_its_line_and_the_rest_comes_in(shop):
    sheet = Sheet(shop, content=BROKEN).tried(key="number")
    page = sheet.page
    reasons = {
        3: "About: This is needed", 4: "there is no “Nobody”", 5: "there are several called “Twice”", 6: "“someday” is refused",
        7: "“much” is refused", 8: "“perhaps” is neither yes nor no", 10: "there is no record with V-9999", 11: "A budget is not negative",
    }  # fmt: skip
    for line, reason in reasons.items():
        assert re.search(rf"Line {line}</span><span>[^<]*{re.escape(reason)}", page), (line, reason)
    assert "line 9: " in page and visits(shop) == []
    assert sheet.counts == {"created": 2, "refused": len(reasons)}
    sheet.does("run")
    assert sheet.counts == {"created": 2, "refused": len(reasons)}
    assert {one["about"] for one in visits(shop)} == {"Garden", "Fence"}
    refused = sheet.browser.get(f"{sheet.path}/refused.csv").get_data(as_text=True)
    assert refused.count("\r\n") == 1 + len(reasons) and "Nobody" in refused
    repaired = refused.replace("Nobody", "李雷").replace("someday", "2026-11-09")
    again = Sheet(shop, content=repaired).tried(key="number").does("run")
    assert again.counts == {"created": 2, "refused": len(reasons) - 2}
    assert check(shop.workspace) == []


@pytest.mark.databases("sqlite", "postgresql")
def test_rows_that_are_there_change_and_what_is_so_already_stays(shop):
    Sheet(shop).tried(key="number").does("run")
    first, second = sorted(by_number(shop))
    content = f"Number,Budget,About,Urgent\n{first},99,Garden,\n{second},80,Roof,no\n,5,New one,yes\n{first},7,Again,\n"
    sheet = Sheet(shop, content=content).tried(key="number")
    assert sheet.counts == {"created": 1, "changed": 1, "unchanged": 1, "refused": 1}
    assert f"{first} is in line 2 already" in sheet.page
    sheet.does("run")
    now = by_number(shop)
    assert (now[first]["budget"], now[first]["urgent"], now[second]["budget"], len(now)) == (99, True, 80, 3)
    with shop.world.gate("staff") as gate:
        assert [event.kind for event in gate.history("visit", now[first]["id"])] == ["edited", "created"]
        assert [event.kind for event in gate.history("visit", now[second]["id"])] == ["created"]


@pytest.mark.databases("sqlite", "postgresql")
def test_an_import_is_taken_back_but_for_what_others_changed_since(shop):
    Sheet(shop).tried(key="number").does("run")
    first, second = sorted(by_number(shop))
    content = f"Number,Budget,About\n{first},99,Garden\n{second},11,Roof\n,5,New one\n,6,Another\n"
    sheet = Sheet(shop, content=content).tried(key="number").does("run")
    ids = {one["about"]: one["id"] for one in visits(shop)}
    shop.world.do("staff").edit("visit", ids["New one"], {"about": "Mine now"}, {"about": "New one"})
    shop.world.do("staff").edit("visit", ids["Roof"], {"budget": "12"}, {"budget": "11"})
    sheet.does("undo")
    assert sheet.counts == {"created": 0, "undone": 2, "kept": 2, "refused": 0}
    assert "somebody changed it since" in sheet.page
    now = {one["about"]: one["budget"] for one in visits(shop)}
    assert now == {"Garden": 1234.5, "Roof": 12, "Mine now": 5}
    assert sheet.browser.post(f"{sheet.path}/undo").status_code == 409
    assert check(shop.workspace) == []


def test_history_comes_in_by_the_right_to_load(shop):
    content = "About,Status,Number,Customer\nOld garden,Done,V-0100,Zhang Wei\nOld roof,dropped,V-0101,李雷\nLost,Nowhere,V-0102,\n"
    sheet = Sheet(shop, DORA, content)
    assert sheet.guess["column-1"] == "#status"
    sheet.tried()
    assert sheet.counts == {"created": 2, "refused": 1} and "there is no status “Nowhere”" in sheet.page
    sheet.does("run")
    now = by_number(shop)
    assert {number: one["status"] for number, one in now.items()} == {"V-0100": "done", "V-0101": "dropped"}
    assert shop.world.do("staff").create("visit", {"about": "next"}).id and "V-0102" in by_number(shop)
    sheet.does("undo")
    assert set(by_number(shop)) == {"V-0102"}


def test_only_what_the_person_may_fill_is_offered_and_taken(shop):
    sheet = Sheet(shop, content="About,Secret,Status\nGarden,x,done\n")
    guess = sheet.guess
    assert guess["column-1"] == guess["column-2"] == ""
    sheet.tried(**{"column-1": "secret", "column-2": "#status"}).does("run")
    (made,) = visits(shop)
    assert made["status"] == "open"
    assert shop.world.sees(SimpleNamespace(form="visit", id=made["id"]))["secret"] is None
    sheet = Sheet(shop, content="About,Total\nRoof,12\n").tried(**{"column-1": "total"}).does("run")
    assert sheet.counts == {"created": 1, "refused": 0}


def test_who_may_not_bring_in_finds_no_page(shop):
    cleo = shop.browser(CLEO)
    assert cleo.get(HERE).status_code == cleo.post(HERE).status_code == 404
    page = cleo.get("/apps/visits/visit/").get_data(as_text=True)
    assert "/import" not in page and "visit.xlsx" in page
    assert HERE in shop.browser(BEN).get("/apps/visits/visit/").get_data(as_text=True)


def test_an_import_is_its_persons_own(shop):
    sheet = Sheet(shop).tried(key="number")
    dora = shop.browser(DORA)
    dora.get(HERE)
    for ask in (lambda path: dora.get(path), lambda path: dora.post(f"{path}/run"), lambda path: dora.get(f"{path}/refused.csv")):
        assert ask(sheet.path).status_code == 404
    assert sheet.path not in dora.get(HERE).get_data(as_text=True)
    assert sheet.path.replace("/visit/", "/customer/") != sheet.path
    assert sheet.browser.get(sheet.path.replace("/visit/", "/customer/")).status_code == 404
    assert visits(shop) == []


def test_a_right_that_is_taken_away_meanwhile_stops_every_row(shop):
    sheet = Sheet(shop).tried(key="number")
    sheet.browser.post(f"{sheet.path}/run")
    with shop.workspace.writing() as connection:
        set_roles(connection, BEN.id, "visits", ["guest"])
    drain(shop.workspace)
    assert visits(shop) == []
    with shop.workspace.reading() as connection:
        counts = sheet_log.counted(connection, 1)
    assert counts["created"] == 0


def test_a_long_import_goes_on_in_slices_and_after_a_crash(shop, monkeypatch):
    rows = "".join(f"Visit {n},Zhang Wei,2026-11-02\n" for n in range(250))
    sheet = Sheet(shop, content=f"About,Customer,Day\n{rows}").tried(key="")
    monkeypatch.setattr(sheet_work, "SLICE", 0.0001)
    sheet.browser.post(f"{sheet.path}/run")
    deliver_batch(shop.workspace)
    page = sheet.page
    assert 'max="3" value="1"' in page and "hx-trigger" in page
    with shop.workspace.writing() as connection:  # as if the worker had died before it wrote its progress down
        sheet_log.change(connection, 1, done=0)
        sheet_log.tell(connection, 1, 0, [])
        connection.execute(sa.update(sheet_import).values(round=99))
        sheet_log.go_on(connection, sheet_log.one_import(connection, 1))
    drain(shop.workspace)
    assert sheet.counts == {"created": 250, "refused": 0} and len(visits(shop)) == 200
    with shop.world.gate("staff") as gate:
        assert gate.count(Query("visit", ())).number == 250
    sheet.does("undo")
    assert visits(shop) == []


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_a_sheet_in_any_encoding(shop, encoding):
    content = "标题;客户\n花园;李雷\n屋顶;Zhang Wei\n".encode(encoding)
    sheet = Sheet(shop, content=content).tried(**{"column-0": "about", "column-1": "customer", "key": ""}).does("run")
    assert sheet.counts == {"created": 2, "refused": 0}
    assert {one["about"] for one in visits(shop)} == {"花园", "屋顶"}


def test_a_workbook_with_its_own_line_numbers(shop, tmp_path):
    book = xlsxwriter.Workbook(tmp_path / "visits.xlsx", {"default_date_format": "yyyy-mm-dd"})
    book.add_worksheet("Notes").write_row(0, 0, ["Something", "else"])
    rows = book.add_worksheet("Visits")
    rows.write_row(2, 0, ["About", "Day", "Budget"])
    rows.write_row(4, 0, ["Garden", "2026-11-02", 12.5])
    rows.write_row(6, 0, ["", "2026-11-03", 7])
    book.close()
    sheet = Sheet(shop, content=(tmp_path / "visits.xlsx").read_bytes(), name="visits.xlsx").tried(key="")
    assert sheet.counts == {"created": 1, "refused": 1}
    assert re.search(r"Line 7</span><span>[^<]*About: This is needed", sheet.page)


@pytest.mark.parametrize(("content", "told"), [(b"", "no table"), (b"About\n", "no table"), (b"\x89PNG\r\n\x1a\n\0\0\0", "NUL"), (b"PK\x03\x04 no workbook", "cannot be read")])
def test_what_is_no_sheet_is_said_so(shop, content, told):
    sheet = Sheet(shop, content=content)
    assert sheet.answer.status_code == 422 and told in sheet.answer.get_data(as_text=True)


def test_columns_that_do_not_go_together_are_said_so(shop):
    sheet = Sheet(shop)
    guess = sheet.guess
    for wrong, told in (
        ({"column-6": "about"}, "Two columns are “About”."),
        (dict.fromkeys(guess, ""), "one column at least"),
        ({"key": "secret"}, "only by a column"),
    ):
        answer = sheet.browser.post(f"{sheet.path}/columns", guess | wrong)
        assert answer.status_code == 422 and told in answer.get_data(as_text=True)
    sheet.does("removal")
    assert sheet.browser.get(sheet.path).status_code == 404


def test_what_is_exported_comes_in_again(shop):
    Sheet(shop).tried(key="number").does("run")
    for ending in ("csv", "xlsx"):
        with shop.browser(BEN).get(f"/apps/visits/visit.{ending}?columns=about,number,customer,day,budget,urgent") as kept:
            assert kept.status_code == 200
            sheet = Sheet(shop, content=kept.data, name=f"visit.{ending}").tried(key="number")
        assert sheet.counts == {"created": 0, "unchanged": 2, "refused": 0}, sheet.page


def test_the_rows_of_a_sheet_are_kept_for_a_month(shop):
    sheet = Sheet(shop).tried(key="number").does("run")
    purge(shop.workspace, now() + timedelta(days=29))
    assert sheet.browser.get(sheet.path).status_code == 200
    purge(shop.workspace, now() + timedelta(days=31))
    assert sheet.browser.get(sheet.path).status_code == 404
    with shop.workspace.reading() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(sheet_log.sheet_chunk)) == 0
    assert len(visits(shop)) == 2


@pytest.mark.parametrize("bound", ["MEMORY", "SECONDS"])
def test_a_file_that_takes_too_much_is_refused_and_harms_nobody(shop, monkeypatch, bound):
    monkeypatch.setattr(reading, bound, {"MEMORY": 1, "SECONDS": 0.01}[bound])
    sheet = Sheet(shop, content="About\n" + f"{'x' * 999}\n" * 480)
    assert sheet.answer.status_code == 422 and "too much memory or time" in sheet.answer.get_data(as_text=True)
