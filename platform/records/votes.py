"""Votes of approvals: who has said yes, in which stay of a record at its status.

A round is a stay: its votes carry the moment at which the record came to its status, so that whatever
moves the record ends the round, and so does a change of what is entered. A vote taken back, void or counted is kept
and no longer open.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa

from ..db import metadata

BESIDE = "added"  # of a signer who was asked besides those who are meant
OPEN, TAKEN_BACK, COUNTED, VOID = "open", "taken_back", "counted", "void"
_open = {f"{name}_where": sa.text(f"state = '{OPEN}'") for name in ("sqlite", "postgresql")}

vote = sa.Table(
    "vote",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("app_key", sa.Text, nullable=False),
    sa.Column("form_key", sa.Text, nullable=False),
    sa.Column("record_id", sa.Integer, nullable=False),
    sa.Column("round_at", sa.DateTime, nullable=False),
    sa.Column("transition", sa.Text, nullable=False),
    sa.Column("part", sa.Text, nullable=False),  # of an approval in turn: whose turn it was; else ""
    sa.Column("member_id", sa.Integer, nullable=False),  # whose yes it is
    sa.Column("by_id", sa.Integer),  # who gave it; None in older rows: they themselves
    sa.Column("stands_in", sa.Text, nullable=False),  # "head" or "admin" where nobody else could; BESIDE
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),  # the event that tells of it
    sa.Column("state", sa.String(10), nullable=False),
    sa.Index(
        "uq_vote_open",
        "app_key", "form_key", "record_id", "round_at", "transition", "part", "member_id",
        unique=True,
        **_open,
    ),
    sqlite_autoincrement=True,
)  # fmt: skip

_here = (
    vote.c.app_key == sa.bindparam("app"),
    vote.c.form_key == sa.bindparam("form"),
    vote.c.record_id == sa.bindparam("record"),
    vote.c.round_at == sa.bindparam("round"),
    vote.c.state == sa.literal_column(f"'{OPEN}'"),
)
OF_ROUND = sa.select(vote).where(*_here).order_by(vote.c.id)


def of_round(connection: sa.Connection, app_key: str, form_key: str, record_id: int, round_at: datetime) -> list[sa.Row]:
    """The open votes of a record's present stay, oldest first."""
    here = {"app": app_key, "form": form_key, "record": record_id, "round": round_at}
    return list(connection.execute(OF_ROUND, here))


def of_records(connection: sa.Connection, app_key: str, form_key: str, ids: Collection[int]) -> list[sa.Row]:
    """The open votes of several records, those of rounds that are over among them."""
    here = (vote.c.app_key == app_key, vote.c.form_key == form_key, vote.c.record_id.in_(list(ids)), vote.c.state == OPEN)
    return list(connection.execute(sa.select(vote).where(*here).order_by(vote.c.id))) if ids else []


def cast(connection: sa.Connection, rows: list[dict]) -> None:
    connection.execute(sa.insert(vote), [row | {"state": OPEN} for row in rows])


def settle(connection: sa.Connection, ids: Collection[int], state: str) -> None:
    """Votes that are open no longer: counted, or taken back."""
    connection.execute(sa.update(vote).where(vote.c.id.in_(list(ids))).values(state=state))


def void(
    connection: sa.Connection, app_key: str, form_key: str, stays: Mapping[int, datetime], apart: str | None
) -> dict[int, int]:
    """Let the open votes of records count no more, but for those for one transition; by record, how many people gave
    one in its present stay. What they were given for has changed.
    """
    here = (vote.c.app_key == app_key, vote.c.form_key == form_key, vote.c.record_id.in_(list(stays)), vote.c.state == OPEN)
    others = sa.update(vote).where(*here, vote.c.transition != (apart or "")).values(state=VOID)
    people: dict[int, set[int]] = {}
    for row in connection.execute(others.returning(vote.c.record_id, vote.c.round_at, vote.c.member_id)):
        if row.round_at == stays[row.record_id]:
            people.setdefault(row.record_id, set()).add(row.member_id)
    return {record_id: len(members) for record_id, members in people.items()}


def voted(app_key: str, form_key: str, table: sa.FromClause, *narrowed: sa.ColumnElement[bool]) -> sa.Exists:
    """That there is an open vote, narrowed so, in the present stay of a form's row."""
    return sa.exists().where(*open_votes(app_key, form_key, table), *narrowed).correlate(table)


def voters(app_key: str, form_key: str, table: sa.FromClause, *narrowed: sa.ColumnElement[bool]) -> sa.ScalarSelect:
    """How many people gave an open vote, narrowed so, in the present stay of a form's row."""
    people = sa.func.count(sa.distinct(sa.func.coalesce(vote.c.by_id, vote.c.member_id)))
    return sa.select(people).where(*open_votes(app_key, form_key, table), *narrowed).correlate(table).scalar_subquery()


def open_votes(app_key: str, form_key: str, table: sa.FromClause) -> tuple[sa.ColumnElement[bool], ...]:
    """What makes a vote an open one in the present stay of a form's row."""
    here = (vote.c.app_key == app_key, vote.c.form_key == form_key, vote.c.record_id == table.c.id)
    return (*here, vote.c.round_at == table.c.status_since, vote.c.state == sa.literal_column(f"'{OPEN}'"))
