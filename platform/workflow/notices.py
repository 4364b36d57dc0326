"""Notices: what a person is told about a record, kept until read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from .. import db
from ..ids import storable
from .outbox import now

notice = sa.Table(
    "notice",
    db.metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("member_id", sa.Integer, nullable=False),
    sa.Column("key", sa.String(200), nullable=False),
    sa.Column("text", db.Json, nullable=False),
    sa.Column("app_key", sa.Text, nullable=False),
    sa.Column("form_key", sa.Text, nullable=False),
    sa.Column("record_id", sa.Integer, nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("read_at", sa.DateTime),
    sa.UniqueConstraint("member_id", "key"),
    sa.Index("ix_notice_member_id_id", "member_id", "id"),
    sa.Index(
        "ix_notice_read_at", "read_at",
        sqlite_where=sa.text("read_at IS NOT NULL"), postgresql_where=sa.text("read_at IS NOT NULL"),
    ),
    sqlite_autoincrement=True,
)  # fmt: skip

INSERT = {
    "sqlite": sqlite.insert(notice).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(notice).on_conflict_do_nothing(),
}


def tell(connection: sa.Connection, key: str, payload: Mapping[str, Any], at: datetime) -> None:
    """One notice a member, told once whatever happens: payload is {member_ids, message, app, form, record_id}."""
    rows = [
        {
            "member_id": member_id,
            "key": key,
            "text": payload["message"],
            "app_key": payload["app"],
            "form_key": payload["form"],
            "record_id": payload["record_id"],
            "created_at": at,
        }
        for member_id in payload["member_ids"]
    ]
    if rows:
        connection.execute(INSERT[connection.dialect.name], rows)


def of_member(connection: sa.Connection, member_id: int, *, unread: bool = False, limit: int = 50) -> list[sa.Row]:
    """A member's notices, newest first."""
    query = sa.select(notice).where(notice.c.member_id == member_id).order_by(notice.c.id.desc()).limit(limit)
    if unread:
        query = query.where(notice.c.read_at.is_(None))
    return list(connection.execute(query))


def one(connection: sa.Connection, member_id: int, notice_id: int) -> sa.Row | None:
    """One of a member's notices."""
    return connection.execute(sa.select(notice).where(notice.c.id == notice_id, notice.c.member_id == member_id)).first()


def unread_count(connection: sa.Connection, member_id: int, *, at_most: int = 100) -> int:
    """How many notices wait for a member, counted no further than `at_most`."""
    waiting = sa.select(notice.c.id).where(notice.c.member_id == member_id, notice.c.read_at.is_(None)).limit(at_most)
    return connection.scalar(sa.select(sa.func.count()).select_from(waiting.subquery())) or 0


def reword(connection: sa.Connection, key: str, text: Mapping[str, str]) -> None:
    """Other words for all notices of one key."""
    connection.execute(sa.update(notice).where(notice.c.key == key).values(text=dict(text)))


def mark_read(connection: sa.Connection, member_id: int, ids: Iterable[int]) -> None:
    mine = (notice.c.member_id == member_id, notice.c.id.in_([i for i in ids if storable(i)]), notice.c.read_at.is_(None))
    connection.execute(sa.update(notice).where(*mine).values(read_at=now()))
