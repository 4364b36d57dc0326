"""What the schemas of a definition are made of: elements, lists of elements, names, texts, rules."""

from __future__ import annotations

import dataclasses
import json
import pickle
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import date
from functools import cache
from threading import Lock
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_dump, post_load, pre_load, validate

from .. import registry
from . import model

LANGUAGES = ("en", "zh")

lenient: ContextVar[bool] = ContextVar("lenient", default=False)
"""Whether a published version is read, from whatever release it may be."""


class Element(Schema):
    """One element: unknown keys are refused (or skipped, reading leniently), the result is a dataclass."""

    builds: type = model.App

    @pre_load
    def skip_unknown(self, data, **_arguments):
        if lenient.get() and isinstance(data, dict):
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


class Remembered(fields.Nested):
    """An element that is not loaded and dumped anew while it stays as it was: an edit changes one form of many.

    What is loaded is frozen, so versions and drafts may share it.
    """

    KEPT = 128

    def __init__(self, *arguments: Any, **named: Any):
        super().__init__(*arguments, **named)
        self._loaded: dict[tuple[bool, str], Any] = {}
        self._lock = Lock()

    def _deserialize(self, value, attr, data, **kwargs):
        text = (lenient.get(), json.dumps(value))
        with self._lock:
            found = self._loaded.pop(text, None)
        found = super()._deserialize(value, attr, data, **kwargs) if found is None else found
        with self._lock:
            self._loaded[text] = found
            if len(self._loaded) > self.KEPT:
                del self._loaded[next(iter(self._loaded))]
        return found

    def _serialize(self, nested_obj, attr, obj, **kwargs):
        beside = vars(nested_obj)
        if "_dumped" not in beside:
            beside["_dumped"] = pickle.dumps(super()._serialize(nested_obj, attr, obj, **kwargs))
        return pickle.loads(beside["_dumped"])


class Elements(fields.List):
    """A list of elements with distinct keys, loaded as a tuple."""

    def __init__(self, schema: type[Schema], key: str = "key", most: int = 1000, inner: type[fields.Nested] = fields.Nested):
        super().__init__(inner(schema), load_default=(), validate=validate.Length(max=most))
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


def key_field(*reserved: str) -> fields.Field:
    rules = [_KEY, validate.Length(max=20, error="Too long for a key."), validate.NoneOf(reserved, error="Reserved.")]
    return fields.String(required=True, validate=rules)


def text(**arguments: Any) -> fields.Field:
    return Table(fields.String(validate=validate.Length(max=5000)), LANGUAGES, **arguments)


def label_field() -> fields.Field:
    return text(required=True, validate=_says_something)


def _says_something(text: Mapping[str, str]) -> None:
    if not any(value.strip() for value in text.values()):
        raise ValidationError("Missing data for required field.")


def note() -> fields.Field:
    return text(load_default=dict)


def rule_field(default: Any) -> fields.Field:
    return fields.Raw(allow_none=True, load_default=default)


def flag(default: bool = False) -> fields.Field:
    return fields.Boolean(truthy={True}, falsy={False}, load_default=default)


def place_field() -> fields.Field:
    """A place in a diagram, in its own units."""
    return fields.Integer(strict=True, allow_none=True, validate=validate.Range(-20_000, 20_000), load_default=None)


def clock(default: str) -> fields.Field:
    """A time of day as "09:00"."""
    return fields.String(validate=validate.Regexp(r"([01]\d|2[0-3]):[0-5]\d\Z", error="Not a time of day."), load_default=default)


class Days(Names):
    """Dates as "2026-10-01", each once."""

    def _deserialize(self, value, attr, data, **kwargs):
        for day in (days := super()._deserialize(value, attr, data, **kwargs)):
            try:
                date.fromisoformat(day)
            except ValueError:
                raise ValidationError("Not a day.") from None
        return days


def one_of(names: tuple[str, ...], default: str) -> fields.Field:
    return fields.String(validate=validate.OneOf(names), load_default=default)


def icon_field(default: str) -> fields.Field:
    return fields.String(validate=validate.Regexp(r"[a-z0-9-]{1,40}\Z", error="Not an icon's name."), load_default=default)


def validate_settings(names: registry.Registry, data: Mapping[str, Any]) -> None:
    """The type's own `Options` decide which settings are good; a published type that is gone has none."""
    if lenient.get():
        return
    if data["type"] not in names:
        raise ValidationError({"type": ["Unknown type."]})
    errors = _options(names[data["type"]].Options).validate(data["settings"])
    if errors:
        raise ValidationError({"settings": errors})


@cache
def _options(schema: type[Schema]) -> Schema:
    return schema()
