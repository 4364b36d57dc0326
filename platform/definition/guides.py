"""The first app that somebody builds by the guide: which one, and whether the guide was put away."""

from __future__ import annotations

import sqlalchemy as sa

from .. import db

guide = sa.Table(
    "guide",
    db.metadata,
    sa.Column("member_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("app_key", sa.Text, nullable=False),
    sa.Column("away", sa.Boolean, nullable=False),
)


def begin(connection: sa.Connection, member_id: int, app_key: str) -> None:
    """Guide a member through an app from now on, and through no other."""
    connection.execute(sa.delete(guide).where(guide.c.member_id == member_id))
    connection.execute(sa.insert(guide).values(member_id=member_id, app_key=app_key, away=False))


def put(connection: sa.Connection, member_id: int, *, away: bool) -> None:
    """Put the guide away, or take it up again."""
    connection.execute(sa.update(guide).where(guide.c.member_id == member_id).values(away=away))


def of(connection: sa.Connection, member_id: int) -> sa.Row | None:
    """(app_key, away) of the guide that a member follows."""
    return connection.execute(sa.select(guide).where(guide.c.member_id == member_id)).first()
