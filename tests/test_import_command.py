"""`formloom import` as the operator calls it, and as the power fails in the middle of it."""

from __future__ import annotations

import csv
import multiprocessing
import re
import shutil
import time
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner
from databases import SLUG
from formloom.platform import db
from formloom.platform.access.actor import SYSTEM
from formloom.platform.cli import main
from formloom.platform.gallery import template
from formloom.platform.workflow.intake import run_import
from formloom.platform.workflow.soundness import check

NORTHWIND = Path(__file__).parent / "northwind"


@pytest.fixture
def formloom(order_config, monkeypatch, tmp_path):
    """Runs the command in a folder of its own; its exit code and what it said."""
    monkeypatch.setenv("FORMLOOM_INSTANCE", str(order_config.instance))
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        result = CliRunner().invoke(main, ["import", *map(str, arguments)])
        return result.exit_code, result.output

    return call


@pytest.mark.databases("sqlite")
def test_the_command_names_rows_and_files_and_takes_it_back(formloom, tmp_path):
    code, said = formloom("northwind", NORTHWIND)
    assert code == 0
    assert "orders.csv:4: it has 15 cells where the header has 14" in said
    assert "orders: 38 new" in said
    assert "12 rows of orders.csv refused" in said
    assert (tmp_path / "northwind-refused" / "orders.csv").exists()
    assert "This was import 1" in said

    assert "Nothing changed." in formloom("northwind", NORTHWIND)[1]
    assert (tmp_path / "northwind-refused-2").is_dir()

    assert "299 records removed" in formloom("--undo", 1, "--workspace", SLUG)[1]
    assert formloom("--undo", 1)[0] == 1
    assert "Import 1 is undone already." in formloom("--undo", 1)[1]


def workbook(file: Path, *names: str) -> Path:
    """Sheets of Northwind as a workbook with its own dates and figures."""
    book = xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd", "strings_to_numbers": True})
    for name in names:
        sheet = book.add_worksheet(name)
        for number, row in enumerate(csv.reader((NORTHWIND / f"{name}.csv").read_text("utf-8").splitlines())):
            sheet.write_row(number, 0, [cell.removesuffix(" 00:00:00.000") for cell in row])
    book.close()
    return file


@pytest.mark.databases("sqlite")
def test_the_command_reads_workbooks_in_a_folder_or_a_folder_in_one(formloom, tmp_path):
    mixed = Path(shutil.copytree(NORTHWIND, tmp_path / "mixed"))
    for name in ("orders", "products"):
        workbook(mixed / f"{name}.xlsx", name)
        (mixed / f"{name}.csv").unlink()
    code, said = formloom("northwind", mixed)
    assert code == 0 and "orders: 38 new" in said and "products: 77 new" in said, said
    book = workbook(tmp_path / "Northwind.xlsx", *(file.stem for file in NORTHWIND.glob("*.csv")))
    code, said = formloom("northwind", book)
    assert code == 0 and re.search("orders: .*38 unchanged", said), said
    assert formloom("northwind", workbook(tmp_path / "other.xlsx", "shippers"))[0] == 0
    (tmp_path / "torn.xlsx").write_bytes(b"PK\x03\x04")
    code, said = formloom("northwind", tmp_path / "torn.xlsx")
    assert code != 0 and "This workbook cannot be read" in said and "Traceback" not in said


@pytest.mark.databases("sqlite")
def test_the_command_says_what_is_wrong(formloom, tmp_path):
    sheets = Path(shutil.copytree(NORTHWIND, tmp_path / "broken"))
    (sheets / "orders.csv").write_bytes(b"PK\x03\x04")
    for arguments, told in (
        (["northwind", sheets], "orders.csv: This is a workbook"),
        (["southwind", sheets], "There is no mapping “southwind”."),
        (["northwind", tmp_path], "None of the mapping's files is here."),
        (["northwind", sheets, "--workspace", "nowhere"], "nowhere"),
        (["--undo", 7], "There is no import with the number 7."),
        (["northwind"], "Name a MAPPING and a FOLDER"),
    ):
        code, said = formloom(*arguments)
        assert (code != 0, told in said) == (True, True), said
        assert "Traceback" not in said


@pytest.mark.databases("sqlite")
def test_an_import_that_was_killed_goes_on_where_it_stopped(order_config):
    context = multiprocessing.get_context("spawn")
    for seconds in (0.2, 0.5):
        process = context.Process(target=_import, args=(order_config,))
        process.start()
        _wait_for_records(order_config, process)
        time.sleep(seconds)
        process.kill()
        process.join()
    workspaces = db.Workspaces(order_config)
    workspace = workspaces[SLUG]
    run_import(workspace, SYSTEM, template("northwind"), NORTHWIND)
    with workspace.reading() as connection:
        tables = ("order", "customer", "product", "supplier", "shipper", "stock_move")
        rows = [connection.exec_driver_sql(f"SELECT count(*) FROM orders__{table}").scalar() for table in tables]
    assert rows == [38, 67, 77, 20, 3, 77]
    assert check(workspace) == []
    workspaces.dispose()


def _import(config):
    run_import(db.Workspaces(config)[SLUG], SYSTEM, template("northwind"), NORTHWIND)


def _wait_for_records(config, process):
    """Until the import has begun to write."""
    workspaces = db.Workspaces(config)
    while process.is_alive():
        with workspaces[SLUG].reading() as connection:
            if connection.exec_driver_sql("SELECT count(*) FROM event").scalar():
                break
        time.sleep(0.01)
    workspaces.dispose()
