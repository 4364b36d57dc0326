"""What a field type says about itself; a member of `fields/` overrides what differs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow
from marshmallow import Schema, ValidationError
from wtforms.widgets import TextInput

from .errors import Problem
from .field_input import FieldInput

Titles = Mapping[tuple[str, int], str]
"""What records and people are called: ("customer", 7) or ("person", 3) -> a name."""


class FieldType:
    """One kind of field. Raw values are JSON's; `engine.md` of the house says what Python's are.

    kind: how rules see its values: text, number, flag, date, moment, choice, person, link, rows.
    computed: the engine writes it, nobody enters it.
    examples: settings and raw values that are good, and ones that are bad; the tests run over them.
    example_columns: key and type of the columns that the examples of a field with columns mean.
    """

    name = ""
    label: Mapping[str, str] = {}
    icon = "type"
    group = "text"  # text, numbers, choice, connected, files
    kind = "text"
    computed = False
    sortable = True
    searchable = False
    widget: Any = TextInput()
    Options: type[Schema] = Schema
    examples_good: tuple[tuple[Mapping[str, Any], Any], ...] = ()
    examples_bad: tuple[tuple[Mapping[str, Any], Any], ...] = ()
    example_columns: tuple[tuple[str, str], ...] = ()

    def source(self, field, app) -> Any:
        """The field whose kind of values this one holds: itself, unless it shows another's."""
        return field

    def problems(self, field, form, app) -> list[Problem]:
        """What is wrong with the settings beside the rest of the app, with paths relative to the field."""
        return []

    def rule_type(self, field, app) -> Any:
        """The `rules.typing.Type` of this field's value in a rule."""
        raise NotImplementedError

    def stored(self, field) -> bool:
        """Whether the value has a column in the table of its form (or of its line items)."""
        return True

    def column(self, field, app) -> Any:
        """The SQL type of a stored value."""
        raise NotImplementedError

    def take(self, raw, field) -> Any:
        """A raw value that is not empty, as a Python value; ValidationError says why not."""
        raise NotImplementedError

    def load(self, raw, field) -> Any:
        """JSON (or Python) value -> Python value; empty and blank are None. Raises ValidationError."""
        return None if blank(raw) else self.take(raw, field)

    def retake(self, raw, field) -> Any:
        """As `take`, of what was taken once: today's limits, scale and options do not refuse it."""
        return self.take(raw, field)

    def revive(self, raw, field) -> Any:
        """JSON value from history, a cursor or a form's base -> Python value. Raises ValidationError."""
        return None if blank(raw) else self.retake(raw, field)

    def dump(self, value, field) -> Any:
        """Python value -> JSON value."""
        return value

    def value(self, field) -> marshmallow.fields.Field:
        """A marshmallow field that loads and dumps such values."""
        return Value(self, field)

    def parse(self, text, field, formats) -> Any:
        """What a person typed, in the formats of their language -> Python value."""
        return self.load(text, field)

    def entered(self, value, field, formats) -> str:
        """A value as it stands in an input, so that `parse` gives it back."""
        return "" if value is None else str(value)

    def choices(self, field, language) -> list[tuple[str, str]]:
        """The options of a field whose input is a list to choose from: raw value and label."""
        return []

    def input(self, field, formats, **arguments) -> Any:
        """A WTForms field that asks for a value; arguments: see FieldInput, and WTForms' own."""
        return FieldInput(self, field, formats, widget=self.widget, **arguments)

    def display(self, value, field, formats, titles: Titles | None = None) -> str:
        """A value as a person reads it (text, not HTML)."""
        return "" if value is None else str(value)


class UnknownType(FieldType):
    """Stands for a type that this release does not know: readable, not writable, never a crash."""

    label = {"en": "Unknown", "zh": "未知"}
    icon = "circle-help"
    computed = True
    sortable = False

    def stored(self, field):
        return False

    def take(self, raw, field):
        return raw

    def display(self, value, field, formats, titles=None):
        return "" if value is None else str(value)[:200]


class Value(marshmallow.fields.Field):
    """A field type's values in a marshmallow schema."""

    def __init__(self, field_type: FieldType, field, **arguments):
        super().__init__(allow_none=True, **arguments)
        self.field_type = field_type
        self.field = field

    def _deserialize(self, value, attr, data, **kwargs):
        return self.field_type.load(value, self.field)

    def _serialize(self, value, attr, obj, **kwargs):
        return None if value is None else self.field_type.dump(value, self.field)


def blank(raw: Any) -> bool:
    return raw is None or (raw.__class__ is str and (not raw or raw.isspace()))


def refusal(sentence: Any) -> ValidationError:
    """A ValidationError with one sentence, which may be translated later."""
    return ValidationError([sentence])


def problems(error: ValidationError, path: str) -> list[Problem]:
    """The problems of a refused value, nested ones with their own paths (`lines.3.price`)."""
    return list(_flattened(error.messages, path))


def _flattened(messages: Any, path: str):
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            yield from _flattened(inner, f"{path}.{key}" if path else str(key))
    else:
        yield from (Problem(path, sentence) for sentence in messages)
