"""Bringing a person into a workspace and letting one go: the account, the member and what ties them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from .. import db
from ..errors import Invalid, NotFound, Problem
from .accounts import Account, create_account, find_account, reading
from .invitations import invite
from .members import add_member, change_member, member
from .workspaces import Membership, join, workspace_id


@dataclass(frozen=True)
class Person:
    """Somebody who is to become a member; roles by app."""

    name: str
    email: str
    roles: Mapping[str, Iterable[str]]
    department_id: int | None = None
    language: str = "en"
    admin: bool = False


def invite_person(workspace: db.Workspace, person: Person) -> tuple[int, str]:
    """A new member and the token of the link with which he comes in. Commits."""
    account = find_account(person.email) or create_account(person.email, None, person.name, person.language)
    member_id = _add(workspace, account, person)
    token = invite(account.id, workspace_id(workspace.slug), member_id)
    db.system.session.commit()
    return member_id, token


def bring_in(workspace: db.Workspace, person: Person, password: str | None) -> int:
    """A new member who is in at once, as the operator may do; a password only for a new account. Commits."""
    account = find_account(person.email) or create_account(person.email, password, person.name, person.language)
    member_id = _add(workspace, account, person)
    join(account.id, workspace_id(workspace.slug), member_id)
    db.system.session.commit()
    return member_id


def renew_invitation(workspace: db.Workspace, member_id: int) -> str:
    """The token of a new link for a member, also for one who forgot the password. Commits."""
    with workspace.reading() as connection:
        row = connection.execute(sa.select(member).where(member.c.id == member_id, member.c.active)).first()
    if row is None or row.account_id is None:
        raise NotFound
    token = invite(row.account_id, workspace_id(workspace.slug), member_id)
    db.system.session.commit()
    return token


def let_go(workspace: db.Workspace, member_id: int) -> None:
    """Ends a member's access with the next request; what they did keeps their name. Commits."""
    _switch(workspace, member_id, False)


def take_back(workspace: db.Workspace, member_id: int) -> None:
    """Gives somebody who was let go the access of before. Commits."""
    _switch(workspace, member_id, True)


def _switch(workspace: db.Workspace, member_id: int, active: bool) -> None:
    with workspace.writing() as connection:
        change_member(connection, member_id, active=active)
    theirs = sa.and_(
        Membership.workspace_id == workspace_id(workspace.slug), Membership.member_id == member_id
    )
    db.system.session.execute(sa.update(Membership).where(theirs).values(active=active))
    db.system.session.commit()


def arrived(workspace: db.Workspace) -> set[int]:
    """The members who can come in: those whose account took up its invitation."""
    mine = sa.select(Membership.member_id).where(Membership.workspace_id == workspace_id(workspace.slug))
    with reading() as connection:
        return set(connection.scalars(mine))


def _add(workspace: db.Workspace, account: Account, person: Person) -> int:
    with workspace.writing() as connection:
        if connection.scalar(sa.select(member.c.id).where(member.c.account_id == account.id)):
            raise Invalid([Problem("email", _("This person is in the list of members already."))])
        return add_member(
            connection, person.name, account.email, person.roles, account_id=account.id,
            department_id=person.department_id, language=person.language, admin=person.admin,
        )  # fmt: skip
