"""Views of a list that people keep for themselves, or share with roles of the app.

A view only says what is asked; what a reader gets of it the query gate decides, as for any question of theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from .. import db
from ..access.actor import Actor
from ..access.members import member
from ..errors import Invalid, NotFound, Problem
from ..quick import Quick

LONGEST_NAME = 60
MOST = 50  # of one person in one list

saved_view = sa.Table(
    "saved_view",
    db.metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("app_key", sa.Text, nullable=False),
    sa.Column("form_key", sa.Text, nullable=False),
    sa.Column("owner_id", sa.Integer, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("content", db.Json, nullable=False),
    sa.Column("roles", db.Json, nullable=False),
    sa.Column("shared", sa.Boolean, nullable=False),
    sa.Column("by_default", sa.Boolean, nullable=False),
    sa.Index("ix_saved_view_app_key_form_key_owner_id", "app_key", "form_key", "owner_id"),
    sqlite_autoincrement=True,
)

IN_REACH = Quick(
    sa.select(saved_view, member.c.name.label("owner"))
    .join_from(saved_view, member, member.c.id == saved_view.c.owner_id)
    .where(
        saved_view.c.app_key == sa.bindparam("app_key"),
        saved_view.c.form_key == sa.bindparam("form_key"),
        sa.or_(saved_view.c.owner_id == sa.bindparam("owner_id"), saved_view.c.shared),
    )
    .order_by(saved_view.c.name, saved_view.c.id)
)


@dataclass(frozen=True)
class SavedView:
    """content: {where, f, join, sort, columns, group, q}, as the address of a list says it, beside the rule that the
    view it was made from has; `shape`, where it is no list, with the kind and its settings.  roles: with whom it is
    shared.
    """

    id: int
    owner_id: int
    owner: str
    name: str
    content: Mapping[str, Any]
    roles: tuple[str, ...]
    by_default: bool

    def is_of(self, actor: Actor) -> bool:
        return self.owner_id == actor.id

    def changeable_by(self, actor: Actor) -> bool:
        """Its owner, and administrators as long as it is shared."""
        return self.is_of(actor) or (actor.admin and bool(self.roles))


def seen_by(connection: sa.Connection, actor: Actor, app_key: str, form_key: str) -> list[SavedView]:
    """A person's own views of a list and those that others share with one of their roles, by name."""
    mine = actor.roles_in(app_key)
    rows = IN_REACH.all(connection, app_key=app_key, form_key=form_key, owner_id=actor.id)
    return [_read(row) for row in rows if row.owner_id == actor.id or actor.admin or mine & set(row.roles)]


def one(connection: sa.Connection, actor: Actor, app_key: str, form_key: str, view_id: int) -> SavedView:
    """One of those; not found where it is another's, or of another list."""
    for found in seen_by(connection, actor, app_key, form_key):
        if found.id == view_id:
            return found
    raise NotFound


def add(
    connection: sa.Connection, actor: Actor, app_key: str, form_key: str, *, name: str, content: Mapping[str, Any],
    roles: Sequence[str] = (), by_default: bool = False,
) -> int:  # fmt: skip
    """A new view of the actor's own; its id."""
    mine = _own(actor.id, app_key, form_key)
    if connection.scalar(sa.select(sa.func.count()).select_from(saved_view).where(*mine)) >= MOST:
        raise Invalid([Problem("name", _("You keep %(most)s views of this list already; delete one first.", most=MOST))])
    values = {"app_key": app_key, "form_key": form_key, "owner_id": actor.id, "content": dict(content)}
    view_id = connection.execute(sa.insert(saved_view).values(values | _values(name, roles, by_default))).inserted_primary_key[0]
    if by_default:
        _only_default(connection, actor.id, app_key, form_key, view_id)
    return view_id


def rename(
    connection: sa.Connection, actor: Actor, app_key: str, form_key: str, view_id: int, *, name: str, roles: Sequence[str], by_default: bool
) -> None:
    """Name, whom it is shared with, and whether the list opens with it: the last for its owner alone."""
    found = _changeable(connection, actor, app_key, form_key, view_id)
    by_default = by_default if found.is_of(actor) else found.by_default
    connection.execute(sa.update(saved_view).where(saved_view.c.id == view_id).values(_values(name, roles, by_default)))
    if by_default:
        _only_default(connection, found.owner_id, app_key, form_key, view_id)


def replace_content(connection: sa.Connection, actor: Actor, app_key: str, form_key: str, view_id: int, content: Mapping[str, Any]) -> None:
    """What it shows from now on."""
    _changeable(connection, actor, app_key, form_key, view_id)
    connection.execute(sa.update(saved_view).where(saved_view.c.id == view_id).values(content=dict(content)))


def remove(connection: sa.Connection, actor: Actor, app_key: str, form_key: str, view_id: int) -> None:
    _changeable(connection, actor, app_key, form_key, view_id)
    connection.execute(sa.delete(saved_view).where(saved_view.c.id == view_id))


def _changeable(connection: sa.Connection, actor: Actor, app_key: str, form_key: str, view_id: int) -> SavedView:
    found = one(connection, actor, app_key, form_key, view_id)
    if not found.changeable_by(actor):
        raise NotFound
    return found


def _values(name: str, roles: Sequence[str], by_default: bool) -> dict[str, Any]:
    name = " ".join(name.split())
    if not name:
        raise Invalid([Problem("name", _("Give it a name."))])
    if len(name) > LONGEST_NAME:
        raise Invalid([Problem("name", _("At most %(most)s characters.", most=LONGEST_NAME))])
    return {"name": name, "roles": list(roles), "shared": bool(roles), "by_default": by_default}


def _only_default(connection: sa.Connection, owner_id: int, app_key: str, form_key: str, view_id: int) -> None:
    others = (*_own(owner_id, app_key, form_key), saved_view.c.id != view_id)
    connection.execute(sa.update(saved_view).where(*others).values(by_default=False))


def _own(owner_id: int, app_key: str, form_key: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (saved_view.c.owner_id == owner_id, saved_view.c.app_key == app_key, saved_view.c.form_key == form_key)


def _read(row: Any) -> SavedView:
    return SavedView(row.id, row.owner_id, row.owner, row.name, row.content, tuple(row.roles), bool(row.by_default))

