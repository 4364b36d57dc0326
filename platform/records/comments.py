"""Comments: what people say about a record, beside its history. Read by those who see the record as it is now."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ..db import Json, metadata
from ..quick import Quick
from .results import Record

comment = sa.Table(
    "comment",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("app_key", sa.Text, nullable=False),
    sa.Column("form_key", sa.Text, nullable=False),
    sa.Column("record_id", sa.Integer, nullable=False),
    sa.Column("by_id", sa.Integer, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("text", sa.Text),  # None once it was deleted, or erased
    sa.Column("mentions", Json, nullable=False),  # [member id, the name as it stands in the text], ...
    sa.Column("edited_at", sa.DateTime),
    sa.Column("deleted_at", sa.DateTime),
    sa.Column("files", Json),  # the references of what was attached
    sa.Index("ix_comment_record", "app_key", "form_key", "record_id", "id"),
    sqlite_autoincrement=True,
)

_here = (
    comment.c.app_key == sa.bindparam("app_key"),
    comment.c.form_key == sa.bindparam("form_key"),
    comment.c.record_id == sa.bindparam("record_id"),
)
OF_RECORD = Quick(sa.select(comment).where(*_here).order_by(comment.c.id))

Mention = tuple[int, str]
"""A member, and the name by which a text calls them."""


@dataclass(frozen=True)
class Comment:
    """One comment; `text` is None where it was deleted, or erased."""

    id: int
    by_id: int
    at: datetime
    text: str | None
    mentions: tuple[Mention, ...]
    edited_at: datetime | None
    deleted_at: datetime | None
    files: tuple[str, ...] = ()

    @property
    def parts(self) -> Iterator[tuple[bool, str]]:
        """The text in pieces: whether one is a mention, and its words."""
        return parts(self.text or "", [name for _member, name in self.mentions])


def said_about(gate, record: Record) -> list[Comment]:
    """The comments on a record that the gate has shown, oldest first."""
    place = {"app_key": gate.compiled.app.key, "form_key": record.form.key, "record_id": record.id}
    return [_comment(row) for row in OF_RECORD.all(gate.connection, **place)]


def one(connection: sa.Connection, place: tuple[str, str, int], comment_id: int) -> Comment | None:
    """A comment on the record (app, form, id) by its number."""
    row = connection.execute(sa.select(comment).where(*_at(place), comment.c.id == comment_id)).first()
    return _comment(row) if row else None


def names_file(connection: sa.Connection, place: tuple[str, str, int], reference: str) -> bool:
    """Whether a comment on a record has a file."""
    found = connection.scalars(sa.select(comment.c.files).where(*_at(place), comment.c.files.is_not(None)))
    return any(reference in files for files in found)


def add(
    connection: sa.Connection, place: tuple[str, str, int], by_id: int, at: datetime,
    text: str, mentions: Iterable[Mention], files: Iterable[str] = (),
) -> int:  # fmt: skip
    row = dict(zip(("app_key", "form_key", "record_id"), place, strict=True))
    row |= {"by_id": by_id, "at": at, "text": text, "mentions": _kept(mentions), "files": list(files) or None}
    return connection.execute(sa.insert(comment).values(row)).inserted_primary_key[0]


def reword(connection: sa.Connection, comment_id: int, at: datetime, text: str, mentions: Iterable[Mention]) -> None:
    values = {"text": text, "mentions": _kept(mentions), "edited_at": at}
    connection.execute(sa.update(comment).where(comment.c.id == comment_id).values(values))


def take_back(connection: sa.Connection, comment_id: int, at: datetime) -> None:
    """That there was one stays, its words go."""
    gone = {"text": None, "mentions": [], "files": None, "deleted_at": at}
    connection.execute(sa.update(comment).where(comment.c.id == comment_id).values(gone))


def erase(connection: sa.Connection, place: tuple[str, str, int]) -> None:
    """Take the words out of all comments on a record."""
    connection.execute(sa.update(comment).where(*_at(place)).values(text=None, mentions=[], files=None))


def forget(connection: sa.Connection, app_key: str, form_key: str) -> None:
    """All comments on the records of a form that is gone."""
    connection.execute(sa.delete(comment).where(comment.c.app_key == app_key, comment.c.form_key == form_key))


# mentions


def mentioned(text: str, people: Mapping[int, str], chosen: Collection[int] = ()) -> list[Mention]:
    """The people whom a text calls by "@name", longer names first; of several of one name those chosen, if any."""
    found: list[Mention] = []
    for name in sorted(set(people.values()), key=len, reverse=True):
        called = _calling([name])
        if not (match := called.search(text)):
            continue
        namesakes = [member for member, other in people.items() if other == name]
        meant = [member for member in namesakes if member in chosen] or namesakes
        found += [(member, match.group(0)[1:]) for member in meant]
        text = called.sub(" ", text)
    return found


def parts(text: str, names: Collection[str]) -> Iterator[tuple[bool, str]]:
    """A text in pieces: whether one calls somebody by one of these names, and its words."""
    last = 0
    for match in _calling(names).finditer(text) if names else ():
        yield False, text[last : match.start()]
        yield True, match.group(0)
        last = match.end()
    yield False, text[last:]


def _calling(names: Iterable[str]) -> re.Pattern[str]:
    """"@name", not within a mail address, and not as the beginning of a longer word."""
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile(rf"(?<![A-Za-z0-9_.])@(?:{'|'.join(map(re.escape, longest_first))})(?![A-Za-z0-9_])", re.IGNORECASE)


def _comment(row: Any) -> Comment:
    return Comment(row.id, row.by_id, row.at, row.text, tuple(map(tuple, row.mentions)), row.edited_at, row.deleted_at, tuple(row.files or ()))


def _kept(mentions: Iterable[Mention]) -> list[list]:
    return [list(mention) for mention in mentions]


def _at(place: tuple[str, str, int]) -> tuple[sa.ColumnElement[bool], ...]:
    app_key, form_key, record_id = place
    return comment.c.app_key == app_key, comment.c.form_key == form_key, comment.c.record_id == record_id
