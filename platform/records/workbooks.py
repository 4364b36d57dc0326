"""Tables in the files that people have: the sheets of a workbook, or one sheet of comma-separated values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from ..definition.inference import Table
from ..errors import Invalid, Problem
from .encodings import LARGEST, WORKBOOKS, unreadable
from .transfer import Sheet, read_sheet, sheet_of

MOST_ROWS, MOST_COLUMNS, MOST_SHEETS = 100_000, 200, 20
ENDINGS = (".xlsx", ".xls", ".ods")


def read_tables(file: Path, name: str) -> list[Table]:
    """The tables of a file that was called so; Invalid where it holds none."""
    if file.stat().st_size > LARGEST:
        raise unreadable(file, _("The file is larger than %(most)d MB.", most=LARGEST // 1024**2))
    with file.open("rb") as opened:
        workbook = opened.read(8).startswith(WORKBOOKS)
    tables = _workbook(file, name) if workbook else [_values(file, name)]
    found = [table for table in tables if table.heads and table.rows]
    if not found:
        raise Invalid([Problem(name, _("There is no table in this file: a row of heads, and rows below it."))])
    return found


def sheet_at(place: Path, name: str, columns: Sequence[str]) -> Sheet | None:
    """A sheet that must have these columns: in a folder the file of its name, or the first sheet of a workbook that is
    called so; in a workbook the sheet that is called so. None where there is none.
    """
    if (place / name).is_file():
        return read_sheet(place / name, columns)
    stem = Path(name).stem
    alone = next((file for ending in ENDINGS if (file := place / f"{stem}{ending}").is_file()), None)
    book = place if place.is_file() else alone
    if book is None:
        return None
    tables = read_tables(book, book.name)
    table = tables[0] if alone else next((one for one in tables if one.name.casefold() == stem.casefold()), None)
    if table is None:
        return None
    records = ((line, tuple(row), "") for line, row in zip(table.lines, table.rows, strict=True))
    return sheet_of(name, tuple(table.heads), records, columns)


def _values(file: Path, name: str) -> Table:
    sheet = read_sheet(file, ())
    sound = [row for row in sheet.rows if not row.broken]
    broken = [_("line %(line)s: %(why)s", line=row.line, why=row.broken) for row in sheet.rows if row.broken]
    lines = [(1, sheet.header), *((row.line, row.cells) for row in sound)]
    return replace(_table(Path(name).stem, lines), broken=broken)


def _workbook(file: Path, name: str) -> list[Table]:
    try:
        with CalamineWorkbook.from_path(file) as book:
            if len(book.sheet_names) > MOST_SHEETS:
                raise Invalid([Problem(name, _("At most %(most)s sheets at once.", most=MOST_SHEETS))])
            return [_table(sheet, _lines(book.get_sheet_by_name(sheet))) for sheet in book.sheet_names]
    except (CalamineError, ValueError, OSError) as error:
        raise Invalid([Problem(name, _("This workbook cannot be read: %(why)s.", why=str(error)[:200]))]) from error


def _lines(sheet: CalamineSheet) -> Iterable[tuple[int, list[Any]]]:
    """The rows of a sheet by the numbers that a spreadsheet shows beside them."""
    first = sheet.start[0] + 1 if sheet.start else 1
    return enumerate(sheet.to_python(skip_empty_area=True), first)


def _table(name: str, lines: Iterable[tuple[int, Iterable[Any]]]) -> Table:
    """The first row that is not blank is the heads; columns without one, and blank rows, are left out."""
    told = [(number, [said(cell) for cell in line]) for number, line in lines]
    numbers, rows = zip(*filled, strict=True) if (filled := [one for one in told if any(one[1])]) else ((), ())
    if not rows:
        return Table(name, (), ())
    places = [place for place, head in enumerate(rows[0]) if head][:MOST_COLUMNS]
    if len(rows) - 1 > MOST_ROWS:
        raise Invalid([Problem(name, _("At most %(most)s rows at once.", most=MOST_ROWS))])
    heads = [rows[0][place] for place in places]
    cells = [[row[place] if place < len(row) else "" for place in places] for row in rows[1:]]
    return Table(name, heads, cells, lines=numbers[1:])


def said(cell: Any) -> str:
    """A cell as text: numbers without a needless fraction, dates as ISO."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return f"{int(cell)}" if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d" if cell.time() == time() else "%Y-%m-%d %H:%M:%S")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return cell.strftime("%H:%M")
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell).strip()
