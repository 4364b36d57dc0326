"""Accounts: who may sign in. One address, one password, whatever the workspace."""

from __future__ import annotations

from datetime import datetime, timezone

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Mapped, mapped_column

from .. import db
from ..errors import Invalid, Problem
from . import passwords

LANGUAGES = ("en", "zh")
THEMES = ("system", "light", "dark")
FIRST = 7_305_117  # PostgreSQL's advisory lock around making the first account


class Account(db.system.Model):
    """email: lower case.  password: its hash; None until an invitation is taken up.

    workspace_id: where the person worked last, and starts the next time.
    """

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    password: Mapped[str | None] = mapped_column(sa.String(200))
    name: Mapped[str] = mapped_column(sa.String(100))
    language: Mapped[str] = mapped_column(sa.String(8), default="en")
    theme: Mapped[str] = mapped_column(sa.String(8), default="system")
    active: Mapped[bool] = mapped_column(default=True)
    workspace_id: Mapped[int | None] = mapped_column(sa.ForeignKey("workspace.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]


def now() -> datetime:
    """This moment in UTC, without a time zone, as every moment is stored."""
    return datetime.now(timezone.utc).replace(tzinfo=None)


def reading():
    """A connection to the system database for reads; takes no lock."""
    return current_app.extensions["system"].reading()


def create_account(email: str, password: str | None, name: str, language: str = "en") -> Account:
    """A new account in the session at hand, not committed; Invalid where the address is taken."""
    hashed = passwords.hash_password(password) if password else None  # before the session takes its lock
    email = normal_email(email)
    if find_account(email) is not None:
        raise Invalid([Problem("email", _("There is an account with this address already."))])
    account = Account(email=email, password=hashed, name=name, language=language, created_at=now())
    db.system.session.add(account)
    db.system.session.flush()
    return account


def find_account(email: str) -> Account | None:
    return db.system.session.scalar(sa.select(Account).where(Account.email == normal_email(email)))


def normal_email(email: str) -> str:
    return email.strip().lower()


def be_alone() -> None:
    """Until the session at hand ends its transaction, nobody else gets past this line."""
    if db.system.engine.dialect.name == "postgresql":
        db.system.session.execute(sa.select(sa.func.pg_advisory_xact_lock(FIRST)))
    else:
        db.system.session.execute(sa.select(1))  # on SQLite any transaction of the session takes the write lock


def any_account() -> bool:
    with reading() as connection:
        return connection.execute(sa.select(Account.id).limit(1)).first() is not None


def authenticate(email: str, password: str) -> int | None:
    """The account's id, or None: for a wrong password, an unknown address and a closed account alike."""
    columns = sa.select(Account.id, Account.password, Account.active)
    with reading() as connection:
        found = connection.execute(columns.where(Account.email == normal_email(email))).first()
    right = passwords.matches(found.password if found else None, password)
    return found.id if right and found.active else None
