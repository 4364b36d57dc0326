"""An import mapping from its JSON document, and whether it fits the app that it is for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext as _
from marshmallow import Schema, ValidationError, fields, post_load, pre_load, validate

from ..definition.model import App, Field, Form
from ..errors import Invalid, Problem
from .mapping import MEMBERS, ImportMapping, Lines, Load, LookUp, Source


class _Element(Schema):
    makes: type

    @post_load
    def make(self, data, **_arguments):
        return self.makes(**data)


class LookUpSchema(_Element):
    makes = LookUp
    sheet = fields.String(required=True)
    id = fields.String(required=True)
    column = fields.String(required=True)


class SourceSchema(_Element):
    makes = Source
    columns = fields.List(fields.String())
    rule = fields.Raw(allow_none=True)
    refers = fields.String()
    optional = fields.Boolean()
    options = fields.Dict(keys=fields.String(), values=fields.String())
    look_up = fields.Nested(LookUpSchema)
    once = fields.Boolean()

    @pre_load
    def column_alone(self, data, **_arguments):
        """`"city"` stands for `{"columns": ["city"]}`."""
        return {"columns": [data]} if isinstance(data, str) else data

    @post_load
    def make(self, data, **_arguments):
        return Source(**data | {"columns": tuple(data.get("columns", ()))})


def _sources() -> fields.Field:
    return fields.Dict(keys=fields.String(), values=fields.Nested(SourceSchema), required=True)


class LinesSchema(_Element):
    makes = Lines
    sheet = fields.String(required=True)
    to = fields.String(required=True)
    values = _sources()
    status = fields.Raw()


class LoadSchema(_Element):
    makes = Load
    key = fields.String(required=True)
    sheet = fields.String(required=True, validate=validate.Regexp(r"[\w.-]+\Z"))
    id = fields.String(required=True)
    into = fields.String(required=True)
    values = _sources()
    rows = fields.Dict(keys=fields.String(), values=fields.Nested(LinesSchema))
    status = fields.Raw()
    at = fields.Nested(SourceSchema)
    by = fields.Nested(SourceSchema)
    roles = fields.List(fields.String())


class MappingSchema(_Element):
    makes = ImportMapping
    format = fields.Integer(validate=validate.Equal(1), load_only=True)
    key = fields.String(required=True)
    app = fields.String(required=True)
    label = fields.Dict(keys=fields.String(), values=fields.String())
    note = fields.Dict(keys=fields.String(), values=fields.String())
    empty = fields.List(fields.String())
    date_format = fields.String()
    loads = fields.List(fields.Nested(LoadSchema), required=True)

    @post_load
    def make(self, data, **_arguments):
        data.pop("format", None)
        return ImportMapping(**data | {"loads": tuple(data["loads"]), "empty": tuple(data.get("empty", ()))})


def load_mapping(document: Any, app: App) -> ImportMapping:
    """The mapping in a document, for an app; Invalid names what does not fit."""
    try:
        mapping = MappingSchema().load(document)
    except ValidationError as error:
        raise Invalid(list(_flat(error.normalized_messages(), "mapping"))) from None
    problems = list(_problems(mapping, app))
    if problems:
        raise Invalid(problems, _("This mapping does not fit the app."))
    return mapping


def _flat(messages: Any, path: str) -> Iterator[Problem]:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            yield from _flat(inner, f"{path}.{key}")
    else:
        yield Problem(path, " ".join(map(str, messages)))


def _problems(mapping: ImportMapping, app: App) -> Iterator[Problem]:
    before: set[str] = set()
    for load in mapping.loads:
        path = f"loads[{load.key}]"
        if load.key in before:
            yield Problem(path, _("There are two loads with this key."))
        form = app.form_by_key.get(load.into)
        if form is None and load.into != MEMBERS:
            yield Problem(f"{path}.into", _("There is no form “%(form)s”.", form=load.into))
        yield from _value_problems(path, form, load.values, before)
        for key, lines in load.rows.items():
            rows = form.by_key.get(key) if form else None
            yield from _value_problems(f"{path}.rows.{key}", rows, lines.values, before)
        before.add(load.key)


def _value_problems(path: str, holder: Form | Field | None, values: Mapping[str, Source], before: set[str]):
    for key, source in values.items():
        if holder is not None and key not in holder.by_key:
            yield Problem(f"{path}.values.{key}", _("There is no field “%(path)s” here.", path=key))
        if source.refers and source.refers not in before:
            yield Problem(f"{path}.values.{key}.refers", _("No load before this one has this key."))
