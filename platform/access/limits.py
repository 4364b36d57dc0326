"""How many tries to sign in, or to send something by a link: counted in the database, so that every process agrees."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .. import db
from ..errors import TooMany
from .accounts import normal_email, now

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 10
PER_ADDRESS = 60
PER_SENDER = 20


class Tries(db.system.Model):
    """Failed tries of one account or one address since `since`."""

    __tablename__ = "tries"

    key: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    since: Mapped[datetime]
    count: Mapped[int]


def count_try(email: str, address: str) -> None:
    """Takes one try before the password is looked at; TooMany when there is none left. Commits."""
    counts = {key: _one_more(key) for key in _limits(email, address)}
    db.system.session.commit()
    if any(counts[key] > limit for key, limit in _limits(email, address).items()):
        raise TooMany


def count_sending(link: str, address: str) -> None:
    """Takes one of the tries that an address has to send something by a link; TooMany when there is none left. Commits."""
    sender = hashlib.sha256(f"{link} {address}".encode()).hexdigest()
    count = _one_more(f"sender:{sender}")
    db.system.session.commit()
    if count > PER_SENDER:
        raise TooMany


def give_back(email: str, address: str) -> None:
    """After the right password: forgets the account's tries, returns the address's one. Not committed."""
    account, home = _limits(email, address)
    over = sa.or_(Tries.key == account, Tries.since <= now() - WINDOW)
    db.system.session.execute(sa.delete(Tries).where(over))
    db.system.session.execute(sa.update(Tries).where(Tries.key == home).values(count=Tries.count - 1))


def _limits(email: str, address: str) -> dict[str, int]:
    """Addresses are hashed: what people mistype into the field is nobody's to keep."""
    account = hashlib.sha256(normal_email(email).encode()).hexdigest()
    return {f"account:{account}": PER_ACCOUNT, f"address:{address[:45]}": PER_ADDRESS}


def _one_more(key: str) -> int:
    """The tries in this window, this one counted, in one statement."""
    dialect = db.system.engine.dialect.name
    insert = sa.dialects.sqlite.insert if dialect == "sqlite" else sa.dialects.postgresql.insert
    at = now()
    over = Tries.since <= at - WINDOW
    statement = insert(Tries).values(key=key, since=at, count=1)
    statement = statement.on_conflict_do_update(
        index_elements=[Tries.key],
        set_={"count": sa.case((over, 1), else_=Tries.count + 1), "since": sa.case((over, at), else_=Tries.since)},
    )
    return db.system.session.scalar(statement.returning(Tries.count))
