"""What an actor may see of a form, as SQL: row scopes, and fields that show at some steps only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from ..access.actor import Actor
from ..access.members import member
from ..access.rights import Grant, best
from ..definition.flow import Rule
from ..definition.model import NEW, App
from ..errors import Invalid, Problem
from ..registry import fields
from ..rules.sql import Rows, compile_where, listed
from ..rules.typing import RuleError, Type
from .compiled import CompiledForm
from .draft import Draft
from .tables import column_name, stored

BUILT_IN = ("id", "status", "created_at", "created_by", "updated_at", "updated_by", "status_since")

USER_ID = sa.bindparam("user_id", type_=sa.Integer)
DEPARTMENT = sa.bindparam("department", type_=sa.Integer)
DEPARTMENTS = sa.bindparam("departments", type_=sa.Integer, expanding=True)
TODAY = sa.bindparam("today", type_=sa.Date)
NOW = sa.bindparam("now", type_=sa.DateTime)
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
        """True, False, or the predicate of the rows that show the field at a path."""
        arms = []
        saved = self.form.steps[1:]
        for grant, scope in zip(self.grants, self.scopes, strict=True):
            steps = grant.readable_steps(path).intersection(saved)
            if not steps.issuperset(saved):
                step = self.table.c.status.in_(sorted(steps))
                scope = step if scope is True else sa.and_(scope, step)
            if scope is True:
                return True
            if steps:
                arms.append(scope)
        return sa.or_(*arms) if arms else False

    def told(self, path: str) -> bool:
        """Whether this actor ever sees of a saved record that the field is filled, be it masked."""
        return any(grant.told(path, self.form.steps[1:]) for grant in self.grants)

    def column(self, path: str) -> sa.ColumnElement:
        """A field for a filter, a sort or a group: empty where it is hidden; unknown where it always is."""
        if path in BUILT_IN:
            return self.table.c[path]
        field = self.form.form.by_key.get(path)
        visible = self.visible(path) if field is not None else False
        if visible is False:
            raise Unknown(path)
        raw = self.raw(path)
        return raw if visible is True else sa.case((visible, raw), else_=None)

    def raw(self, key: str) -> sa.ColumnElement:
        """A field's own column, or the joined value of a live look-up, whoever asks."""
        field = self.form.form.by_key[key]
        if stored(field):
            return self.table.c[column_name(key)]
        if field.type != "lookup":
            raise Unknown(key)
        via = field.settings["via"]
        return linked_value(self, self.raw(via), self._target(via), (field.settings["field"],), raw=True)

    def predicate(self, where: Rule) -> sa.ColumnElement[bool]:
        """A person's own filter: it sees what the person sees, and nothing else has a name in it."""
        if where is True:
            return sa.true()
        try:
            return compile_where(where, self.seen_scope, self._resolve_seen, self.dialect)
        except RuleError as error:
            raise Invalid([Problem(error.path or "where", error.sentence)]) from None

    @cached_property
    def seen_scope(self) -> Type:
        """The record scope without the fields that this actor never sees, nor those past links."""

        def members():
            return {key: self._seen_type(key, kind) for key, kind in self.form.scope.members.items() if self._named(key)}

        return Type("record", fields=members, label=self.form.form.label)

    def _named(self, key: str) -> bool:
        return key != "old" and (key not in self.form.form.by_key or self.visible(key) is not False)

    def _seen_type(self, key: str, kind: Type) -> Type:
        if key in self.form.rows:
            columns = (c for c in kind.members if self.visible(f"{key}.{c}") is not False)
            return replace(kind, fields={c: self._past(f"{key}.{c}", kind.members[c]) for c in columns})
        return self._past(key, kind)

    def _past(self, path: str, kind: Type) -> Type:
        """A link's type, with the fields of its target that this actor sees."""
        if kind.kind != "link" or path not in self.form.shown or self.form.shown[path][0].name != "link":
            return kind
        target = self.form.compiled.form(self.form.shown[path][1].settings["form"])

        def members():
            seen = Sight(target, self.actor, self.dialect).seen_scope.members
            return {key: found for key, found in seen.items() if found.kind != "rows"}

        return replace(kind, fields=members)

    def _scope(self, scope: Rule) -> Any:
        if scope is True:
            return True
        if scope in ("department", "department_below"):
            mine = member.c.department_id == DEPARTMENT
            if scope == "department_below":
                mine = member.c.department_id.in_(DEPARTMENTS)
            mine_too = sa.or_(mine, member.c.id == USER_ID)  # of people without a department as well
            return self.table.c.created_by.in_(sa.select(member.c.id).where(mine_too))
        return self.condition(scope)

    def condition(self, rule: Rule) -> sa.ColumnElement[bool]:
        """A rule of the definition, which sees the whole record."""
        return compile_where(rule, self.form.scope, self._resolve_raw, self.dialect)

    def _resolve_seen(self, path: tuple[str, ...]) -> Any:
        return listed(self._resolve(path, raw=False), self.dialect)

    def _resolve_raw(self, path: tuple[str, ...]) -> Any:
        return listed(self._resolve(path, raw=True), self.dialect)

    def _resolve(self, path: tuple[str, ...], raw: bool) -> Any:
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
            return self._rows(first, raw)
        value = self.raw(first) if raw else self.column(first)
        return self._inside(first, value, path[1:], raw) if len(path) > 1 else value

    def _inside(self, path: str, value: sa.ColumnElement, rest: tuple[str, ...], raw: bool) -> Any:
        """What a rule names past a field: a value of the linked record, or a part of the field's own."""
        if self.form.shown[path][0].parts:
            return self.form.shown[path][0].part(value, rest[0])
        return linked_value(self, value, self._target(path), rest, raw)

    def _target(self, path: str) -> str:
        """The form that the link at a path leads to, be it a look-up of a link."""
        return self.form.shown[path][1].settings["form"]

    def _rows(self, key: str, raw: bool) -> Rows:
        table = self.form.rows[key].alias()

        def resolve(path: tuple[str, ...]) -> Any:
            if path[0] == "header":
                return self._resolve(path[1:], raw)
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
        "departments": sorted(actor.departments_below) or [0],
        "today": app.day(now),
        "now": now,
    }


def displayable(form: CompiledForm, key: str) -> bool:
    """Whether a field can stand in a list: it has a value of its own in SQL."""
    field = form.form.by_key.get(key)
    return field is not None and (stored(field) or (field.type == "lookup" and field.type in fields))
