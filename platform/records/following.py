"""Who follows which record, and is told of what happens to it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from ..db import metadata
from ..quick import Quick

follower = sa.Table(
    "follower",
    metadata,
    sa.Column("app_key", sa.Text, primary_key=True),
    sa.Column("form_key", sa.Text, primary_key=True),
    sa.Column("record_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("member_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("since", sa.DateTime, nullable=False),
    sa.Index("ix_follower_member_id", "member_id", "app_key", "form_key", "record_id"),
)

INSERT = {
    "sqlite": Quick(sqlite.insert(follower).on_conflict_do_nothing()),
    "postgresql": Quick(postgresql.insert(follower).on_conflict_do_nothing()),
}
FOLLOWERS = Quick(
    sa.select(follower.c.member_id)
    .where(
        follower.c.app_key == sa.bindparam("app_key"),
        follower.c.form_key == sa.bindparam("form_key"),
        follower.c.record_id == sa.bindparam("record_id"),
    )
    .order_by(follower.c.member_id)
)

Place = tuple[str, str, int]
"""A record: the keys of its app and form, its id."""


def follow(connection: sa.Connection, place: Place, member_id: int, at: datetime) -> None:
    """Follow a record; who does already goes on."""
    INSERT[connection.dialect.name].write(connection, [_named(place) | {"member_id": member_id, "since": at}])


def leave(connection: sa.Connection, place: Place, member_id: int) -> None:
    """Follow a record no longer."""
    here = [follower.c[name] == value for name, value in _named(place).items()]
    connection.execute(sa.delete(follower).where(*here, follower.c.member_id == member_id))


def followers(connection: sa.Connection, place: Place) -> list[int]:
    return [row.member_id for row in FOLLOWERS.all(connection, **_named(place))]


def followed_by(connection: sa.Connection, member_id: int, most: int) -> dict[tuple[str, str], list[int]]:
    """By (app, form), the ids of the records that a member follows: of each form those taken up last."""
    latest = (follower.c.since.desc(), follower.c.record_id.desc())
    place = sa.func.row_number().over(partition_by=(follower.c.app_key, follower.c.form_key), order_by=latest)
    mine = sa.select(follower, place.label("place")).where(follower.c.member_id == member_id).subquery()
    found: dict[tuple[str, str], list[int]] = {}
    for row in connection.execute(sa.select(mine).where(mine.c.place <= most).order_by(mine.c.place)):
        found.setdefault((row.app_key, row.form_key), []).append(row.record_id)
    return found


def forget(connection: sa.Connection, app_key: str, form_key: str) -> None:
    """Everybody who follows records of a form that is gone."""
    connection.execute(sa.delete(follower).where(follower.c.app_key == app_key, follower.c.form_key == form_key))


def _named(place: Place) -> dict[str, str | int]:
    return dict(zip(("app_key", "form_key", "record_id"), place, strict=True))
