"""Passwords: argon2id at about 50 ms a try."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

SHORTEST = 8
LONGEST = 200  # what is hashed is bounded, so that a huge one costs no time

hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    return hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Takes as long for an account without a password, or for none at all, as for a wrong one."""
    try:
        hasher.verify(stored or _nobodys(), password[: LONGEST + 1])
    except (VerifyMismatchError, InvalidHashError):
        return False
    return stored is not None


@cache
def _nobodys() -> str:
    return hasher.hash("nobody signs in with this")
