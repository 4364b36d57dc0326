"""Sheets of comma-separated values: read row by row with every broken row named, and written for repair.

A row is broken when it has other than the header's number of cells or quotes that don't pair. Nothing
of a file is dropped: a quote that is opened and never closed costs its own line alone.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from flask_babel import gettext as _

from ..errors import Invalid, Problem
from .encodings import read_text, unreadable

LONGEST_LINE = 100_000  # below what the csv module takes for one cell
DELIMITERS = ",;\t"
MOST_LINES_A_ROW = 1_000
PLACE, REASON = "_line", "_reason"  # the columns that a file for repair has in front
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?[\d.,]+%?")


@dataclass(frozen=True)
class SheetRow:
    """A row of a sheet: the line it starts in, and its cells as they stand; `values` by column, if sound."""

    sheet: str
    line: int
    cells: tuple[str, ...]
    values: Mapping[str, str]
    broken: str = ""


@dataclass(frozen=True)
class Sheet:
    name: str
    header: tuple[str, ...]
    rows: tuple[SheetRow, ...]


@dataclass(frozen=True)
class RefusedRow:
    row: SheetRow
    reason: str


def read_sheet(file: Path, columns: Iterable[str], encoding: str | None = None) -> Sheet:
    """All rows of a file that must have these columns; Invalid where the file is no such sheet."""
    text = read_text(file, encoding)
    pieces = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    longest = max(range(len(pieces)), key=lambda index: len(pieces[index]))
    if len(pieces[longest]) > LONGEST_LINE:
        raise unreadable(file, _("Line %(line)d is too long for a row.", line=longest + 1))
    delimiter = max(DELIMITERS, key=pieces[0].count)
    records = _records(pieces, delimiter)
    _line, cells, _broken = next(records, (1, (), ""))
    return sheet_of(file.name, _trimmed(cells, 0), records, columns)


def sheet_of(name: str, header: tuple[str, ...], records: Iterable[tuple[int, tuple[str, ...], str]], columns: Iterable[str]) -> Sheet:
    """A sheet of records (line, cells, what is wrong), which may be one that was written for repair."""
    _check_header(name, header, columns)
    repaired = header[:2] == (PLACE, REASON)
    return Sheet(name, header[2:] if repaired else header, tuple(_rows(name, header, records, repaired)))


def write_refused(folder: Path, sheets: Mapping[str, Sheet], refused: Iterable[RefusedRow]) -> list[Path]:
    """A file for each sheet with refused rows: the row as it stood, and in front its line and the reason.

    Once repaired, such a file loads like the first one. Cells that a spreadsheet would take for
    formulas get an apostrophe, which reading takes off again.
    """
    by_sheet: dict[str, list[RefusedRow]] = {}
    for one in refused:
        by_sheet.setdefault(one.row.sheet, []).append(one)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, rows in by_sheet.items():
        written.append(folder / name)
        with open(written[-1], "w", encoding="utf-8-sig", newline="") as handle:
            out = csv.writer(handle)
            out.writerow([PLACE, REASON, *sheets[name].header])
            out.writerows([one.row.line, one.reason, *map(harmless, one.row.cells)] for one in rows)
    return written


def _records(pieces: list[str], delimiter: str) -> Iterator[tuple[int, tuple[str, ...], str]]:
    """(line, cells, what is wrong) of every record that is not blank."""
    index = 0
    while index < len(pieces):
        taken = _span(pieces, index)
        cells, broken = _parsed(pieces[index : index + taken], delimiter)
        if broken and taken > 1:
            taken = 1
            cells = (pieces[index],)
        if any(cells):
            yield index + 1, cells, broken
        index += taken


def _span(pieces: list[str], start: int) -> int:
    """How many lines the record takes that starts here: until its quotes pair; one if they never do."""
    quotes = 0
    for length, piece in enumerate(pieces[start : start + MOST_LINES_A_ROW], 1):
        quotes += piece.count('"')
        if quotes % 2 == 0:
            return length
    return 1


def _parsed(lines: list[str], delimiter: str) -> tuple[tuple[str, ...], str]:
    try:
        found = next(csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter, strict=True), [])
        return tuple(found), ""
    except csv.Error:
        return ("\n".join(lines),), _("its quotes do not pair")


def _check_header(name: str, header: tuple[str, ...], columns: Iterable[str]) -> None:
    missing = [column for column in columns if column not in header]
    twice = sorted({column for column in header if header.count(column) > 1})
    problems = [Problem(f"{name}:1", _("There is no column “%(column)s”.", column=column)) for column in missing]
    problems += [Problem(f"{name}:1", _("The column “%(column)s” is there twice.", column=column)) for column in twice]
    if problems:
        raise Invalid(problems, _("This file does not have the columns that the mapping reads."))


def _rows(name: str, header, records, repaired: bool) -> Iterator[SheetRow]:
    names = header[2:] if repaired else header
    for line, cells, broken in records:
        if repaired:
            cells = tuple(map(_restored, cells[2:]))
        cells = _trimmed(cells, len(names))
        if not broken and len(cells) != len(names):
            broken = _("it has %(given)d cells where the header has %(wanted)d", given=len(cells), wanted=len(names))
        yield SheetRow(name, line, cells, {} if broken else dict(zip(names, cells, strict=True)), broken)


def _trimmed(cells: tuple[str, ...], length: int) -> tuple[str, ...]:
    """Without the empty cells beyond a length: spreadsheets save every row as wide as the widest."""
    while len(cells) > length and not cells[-1]:
        cells = cells[:-1]
    return cells


def harmless(cell: str) -> str:
    return "'" + cell if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def _restored(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell
