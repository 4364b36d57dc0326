"""Links that somebody in a workspace hands to people who have no account there.

A link is a principal of its own: it acts with the grant of its form (shares.py), never with the rights of whoever
made it, and history names it. Only a digest of its token is kept, so it is shown once, when it is made.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from .. import db
from ..definition.sharing import PublicForm
from ..errors import LinkFull, NotFound
from .accounts import now
from .actor import Actor
from .shares import public_role, tracking_role

TOKEN_BYTES = 24
LONGEST_LABEL = 100
SEEN_EVERY = timedelta(minutes=1)  # that a link was used is written down no more often

shared_link = sa.Table(
    "shared_link",
    db.metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("token", sa.LargeBinary(32), nullable=False, unique=True),  # SHA-256 of what stands in the address
    sa.Column("app_key", sa.String(20), nullable=False),
    sa.Column("form_key", sa.String(20), nullable=False),
    sa.Column("record_id", sa.Integer),  # None where it takes new records
    sa.Column("label", sa.String(LONGEST_LABEL), nullable=False),
    sa.Column("made_at", sa.DateTime, nullable=False),
    sa.Column("made_by", sa.Integer),
    sa.Column("expires_at", sa.DateTime),
    sa.Column("revoked_at", sa.DateTime),
    sa.Column("revoked_by", sa.Integer),
    sa.Column("used_at", sa.DateTime),
    sa.Column("made", sa.Integer, nullable=False, server_default="0"),  # records, since there is the link
    sa.Column("day", sa.Date),
    sa.Column("made_that_day", sa.Integer, nullable=False, server_default="0"),
    sa.Index("ix_shared_link_form", "app_key", "form_key", "record_id"),
    sqlite_autoincrement=True,
)


def make_link(
    connection: sa.Connection, app_key: str, form_key: str, record_id: int | None, label: str, by: int, days: int
) -> str:
    """A new link to a record, or to the form itself; its token, which is told this once."""
    token, at = secrets.token_urlsafe(TOKEN_BYTES), now()
    values = {"app_key": app_key, "form_key": form_key, "record_id": record_id, "label": label[:LONGEST_LABEL]}
    values |= {"token": _hashed(token), "made_at": at, "made_by": by, "expires_at": at + timedelta(days=days)}
    connection.execute(sa.insert(shared_link).values(values))
    return token


def links_of(connection: sa.Connection, app_key: str, form_key: str, record_id: int | None) -> list[sa.Row]:
    """The links of a record, or of a form, the newest first, also those that are over."""
    found = sa.select(shared_link).where(*_place(app_key, form_key, record_id))
    return list(connection.execute(found.order_by(shared_link.c.id.desc())))


def revoke_link(
    connection: sa.Connection, app_key: str, form_key: str, record_id: int | None, link_id: int, by: int
) -> None:
    """End a link; whoever has it finds nothing with the next request."""
    this = (*_place(app_key, form_key, record_id), shared_link.c.id == link_id)
    if connection.scalar(sa.select(shared_link.c.id).where(*this)) is None:
        raise NotFound
    ended = sa.update(shared_link).where(*this, shared_link.c.revoked_at.is_(None))
    connection.execute(ended.values(revoked_at=now(), revoked_by=by))


def find_link(connection: sa.Connection, token: str) -> sa.Row:
    """The link of a token; not found, all alike, where there is none, no longer, or not any more."""
    digest = _hashed(token)
    row = connection.execute(sa.select(shared_link).where(shared_link.c.token == digest)).first()
    if row is None or not hmac.compare_digest(row.token, digest) or not works(row, now()):
        raise NotFound
    return row


def works(row: sa.Row, at: datetime) -> bool:
    """Whether a link opens anything at a moment."""
    return row.revoked_at is None and (row.expires_at is None or row.expires_at > at)


def note_use(workspace: db.Workspace, row: sa.Row) -> None:
    """Write down that a link was used, now and then."""
    at = now()
    if row.used_at is not None and row.used_at > at - SEEN_EVERY:
        return
    with workspace.writing() as connection:
        connection.execute(sa.update(shared_link).where(shared_link.c.id == row.id).values(used_at=at))


def has_room(row: sa.Row, most: PublicForm, day: date) -> bool:
    """Whether a link takes one more record on a day, as it was read; `take_turn` decides."""
    return (row.day != day or row.made_that_day < most.a_day) and (most.in_all is None or row.made < most.in_all)


def take_turn(connection: sa.Connection, link_id: int, most: PublicForm, day: date, at: datetime) -> None:
    """Count one more record that a link makes, in the transaction that makes it: refused where it takes no more, not
    found where it ended meanwhile. One statement, so that no two can both be the last one.
    """
    this, table = shared_link.c.id == link_id, shared_link.c
    works = (table.revoked_at.is_(None), sa.or_(table.expires_at.is_(None), table.expires_at > at))
    room = [sa.or_(table.day.is_(None), table.day != day, table.made_that_day < most.a_day)]
    room += [table.made < most.in_all] if most.in_all is not None else []
    today = sa.case((table.day == day, table.made_that_day + 1), else_=1)
    counted = sa.update(shared_link).where(this, *works, *room).values(made=table.made + 1, day=day, made_that_day=today, used_at=at)
    if connection.execute(counted).rowcount:
        return
    if connection.scalar(sa.select(table.id).where(this, *works)) is None:
        raise NotFound
    raise LinkFull


def actor_of(row: sa.Row, language: str) -> Actor:
    """The principal that a link is."""
    role = tracking_role(row.form_key) if row.record_id is not None else public_role(row.form_key)
    roles = {row.app_key: frozenset({role})}
    return Actor("link", None, row.label, language, roles, link=row.id, record=row.record_id)


def link_labels(connection: sa.Connection, ids: list[int]) -> dict[int, str]:
    """What links are called, by id."""
    found = sa.select(shared_link.c.id, shared_link.c.label).where(shared_link.c.id.in_(ids))
    return {row.id: row.label for row in connection.execute(found)}


def _place(app_key: str, form_key: str, record_id: int | None) -> tuple[sa.ColumnElement[bool], ...]:
    here = {"app_key": app_key, "form_key": form_key, "record_id": record_id}
    return tuple(shared_link.c[name] == value for name, value in here.items())


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
