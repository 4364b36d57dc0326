"""The people around a record: who is meant by a `who`, and who of them may see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from ..access.actor import SYSTEM, Actor
from ..access.people import Departments, department_of, some_members
from ..access.rights import Grant
from ..definition.flow import Who
from ..records.compiled import CompiledForm
from ..records.draft import Draft, Linked, Surroundings, rule_data
from ..records.links import Needs, load_links, needs_of
from ..rules.typing import paths

BY_DEPARTMENT = ("department", "department_below")


class Circle:
    """Asks for each person what the query gate asks for the one who reads: which row scopes hold the record.

    Members are loaded once, by `gather`, whoever and however many they are.
    """

    def __init__(self, connection: sa.Connection, draft: Draft, linked: Linked, now: datetime):
        self.connection = connection
        self.draft = draft
        self.form: CompiledForm = draft.form
        self.linked = linked
        self.now = now
        self.known: dict[int, Actor] = {}
        self._ids: set[int] = set()
        self._roles: set[str] = set()
        self._admins = False

    def gather(self, *meant: Who, admins: bool = False) -> None:
        """Load the members that these name; with `admins`, those who would stand in for them."""
        ids = {self.draft.values.get(key) for who in meant for key in who.fields}
        ids |= {self.draft.created_by} if any(who.creator for who in meant) else set()
        ids |= {self.head} if admins or any(who.head for who in meant) else set()
        roles = {role for who in meant for role in who.roles}
        ids, roles, admins = ids - {None} - self._ids, roles - self._roles, admins and not self._admins
        if not (ids or roles or admins):
            return
        self._ids, self._roles, self._admins = self._ids | ids, self._roles | roles, self._admins or admins
        self.known |= some_members(
            self.connection, self.form.app.key, self._departments_if_needed, ids=ids, roles=roles, admins=admins
        )

    def meet(self, ids: Iterable[int]) -> None:
        """Load these members."""
        fresh = set(ids) - self.known.keys()
        if fresh:
            self.known |= some_members(self.connection, self.form.app.key, self._departments_if_needed, ids=fresh)

    def meant(self, who: Who) -> set[int]:
        """The active members that a `who` names and that may see the record; roles count where their scope holds it."""
        self.gather(who)
        named = {self.draft.values.get(key) for key in who.fields}
        named |= {self.draft.created_by} if who.creator else set()
        named |= {self.head} if who.head else set()
        holding = {actor.id for actor in self.known.values() if self.held_roles(actor).intersection(who.roles)}
        return holding | {one for one in named if self.sees(one)}

    @property
    def admins(self) -> set[int]:
        """The workspace's administrators that may see the record."""
        return {actor.id for actor in self.known.values() if actor.admin and self.sees(actor.id)}

    @cached_property
    def head(self) -> int | None:
        """The head of the creator's department; of the one above where that is the creator."""
        return self.departments.head_over(self._creators_department, self.draft.created_by)

    def sees(self, member_id: int | None) -> bool:
        """Whether one of the gathered may see the record at all."""
        return member_id in self.known and any(self.flags(self.known[member_id]))

    def held_roles(self, actor: Actor) -> set[str]:
        """The roles of an actor whose row scope holds the record."""
        grants = self.form.actor_grants(actor)
        return {grant.role for grant, held in zip(grants, self.flags(actor), strict=True) if held}

    def flags(self, actor: Actor) -> tuple[bool, ...]:
        """For each of the actor's grants, whether its row scope holds the record."""
        return tuple(self._holds(grant, actor) for grant in self.form.actor_grants(actor))

    # inside

    @cached_property
    def departments(self) -> Departments:
        return Departments(self.connection)

    @property
    def _departments_if_needed(self) -> Departments | None:
        """Only a row scope that is not simply all may ask for departments."""
        return self.departments if any(grant.scope is not True for grant in self.form.grants.values()) else None

    @cached_property
    def _creators_department(self) -> int | None:
        return department_of(self.connection, self.draft.created_by)

    def _holds(self, grant: Grant, actor: Actor) -> bool:
        if grant.scope is True:
            return True
        if grant.scope in BY_DEPARTMENT:
            theirs = actor.departments_below if grant.scope == "department_below" else {actor.department} - {None}
            return self.draft.created_by == actor.id or self._creators_department in theirs
        rule = self.form.rule(grant.scope, self.form.scope)
        return rule(self._seen_by(actor, grant)) is True

    def _seen_by(self, actor: Actor, grant: Grant) -> Mapping[str, Any]:
        around = Surroundings(actor, self.form.app, self.now)
        if self._reads_lines(grant):
            return rule_data(self.draft, self._linked, around)
        return self._data | around.data()

    @cached_property
    def _data(self) -> dict[str, Any]:
        return rule_data(self.draft, self._linked, Surroundings(SYSTEM, self.form.app, self.now))

    @cached_property
    def _linked(self) -> Linked:
        load_links(self.connection, self.form.compiled, [self.draft], scope_needs(self.form), self.linked)
        return self.linked

    def _reads_lines(self, grant: Grant) -> bool:
        def find() -> bool:
            return any(path.partition(".")[0] in self.form.rows for path in paths(grant.scope, self.form.scope))

        return bool(self.form.rows) and self.form.statement(("scope reads lines", grant.role), find)


def scope_needs(form: CompiledForm) -> Needs:
    """What the row scopes of a form read past links."""
    rules = [(grant.scope, form.scope, "") for grant in form.grants.values() if grant.scope not in BY_DEPARTMENT]
    return form.statement(("scope needs",), lambda: needs_of(form, rules))


def who_of(to: Mapping[str, Any]) -> Who:
    """What the settings of an action say about whom they mean."""
    return Who(tuple(to.get("roles", ())), tuple(to.get("fields", ())), bool(to.get("creator")), bool(to.get("head")))
