"""Links with which somebody sets a password: for a first one, or for a forgotten one."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .. import db
from . import passwords, sessions
from .accounts import Account, now, reading

LIFETIME = timedelta(days=7)


class Invitation(db.system.Model):
    """token: SHA-256 of what stands in the link; it works once."""

    __tablename__ = "invitation"

    token: Mapped[bytes] = mapped_column(sa.LargeBinary(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime]


def invite(account_id: int) -> str:
    """The token of a new link; an older link of the account stops working. Not committed."""
    token = secrets.token_urlsafe(32)
    db.system.session.execute(sa.delete(Invitation).where(Invitation.account_id == account_id))
    db.system.session.add(Invitation(token=_hashed(token), account_id=account_id, expires_at=now() + LIFETIME))
    return token


def invited(token: str) -> sa.Row | None:
    """Whom a link is for: id, email and name of the account; None when it does not work (any more)."""
    columns = sa.select(Account.id, Account.email, Account.name, Account.language)
    found = columns.join(Invitation, Invitation.account_id == Account.id)
    alive = (Invitation.token == _hashed(token), Invitation.expires_at > now(), Account.active)
    with reading() as connection:
        return connection.execute(found.where(*alive)).first()


def accept(token: str, password: str) -> int | None:
    """Sets the password and uses up the link; the account's id. Not committed."""
    hashed = passwords.hash_password(password)  # before the session takes its lock
    used = sa.delete(Invitation).where(Invitation.token == _hashed(token), Invitation.expires_at > now())
    account_id = db.system.session.scalar(used.returning(Invitation.account_id))
    if account_id is not None:
        db.system.session.get(Account, account_id).password = hashed
        sessions.end_all(account_id)
    return account_id


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
