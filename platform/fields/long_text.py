"""Text of many lines."""

from __future__ import annotations

from wtforms.widgets import TextArea

from ..field_type import DOTS
from ..registry import fields
from .text import Measured, Text, characters


@fields.register
class LongText(Text):
    name = "long_text"
    label = {"en": "Long text", "zh": "多行文本"}
    icon = "text-align-start"
    sortable = False
    asks = "lines"
    wide = True
    widget = TextArea()
    longest = 20_000

    class Options(Measured):
        """As long as said; nothing that is scanned has several lines."""

    examples_good = (
        ({}, "Call first.\n\n  Then deliver."),
        ({}, "先打电话\n再送货"),
        ({}, None),
    )
    examples_bad = (
        ({}, 7),
        ({}, {"text": "a"}),
        ({}, "a\0b"),
        ({"max_length": 5}, "1\n2\n3\n"),
        ({}, "x" * 20_001),
    )

    def masked(self, value, field):
        return DOTS

    def take(self, raw, field):
        return self.fitting(characters(raw).replace("\r\n", "\n").replace("\r", "\n"), field)
