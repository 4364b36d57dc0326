"""Many members at once, with the rights of this moment; and who heads whose department."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from ..ids import one_of
from ..quick import Quick
from .actor import Actor
from .members import department, member, member_role

DEPARTMENTS = Quick(
    sa.select(department.c.id, department.c.parent_id, department.c.head_id, member.c.active).select_from(
        department.outerjoin(member, member.c.id == department.c.head_id)
    )
)
COLLEAGUES = Quick(sa.select(member.c.id).where(one_of(member.c.department_id)).order_by(member.c.id))
DEPARTMENT_OF = Quick(sa.select(member.c.department_id).where(member.c.id == sa.bindparam("id")))


def _some_members() -> sa.Select:
    """Active members by id, by role in an app, or (with :admins) because they administer the workspace."""
    here = sa.and_(member_role.c.member_id == member.c.id, member_role.c.app_key == sa.bindparam("app"))
    holders = member_role.alias("holders")
    roles = sa.bindparam("roles", expanding=True)
    holding = sa.select(holders.c.member_id).where(holders.c.app_key == sa.bindparam("app"), holders.c.role_key.in_(roles))
    meant = sa.or_(
        member.c.id.in_(sa.bindparam("ids", expanding=True)),
        member.c.id.in_(holding),
        sa.and_(member.c.admin, sa.bindparam("admins", type_=sa.Boolean)),
    )
    columns = (member.c.id, member.c.name, member.c.language, member.c.admin, member.c.department_id, member_role.c.role_key)
    found = sa.select(*columns).select_from(member.outerjoin(member_role, here))
    return found.where(member.c.active, meant).order_by(member.c.id)


SOME_MEMBERS = _some_members()


@dataclass(frozen=True)
class Department:
    parent: int | None
    head: int | None  # None too where the head has left


class Departments:
    """The tree of departments."""

    def __init__(self, connection: sa.Connection):
        self.by_id = {
            row.id: Department(row.parent_id, row.head_id if row.active else None) for row in DEPARTMENTS.all(connection)
        }

    def chain(self, department_id: int | None) -> list[int]:
        """A department and those above it, nearest first."""
        found: list[int] = []
        while department_id in self.by_id and department_id not in found:
            found.append(department_id)
            department_id = self.by_id[department_id].parent
        return found

    def head_over(self, department_id: int | None, member_id: int | None) -> int | None:
        """The nearest head over somebody in a department: not the person, but then the one above."""
        heads = (self.by_id[one].head for one in self.chain(department_id))
        return next((head for head in heads if head not in (None, member_id)), None)

    def below(self, department_id: int | None) -> frozenset[int]:
        """A department and all below it."""
        return frozenset(one for one in self.by_id if department_id in self.chain(one))


@dataclass(frozen=True)
class Led:
    """Whose head somebody is: of the people of these departments, the heads among them aside; and of these heads.

    heads: everybody who heads a department.  headed: the departments that have a head, or have one above.
    """

    departments: frozenset[int] = frozenset()
    people: frozenset[int] = frozenset()
    heads: frozenset[int] = frozenset()
    headed: frozenset[int] = frozenset()

    def leads(self, member_id: int | None, department_id: int | None) -> bool:
        """Whether it is the head of this member of this department."""
        return member_id in self.people or (member_id not in self.heads and department_id in self.departments)


def led_by(connection: sa.Connection, member_id: int | None) -> Led:
    tree = Departments(connection)
    over = {one: tree.head_over(one, None) for one in tree.by_id}
    heads = {found.head for found in tree.by_id.values()} - {None}
    places = connection.execute(sa.select(member.c.id, member.c.department_id).where(member.c.id.in_(sorted(heads)))).all()
    return Led(
        departments=frozenset(one for one, head in over.items() if head == member_id),
        people=frozenset(row.id for row in places if tree.head_over(row.department_id, row.id) == member_id),
        heads=frozenset(heads),
        headed=frozenset(one for one, head in over.items() if head is not None),
    )


def departments_of(connection: sa.Connection, ids: Collection[int | None]) -> dict[int | None, int | None]:
    """The departments of members, by id."""
    found = sa.select(member.c.id, member.c.department_id).where(member.c.id.in_(sorted(set(ids) - {None})))
    return {row.id: row.department_id for row in connection.execute(found)}


def held_roles(connection: sa.Connection, app_key: str) -> frozenset[str]:
    """The roles of an app that any active member has."""
    found = sa.select(member_role.c.role_key).distinct().join(member).where(member.c.active, member_role.c.app_key == app_key)
    return frozenset(connection.scalars(found))


def some_members(
    connection: sa.Connection,
    app_key: str,
    departments: Departments | None,
    *,
    ids: Collection[int] = (),
    roles: Collection[str] = (),
    admins: bool = False,
) -> dict[int, Actor]:
    """The active members with one of the ids or roles, as actors with their roles in this app alone."""
    bound = {"app": app_key, "ids": sorted(ids), "roles": sorted(roles), "admins": admins}
    rows = connection.execute(SOME_MEMBERS, bound).all()
    held = defaultdict(set)
    for row in rows:
        held[row.id].update({row.role_key} - {None})
    return {
        row.id: Actor(
            kind="member",
            id=row.id,
            name=row.name,
            language=row.language,
            roles={app_key: frozenset(held[row.id])},
            admin=row.admin,
            department=row.department_id,
            departments_below=departments.below(row.department_id) if departments else frozenset(),
        )
        for row in rows
    }


def department_of(connection: sa.Connection, member_id: int | None) -> int | None:
    """The department of a member, be it one who left."""
    row = DEPARTMENT_OF.first(connection, id=member_id) if member_id is not None else None
    return row.department_id if row else None


def colleagues(connection: sa.Connection, actor: Actor) -> list[int]:
    """The people of an actor's department and those below it, the actor among them."""
    own = [] if actor.id is None else [actor.id]
    found = COLLEAGUES.all(connection, ids=sorted(actor.departments_below))
    return list(dict.fromkeys([*own, *(row.id for row in found)]))
