"""What a field type says about itself; a member of `fields/` overrides what differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import marshmallow
from markupsafe import escape
from marshmallow import Schema, ValidationError
from wtforms.widgets import TextInput

from .errors import Problem
from .field_input import FieldInput

Titles = Mapping[tuple[str, int], str]
"""What records, people and departments are called: ("customer", 7) or (PERSON, 3) -> a name."""

Draw = Callable[[Any, Titles, str], str]
"""(value, titles, address of its record) -> HTML; the value is never empty."""

PERSON, DEPARTMENT = "person", "@department"
"""What fields point to beside forms; no form has such a key."""

DOTS = "••••••"


class FieldType:
    """One kind of field. Raw values are JSON's; `engine.md` of the house says what Python's are.

    kind: how rules see its values: text, number, flag, date, moment, time, choice, person, link, list, record, rows.
    computed: the engine writes it, nobody enters it.
    valued: it has a value; what has none stands in a form's layout alone.
    columnar: it can be a column of line items.
    asks: how a page asks for it: line (of `line_type`), lines, figure, box, choice, boxes, stars, picker, parts, files.
    parts: what a value consists of that is asked for part by part.
    compared: which comparisons filters offer for it (`runtime/comparisons.py`).
    figures: a number among numbers, on the right.  wide: it takes a whole row of a form.
    plain: its text is all there is to see, so that a browser can write it.  leads: what is drawn of it is a link.
    examples: settings and raw values that are good, and ones that are bad; the tests run over them.
    example_columns: key and type of the columns that the examples of a field with columns mean.
    """

    name = ""
    label: Mapping[str, str] = {}
    icon = "type"
    group = "text"  # text, numbers, choice, connected, files
    kind = "text"
    computed = False
    valued = True
    columnar = True
    sortable = True
    searchable = False
    asks = "line"
    line_type = "text"
    parts: tuple[str, ...] = ()
    compared = ""
    figures = False
    wide = False
    plain = False
    leads = False
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

    def part(self, column, key: str) -> Any:
        """The SQL of one part of a stored value, where rules name it."""
        raise NotImplementedError

    def meaning(self, field) -> str:
        """What a column of such values holds; a field cannot become one that means something else."""
        return self.kind

    def points_to(self, field) -> str | None:
        """What its values are ids of: a form's key, PERSON or DEPARTMENT."""
        return None

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

    def sent(self, texts: Sequence[str]) -> str:
        """What inputs of one name posted, as the one text that `parse` reads."""
        return texts[-1]

    def parse(self, text, field, formats) -> Any:
        """What a person typed, in the formats of their language -> Python value."""
        return self.load(text, field)

    def from_cell(self, word: str, field) -> Any:
        """The word in a cell of a sheet -> a raw value."""
        return word

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

    def drawer(self, field, formats) -> Draw:
        """Draws values as HTML; made once for a column."""
        return lambda value, titles, address: str(escape(self.display(value, field, formats, titles)))

    def masked(self, value, field) -> str:
        """That there is a value, and at most a hint of it."""
        return DOTS


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
