"""THE QUERY GATE: every read of users' records.

A `Gate` answers for one actor on one published version. Row scopes are part of every statement;
a field that the actor never sees is as unknown as one that does not exist.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from ..access.actor import Actor
from ..definition.flow import Rule
from ..definition.model import NEW, Form
from ..errors import Invalid, NotFound, Problem
from ..ids import storable
from .choices import choices
from .compiled import Compiled, CompiledForm
from .derive import derive
from .draft import Draft, Surroundings
from .keyset import Key, page_statement, read_cursor, write_cursor
from .masks import masks_of
from .results import Choice, Count, Event, Page, Query, Record
from .search import like_pattern, search_predicate
from .seen import flags_of, seen_rows, shown
from .story import told
from .tables import column_name
from .titles import titles_of
from .values import dump_key, load_key
from .visibility import BUILT_IN, Sight, Unknown, displayable, modes_at, parameters, viewer

COUNT_LIMIT = 10_000
PAGE_LIMIT = 500


class Gate:
    """Reads for one actor, on one connection, of one published version."""

    def __init__(self, connection: sa.Connection, compiled: Compiled, actor: Actor, now: datetime | None = None):
        self.connection = connection
        self.compiled = compiled
        self.actor = actor
        self.dialect = connection.dialect.name
        self.now = now or datetime.now(timezone.utc).replace(tzinfo=None)
        self.parameters = parameters(actor, compiled.app, self.now)

    def forms(self) -> list[Form]:
        """The forms of which this actor may see anything."""
        return [form.form for form in self.compiled.forms.values() if form.actor_grants(self.actor)]

    def may_create(self, form_key: str) -> bool:
        return any(grant.create for grant in self._form(form_key).actor_grants(self.actor))

    def readable_fields(self, form_key: str) -> tuple[str, ...]:
        """The fields this actor sees at some step and that a list can show."""
        form = self._form(form_key)

        def find() -> tuple[str, ...]:
            sight = Sight(form, self.actor, self.dialect)
            keys = (f.key for f in form.form.fields if displayable(form, f.key))
            return tuple(key for key in keys if sight.visible(key) is not False)

        return form.statement(("readable", self._viewer(form)), find)

    def listed_fields(self, form_key: str) -> tuple[str, ...]:
        """Those and the ones of which this actor sees no more than that they are filled."""
        form = self._form(form_key)

        def find() -> tuple[str, ...]:
            sight = Sight(form, self.actor, self.dialect)
            return tuple(f.key for f in form.form.fields if displayable(form, f.key) and sight.told(f.key))

        return form.statement(("listed", self._viewer(form)), find)

    def page(self, query: Query) -> Page:
        """One page of rows in order, with the titles of what they link to."""
        form = self._form(query.form)
        keys = self._sort(form, query)
        cursor = query.after or query.before
        values = read_cursor(cursor, len(keys)) if cursor else None
        bound = dict(self.parameters, search=like_pattern(query.search))
        if values is not None:
            typed = [load_key(form, key, value) for (key, _descending), value in zip(keys, values, strict=True)]
            bound |= {f"k{index}": value for index, value in enumerate(typed)}
        empties = None if values is None else tuple(value is None for value in values)
        sight = Sight(form, self.actor, self.dialect)
        statement = self._page_statement(sight, query, keys, empties)
        found = self.connection.execute(statement, bound).all()
        return self._page(form, query, keys, found, sight)

    def count(self, query: Query) -> Count:
        """How many rows a query has, exact up to 10,000."""
        form = self._form(query.form)
        key = ("count", self._viewer(form), _text(query.where), bool(query.search))

        def build() -> sa.Select:
            predicate = self._predicate(Sight(form, self.actor, self.dialect), query)
            inner = sa.select(sa.literal(1)).select_from(form.table).where(predicate)
            return sa.select(sa.func.count()).select_from(inner.limit(COUNT_LIMIT + 1).subquery())

        statement = form.asked(key, build)
        number = self.connection.execute(statement, dict(self.parameters, search=like_pattern(query.search))).scalar_one()
        return Count(min(number, COUNT_LIMIT), number <= COUNT_LIMIT)

    def record(self, form_key: str, record_id: int) -> Record:
        """One record with its lines; not found where it does not exist or not for this actor."""
        form = self._form(form_key)
        sight = Sight(form, self.actor, self.dialect)
        if not sight.grants or not storable(record_id):
            raise NotFound
        row = self.connection.execute(self._record_statement(form, sight), self.parameters | {"id": record_id}).first()
        if row is None:
            raise NotFound
        flags = flags_of(row, sight)
        modes = sight.modes(row.status, flags)
        values = {f.key: getattr(row, column_name(f.key)) for f in form.form.fields if displayable(form, f.key)}
        values |= {rows.key: self._lines(sight, rows.key, record_id) for rows in form.form.rows}
        masks = masks_of(form, values, modes)
        values = shown(form, values, modes)
        held = [grant for grant, flag in zip(sight.grants, flags, strict=True) if flag]
        return Record(
            form=form.form,
            id=row.id,
            status=row.status,
            rev=row.rev,
            values=values,
            modes=modes,
            titles=titles_of(self, form, [values], people=(row.created_by, row.updated_by)),
            masks=masks,
            created_at=row.created_at,
            created_by=row.created_by,
            updated_at=row.updated_at,
            updated_by=row.updated_by,
            status_since=row.status_since,
            step=row.status,
            deletable=any(row.status in grant.delete for grant in held),
        )

    def blank(self, form_key: str) -> Record:
        """A new record as its first page shows it: start values filled in, nothing written."""
        modes = self.creation_modes(form_key)
        form = self._form(form_key)
        draft = Draft(form, {key: [] for key in form.rows}, status=form.start_status)
        around = Surroundings(self.actor, form.app, self.now)
        derive(self.connection, self.compiled, [draft], around, {})
        masks = masks_of(form, draft.values, modes)
        values = shown(form, draft.values, modes)
        return Record(form.form, None, None, 0, values, modes, titles_of(self, form, [values]), masks)

    def choices(self, form_key: str, path: str, search: str = "", limit: int = 20) -> list[Choice]:
        """What a link or person field may be set to, by title."""
        return choices(self, self._form(form_key), path, search, limit)

    def history(self, form_key: str, record_id: int) -> list[Event]:
        """What happened to a record, newest first, as far as this actor sees it at its present step."""
        return told(self, self.record(form_key, record_id))

    def creation_modes(self, form_key: str) -> Mapping[str, str]:
        """Path -> mode at the step `new`; not found for who may not create."""
        form = self._form(form_key)
        grants = tuple(grant for grant in form.actor_grants(self.actor) if grant.create)
        if not grants:
            raise NotFound
        return modes_at(form, grants, (True,) * len(grants), NEW)

    def _form(self, form_key: str) -> CompiledForm:
        form = self.compiled.form(form_key)
        if not form.actor_grants(self.actor):
            raise NotFound
        return form

    def _viewer(self, form: CompiledForm) -> tuple[str, ...]:
        return viewer(form, self.actor)

    def _sort(self, form: CompiledForm, query: Query) -> tuple[tuple[str, bool], ...]:
        """(field, descending) of every sort key, the id last, turned round when paging backwards."""
        keys = [(sort.field, sort.descending) for sort in query.sort]
        if not any(name == "id" for name, _descending in keys):
            keys.append(("id", keys[-1][1] if keys else True))
        return tuple((name, descending != bool(query.before)) for name, descending in keys)

    def _page_statement(self, sight: Sight, query: Query, keys, empties) -> sa.Select:
        shape = (query.fields, query.masks, _text(query.where), keys, empties, query.limit, bool(query.search))
        key = ("page", self._viewer(sight.form), *shape)
        return sight.form.asked(key, lambda: self._new_page(sight, query, keys, empties))

    def _new_page(self, sight: Sight, query: Query, keys, empties) -> sa.Select:
        form = sight.form
        order = [Key(_label(name), sight.column(name), descending) for name, descending in keys]
        columns = [form.table.c[name] for name in BUILT_IN] + [form.table.c.rev] + sight.flags
        for name in (*query.fields, *query.masks):
            if sight.visible(name) is False and (name in query.fields or not sight.told(name)):
                raise Unknown(name)
            columns.append(sight.raw(name).label(column_name(name)))
        columns += [k.expression.label(k.name) for k in order if k.name not in {c.name for c in columns}]
        limit = min(query.limit, PAGE_LIMIT) + 1
        return page_statement(columns, form.table, self._predicate(sight, query), order, empties, limit)

    def _predicate(self, sight: Sight, query: Query) -> sa.ColumnElement:
        parts = [sight.table.c.deleted_at.is_(None)]
        if not sa.true().compare(scope := sight.in_scope):
            parts.append(scope)
        if query.where is not True:
            parts.append(sight.predicate(query.where))
        if query.search:
            parts.append(search_predicate(sight))
        return sa.and_(*parts)

    def _page(self, form: CompiledForm, query: Query, keys, found, sight: Sight) -> Page:
        limit = min(query.limit, PAGE_LIMIT)
        more = len(found) > limit
        found = found[:limit]
        if query.before:
            found = found[::-1]
        rows = seen_rows((*query.fields, *query.masks), found, sight)
        edges = [self._cursor(form, keys, row) for row in (found[:1] + found[-1:])]
        backwards, forwards = (more, True) if query.before else (query.after is not None, more)
        return Page(
            rows,
            next=edges[-1] if rows and forwards else None,
            previous=edges[0] if rows and backwards else None,
            titles=titles_of(self, form, [row.values for row in rows]),
        )

    def _cursor(self, form: CompiledForm, keys, row) -> str:
        return write_cursor([dump_key(form, name, getattr(row, _label(name))) for name, _descending in keys])

    def _record_statement(self, form: CompiledForm, sight: Sight) -> sa.Select:
        def build() -> sa.Select:
            columns = [form.table.c[name] for name in BUILT_IN] + [form.table.c.rev] + sight.flags
            keys = [f.key for f in form.form.fields if displayable(form, f.key)]
            columns += [sight.raw(key).label(column_name(key)) for key in keys]
            here = (form.table.c.id == sa.bindparam("id"), form.table.c.deleted_at.is_(None), sight.in_scope)
            return sa.select(*columns).where(*here)

        return form.statement(("record", self._viewer(form)), build)

    def _lines(self, sight: Sight, key: str, record_id: int) -> list[dict[str, Any]]:
        form = sight.form
        statement = form.statement(("lines", key), lambda: lines_statement(sight, key))
        lines = self.connection.execute(statement, self.parameters | {"record_id": record_id}).all()
        columns = [(column.key, column_name(column.key)) for column in form.shown_columns[key]]
        return [{"id": line.id} | {name: getattr(line, label) for name, label in columns} for line in lines]


def lines_statement(sight: Sight, key: str) -> sa.Select:
    """The lines of the record :record_id in their order, whoever asks."""
    table = sight.form.rows[key]
    columns = [sight.line_column(table, key, c.key).label(column_name(c.key)) for c in sight.form.shown_columns[key]]
    here = table.c.record_id == sa.bindparam("record_id")
    return sa.select(table.c.id, *columns).where(here).order_by(table.c.position, table.c.id)


def _label(name: str) -> str:
    return name if name in BUILT_IN else f"sort_{name}"


def _text(rule: Rule) -> str:
    try:
        return json.dumps(rule, sort_keys=True, ensure_ascii=False)
    except RecursionError:
        raise Invalid([Problem("where", _("This is nested too deeply."))]) from None
