"""The WTForms field of every field type: text in, value out, by the type's own `parse` and `entered`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import ValidationError
from wtforms.fields.choices import Choice, SelectFieldBase


class FieldInput(SelectFieldBase):
    """Asks for one value. `data` is the Python value, `typed` the text that stands in the input.

    `sent` tells whether the request carried it at all; what was not sent is left as it was.
    """

    def __init__(self, field_type, field, formats, choices=None, titles=None, **arguments):
        super().__init__(**arguments)
        self.field_type = field_type
        self.field = field
        self.formats = formats
        self.titles = titles
        self.choices = field_type.choices(field, formats.language) if choices is None else choices
        self.sent = False
        self.typed = ""

    @property
    def kind(self) -> str:
        """The field type's name, for templates to choose how to draw it."""
        return self.field_type.name

    @property
    def text(self) -> str:
        """The value as a person reads it."""
        return self.field_type.display(self.data, self.field, self.formats, self.titles)

    def process_data(self, value: Any) -> None:
        self.data = value
        self.typed = self.field_type.entered(value, self.field, self.formats)

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist:
            return
        self.sent = True
        typed = self.field_type.sent([_lines(text) for text in valuelist])
        untouched = typed == self.typed
        self.typed = typed
        if untouched:
            return
        try:
            self.data = self.field_type.parse(self.typed, self.field, self.formats)
        except ValidationError as error:
            self.data = None
            raise ValueError(" ".join(map(str, _sentences(error.messages)))) from error

    def _value(self) -> str:
        return self.typed

    def iter_choices(self):
        """For a select: empty first unless it is required, and always what stands there now."""
        if not (self.flags.required and self.typed):
            yield Choice("", "", not self.typed, {})
        offered = [(str(value), label) for value, label in self.choices]
        if self.typed and self.typed not in dict(offered):
            yield Choice(self.typed, self.text or self.typed, True, {})
        for value, label in offered:
            yield Choice(value, label, value == self.typed, {})


def _sentences(messages: Any) -> Iterator[Any]:
    """What is wrong, be it with parts of a value."""
    if isinstance(messages, Mapping):
        for inner in messages.values():
            yield from _sentences(inner)
    else:
        yield from messages


def _lines(text: str) -> str:
    """Browsers send CR LF."""
    return text.replace("\r\n", "\n")
