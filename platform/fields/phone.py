"""A telephone number, as people write it."""

from __future__ import annotations

import re
import unicodedata

from flask_babel import lazy_gettext as _
from markupsafe import escape
from marshmallow import Schema
from wtforms.widgets import TelInput

from ..field_type import DOTS, refusal
from ..registry import fields
from .text import Text, characters

WRITTEN = re.compile(r"\+?[0-9 ()/.\-]{3,40}((ext|x|#) ?[0-9]{1,6})?", re.ASCII)
FEWEST, MOST = 3, 20  # digits
SHOWN = 4
LONG = 8


@fields.register
class Phone(Text):
    name = "phone"
    label = {"en": "Phone", "zh": "电话"}
    icon = "phone"
    line_type = "tel"
    plain = False
    leads = True
    widget = TelInput()

    class Options(Schema):
        """A phone number has no settings."""

    examples_good = (({}, "+49 30 1234567"), ({}, "010-6552 9988 x12"), ({}, "(030) 12/34-56"), ({}, "110"), ({}, None))
    examples_bad = (({}, "call me"), ({}, "12"), ({}, "1" * 21), ({}, "+49+30"), ({}, 110), ({}, "1\n2345"), ({}, True))

    def take(self, raw, field):
        text = " ".join(unicodedata.normalize("NFKC", characters(raw)).split(" ")).strip()
        if not WRITTEN.fullmatch(text) or not FEWEST <= len(digits(text)) <= MOST:
            raise refusal(_("This is not a phone number; write it like +49 30 1234567."))
        return text

    def drawer(self, field, formats):
        def draw(value, titles, address):
            dialled = ("+" if value.startswith("+") else "") + digits(re.split("[ex#]", value)[0])
            return f'<a class="link" href="tel:{dialled}">{escape(value)}</a>'

        return draw

    def masked(self, value, field):
        found = digits(value)
        return DOTS + (found[-SHOWN:] if len(found) >= LONG else "")


def digits(text: str) -> str:
    return "".join(character for character in text if character.isascii() and character.isdigit())
