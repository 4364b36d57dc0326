"""Fields made from the examples of their types, in a small app around them."""

from __future__ import annotations

import sqlalchemy as sa
from formloom.platform.definition.model import App, Field, Form
from formloom.platform.registry import fields, source
from werkzeug.datastructures import MultiDict
from wtforms.form import BaseForm

NAMES = sorted(field_type.name for field_type in fields)
ONE_INPUT = [field_type for field_type in fields if field_type.kind != "rows"]
"""Line items have an input for each cell instead."""


def text(words: str) -> dict[str, str]:
    return {"en": words, "zh": words}


def app_with(*members: Field) -> App:
    """An app whose form `it` has these fields, and a link `to` the form `other` with its `name`."""
    name = Field("name", "text", text("Name"))
    to = Field("to", "link", text("To"), settings={"form": "other"})
    forms = (
        Form("it", text("It"), text("Its"), fields=(*members, to)),
        Form("other", text("O"), text("O"), fields=(name,)),
    )
    return App("app", text("App"), forms=forms)


def field_of(name: str, options) -> Field:
    columns = tuple(Field(key, kind, text(key)) for key, kind in fields[name].example_columns)
    return Field("it", name, text("It"), settings=options, fields=columns)


def shown(name: str, options):
    """The type and the field that hold such values, and the app around them."""
    field = field_of(name, options)
    app = app_with(field)
    return *source(field, app), app


def one_input(field_type, field, formats, value, typed: str | None = None):
    form = BaseForm({"it": field_type.input(field, formats)})
    form.process(MultiDict({"it": typed}) if typed is not None else None, data={"it": value})
    return form["it"]


def put_and_get(connection: sa.Connection, columns: dict[str, object], values: dict[str, object]) -> dict:
    """What a real table gives back of a row."""
    members = [sa.Column(key, column) for key, column in columns.items()]
    table = sa.Table("kept", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), *members)
    table.create(connection, checkfirst=True)
    connection.execute(sa.delete(table))
    connection.execute(sa.insert(table), values)
    return dict(connection.execute(sa.select(*(table.c[key] for key in columns))).mappings().one())
