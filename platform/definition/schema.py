"""JSON document <-> model, strictly: an unknown key is an error, and every error names its place.

A published version is read leniently, so that data from another release (a field type that is gone,
a key that is new) still shows instead of failing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, ValidationError, fields, post_dump, post_load, pre_load, validate, validates_schema

from .. import registry
from ..errors import Invalid, Problem
from . import model
from .bounds import within_bounds
from .paths import LISTS, written

FORMAT = 1
LANGUAGES = ("en", "zh")
RESERVED = frozenset(
    ("id", "status", "created_by", "created_at", "user", "today", "now", "old", "header", "line", "target")
)
"""Names that rules see beside a form's own fields, which therefore no field may have."""

_lenient: ContextVar[bool] = ContextVar("lenient", default=False)


def load(document: Any, *, lenient: bool = False) -> model.App:
    """The app in a document; raises Invalid with a path for each problem."""
    within_bounds(document)
    if not isinstance(document, dict):
        raise Invalid([Problem("", _("A definition is a JSON object."))])
    token = _lenient.set(lenient)
    try:
        return AppSchema().load(document)
    except ValidationError as error:
        raise Invalid(list(_problems(error.normalized_messages(), document, ()))) from None
    finally:
        _lenient.reset(token)


def dump(app: model.App) -> dict[str, Any]:
    """The document of an app; what equals its default is left out."""
    return {"format": FORMAT} | AppSchema().dump(app)


def normal(document: Any) -> dict[str, Any]:
    """A document in the one form that drafts are kept in, so that equal apps have equal documents."""
    return dump(load(document))


class Element(Schema):
    """One element: unknown keys are refused (or skipped, reading leniently), the result is a dataclass."""

    builds: type = model.App

    @pre_load
    def skip_unknown(self, data, **_arguments):
        if _lenient.get() and isinstance(data, dict):
            return {name: value for name, value in data.items() if name in self.fields}
        return data

    @post_load
    def make(self, data, **_arguments):
        return self.builds(**data)

    @post_dump(pass_original=True)
    def lean(self, data, original, **_arguments):
        return {name: data[name] for name in data if not _is_default(original, name)}


def _is_default(element: Any, name: str) -> bool:
    declared = element.__dataclass_fields__[name]
    default = declared.default
    if declared.default_factory is not dataclasses.MISSING:
        default = declared.default_factory()
    value = getattr(element, name)
    return type(value) is type(default) and value == default


class Table(fields.Field):
    """A mapping with text keys; each value is loaded by `inner`, keys may be limited to `allowed`."""

    def __init__(self, inner: fields.Field, allowed: tuple[str, ...] = (), **arguments: Any):
        super().__init__(**arguments)
        self.inner = inner
        self.allowed = allowed

    def _deserialize(self, value, attr, data, **kwargs):
        if not isinstance(value, dict):
            raise ValidationError("Not a valid mapping type.")
        result, errors = {}, {}
        for key, item in value.items():
            try:
                if self.allowed and key not in self.allowed:
                    raise ValidationError("Unknown field.")
                result[key] = self.inner.deserialize(item)
            except ValidationError as error:
                errors[key] = error.messages
        if errors:
            raise ValidationError(errors)
        return result


class Elements(fields.List):
    """A list of elements with distinct keys, loaded as a tuple."""

    def __init__(self, schema: type[Schema], key: str = "key"):
        super().__init__(fields.Nested(schema), load_default=())
        self.key = key

    def _deserialize(self, value, attr, data, **kwargs):
        elements = super()._deserialize(value, attr, data, **kwargs)
        seen: set[str] = set()
        for place, element in enumerate(elements):
            key = getattr(element, self.key)
            if key in seen:
                raise ValidationError({place: {self.key: ["Used twice."]}})
            seen.add(key)
        return tuple(elements)


class Names(fields.List):
    """A list of names (of roles, fields, statuses), each once, loaded as a tuple."""

    def __init__(self, **arguments: Any):
        defaults = {} if arguments.get("required") else {"load_default": ()}
        super().__init__(fields.String(validate=validate.Length(1, 60)), **defaults, **arguments)

    def _deserialize(self, value, attr, data, **kwargs):
        names = super()._deserialize(value, attr, data, **kwargs)
        if len(set(names)) < len(names):
            raise ValidationError("Used twice.")
        return tuple(names)


_KEY = validate.Regexp(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z", error="Not a key.")


def _key(*reserved: str) -> fields.Field:
    rules = [_KEY, validate.Length(max=20, error="Too long for a key."), validate.NoneOf(reserved, error="Reserved.")]
    return fields.String(required=True, validate=rules)


def _text(**arguments: Any) -> fields.Field:
    return Table(fields.String(validate=validate.Length(max=5000)), LANGUAGES, **arguments)


def _label() -> fields.Field:
    return _text(required=True, validate=_says_something)


def _says_something(text: Mapping[str, str]) -> None:
    if not any(value.strip() for value in text.values()):
        raise ValidationError("Missing data for required field.")


def _note() -> fields.Field:
    return _text(load_default=dict)


def _rule(default: Any) -> fields.Field:
    return fields.Raw(allow_none=True, load_default=default)


def _flag() -> fields.Field:
    return fields.Boolean(truthy={True}, falsy={False}, load_default=False)


def _one_of(names: tuple[str, ...], default: str) -> fields.Field:
    return fields.String(validate=validate.OneOf(names), load_default=default)


def _icon(default: str) -> fields.Field:
    return fields.String(validate=validate.Regexp(r"[a-z0-9-]{1,40}\Z", error="Not an icon's name."), load_default=default)


def _validate_settings(names: registry.Registry, data: Mapping[str, Any]) -> None:
    """The type's own `Options` decide which settings are good; a published type that is gone has none."""
    if _lenient.get():
        return
    if data["type"] not in names:
        raise ValidationError({"type": ["Unknown type."]})
    errors = names[data["type"]].Options().validate(data["settings"])
    if errors:
        raise ValidationError({"settings": errors})


class CheckSchema(Element):
    builds = model.Check
    key = _key()
    rule = fields.Raw(required=True, allow_none=True)
    message = _label()


class ColumnSchema(Element):
    """A column of line items: a field without columns of its own."""

    builds = model.Field
    key = _key(*RESERVED)
    type = fields.String(required=True)
    label = _label()
    help = _note()
    settings = Table(fields.Raw(allow_none=True), load_default=dict)
    required = _rule(False)
    show = _rule(True)
    default = _rule(None)
    checks = Elements(CheckSchema)

    @validates_schema
    def settings_fit(self, data, **_arguments):
        _validate_settings(registry.fields, data)

    @validates_schema
    def rows_only_at_the_top(self, data, **_arguments):
        if data["type"] == "rows" and "fields" not in self.fields:
            raise ValidationError({"type": ["Line items cannot hold line items."]})
        if data.get("fields") and data["type"] != "rows":
            raise ValidationError({"fields": ["Only line items have columns."]})


class FieldSchema(ColumnSchema):
    fields = Elements(ColumnSchema)


class SectionSchema(Element):
    builds = model.Section
    key = _key()
    label = _label()
    columns = fields.Integer(strict=True, validate=validate.Range(1, 4), load_default=2)
    fields = Names()


class StatusSchema(Element):
    builds = model.Status
    key = _key(model.NEW)
    label = _label()
    kind = _one_of(model.STATUS_KINDS, "active")
    colour = _one_of(model.COLOURS, "grey")
    in_charge = fields.String(allow_none=True, load_default=None)
    hours_allowed = fields.Integer(strict=True, allow_none=True, validate=validate.Range(1, 100_000), load_default=None)
    clock_stands = _flag()


class StatusListSchema(Element):
    builds = model.StatusList
    key = _key()
    label = _label()
    statuses = Elements(StatusSchema)


class WhoSchema(Element):
    builds = model.Who
    roles = Names()
    creator = _flag()
    fields = Names()


class GuardSchema(CheckSchema):
    builds = model.Guard
    lift = Names()


class AskSchema(Element):
    builds = model.Ask
    field = fields.String(required=True)
    required = _flag()


class EffectSchema(Element):
    builds = model.Effect
    key = _key()
    type = fields.String(required=True)
    settings = Table(fields.Raw(allow_none=True), load_default=dict)

    @validates_schema
    def settings_fit(self, data, **_arguments):
        _validate_settings(registry.actions, data)


class TransitionSchema(Element):
    builds = model.Transition
    key = _key()
    label = _label()
    sources = Names(required=True)
    target = fields.String(required=True)
    who = fields.Nested(WhoSchema, load_default=model.Who)
    guards = Elements(GuardSchema)
    ask = Elements(AskSchema, "field")
    confirm = _note()
    effects = Elements(EffectSchema)
    automatic = _flag()
    tone = _one_of(("main", "normal", "danger"), "normal")


class AccessSchema(Element):
    builds = model.RoleAccess
    role = fields.String(required=True)
    scope = _rule("none")
    create = _flag()
    delete = Names()
    load = _flag()
    cells = Table(Table(fields.String(validate=validate.OneOf(model.MODES))), load_default=dict)


class SortSchema(Element):
    builds = model.Sort
    field = fields.String(required=True)
    descending = _flag()


class ViewSchema(Element):
    builds = model.View
    key = _key()
    label = _label()
    columns = Names()
    where = _rule(True)
    sort = Elements(SortSchema, "field")
    roles = Names()


class FormSchema(Element):
    builds = model.Form
    key = _key()
    label = _label()
    plural = _label()
    icon = _icon("file")
    group = _note()
    title = fields.String(load_default="")
    subtitle = fields.String(load_default="")
    status_list = fields.String(allow_none=True, load_default=None)
    fields = Elements(FieldSchema)
    layout = Elements(SectionSchema)
    transitions = Elements(TransitionSchema)
    access = Elements(AccessSchema, "role")
    views = Elements(ViewSchema)


class RoleSchema(Element):
    builds = model.Role
    key = _key()
    label = _label()
    description = _note()


class AppSchema(Element):
    format = fields.Integer(strict=True, validate=validate.Equal(FORMAT), load_default=FORMAT, load_only=True)
    key = _key()
    label = _label()
    description = _note()
    icon = _icon("package")
    currency = fields.String(validate=validate.Regexp(r"[A-Z]{3}\Z", error="Not a currency."), load_default="EUR")
    roles = Elements(RoleSchema)
    status_lists = Elements(StatusListSchema)
    forms = Elements(FormSchema)
    samples = Table(fields.Raw(allow_none=True), load_default=dict)

    @post_load
    def make(self, data, **_arguments):
        data.pop("format")
        return model.App(**data)


SENTENCES = {
    "Missing data for required field.": _("This is missing."),
    "Field may not be null.": _("This may not be empty."),
    "Unknown field.": _("There is no such setting."),
    "Unknown type.": _("There is no such type."),
    "Used twice.": _("This is used twice."),
    "Not a key.": _("A key has small letters, digits and single underscores, and starts with a letter."),
    "Too long for a key.": _("A key has at most 20 characters."),
    "Reserved.": _("Formloom uses this name itself."),
    "Not a valid string.": _("This must be text."),
    "Not a valid integer.": _("This must be a whole number."),
    "Not a valid boolean.": _("This must be true or false."),
    "Not a valid list.": _("This must be a list."),
    "Not a valid mapping type.": _("This must be an object."),
    "Invalid input type.": _("This must be an object."),
    "Not an icon's name.": _("This is not an icon's name."),
    "Not a currency.": _("A currency is three capital letters."),
    "Line items cannot hold line items.": _("Line items cannot hold line items."),
    "Only line items have columns.": _("Only line items have columns."),
}


def _problems(messages: Any, value: Any, path: tuple[str, ...]):
    """marshmallow's nested messages as Problems, with elements named by key instead of by place."""
    if isinstance(messages, dict):
        for name, inner in messages.items():
            if name == "_schema":
                yield from _problems(inner, value, path)
            else:
                yield from _problems(inner, _child(value, name), (*path, _called(value, name, path)))
        return
    for message in messages if isinstance(messages, list) else [messages]:
        if isinstance(message, dict):
            yield from _problems(message, value, path)
        else:
            yield Problem(written(path), SENTENCES.get(message, message))


def _child(value: Any, name: Any) -> Any:
    if isinstance(value, list):
        return value[name] if isinstance(name, int) and name < len(value) else None
    return value.get(name) if isinstance(value, dict) else None


def _called(value: Any, name: Any, path: tuple[str, ...]) -> str:
    """The key of a list's element, else its name or place."""
    element = _child(value, name) if isinstance(value, list) else None
    key = element.get(LISTS.get(path[-1], "key")) if isinstance(element, dict) and path else None
    return key if isinstance(key, str) and key else str(name)
