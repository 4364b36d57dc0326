"""A form is a table with typed columns; its line items are a child table."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from ..definition.flow import StatusList
from ..definition.model import App, Field, Form
from ..registry import fields

LONGEST_NAME = 63  # PostgreSQL's limit

Columns = Mapping[str, Mapping[str, str]]
"""Form key -> field path -> the column that holds it, where a version does not use the field's first one."""


@dataclass(frozen=True)
class FormTables:
    """The table of a form, and the child table of each of its `rows` fields."""

    table: sa.Table
    rows: Mapping[str, sa.Table]


def form_tables(app: App, columns: Columns) -> dict[str, FormTables]:
    """SQLAlchemy tables for every form of an app, by form key."""
    metadata = sa.MetaData()
    return {form.key: _form_tables(app, form, metadata, columns.get(form.key, {})) for form in app.forms}


def table_name(*keys: str) -> str:
    """`app__form` or `app__form__rows`; names over 63 characters end in a hash instead."""
    return shortened("__".join(keys))


def shortened(name: str) -> str:
    if len(name) <= LONGEST_NAME:
        return name
    return name[: LONGEST_NAME - 9] + "_" + hashlib.sha256(name.encode()).hexdigest()[:8]


def column_name(key: str) -> str:
    """What a field's column is called in our own statements, and in the database the first one of its key."""
    return f"f_{key}"


def stored(field: Field) -> bool:
    """Whether a field has a column of its own in its form's table."""
    return field.type in fields and fields[field.type].stored(field)


def _form_tables(app: App, form: Form, metadata: sa.MetaData, columns: Mapping[str, str]) -> FormTables:
    table = sa.Table(
        table_name(app.key, form.key),
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("rev", sa.Integer, nullable=False, server_default="1"),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("created_by", sa.Integer),
        sa.Column("updated_at", sa.DateTime, nullable=False),
        sa.Column("updated_by", sa.Integer),
        sa.Column("status_since", sa.DateTime, nullable=False),
        sa.Column("deleted_at", sa.DateTime),
        sa.Column("seq", sa.Integer, nullable=False, server_default="0"),
        sa.Column("head", sa.Text, nullable=False, server_default=""),
        *([sa.Column("derived_at", sa.DateTime)] if _moved_by_others(form) else []),
        sa.Column("flow_id", sa.Integer),  # the version whose flow it follows, where that is not the live one
        *_field_columns(form.fields, app, columns),
        sqlite_autoincrement=True,
    )
    rows = {field.key: _rows_table(app, form, field, table, metadata, columns) for field in form.rows}
    return FormTables(table, rows)


def _moved_by_others(form: Form) -> bool:
    """Whether what other records do changes derived values here, without a change of the record itself."""
    return any(field.type == "rollup" for field in form.fields)


def _rows_table(
    app: App, form: Form, field: Field, parent: sa.Table, metadata: sa.MetaData, columns: Mapping[str, str]
) -> sa.Table:
    return sa.Table(
        table_name(app.key, form.key, field.key),
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("record_id", sa.Integer, sa.ForeignKey(parent.c.id), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        *_status_columns(app.line_statuses(field)),
        *_field_columns(field.fields, app, columns, f"{field.key}."),
        sqlite_autoincrement=True,
    )


def _status_columns(statuses: StatusList | None) -> list[sa.Column]:
    """Of lines with a status each. The default is for lines that are there already when the column comes."""
    if statuses is None:
        return []
    start = sa.Column("status", sa.Text, nullable=False, server_default=statuses.start.key)
    return [start, sa.Column("status_since", sa.DateTime)]


def _field_columns(
    members: tuple[Field, ...], app: App, columns: Mapping[str, str], prefix: str = ""
) -> list[sa.Column]:
    """Statements know a column by its field's key, whichever column of the database that means in this version."""
    named = [(field, column_name(field.key)) for field in members if stored(field)]
    return [
        sa.Column(columns.get(prefix + field.key, name), fields[field.type].column(field, app), key=name)
        for field, name in named
    ]
