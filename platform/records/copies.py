"""Who is told of the outcome of an approval: chosen with a vote, kept until its round ends."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from ..db import metadata

copy = sa.Table(
    "copy",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("app_key", sa.Text, nullable=False),
    sa.Column("form_key", sa.Text, nullable=False),
    sa.Column("record_id", sa.Integer, nullable=False),
    sa.Column("round_at", sa.DateTime, nullable=False),
    sa.Column("transition", sa.Text, nullable=False),
    sa.Column("member_id", sa.Integer, nullable=False),
    sa.Index("ix_copy_record", "app_key", "form_key", "record_id"),
    sqlite_autoincrement=True,
)

Place = tuple[str, str, int]
"""A record: the keys of its app and form, its id."""


def keep(connection: sa.Connection, place: Place, round_at: datetime, transition: str, members: Iterable[int]) -> None:
    here = dict(zip(("app_key", "form_key", "record_id"), place, strict=True))
    rows = [here | {"round_at": round_at, "transition": transition, "member_id": one} for one in members]
    if rows:
        connection.execute(sa.insert(copy), rows)


def taken(connection: sa.Connection, place: Place, round_at: datetime, transition: str | None) -> list[int]:
    """Those who are told now that a round is over, for one transition or for all of them; they are kept no longer."""
    here = [copy.c.app_key == place[0], copy.c.form_key == place[1], copy.c.record_id == place[2]]
    here += [copy.c.transition == transition] if transition is not None else []
    found = connection.execute(sa.delete(copy).where(*here).returning(copy.c.member_id, copy.c.round_at))
    return sorted({row.member_id for row in found if row.round_at == round_at})
