"""An address in the web."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _
from markupsafe import escape
from marshmallow import Schema
from wtforms.widgets import URLInput

from ..field_type import DOTS, refusal
from ..registry import fields
from .text import Text, characters

LONGEST = 2000
SCHEMES = ("http", "https")
UNFIT = re.compile(r"[\s\x00-\x20\x7f\\<>\"`{}|^]")
SHOWN = 60


@fields.register
class Url(Text):
    """Only http and https, and nobody's name and password in it."""

    name = "url"
    label = {"en": "Web address", "zh": "网址"}
    icon = "globe"
    line_type = "url"
    plain = False
    leads = True
    widget = URLInput()

    class Options(Schema):
        """A web address has no settings."""

    examples_good = (
        ({}, "https://example.com/a?b=c#d"),
        ({}, "http://例子.中国/路径"),
        ({}, "https://[2001:db8::1]:8080/"),
        ({}, None),
    )
    examples_bad = (
        ({}, "javascript:alert(1)"), ({}, "data:text/html,x"), ({}, "ftp://example.com"), ({}, "https://"),
        ({}, "https://nancy:secret@example.com"), ({}, "https://example.com/a b"), ({}, "//example.com"),
        ({}, "https://example.com:99999/"), ({}, "https://" + "x" * 2000), ({}, "https:\\\\example.com"), ({}, 7), ({}, True),
    )  # fmt: skip

    def take(self, raw, field):
        text = characters(raw).strip()
        if len(text) > LONGEST or UNFIT.search(text) or not safe(text):
            raise refusal(_("This is not a web address; write it like https://example.com."))
        return text

    def parse(self, text, field, formats):
        """People leave out how it begins."""
        text = text.strip()
        return self.load(f"https://{text}" if text and re.fullmatch(r"[\w-]+(\.[\w-]+)+(:[0-9]+)?(/.*)?", text) else text, field)

    def drawer(self, field, formats):
        def draw(value, titles, address):
            if not safe(value):  # what was kept under another type
                return str(escape(value))
            said = value.partition("://")[2].rstrip("/")
            said = said if len(said) <= SHOWN else said[: SHOWN - 1] + "…"
            return f'<a class="link" href="{escape(value)}" target="_blank" rel="noopener noreferrer nofollow">{escape(said)}</a>'

        return draw

    def masked(self, value, field):
        return DOTS


def safe(text: str) -> bool:
    """Whether a browser would take it to a host by http or https, and nowhere else."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    named = bool(parts.hostname) and parts.username is None and parts.password is None
    return parts.scheme in SCHEMES and named and (port is None or port > 0)
