"""Fields that another column holds than before: because their type changed, now or while they were gone, or they
are worked out anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ..definition import store
from ..definition.model import App, Form
from ..definition.schema import load
from ..registry import fields
from . import form_history
from .batches import ids_after
from .compiled import Compiled, CompiledForm
from .expand import Place, has_held
from .tables import column_name, stored, table_name
from .values import to_json

BATCH = 1000


@dataclass(frozen=True)
class Switch:
    """A field's column before and from now on.

    converting: whether values are taken over.  left: whether they were, when the column that it has from now on
    was left; then what is empty now was emptied, unless it could not be taken.
    """

    path: str
    before: str
    now: str
    converting: bool
    left: bool = False

    @property
    def told(self) -> list:
        """As the form's history has it."""
        return [self.before, self.now, self.converting, self.left]


def switches(connection: sa.Connection, new: Compiled, live: Compiled | None) -> dict[str, list[Switch]]:
    """Form key -> its switches, of every form that a live version replaces."""
    if live is None:
        return {}
    earlier = Earlier(connection, new.app.key)
    found = {form.key: list(_of_form(form, new, live, earlier)) for form in new.app.forms}
    return {key: switched for key, switched in found.items() if switched}


def _of_form(form: Form, new: Compiled, live: Compiled, earlier: Earlier) -> Iterator[Switch]:
    before = live.app.form_by_key.get(form.key)
    history = [row for row in form_history.of_form(earlier.connection, new.app.key, form.key) if row.kind == form_history.SWITCHED]
    for path in form.paths:
        if not stored(form.field_at(path)):
            continue
        now = name_of(new.columns, form.key, path)
        field = before.field_at(path) if before else None
        if field is not None and stored(field):
            was, converting = name_of(live.columns, form.key, path), not fields[form.field_at(path).type].computed
        else:
            was, converting = earlier.column(form.key, path), False
        if was not in (None, now):
            yield Switch(path, was, now, converting, _left(history, path, now))


def _left(history: list[sa.Row], path: str, column: str) -> bool:
    """Whether the values of a column were taken over when it was last left."""
    for row in reversed(history):
        if path in row.facts and row.facts[path][0] == column:
            return row.facts[path][2]
    return False


def kept_in(version: Compiled) -> dict[Place, str]:
    """The column of every field of a version."""
    forms = version.app.forms
    places = ((form.key, path) for form in forms for path in form.paths if stored(form.field_at(path)))
    return {place: name_of(version.columns, *place) for place in places}


def converted(app: App, columns, running: Mapping[Place, str]) -> Iterator[Place]:
    """The entered fields whose values are taken over into another column."""
    for form_key, path in running:
        form = app.form_by_key.get(form_key)
        field = form.field_at(path) if form else None
        entered = field is not None and stored(field) and not fields[field.type].computed
        if entered and name_of(columns, form_key, path) != running[form_key, path]:
            yield form_key, path


def name_of(columns, form_key: str, path: str) -> str:
    """The column that a version keeps a field in."""
    return columns.get(form_key, {}).get(path) or column_name(path.rpartition(".")[2])


class Earlier:
    """The published versions, newest first, read only when somebody asks."""

    def __init__(self, connection: sa.Connection, app_key: str):
        self.connection = connection
        self.app_key = app_key
        self._read: list | None = None

    def column(self, form_key: str, path: str) -> str | None:
        """The column that held a field when a version last had it."""
        rows_key, dot, key = path.rpartition(".")
        table = table_name(self.app_key, form_key, *([rows_key] if dot else []))
        if not has_held(self.connection, table, column_name(key)):
            return None
        for app, columns in self._versions():
            form = app.form_by_key.get(form_key)
            field = form.field_at(path) if form else None
            if field is not None and stored(field):
                return name_of(columns, form_key, path)
        return None

    def _versions(self) -> list:
        if self._read is None:
            app_id = store.app_row(self.connection, self.app_key).id
            kept = [store.frozen(self.connection, row.id) for row in store.versions(self.connection, app_id)]
            self._read = [(load(one.document, lenient=True), one.columns) for one in kept]
        return self._read


def lost_values(
    connection: sa.Connection, form: CompiledForm, path: str, taken: Callable[[Any], Any]
) -> tuple[int, int]:
    """How many values a field has, and of how many of them `taken`, of their JSON form, is nothing."""
    rows_key, dot, key = path.rpartition(".")
    table = form.rows[rows_key] if dot else form.table
    owner = table.c.record_id if dot else table.c.id
    column = table.c[column_name(key)]
    number = lost = last = 0
    while ids := ids_after(connection, form, last, BATCH):
        here = sa.select(column).where(owner.in_(ids), column.is_not(None))
        values = [to_json(form, path, value) for value in connection.scalars(here)]
        number += len(values)
        lost += sum(taken(value) is None for value in values)
        last = ids[-1]
    return number, lost
