"""The sheets of one workbook: each kept as an import of its own, and two of them put together, one with records, one with their lines."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

import sqlalchemy as sa
from flask_babel import gettext as _

from ..definition.inference import Table
from ..errors import NotFound
from . import sheet_log
from .sheet_guess import plain
from .sheet_log import Meaning, sheet_import

SECOND = 10_000_000  # the lines of the second of two sheets are counted from here


def keep_book(connection: sa.Connection, app_key: str, form_key: str, by: int, file: str, read: Sequence[tuple[Table, Meaning]]) -> int:
    """The sheets of a file with what their columns seem to mean; returns the one that knows most of the form."""
    best = max(read, key=lambda one: (sum("." not in path for path in one[1].columns.values()), len(one[1].columns)))
    first = _keep(connection, (app_key, form_key, by), file, best, len(read) > 1)
    for one in read:
        if one is not best:
            sheet_log.change(connection, _keep(connection, (app_key, form_key, by), file, one, True), book_id=first)
    return first


def _keep(connection: sa.Connection, place: tuple[str, str, int], file: str, read: tuple[Table, Meaning], named: bool) -> int:
    table, meaning = read
    return sheet_log.keep_sheet(connection, *place, f"{file} · {table.name}" if named else file, table, meaning)


def sheets_of(connection: sa.Connection, row: sa.Row) -> list[sa.Row]:
    """All sheets that came in one file, this one among them, the first best first."""
    book = row.book_id or row.id
    found = sa.select(sheet_import).where(sa.or_(sheet_import.c.id == book, sheet_import.c.book_id == book))
    return list(connection.execute(found.order_by(sheet_import.c.id)))


def sheet_name(row: sa.Row) -> str:
    """What a sheet is called within its file."""
    return row.name.rpartition(" · ")[2]


def put_together(connection: sa.Connection, row: sa.Row, own: int, other_id: int, there: int) -> tuple[int, Table]:
    """Under each row of a sheet those of another sheet of the file that have its value of a column: a sheet of its own.

    own, there: the places of the columns that tell which lines are of which record.
    """
    other = next((one for one in sheets_of(connection, row) if one.id == other_id and other_id != row.id), None)
    if other is None or not (0 <= own < len(row.heads) and 0 <= there < len(other.heads)):
        raise NotFound
    name = sheet_name(other)
    heads = [*row.heads, *(f"{name} · {head}" for place, head in enumerate(other.heads) if place != there)]
    rows = list(_under(connection, row, own, other, there))
    lines, cells = [line for line, _cells in rows], [cells for _line, cells in rows]
    table = Table(f"{sheet_name(row)} + {name}", heads, cells, [*row.broken, *other.broken], lines)
    file = row.name.rpartition(" · ")[0]
    meaning = Meaning({}, group=own, second=name)
    import_id = sheet_log.keep_sheet(connection, row.app_key, row.form_key, row.by_id, f"{file} · {table.name}", table, meaning)
    sheet_log.change(connection, import_id, book_id=row.book_id or row.id)
    return import_id, replace(table, heads=[*row.heads, *(head for place, head in enumerate(other.heads) if place != there)])


def _under(connection: sa.Connection, row: sa.Row, own: int, other: sa.Row, there: int) -> Iterator[tuple[int, list[str]]]:
    """Rows and lines in their order; lines of no row come last, under what they name."""
    theirs = defaultdict(list)
    for line, cells in sheet_log.all_rows(connection, other.id):
        theirs[cells[there].strip()].append((SECOND + line, cells))
    blank, width = [""] * len(row.heads), len(other.heads) - 1

    def lines(word: str, told: list[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
        for line, cells in told:
            yield line, [*blank[:own], word, *blank[own + 1 :], *cells[:there], *cells[there + 1 :]]

    for line, cells in sheet_log.all_rows(connection, row.id):
        yield line, [*cells, *[""] * width]
        word = cells[own].strip()
        yield from lines(word, theirs.pop(word, []) if word else [])
    for word, told in theirs.items():
        yield from lines(word, told)


def linked(connection: sa.Connection, row: sa.Row) -> tuple[int, tuple[int, int]] | None:
    """(own column, (other sheet, its column)) that seem to say which lines are of which record: under the same head, or by their values."""
    heads, known = [plain(head) for head in row.heads], defaultdict(set)
    for own, words in enumerate(sheet_log.samples(connection, row.id, sheet_log.CHUNK)):
        for word in words:
            known[word].add(own)
    found = []
    for other in sheets_of(connection, row):
        if other.id == row.id or other.meaning.get("second"):
            continue
        for there, words in enumerate(sheet_log.samples(connection, other.id, sheet_log.CHUNK)):
            for own, shared in Counter(own for word in words for own in known.get(word, ())).items():
                alike = heads[own] == plain(other.heads[there])
                if alike or shared * 2 >= len(words):
                    found.append((alike, shared, own, (other.id, there)))
    return max(found)[2:] if found else None


def forget_book(connection: sa.Connection, row: sa.Row) -> None:
    """The sheets of a file of which nothing was brought in."""
    for one in sheets_of(connection, row):
        if one.run_id is None and one.state not in sheet_log.AT_WORK:
            sheet_log.forget(connection, one.id)


def line_said(line: int, meaning: Meaning) -> str:
    """Where a row stands, within a sentence: its line, with the sheet where that is the second of two."""
    if line < SECOND:
        return _("line %(number)s", number=line)
    return _("%(sheet)s, line %(number)s", sheet=meaning.second, number=line - SECOND)
