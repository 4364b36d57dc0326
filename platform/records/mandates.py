"""Who gives the yes of whom in a round: handed on to somebody else, or asked for beside those who are meant.

A row is of one round, as votes are (see votes.py): what moves the record ends it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ..access.members import member
from ..db import metadata
from .votes import open_votes, vote

HANDED, ADDED = "handed", "added"

mandate = sa.Table(
    "mandate",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("app_key", sa.Text, nullable=False),
    sa.Column("form_key", sa.Text, nullable=False),
    sa.Column("record_id", sa.Integer, nullable=False),
    sa.Column("round_at", sa.DateTime, nullable=False),
    sa.Column("transition", sa.Text, nullable=False),
    sa.Column("part", sa.Text, nullable=False),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("member_id", sa.Integer, nullable=False),  # whose yes it is
    sa.Column("holder_id", sa.Integer, nullable=False),  # who gives it
    sa.Column("by_id", sa.Integer, nullable=False),  # who asked for that
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Index(
        "uq_mandate", "app_key", "form_key", "record_id", "round_at", "transition", "part", "member_id", unique=True
    ),
    sa.Index("ix_mandate_holder_id", "holder_id", "app_key"),
    sa.Index("ix_mandate_member_id", "member_id", "app_key"),
    sqlite_autoincrement=True,
)

_here = (mandate.c.app_key == sa.bindparam("app"), mandate.c.form_key == sa.bindparam("form"))
OF_ROUND = (
    sa.select(mandate)
    .where(*_here, mandate.c.record_id == sa.bindparam("record"), mandate.c.round_at == sa.bindparam("round"))
    .order_by(mandate.c.id)
)


def of_round(connection: sa.Connection, app_key: str, form_key: str, record_id: int, round_at: datetime) -> list[sa.Row]:
    """What is arranged in a record's present stay, oldest first."""
    here = {"app": app_key, "form": form_key, "record": record_id, "round": round_at}
    return list(connection.execute(OF_ROUND, here))


def of_records(connection: sa.Connection, app_key: str, form_key: str, ids: Collection[int]) -> list[sa.Row]:
    """The same of several records, of rounds that are over too."""
    here = (mandate.c.app_key == app_key, mandate.c.form_key == form_key, mandate.c.record_id.in_(list(ids)))
    return list(connection.execute(sa.select(mandate).where(*here).order_by(mandate.c.id))) if ids else []


def of_people(connection: sa.Connection, app_key: str, ids: Collection[int]) -> set[tuple[str, str]]:
    """(form key, transition) in which one of these members ever handed on, or was asked."""
    theirs = sa.or_(mandate.c.holder_id.in_(list(ids)), mandate.c.member_id.in_(list(ids)))
    found = sa.select(mandate.c.form_key, mandate.c.transition).distinct().where(mandate.c.app_key == app_key, theirs)
    return {(row.form_key, row.transition) for row in connection.execute(found)}


def arrange(connection: sa.Connection, row: dict[str, Any]) -> None:
    connection.execute(sa.insert(mandate).values(row))


def pass_on(connection: sa.Connection, number: int, holder_id: int, by_id: int) -> None:
    """Somebody else gives that yes from now on."""
    connection.execute(sa.update(mandate).where(mandate.c.id == number).values(holder_id=holder_id, by_id=by_id))


def _of_row(app_key: str, form_key: str, table: sa.FromClause, transition: str | None, part: str | None) -> list[sa.ColumnElement[bool]]:
    found = [mandate.c.app_key == app_key, mandate.c.form_key == form_key, mandate.c.record_id == table.c.id]
    found += [mandate.c.round_at == table.c.status_since]
    found += [mandate.c.transition == transition] if transition is not None else []
    return found + ([mandate.c.part == part] if part is not None else [])


def handed_on(
    app_key: str, form_key: str, table: sa.FromClause, transition: str | None, part: str | None, whose: Any
) -> sa.Exists:
    """That somebody's yes in a row's present round was handed on to a member who is still there."""
    here = _of_row(app_key, form_key, table, transition, part)
    there = sa.select(member.c.id).where(member.c.id == mandate.c.holder_id, member.c.active).exists()
    return sa.exists().where(*here, mandate.c.member_id == whose, mandate.c.holder_id != whose, there).correlate(table)


def awaited(
    app_key: str, form_key: str, table: sa.FromClause, transition: str, part: str | None, holder: Any, kind: str
) -> sa.ColumnElement[bool]:
    """That somebody holds a yes in a row's present round that is not given yet; found from what they ever held."""
    held = (mandate.c.holder_id == holder, mandate.c.app_key == app_key, mandate.c.form_key == form_key)
    ever = table.c.id.in_(sa.select(mandate.c.record_id).where(*held, mandate.c.transition == transition))
    here = _of_row(app_key, form_key, table, transition, part)
    given = sa.exists().where(
        *open_votes(app_key, form_key, table),
        vote.c.transition == mandate.c.transition, vote.c.part == mandate.c.part, vote.c.member_id == mandate.c.member_id,
    ).correlate(table, mandate)  # fmt: skip
    return sa.and_(ever, sa.exists().where(*here, mandate.c.holder_id == holder, mandate.c.kind == kind, ~given).correlate(table))


def asked_beside(app_key: str, form_key: str, table: sa.FromClause, transition: str, part: str) -> sa.Exists:
    """That a signer who was added to a part of a row's present round has not said yes."""
    here = [*_of_row(app_key, form_key, table, transition, part), mandate.c.kind == ADDED]
    there = sa.select(member.c.id).where(member.c.id == mandate.c.holder_id, member.c.active).exists()
    given = sa.exists().where(
        *open_votes(app_key, form_key, table), vote.c.transition == transition, vote.c.part == part,
        vote.c.member_id == mandate.c.member_id,
    ).correlate(table, mandate)  # fmt: skip
    return sa.exists().where(*here, there, ~given).correlate(table)
