"""JSON document <-> model, strictly: an unknown key is an error, and every error names its place.

A published version is read leniently, so that data from another release (a field type that is gone,
a key that is new) still shows instead of failing.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError

from ..errors import Invalid, Problem
from . import model, schema_parts
from .bounds import within_bounds
from .paths import LISTS, written
from .schema_elements import FORMAT, AppSchema


def load(document: Any, *, lenient: bool = False) -> model.App:
    """The app in a document; raises Invalid with a path for each problem."""
    if not lenient:
        within_bounds(document)
    if not isinstance(document, dict):
        raise Invalid([Problem("", _("A definition is a JSON object."))])
    token = schema_parts.lenient.set(lenient)
    try:
        return _schema().load(document)
    except ValidationError as error:
        raise Invalid(list(_problems(error.normalized_messages(), document, ()))) from None
    finally:
        schema_parts.lenient.reset(token)


def dump(app: model.App) -> dict[str, Any]:
    """The document of an app; what equals its default is left out."""
    return {"format": FORMAT} | _schema().dump(app)


@cache
def _schema() -> AppSchema:
    return AppSchema()


def normal(document: Any) -> dict[str, Any]:
    """A document in the one form that drafts are kept in, so that equal apps have equal documents."""
    return dump(load(document))


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
    "Not a time zone.": _("This is not a time zone, such as Europe/Berlin or Asia/Shanghai."),
    "Not a time of day.": _("This must be a time of day, such as 09:00."),
    "Not a day.": _("This must be a date, such as 2026-10-01."),
    "The working day ends before it begins.": _("The working day ends before it begins."),
    "Nobody works on any day.": _("Choose a day on which people work."),
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
