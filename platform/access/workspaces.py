"""Workspaces: a database file or a schema each, and which accounts are members of it."""

from __future__ import annotations

import itertools
import re
import shutil
import unicodedata
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Mapped, mapped_column

from .. import db
from ..config import Config
from ..errors import Invalid, NotFound, Problem
from ..migrations.upgrade import create_tables
from .accounts import now, reading

SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST_SLUG = 40


class WorkspaceRow(db.system.Model):
    __tablename__ = "workspace"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(LONGEST_SLUG), unique=True)
    name: Mapped[str] = mapped_column(sa.String(100))
    created_at: Mapped[datetime]


class Membership(db.system.Model):
    """Which member an account is in a workspace; what it may do there stands in the workspace.

    active: False for somebody who was let go; the member's own flag there says the same.
    """

    __tablename__ = "membership"

    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    workspace_id: Mapped[int] = mapped_column(
        sa.ForeignKey("workspace.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    member_id: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)


def create_workspace(config: Config, workspaces: db.Workspaces, slug: str, name: str) -> WorkspaceRow:
    """The file or schema with all of our tables, then its row; the row is not committed."""
    make_database(config, workspaces, slug)
    return add_row(slug, name)


def make_database(config: Config, workspaces: db.Workspaces, slug: str) -> None:
    """The file or schema with all of our tables; nobody knows of it before its row is there."""
    check_slug(slug)
    with workspaces[slug].writing() as connection:
        if config.postgresql:
            connection.execute(sa.schema.CreateSchema(db.schema_of(slug), if_not_exists=True))
        create_tables(connection, "workspace")


def check_slug(slug: str) -> None:
    """Invalid where no workspace can have this name, or one has it."""
    if not SLUG.fullmatch(slug) or len(slug) > LONGEST_SLUG:
        raise Invalid([Problem("slug", _("Small letters, digits and hyphens only, at most 40."))])
    if workspace_id(slug) is not None:
        raise Invalid([Problem("slug", _("There is a workspace with this name already."))])


def add_row(slug: str, name: str) -> WorkspaceRow:
    """Makes a database known as a workspace. Not committed."""
    row = WorkspaceRow(slug=slug, name=name, created_at=now())
    db.system.session.add(row)
    db.system.session.flush()
    return row


def clear_unfinished(config: Config, workspaces: db.Workspaces, slug: str) -> None:
    """Removes what a creation that was cut off left behind: a database that no row speaks of."""
    check_slug(slug)
    workspaces.forget(slug)
    shutil.rmtree(db.files_folder(config, slug), ignore_errors=True)
    if config.postgresql:
        with db.system.engine.begin() as connection:
            connection.execute(sa.schema.DropSchema(db.schema_of(slug), cascade=True, if_exists=True))
        return
    file = db.workspace_file(config, slug)
    for leftover in (file, *(file.with_name(file.name + ending) for ending in ("-wal", "-shm"))):
        leftover.unlink(missing_ok=True)


def free_slug(name: str) -> str:
    """A slug made of a name that no workspace has yet."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub("[^a-z0-9]+", "-", plain).strip("-0123456789")[:30].rstrip("-") or "workspace"
    taken = set(all_slugs())
    return next(slug for n in itertools.count(1) if (slug := stem if n == 1 else f"{stem}-{n}") not in taken)


def workspace_id(slug: str) -> int | None:
    with reading() as connection:
        return connection.scalar(sa.select(WorkspaceRow.id).where(WorkspaceRow.slug == slug))


def name_of(slug: str) -> str:
    with reading() as connection:
        return connection.scalar(sa.select(WorkspaceRow.name).where(WorkspaceRow.slug == slug)) or slug


def named(workspaces: db.Workspaces, slug: str) -> db.Workspace:
    """The workspace of this name; NotFound, and no new file, where there is none."""
    if slug not in all_slugs():
        raise NotFound(_("There is no workspace named %(slug)s.", slug=slug))
    return workspaces[slug]


def all_slugs() -> list[str]:
    with reading() as connection:
        return list(connection.scalars(sa.select(WorkspaceRow.slug).order_by(WorkspaceRow.slug)))


def workspaces_of(account_id: int) -> list[sa.Row]:
    """The workspaces an account is a member of: id, slug, name, member_id."""
    columns = sa.select(WorkspaceRow.id, WorkspaceRow.slug, WorkspaceRow.name, Membership.member_id)
    mine = columns.join(Membership, Membership.workspace_id == WorkspaceRow.id)
    open_ones = mine.where(Membership.account_id == account_id, Membership.active)
    with reading() as connection:
        return list(connection.execute(open_ones.order_by(WorkspaceRow.name)))


def join(account_id: int, workspace_id: int, member_id: int, active: bool = True) -> None:
    """Makes an account the member of a workspace, which it may be already. Not committed."""
    row = Membership(account_id=account_id, workspace_id=workspace_id, member_id=member_id, active=active)
    db.system.session.merge(row)
