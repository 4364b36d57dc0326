"""A mail address."""

from __future__ import annotations

import re
from urllib.parse import quote

from flask_babel import lazy_gettext as _
from markupsafe import escape
from marshmallow import Schema
from wtforms.widgets import EmailInput

from ..field_type import DOTS, refusal
from ..registry import fields
from .text import Text, characters

ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]{1,64}@([^\s@<>()\[\],;:\\\"./\x00-\x1f\x7f]{1,63}\.)+[^\s@<>()\[\],;:\\\"./\x00-\x1f\x7f]{2,63}")
LONGEST = 254
SHOWN, LONG = 2, 5


@fields.register
class Mail(Text):
    name = "mail"
    label = {"en": "Mail address", "zh": "邮箱"}
    icon = "mail"
    line_type = "email"
    plain = False
    leads = True
    widget = EmailInput()

    class Options(Schema):
        """A mail address has no settings."""

    examples_good = (({}, "nancy@northwind.example"), ({}, "a.b+c@例子.中国"), ({}, None))
    examples_bad = (
        ({}, "nancy"), ({}, "nancy@northwind"), ({}, "a b@c.de"), ({}, "a@b.de, c@d.de"), ({}, "<a@b.de>"),
        ({}, "a@b.de\nBcc: c@d.de"), ({}, "a" * 250 + "@b.de"), ({}, 7), ({}, True),
    )  # fmt: skip

    def take(self, raw, field):
        text = characters(raw).strip()
        if len(text) > LONGEST or not ADDRESS.fullmatch(text):
            raise refusal(_("A mail address looks like name@company.com."))
        return text

    def drawer(self, field, formats):
        return lambda value, titles, address: f'<a class="link" href="mailto:{escape(quote(value, safe="@+"))}">{escape(value)}</a>'

    def masked(self, value, field):
        """The end of the name before the @ at most, never where the mail goes."""
        name = value.partition("@")[0]
        return f"{DOTS}{name[-SHOWN:] if len(name) >= LONG else ''}@{DOTS}"
