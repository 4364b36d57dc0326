"""What an actor may see of a form, as SQL: row scopes, and fields that show at some steps only."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from ..access.actor import Actor
from ..access.members import member
from ..access.rights import Grant, best
from ..access.shares import ONE_RECORD
from ..definition.flow import Rule
from ..definition.model import NEW, App
from ..errors import Invalid, Problem
from ..ids import one_of
from ..registry import fields
from ..rules.sql import Filled, Rows, compile_where, listed
from .compiled import CompiledForm
from .draft import Draft
from .rule_parts import alternatives
from .tables import column_name, stored

BUILT_IN = ("id", "status", "created_at", "created_by", "updated_at", "updated_by", "status_since")

MOST_ARMS = 12  # of a page: row scopes, each by an index of its own
MOST_HIDDEN = 8  # steps that hide a field, each walked by itself
USER_ID = sa.bindparam("user_id", type_=sa.Integer)  # the engine has none
MEMBER_ID = Filled("user_id", type_=sa.Integer)
DEPARTMENT = sa.bindparam("department", type_=sa.Integer)
LINKED = Filled("linked", type_=sa.Integer)
TODAY = Filled("today", type_=sa.Date)
NOW = Filled("now", type_=sa.DateTime)
CONTEXT = {
    ("user", "id"): USER_ID,
    ("user", "department"): DEPARTMENT,
    ("today",): TODAY,
    ("now",): NOW,
}


class Unknown(Invalid):
    """A field that does not exist, or not for this person: the same answer."""

    def __init__(self, path: str):
        super().__init__([Problem(path, _("There is no field “%(path)s” here.", path=path))])


class Sight:
    """One actor's view of one form's table (or of an alias of it, past a link)."""

    def __init__(self, form: CompiledForm, actor: Actor, dialect: str, table: sa.FromClause | None = None):
        self.form = form
        self.actor = actor
        self.dialect = dialect
        self.table = form.table if table is None else table
        self.grants: tuple[Grant, ...] = form.actor_grants(actor)

    @cached_property
    def scopes(self) -> tuple[Any, ...]:
        """For each grant, True or the predicate that a record is in its row scope."""
        return tuple(self._scope(grant.scope) for grant in self.grants)

    @property
    def in_scope(self) -> sa.ColumnElement[bool]:
        if any(scope is True for scope in self.scopes):
            return sa.true()
        return sa.or_(sa.false(), *self.scopes)

    @property
    def narrowed(self) -> list[sa.ColumnElement[bool]]:
        """The row scopes as a condition; none where one of them holds every record."""
        return [] if any(scope is True for scope in self.scopes) else [self.in_scope]

    @cached_property
    def scope_arms(self) -> list[Any]:
        """The same as predicates of which one must hold, each so plain that an index can serve it."""
        arms: list[Any] = []
        for grant, scope in zip(self.grants, self.scopes, strict=True):
            if scope is True:
                return [True]
            arms += [self._scope(part) for part in alternatives(grant.scope)]
        return arms if 0 < len(arms) <= MOST_ARMS else [self.in_scope]

    @property
    def flags(self) -> list[sa.ColumnElement[bool]]:
        """Columns s0, s1 ... that tell which scopes hold a row."""
        return [
            (sa.literal(True) if scope is True else sa.func.coalesce(scope, sa.false())).label(f"s{index}")
            for index, scope in enumerate(self.scopes)
        ]

    def modes(self, status: str, flags: tuple[bool, ...]) -> Mapping[str, str]:
        """Path -> mode on a record at a status, for the grants whose scope holds it."""
        return modes_at(self.form, self.grants, flags, status)

    def visible(self, path: str) -> Any:
        """True, False, or the predicate of the rows in scope that show the field at a path."""
        saved = frozenset(self.form.steps[1:])
        steps = [grant.readable_steps(path) & saved for grant in self.grants]
        if not any(steps):
            return False
        if len(set(steps)) == 1:  # whichever scope holds a row
            return True if steps[0] == saved else self.table.c.status.in_(sorted(steps[0]))
        return self._somewhere([pair for pair in zip(self.scopes, steps, strict=True) if pair[1]], saved)

    def _somewhere(self, shares: list[tuple[Any, frozenset[str]]], saved: frozenset[str]) -> Any:
        arms = []
        for scope, steps in shares:
            parts = [] if scope is True else [scope]
            parts += [] if steps == saved else [self.table.c.status.in_(sorted(steps))]
            if not parts:
                return True
            arms.append(sa.and_(*parts))
        return sa.or_(*arms)

    def shown_at(self, path: str) -> Any:
        """True, or the predicate of the rows that show a field or what every record has; unknown where none does."""
        shown = path in BUILT_IN or (path in self.form.form.by_key and self.visible(path))
        if shown is False:
            raise Unknown(path)
        return shown

    def hidden_at(self, path: str) -> tuple[sa.ColumnElement[bool], ...]:
        """The rows that do not show a field that others show, as predicates of which none has a row of another."""
        by_grant = {grant.readable_steps(path) for grant in self.grants}
        hidden = [step for step in self.form.steps[1:] if not any(step in steps for steps in by_grant)]
        if (len(by_grant) == 1 or all(scope is True for scope in self.scopes)) and len(hidden) <= MOST_HIDDEN:
            return tuple(self.table.c.status == step for step in hidden)
        return (sa.not_(sa.func.coalesce(self.visible(path), sa.false())),)

    def bare(self, path: str) -> sa.ColumnElement:
        """The column of a field or of what every record has, whoever asks."""
        return self.table.c[path] if path in BUILT_IN else self.raw(path)

    def told(self, path: str) -> bool:
        """Whether this actor ever sees of a saved record that the field is filled, be it masked."""
        return any(grant.told(path, self.form.steps[1:]) for grant in self.grants)

    def column(self, path: str) -> sa.ColumnElement:
        """A field for a filter or a group: empty where it is hidden; unknown where it always is."""
        shown = self.shown_at(path)
        return self.bare(path) if shown is True else sa.case((shown, self.bare(path)), else_=None)

    def raw(self, key: str) -> sa.ColumnElement:
        """A field's own column, or the joined value of a live look-up, whoever asks."""
        field = self.form.form.by_key[key]
        if stored(field):
            return self.table.c[column_name(key)]
        if field.type != "lookup":
            raise Unknown(key)
        via = field.settings["via"]
        return linked_value(self, self.raw(via), self._target(via), (field.settings["field"],), raw=True)

    def _scope(self, scope: Rule) -> Any:
        if scope is True:
            return True
        if scope == ONE_RECORD:
            return self.table.c.id == LINKED
        if scope in ("department", "department_below"):
            mine = member.c.department_id == DEPARTMENT
            if scope == "department_below":
                mine = one_of(member.c.department_id, "departments")
            mine_too = sa.or_(mine, member.c.id == USER_ID)  # of people without a department as well
            return self.table.c.created_by.in_(sa.select(member.c.id).where(mine_too))
        return self.condition(scope)

    def condition(self, rule: Rule) -> sa.ColumnElement[bool]:
        """A rule of the definition, which sees the whole record."""
        return compile_where(rule, self.form.scope, self.resolve, self.dialect)

    def resolve(self, path: tuple[str, ...], raw: bool = True, bare: Container[str] = ()) -> Any:
        """What a path of a rule means in SQL: as the actor sees it, or `raw`, whoever asks; `bare` names are raw."""
        return listed(self._resolve(path, raw, bare), self.dialect)

    def _resolve(self, path: tuple[str, ...], raw: bool, bare: Container[str] = ()) -> Any:
        if path == ("user", "id") and self.actor.id is not None:
            return MEMBER_ID
        if path in CONTEXT:
            return CONTEXT[path]
        if path == ("user", "roles"):
            return sorted(self.actor.roles_in(self.form.app.key))
        first = path[0]
        if first in BUILT_IN:
            return self.table.c[first]
        field = self.form.form.by_key.get(first)
        if field is None:
            raise Unknown(".".join(path))
        if field.type == "rows":
            return self.lines(first, raw)
        value = self.raw(first) if raw or first in bare else self.column(first)
        return self._inside(first, value, path[1:], raw) if len(path) > 1 else value

    def _inside(self, path: str, value: sa.ColumnElement, rest: tuple[str, ...], raw: bool) -> Any:
        """What a rule names past a field: a value of the linked record, or a part of the field's own."""
        if self.form.shown[path][0].parts:
            return self.form.shown[path][0].part(value, rest[0])
        return linked_value(self, value, self._target(path), rest, raw)

    def _target(self, path: str) -> str:
        """The form that the link at a path leads to, be it a look-up of a link."""
        return self.form.shown[path][1].settings["form"]

    def lines(self, key: str, raw: bool = True) -> Rows:
        """The line items of the records: as the actor sees them, or `raw`."""
        table = self.form.rows[key].alias()

        def resolve(path: tuple[str, ...]) -> Any:
            if path[0] == "header":
                return self.resolve(path[1:], raw)
            if path == ("status",) and key in self.form.line_statuses:
                return table.c.status
            column = f"{key}.{path[0]}"
            visible = True if raw else self.visible(column)
            if visible is False or self.form.form.field_at(column) is None:
                raise Unknown(column)
            value = self.line_column(table, key, path[0])
            if len(path) > 1:
                value = self._inside(column, value, path[1:], raw)
            return listed(value if visible is True else sa.case((visible, value), else_=None), self.dialect)

        seen = True if raw else self.visible(key)
        mine = table.c.record_id == self.table.c.id
        return Rows(table, mine if seen is True else sa.and_(mine, seen), resolve)

    def line_column(self, table: sa.FromClause, rows_key: str, key: str) -> sa.ColumnElement:
        """A column of line items, or the joined value of a live look-up among them, whoever asks."""
        column = self.form.form.by_key[rows_key].by_key[key]
        if stored(column):
            return table.c[column_name(key)]
        via = table.c[column_name(column.settings["via"])]
        target = self._target(f"{rows_key}.{column.settings['via']}")
        return linked_value(self, via, target, (column.settings["field"],), raw=True)


def linked_value(sight: Sight, link: sa.ColumnElement, form_key: str, path: tuple[str, ...], raw: bool) -> sa.ColumnElement:
    """The value at a path of a linked record, as a correlated subquery."""
    target = sight.form.compiled.form(form_key)
    beyond = Sight(target, sight.actor, sight.dialect, target.table.alias())
    value = beyond._resolve(path, raw)
    found = sa.select(value).where(beyond.table.c.id == link)
    found = found if raw else found.where(beyond.in_scope)
    return found.correlate_except(beyond.table).scalar_subquery()  # of the statement around it, however far out


def modes_at(form: CompiledForm, grants: tuple[Grant, ...], flags: tuple[bool, ...], step: str) -> Mapping[str, str]:
    """Path -> the most permissive mode among the grants whose flag is set."""
    key = ("modes", tuple(grant.role for grant in grants), flags, step)
    found = form.statements.get(key)
    if found is None:
        held = [grant.modes.get(step, {}) for grant, flag in zip(grants, flags, strict=True) if flag]
        found = {path: best(modes.get(path, "hidden") for modes in held) for path in form.form.paths}
        form.statements[key] = found
    return found


def own_modes(draft: Draft, actor: Actor) -> Mapping[str, str]:
    """Path -> mode for an actor on a record that is held, at its present step."""
    step = NEW if draft.is_new else draft.status
    return modes_at(draft.form, draft.form.actor_grants(actor), draft.flags, step)


def always_seen(form: CompiledForm, actor: Actor, path: str) -> bool:
    """Whether an actor sees a field of every record of a form, at every step."""
    saved = form.steps[1:]
    return any(grant.scope is True and grant.readable_steps(path).issuperset(saved) for grant in form.actor_grants(actor))


def viewer(form: CompiledForm, actor: Actor) -> tuple[str, ...]:
    """What two actors share who get the same statements: their roles in the app."""
    return ("",) if actor.is_system else tuple(sorted(actor.roles_in(form.app.key)))


def parameters(actor: Actor, app: App, now: datetime) -> dict[str, Any]:
    """The values of the bound names above."""
    return {
        "user_id": actor.id,
        "department": actor.department,
        "departments": sorted(actor.departments_below),
        "linked": actor.record,
        "today": app.day(now),
        "now": now,
    }


def displayable(form: CompiledForm, key: str) -> bool:
    """Whether a field can stand in a list: it has a value of its own in SQL."""
    field = form.form.by_key.get(key)
    return field is not None and (stored(field) or (field.type == "lookup" and field.type in fields))
