"""One line of text."""

from __future__ import annotations

import re
import unicodedata

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from marshmallow import Schema
from marshmallow import fields as option
from marshmallow.validate import Range

from ..field_type import DOTS, FieldType, refusal
from ..registry import fields
from ..rules.types import Type

UNKEEPABLE = re.compile("[\0\ud800-\udfff]")  # neither database keeps NUL; half characters are not UTF-8
SHORTEST_HINTED = 6
BY_CODE_POINT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


class Measured(Schema):
    """How long a text may be."""

    max_length = option.Integer(
        strict=True,
        validate=Range(1, 20_000),
        metadata={"label": {"en": "Longest text, in characters", "zh": "最大字符数"}},
    )


@fields.register
class Text(FieldType):
    name = "text"
    label = {"en": "Text", "zh": "文本"}
    icon = "type"
    kind = "text"
    searchable = True
    compared = "text"
    plain = True
    longest = 255

    class Options(Measured):
        scan = option.Boolean(
            truthy={True}, falsy={False}, metadata={"label": {"en": "Read from a barcode by camera", "zh": "可用摄像头扫码填入"}}
        )

    examples_good = (
        ({}, "Ernst Handel"),
        ({}, "张三 \U0001f600"),
        ({"max_length": 3}, "abc"),
        ({"scan": True}, "4006381333931"),
        ({}, None),
    )
    examples_bad = (
        ({}, 7),
        ({}, True),
        ({}, ["a"]),
        ({}, "a\0b"),
        ({}, "a\ud800b"),
        ({}, "two\nlines"),
        ({"max_length": 3}, "abcd"),
        ({}, "x" * 256),
    )

    def rule_type(self, field, app):
        return Type("text", label=field.label)

    def column(self, field, app):
        return BY_CODE_POINT

    def take(self, raw, field):
        text = characters(raw).strip()
        if "\n" in text or "\r" in text:
            raise refusal(_("This must stand on one line."))
        return self.fitting(text, field)

    def retake(self, raw, field):
        return characters(raw)

    def masked(self, value, field):
        return hinted(value)

    def fitting(self, text, field):
        """The text, unless it is too long."""
        longest = field.settings.get("max_length") or self.longest
        if len(text) > longest:
            raise refusal(_("At most %(most)s characters; these are %(given)s.", most=longest, given=len(text)))
        return text


def hinted(text: str) -> str:
    """Dots, and of a longer text its last characters: four at most, never more than a third."""
    shown = min(4, len(text) // 3) if len(text) >= SHORTEST_HINTED else 0
    return DOTS + text[len(text) - shown :]


def characters(raw) -> str:
    """Text that both databases keep, in one form (NFC)."""
    if not isinstance(raw, str):
        raise refusal(_("This must be text."))
    if raw.isascii():
        if "\0" not in raw:
            return raw
    elif not UNKEEPABLE.search(raw):
        return unicodedata.normalize("NFC", raw)
    raise refusal(_("This holds a character that can't be kept."))
