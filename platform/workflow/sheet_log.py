"""Sheets that people bring into a form: the rows as they were read, what they mean, and what became of each.

An import stands in one of these states: "read" (its columns are being settled), "checking", "checked", "running",
"done", "undoing", "undone", "stopped".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ..db import Json, metadata
from ..definition.inference import Table
from ..errors import NotFound
from .outbox import Errand, now, put_all

READ, CHECKING, CHECKED, RUNNING, DONE, UNDOING, UNDONE, STOPPED = (
    "read", "checking", "checked", "running", "done", "undoing", "undone", "stopped",
)  # fmt: skip
AT_WORK = (CHECKING, RUNNING, UNDOING)
CHUNK = 100  # rows that are kept, and done, together

sheet_import = sa.Table(
    "sheet_import",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("app_key", sa.String(20), nullable=False),
    sa.Column("form_key", sa.String(20), nullable=False),
    sa.Column("by_id", sa.Integer, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False, index=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("heads", Json, nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("broken", Json, nullable=False),
    sa.Column("meaning", Json, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("round", sa.Integer, nullable=False),  # how often work on it was begun
    sa.Column("done", sa.Integer, nullable=False),  # chunks of the work at hand
    sa.Column("run_id", sa.Integer),  # in the import log
    sa.Column("error", sa.Text),
    sa.Column("book_id", sa.Integer),  # of a sheet that came in one file with another: that one
    sqlite_autoincrement=True,
)
sheet_chunk = sa.Table(
    "sheet_chunk",
    metadata,
    sa.Column("import_id", sa.ForeignKey("sheet_import.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("rows", Json, nullable=False),  # [line, [cell ...]] of each row
    sa.Column("told", Json, nullable=False),  # [line, what became of it, why]
)


@dataclass(frozen=True)
class Meaning:
    """What the columns of a sheet mean. columns: place -> field path.  key: the field whose value tells which record a
    row is, "" where every row is a new one.  status: the place of the column with the status, where history comes in.
    dates: place -> how dates are written there.  language: in which the person reads what becomes of the rows.
    group: the place of the column whose value is the same in the rows of one record, which are its lines.
    second: the name of the sheet that the lines came from, where that is another one.
    """

    columns: Mapping[int, str]
    key: str = ""
    status: int | None = None
    dates: Mapping[int, str] | None = None
    language: str = "en"
    group: int | None = None
    second: str = ""

    def as_json(self) -> dict[str, Any]:
        said = {str(place): key for place, key in self.columns.items()}
        dates = {str(place): told for place, told in (self.dates or {}).items()}
        told = {"columns": said, "key": self.key, "status": self.status, "dates": dates, "language": self.language}
        return told | {"group": self.group, "second": self.second}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Meaning:
        columns, dates = ({int(place): told for place, told in data.get(name, {}).items()} for name in ("columns", "dates"))
        told = (data.get("key", ""), data.get("status"), dates, data.get("language", "en"), data.get("group"), data.get("second", ""))
        return cls(columns, *told)


@dataclass(frozen=True)
class ToldRow:
    """What became of a row: "created", "changed", "unchanged", "refused"; "line" of those after the first of a record."""

    line: int
    what: str
    why: str = ""


def keep_sheet(connection: sa.Connection, app_key: str, form_key: str, by: int, name: str, table: Table, meaning: Meaning) -> int:
    """A sheet as it was read, to be settled."""
    values = {"app_key": app_key, "form_key": form_key, "by_id": by, "at": now(), "name": name[:200], "heads": list(table.heads)}
    values |= {"rows": len(table.rows), "broken": list(table.broken), "meaning": meaning.as_json(), "state": READ, "round": 0, "done": 0}
    import_id = connection.execute(sa.insert(sheet_import).values(values)).inserted_primary_key[0]
    _put(connection, import_id, [[line, list(row)] for line, row in zip(table.lines, table.rows, strict=True)], meaning.group)
    return import_id


def _put(connection: sa.Connection, import_id: int, rows: Sequence[Sequence[Any]], group: int | None) -> None:
    """Write rows in chunks, those of one record in the same."""
    parts: list[list[Any]] = [[]]
    for bundle in bundles(rows, group):
        if len(parts[-1]) >= CHUNK:
            parts.append([])
        parts[-1] += bundle
    chunks = [{"import_id": import_id, "number": number, "rows": part, "told": []} for number, part in enumerate(parts)]
    connection.execute(sa.insert(sheet_chunk), chunks)


def bundles(rows: Iterable[Sequence[Any]], group: int | None) -> list[list[Sequence[Any]]]:
    """Rows (line, cells) by the record that they are of, in the order in which its first stands."""
    found: dict[Any, list[Sequence[Any]]] = {}
    for line, cells in rows:
        word = cells[group].strip() if group is not None else ""
        found.setdefault(word or line, []).append((line, cells))
    return list(found.values())


def one_import(connection: sa.Connection, import_id: int) -> sa.Row:
    row = connection.execute(sa.select(sheet_import).where(sheet_import.c.id == import_id)).first()
    if row is None:
        raise NotFound
    return row


def imports_of(connection: sa.Connection, app_key: str, form_key: str, by: int, most: int = 10) -> list[sa.Row]:
    """Somebody's latest imports into a form; of the sheets that came in one file, those that something was done with."""
    mine = {"app_key": app_key, "form_key": form_key, "by_id": by}
    found = sa.select(sheet_import).where(*(sheet_import.c[name] == value for name, value in mine.items()))
    found = found.where(sa.or_(sheet_import.c.book_id.is_(None), sheet_import.c.state != READ))
    return list(connection.execute(found.order_by(sheet_import.c.id.desc()).limit(most)))


def settle(connection: sa.Connection, import_id: int, meaning: Meaning) -> None:
    """What the columns mean; whatever was told of the rows no longer counts."""
    this, before = sheet_import.c.id == import_id, Meaning.from_json(one_import(connection, import_id).meaning)
    connection.execute(sa.update(sheet_import).where(this).values(meaning=meaning.as_json(), state=READ, error=None))
    if meaning.group != before.group:
        rows = sorted(all_rows(connection, import_id))
        connection.execute(sa.delete(sheet_chunk).where(sheet_chunk.c.import_id == import_id))
        _put(connection, import_id, rows, meaning.group)
    else:
        connection.execute(sa.update(sheet_chunk).where(sheet_chunk.c.import_id == import_id).values(told=[]))


def begin(connection: sa.Connection, import_id: int, state: str, among: Sequence[str]) -> bool:
    """Have the worker check, run or undo an import, if it stands in one of these states; whether it does."""
    this = (sheet_import.c.id == import_id, sheet_import.c.state.in_(among))
    fresh = {"state": state, "done": 0, "error": None, "round": sheet_import.c.round + 1}
    if not connection.execute(sa.update(sheet_import).where(*this).values(fresh)).rowcount:
        return False
    go_on(connection, one_import(connection, import_id))
    return True


def go_on(connection: sa.Connection, row: sa.Row) -> None:
    """Have the worker do the next of it."""
    put_all(connection, [Errand("sheet", f"sheet:{row.id}:{row.round}:{row.done}", {"import": row.id})])


def change(connection: sa.Connection, import_id: int, **values: Any) -> None:
    connection.execute(sa.update(sheet_import).where(sheet_import.c.id == import_id).values(values))


def chunk(connection: sa.Connection, import_id: int, number: int) -> sa.Row | None:
    this = (sheet_chunk.c.import_id == import_id, sheet_chunk.c.number == number)
    return connection.execute(sa.select(sheet_chunk).where(*this)).first()


def chunks_of(connection: sa.Connection, import_id: int) -> int:
    """How many there are."""
    return connection.scalar(sa.select(sa.func.count()).where(sheet_chunk.c.import_id == import_id))


def all_rows(connection: sa.Connection, import_id: int) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of every row, as they are kept."""
    found = sa.select(sheet_chunk.c.rows).where(sheet_chunk.c.import_id == import_id).order_by(sheet_chunk.c.number)
    for rows in connection.scalars(found):
        yield from ((line, cells) for line, cells in rows)


def tell(connection: sa.Connection, import_id: int, number: int, told: Iterable[ToldRow]) -> None:
    this = (sheet_chunk.c.import_id == import_id, sheet_chunk.c.number == number)
    connection.execute(sa.update(sheet_chunk).where(*this).values(told=[[one.line, one.what, one.why] for one in told]))


def keep_back(connection: sa.Connection, chunk: sa.Row, kept: Mapping[int, str], lines: Container[int]) -> None:
    """What an undo did to the rows of some lines: taken back, or left for a reason."""
    told = [
        ToldRow(line, what, why) if line not in lines
        else ToldRow(line, "kept", kept[line]) if line in kept else ToldRow(line, "undone")
        for line, what, why in chunk.told
    ]  # fmt: skip
    tell(connection, chunk.import_id, chunk.number, told)


def told_rows(connection: sa.Connection, import_id: int) -> Iterator[ToldRow]:
    """What became of the rows, in their order, as far as that is known."""
    found = sa.select(sheet_chunk.c.told).where(sheet_chunk.c.import_id == import_id).order_by(sheet_chunk.c.number)
    for told in connection.scalars(found):
        yield from (ToldRow(*one) for one in told)


def refused_rows(connection: sa.Connection, import_id: int) -> Iterator[tuple[int, str, list[str]]]:
    """(line, why, cells) of every row that was not taken."""
    found = sa.select(sheet_chunk).where(sheet_chunk.c.import_id == import_id).order_by(sheet_chunk.c.number)
    for one in connection.execute(found):
        why = {line: reason for line, what, reason in one.told if what == "refused"}
        yield from ((line, why[line], cells) for line, cells in one.rows if line in why)


def counted(connection: sa.Connection, import_id: int) -> Counter[str]:
    return Counter(one.what for one in told_rows(connection, import_id))


def samples(connection: sa.Connection, import_id: int, most: int = 3) -> list[list[str]]:
    """Of each column, a few different values."""
    row, first = one_import(connection, import_id), chunk(connection, import_id, 0)
    cells = [cells for _line, cells in first.rows] if first else []
    return [list(dict.fromkeys(one[place] for one in cells if one[place]))[:most] for place in range(len(row.heads))]


def forget(connection: sa.Connection, import_id: int) -> None:
    connection.execute(sa.delete(sheet_chunk).where(sheet_chunk.c.import_id == import_id))
    connection.execute(sa.delete(sheet_import).where(sheet_import.c.id == import_id))
