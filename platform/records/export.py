"""What a query shows as a sheet: a row of labels and a row for each record, read through the gate page by page.

Numbers, days and times of day are written plainly (1234.5, 2026-11-24), moments as they are here; the rest is
what people read, masks included. Nothing but the gate says what shows.
"""

from __future__ import annotations

import csv
import datetime
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, TextIO

from flask_babel import gettext as _

from .. import exact
from ..definition.model import say
from ..errors import NotFound
from ..formats import Formats
from .compiled import CompiledForm
from .pages import PAGE_LIMIT
from .query import Gate
from .results import Query, Row, Titles
from .transfer import harmless

STATUS = "status"


def query_of(gate: Gate, form_key: str, view_key: str | None = None) -> tuple[Query, tuple[str, ...]]:
    """The question and the columns of a view; of everything that the actor sees, where none is named."""
    listed, readable = gate.listed_fields(form_key), gate.readable_fields(form_key)
    form = gate.compiled.form(form_key)
    columns = (*listed, STATUS) if form.statuses else listed
    view = next((view for view in form.form.views if view.key == view_key), None)
    if view is None and view_key is not None:
        raise NotFound(_("There is no view “%(name)s”.", name=view_key))
    if view is not None:
        columns = tuple(key for key in view.columns if key in columns)
    shown = tuple(key for key in columns if key in readable)
    masks = tuple(key for key in columns if key not in readable and key != STATUS)
    rest = {} if view is None else {"where": view.where, "sort": view.sort}
    return Query(form_key, shown, masks=masks, **rest), columns


Value = str | Decimal | datetime.date
"""What stands in a cell: moments without a zone, as they are here."""


def sheet(gate: Gate, query: Query, columns: Sequence[str], formats: Formats) -> Iterator[list[str]]:
    """The same as text."""
    return ([text(value) for value in row] for row in values(gate, query, columns, formats))


def values(gate: Gate, query: Query, columns: Sequence[str], formats: Formats) -> Iterator[list[Value]]:
    """Labels, then every row of a query, whatever page it starts from. columns: of its fields and masks, and "status"."""
    form = gate.compiled.form(query.form)
    yield [_("Status") if key == STATUS else say(form.form.by_key[key].label, formats.language) for key in columns]
    after: str | None = None
    while True:
        page = gate.page(replace(query, after=after, before=None, limit=PAGE_LIMIT))
        for row in page.rows:
            yield [_cell(form, row, key, page.titles, formats) for key in columns]
        after = page.next
        if after is None:
            return


def write(out: TextIO, rows: Iterator[Sequence[str]]) -> None:
    """As comma-separated values that a spreadsheet opens without taking a cell for a formula."""
    csv.writer(out).writerows([harmless(cell) for cell in row] for row in rows)


def text(value: Value) -> str:
    if isinstance(value, Decimal):
        return exact.text(value) or ""
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, datetime.date) else value


def _cell(form: CompiledForm, row: Row, key: str, titles: Titles, formats: Formats) -> Value:
    if key == STATUS:
        status = form.statuses.by_key.get(row.status) if form.statuses else None
        return say(status.label, formats.language) if status else row.status
    if key in row.masks:
        return row.masks[key]
    return "" if (value := row.values.get(key)) is None else _written(form, key, value, titles, formats)


def _written(form: CompiledForm, key: str, value: Any, titles: Titles, formats: Formats) -> Value:
    if isinstance(value, datetime.datetime):
        return formats.local(value)
    if isinstance(value, Decimal | datetime.date):
        return value
    field_type, field = form.shown[key]
    return field_type.display(value, field, formats, titles)
