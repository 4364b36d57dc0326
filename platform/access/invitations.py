"""Links that an administrator hands to somebody: to come into a workspace, to set a password.

A link opens no door to another workspace. Mail addresses are not verified, so whoever made an
account could have chosen somebody else's; a link lets its holder set the password only as long as
the account belongs to no workspace but the link's own. Otherwise he joins by signing in.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .. import db
from ..errors import NotFound
from . import passwords, sessions
from .accounts import Account, now, reading
from .workspaces import Membership, WorkspaceRow, join

LIFETIME = timedelta(days=7)


class Invitation(db.system.Model):
    """token: SHA-256 of what stands in the link; it works once, and until a newer one is made."""

    __tablename__ = "invitation"

    token: Mapped[bytes] = mapped_column(sa.LargeBinary(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    workspace_id: Mapped[int] = mapped_column(sa.ForeignKey("workspace.id", ondelete="CASCADE"), index=True)
    member_id: Mapped[int]
    expires_at: Mapped[datetime]


@dataclass(frozen=True)
class Invited:
    """Whom a link is for, and where to. with_password: he sets one; else he signs in with his own."""

    account_id: int
    email: str
    name: str
    workspace_id: int
    workspace: str
    member_id: int
    with_password: bool


INVITED = (
    sa.select(
        Account.id.label("account_id"),
        Account.email,
        Account.name,
        WorkspaceRow.id.label("workspace_id"),
        WorkspaceRow.name.label("workspace"),
        Invitation.member_id,
        sa.not_(
            sa.exists().where(Membership.account_id == Account.id, Membership.workspace_id != Invitation.workspace_id)
        ).label("with_password"),
    )
    .join(Invitation, Invitation.account_id == Account.id)
    .join(WorkspaceRow, WorkspaceRow.id == Invitation.workspace_id)
    .where(Invitation.token == sa.bindparam("token"), Invitation.expires_at > sa.bindparam("now"), Account.active)
)


def invite(account_id: int, workspace_id: int, member_id: int) -> str:
    """The token of a new link; an older one of this member stops working. Not committed."""
    token = secrets.token_urlsafe(32)
    older = sa.and_(Invitation.workspace_id == workspace_id, Invitation.member_id == member_id)
    db.system.session.execute(sa.delete(Invitation).where(older))
    row = Invitation(
        token=_hashed(token), account_id=account_id, workspace_id=workspace_id, member_id=member_id,
        expires_at=now() + LIFETIME,
    )  # fmt: skip
    db.system.session.add(row)
    return token


def invited(token: str) -> Invited:
    """NotFound where the link does not work, or no longer."""
    with reading() as connection:
        return _find(connection, token)


def accept(token: str, password: str | None = None, account_id: int | None = None) -> Invited:
    """Uses up a link, with a password to set or as the account that signed in. Not committed."""
    hashed = passwords.hash_password(password) if password else None  # before the session takes its lock
    session = db.system.session
    session.execute(sa.select(Invitation).where(Invitation.token == _hashed(token)).with_for_update())  # once only
    found = _find(session, token)
    account = session.get(Account, found.account_id)
    if found.with_password and hashed:
        account.password = hashed
        sessions.end_all(found.account_id)
    elif account_id != found.account_id:
        raise NotFound
    session.execute(sa.delete(Invitation).where(Invitation.token == _hashed(token)))
    join(found.account_id, found.workspace_id, found.member_id)
    account.workspace_id = found.workspace_id
    return found


def _find(connection: sa.Connection, token: str) -> Invited:
    row = connection.execute(INVITED, {"token": _hashed(token), "now": now()}).first()
    if row is None:
        raise NotFound
    return Invited(**row._mapping)


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
