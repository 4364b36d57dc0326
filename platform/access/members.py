"""The members of a workspace, their departments and their roles in each app."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from .. import db
from ..errors import NotFound, Refused
from ..ids import one_of
from ..quick import Quick
from .accounts import normal_email
from .actor import Actor

department = sa.Table(
    "department",
    db.metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("parent_id", sa.ForeignKey("department.id"), index=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("head_id", sa.Integer),
)

member = sa.Table(
    "member",
    db.metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("account_id", sa.Integer, unique=True),  # in the system database; None for people who never sign in
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("email", sa.String(254), nullable=False, server_default=""),
    sa.Column("department_id", sa.ForeignKey("department.id"), index=True),
    sa.Column("language", sa.String(8), nullable=False, server_default="en"),
    sa.Column("admin", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
)

member_role = sa.Table(
    "member_role",
    db.metadata,
    sa.Column("member_id", sa.ForeignKey("member.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("app_key", sa.String(20), primary_key=True),
    sa.Column("role_key", sa.String(20), primary_key=True),
    sa.Index("ix_member_role_app_key_role_key", "app_key", "role_key"),
)

ACTOR = Quick(
    sa.select(
        member.c.id,
        member.c.name,
        member.c.language,
        member.c.admin,
        member.c.department_id,
        member_role.c.app_key,
        member_role.c.role_key,
    )
    .select_from(member.outerjoin(member_role))
    .where(member.c.id == sa.bindparam("id"), member.c.active)
)

_below = sa.select(sa.bindparam("id", type_=sa.Integer).label("id")).cte("below", recursive=True)
BELOW = Quick(
    sa.select(_below.union(sa.select(department.c.id).join(_below, department.c.parent_id == _below.c.id)).c.id)
)

NAMES = Quick(sa.select(member.c.id, member.c.name).where(one_of(member.c.id)))
WITH_ROLE = Quick(
    sa.select(member_role.c.member_id, member_role.c.role_key, member.c.name)
    .join(member)
    .where(member.c.active, member_role.c.app_key == sa.bindparam("app_key"))
    .order_by(member_role.c.member_id)
)


def load_actor(conn: sa.Connection, member_id: int) -> Actor | None:
    """The member with the roles of this moment; None where there is no such member, or no longer."""
    rows = ACTOR.all(conn, id=member_id)
    if not rows:
        return None
    first = rows[0]
    roles = defaultdict(set)
    for row in rows:
        if row.app_key is not None:
            roles[row.app_key].add(row.role_key)
    return Actor(
        kind="member",
        id=first.id,
        name=first.name,
        language=first.language,
        roles={app_key: frozenset(keys) for app_key, keys in roles.items()},
        admin=first.admin,
        department=first.department_id,
        departments_below=departments_below(conn, first.department_id),
    )


def departments_below(conn: sa.Connection, department_id: int | None) -> frozenset[int]:
    """A department and all below it."""
    if department_id is None:
        return frozenset()
    return frozenset(row.id for row in BELOW.all(conn, id=department_id))


def add_member(
    conn: sa.Connection,
    name: str,
    email: str = "",
    roles: Mapping[str, Iterable[str]] | None = None,
    *,
    account_id: int | None = None,
    department_id: int | None = None,
    language: str = "en",
    admin: bool = False,
) -> int:
    values = {
        "name": name, "email": email, "account_id": account_id, "department_id": department_id,
        "language": language, "admin": admin,
    }  # fmt: skip
    member_id = conn.execute(sa.insert(member).values(values)).inserted_primary_key[0]
    for app_key, keys in (roles or {}).items():
        set_roles(conn, member_id, app_key, keys)
    return member_id


def change_member(conn: sa.Connection, member_id: int, **values) -> None:
    """Changes name, email, department_id, language, admin or active."""
    if values.get("admin") is False or values.get("active") is False:
        _keep_an_admin(conn, member_id)
    conn.execute(sa.update(member).where(member.c.id == member_id).values(values))


def _keep_an_admin(conn: sa.Connection, leaving: int) -> None:
    """Somebody must stay who can let others in."""
    admins = sa.select(member.c.id).where(member.c.admin, member.c.active).with_for_update()
    if set(conn.scalars(admins)) <= {leaving}:
        raise Refused(_("This is the last administrator of the workspace; make somebody else one first."))


def set_roles(conn: sa.Connection, member_id: int, app_key: str, roles: Iterable[str]) -> None:
    """The roles of a member in one app, in place of those before; they count from the next request on."""
    mine = sa.and_(member_role.c.member_id == member_id, member_role.c.app_key == app_key)
    conn.execute(sa.delete(member_role).where(mine))
    rows = [{"member_id": member_id, "app_key": app_key, "role_key": role} for role in sorted(set(roles))]
    if rows:
        conn.execute(sa.insert(member_role), rows)


def members(conn: sa.Connection) -> list[sa.Row]:
    """Every member with the department's name, those who left last."""
    found = sa.select(member, department.c.name.label("department")).select_from(member.outerjoin(department))
    return list(conn.execute(found.order_by(member.c.active.desc(), member.c.name, member.c.id)))


def one_member(conn: sa.Connection, member_id: int) -> sa.Row:
    row = conn.execute(sa.select(member).where(member.c.id == member_id)).first()
    if row is None:
        raise NotFound
    return row


def find_member(conn: sa.Connection, email: str) -> int:
    """The active member with a mail address."""
    found = conn.scalar(sa.select(member.c.id).where(member.c.email == normal_email(email), member.c.active))
    if found is None:
        raise NotFound(_("There is no member with the address %(email)s.", email=email))
    return found


def all_roles(conn: sa.Connection, member_id: int | None = None) -> dict[int, dict[str, set[str]]]:
    """The roles by member and app; of one member, or of all."""
    found = sa.select(member_role)
    if member_id is not None:
        found = found.where(member_role.c.member_id == member_id)
    roles: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in conn.execute(found):
        roles[row.member_id][row.app_key].add(row.role_key)
    return roles


def departments(conn: sa.Connection) -> list[sa.Row]:
    return list(conn.execute(sa.select(department).order_by(department.c.name)))


def add_department(conn: sa.Connection, name: str, parent_id: int | None = None) -> int:
    added = sa.insert(department).values(name=name, parent_id=parent_id)
    return conn.execute(added).inserted_primary_key[0]


def names(conn: sa.Connection, ids: Collection[int]) -> dict[int, str]:
    """The names of members, also of those who left."""
    return {row.id: row.name for row in NAMES.all(conn, ids=list(ids))} if ids else {}


def named(conn: sa.Connection, app_key: str, roles: Collection[str], text: str = "") -> dict[int, str]:
    """The active members who have one of the roles in an app and whose name holds a text, in the order of their names."""
    held = sa.select(member_role.c.member_id).where(member_role.c.app_key == app_key, member_role.c.role_key.in_(list(roles)))
    here = (member.c.active, member.c.id.in_(held), sa.func.lower(member.c.name).contains(text.lower(), autoescape=True))
    found = sa.select(member.c.id, member.c.name).where(*here).order_by(member.c.name, member.c.id)
    return {row.id: row.name for row in conn.execute(found)}


def names_with_role(conn: sa.Connection, app_key: str, roles: Collection[str]) -> dict[int, str]:
    """The active members who have one of the roles in an app, by id."""
    return {row.member_id: row.name for row in WITH_ROLE.all(conn, app_key=app_key) if row.role_key in roles}


def staffed_roles(conn: sa.Connection, app_key: str) -> set[str]:
    """The roles of an app that an active member has."""
    return {row.role_key for row in WITH_ROLE.all(conn, app_key=app_key)}
