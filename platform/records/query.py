"""THE QUERY GATE: every read of users' records.

A `Gate` answers for one actor on one published version. Row scopes are part of every statement;
a field that the actor never sees is as unknown as one that does not exist.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import nullcontext
from datetime import datetime, timezone
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from .. import quick
from ..access.actor import Actor
from ..access.people import Led, led_by, some_members
from ..access.substitutes import deputies
from ..bigrams import needle
from ..definition.model import NEW, Form
from ..errors import NotFound
from ..ids import storable
from .arms import arm_parameters
from .bounded import bounded
from .choices import choices
from .compiled import Compiled, CompiledForm
from .derive import derive
from .draft import Draft, Surroundings
from .mandates import of_people
from .masks import masks_of
from .pages import read_count, read_page
from .results import Choice, Count, Event, Page, Query, Record, Summarised, Summary
from .search import search_parameters
from .seen import flags_of, own_columns, shown
from .story import told
from .summary import summarise
from .tables import column_name
from .titles import titles_of
from .visibility import Sight, displayable, modes_at, parameters, viewer


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

        return form.statement(("readable", viewer(form, self.actor)), find)

    def listed_fields(self, form_key: str) -> tuple[str, ...]:
        """Those and the ones of which this actor sees no more than that they are filled."""
        form = self._form(form_key)

        def find() -> tuple[str, ...]:
            sight = Sight(form, self.actor, self.dialect)
            return tuple(f.key for f in form.form.fields if displayable(form, f.key) and sight.told(f.key))

        return form.statement(("listed", viewer(form, self.actor)), find)

    def page(self, query: Query) -> Page:
        """One page of rows in order, with the titles of what they link to."""
        return read_page(self, self.sight(query.form), query)

    def count(self, query: Query) -> Count:
        """How many rows a query has, exact up to 10,000."""
        return read_count(self, self.sight(query.form), query)

    def summary(self, summary: Summary) -> Summarised:
        """Groups of rows, or of their lines, with what is measured in each."""
        return summarise(self, self.sight(summary.form), summary)

    def record(self, form_key: str, record_id: int) -> Record:
        """One record with its lines; not found where it does not exist or not for this actor."""
        form = self._form(form_key)
        sight = Sight(form, self.actor, self.dialect)
        if not sight.grants or not storable(record_id):
            raise NotFound
        found = quick.rows(self.connection, self._record_statement(form, sight), self.parameters | {"id": record_id})
        if not found:
            raise NotFound
        row = found[0]
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
            flow_id=row.flow_id,
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

    def choices(self, form_key: str, path: str, search: str = "", limit: int = 20, ids: Collection[int] | None = None) -> list[Choice]:
        """What a link or person field may be set to, by title; `ids`: of these alone."""
        return choices(self, self._form(form_key), path, search, limit, ids)

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

    def sight(self, form_key: str) -> Sight:
        """What this actor sees of a form; not found where that is nothing."""
        return Sight(self._form(form_key), self.actor, self.dialect)

    def ask(self, form: CompiledForm, statement: sa.Select, query: Query | Summary, bound: Mapping[str, Any] | None = None):
        """The rows that a question of a form has; what people made up is stopped when it takes too long."""
        looked_for = needle(query.search)
        values = {**self.parameters, **search_parameters(form, looked_for, self.dialect), **arm_parameters(self, query), **(bound or {})}
        with nullcontext() if looked_for is None and _as_published(form, query) else bounded(self.connection):
            return quick.rows(self.connection, statement, values)

    @cached_property
    def led(self) -> Led:
        """Whose head the actor is."""
        return led_by(self.connection, self.actor.id)

    @cached_property
    def acts_for(self) -> tuple[Actor, ...]:
        """Those for whom the actor acts today, while they are away."""
        found = deputies(self.connection, self.compiled.app.day(self.now))
        ids = [away for away, deputy in found.items() if deputy == self.actor.id]
        known = some_members(self.connection, self.compiled.app.key, None, ids=ids) if ids else {}
        return tuple(known[away] for away in ids if away in known)

    def led_in_stead(self, number: int) -> Led:
        """Whose head one of those is."""
        return led_by(self.connection, self.acts_for[number].id)

    def mandated(self, form_key: str, transition: str) -> bool:
        """Whether the actor, or who they act for, ever handed on there or was asked."""
        return (form_key, transition) in self._mandated

    @cached_property
    def _mandated(self) -> set[tuple[str, str]]:
        ids = [self.actor.id, *(one.id for one in self.acts_for)]
        return of_people(self.connection, self.compiled.app.key, ids)

    def _record_statement(self, form: CompiledForm, sight: Sight) -> sa.Select:
        def build() -> sa.Select:
            columns = own_columns(sight)
            keys = [f.key for f in form.form.fields if displayable(form, f.key)]
            columns += [sight.raw(key).label(column_name(key)) for key in keys]
            here = (form.table.c.id == sa.bindparam("id"), form.table.c.deleted_at.is_(None), sight.in_scope)
            return sa.select(*columns).where(*here)

        return form.statement(("record", viewer(form, sight.actor)), build)

    def _lines(self, sight: Sight, key: str, record_id: int) -> list[dict[str, Any]]:
        form = sight.form
        statement = form.statement(("lines", key), lambda: lines_statement(sight, key))
        lines = quick.rows(self.connection, statement, self.parameters | {"record_id": record_id})
        columns = [(column.key, column_name(column.key)) for column in form.shown_columns[key]]
        columns += [("status", "status")] if key in form.line_statuses else []
        return [{"id": line.id} | {name: getattr(line, label) for name, label in columns} for line in lines]


def _as_published(form: CompiledForm, query: Query | Summary) -> bool:
    """Whether it is the plain list or a view that was published, which indexes serve."""
    if isinstance(query, Summary):
        return False
    return (query.where is True and not query.sort) or any(v.where == query.where and v.sort == query.sort for v in form.form.views)


def lines_statement(sight: Sight, key: str) -> sa.Select:
    """The lines of the record :record_id in their order, whoever asks."""
    table = sight.form.rows[key]
    columns = [sight.line_column(table, key, c.key).label(column_name(c.key)) for c in sight.form.shown_columns[key]]
    columns += [table.c.status] if key in sight.form.line_statuses else []
    here = table.c.record_id == sa.bindparam("record_id")
    return sa.select(table.c.id, *columns).where(here).order_by(table.c.position, table.c.id)
