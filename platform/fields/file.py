"""Files: each is uploaded first, and then named by the record that it belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

from flask_babel import lazy_gettext as _
from markupsafe import escape
from marshmallow import Schema
from marshmallow import fields as option
from marshmallow.validate import Length, OneOf, Range

from ..field_type import FieldType, refusal
from ..file_kinds import GROUPS
from ..registry import fields
from ..rules.types import TEXT, Type
from ..structured import Listed
from .text import characters

FILES = "files"
USUAL, MOST = 10, 50
REFERENCE = re.compile(r"([1-9][0-9]{0,17})/([^/\\\x00-\x1f\x7f]{1,150})", re.ASCII)


class Counted(Schema):
    """How many files, and how large each may be."""

    max = option.Integer(
        strict=True, validate=Range(1, MOST), metadata={"label": {"en": "Most files", "zh": "最多文件数"}}
    )
    megabytes = option.Integer(
        strict=True, validate=Range(1, 1000), metadata={"label": {"en": "Largest file, in MB", "zh": "单个文件上限（MB）"}}
    )


@fields.register
class File(FieldType):
    """A tuple of references, each the file's number and its name: "12/contract.pdf"."""

    name = "file"
    label = {"en": "Files", "zh": "附件"}
    icon = "paperclip"
    group = "files"
    kind = "list"
    sortable = False
    searchable = True
    asks = "files"
    compared = "files"
    wide = True
    leads = True

    class Options(Counted):
        kinds = option.List(
            option.String(validate=OneOf(tuple(GROUPS))),
            validate=Length(min=1),
            metadata={"label": {"en": "Only these kinds", "zh": "仅限这些类型"}, "names": GROUPS},
        )

    examples_good = (
        ({}, ["12/contract.pdf"]),
        ({"max": 2, "kinds": ["pdf"]}, ["12/a.pdf", "13/合同 终稿.pdf"]),
        ({}, None),
    )
    examples_bad = (
        ({}, "12/contract.pdf"),
        ({}, ["contract.pdf"]),
        ({}, ["0/contract.pdf"]),
        ({}, ["12/../etc/passwd"]),
        ({}, ["12/a\nb.pdf"]),
        ({}, [12]),
        ({}, ["12/a.pdf", "12/a.pdf"]),
        ({"max": 1}, ["12/a.pdf", "13/b.pdf"]),
        ({}, True),
    )

    def rule_type(self, field, app):
        return Type("list", item=TEXT, label=field.label)

    def column(self, field, app):
        return Listed()

    def meaning(self, field):
        return FILES

    def take(self, raw, field):
        found, most = self.retake(raw, field), self.most(field)
        if found and len(found) > most:
            raise refusal(_("At most %(most)s files; these are %(given)s.", most=most, given=len(found)))
        return found

    def retake(self, raw, field):
        if not isinstance(raw, list | tuple):
            raise refusal(_("This must be a list of files."))
        found = tuple(characters(one) for one in raw)
        if len(set(found)) < len(found) or not all(map(REFERENCE.fullmatch, found)):
            raise refusal(_("This is not a file that was uploaded here."))
        return found or None

    def dump(self, value, field):
        return list(value)

    def most(self, field) -> int:
        return field.settings.get("max", USUAL)

    def kinds(self, field) -> tuple[str, ...]:
        """The groups of kinds that are taken; none for all."""
        return tuple(field.settings.get("kinds", ()))

    def sent(self, texts):
        return "\n".join(text for text in texts if text)

    def parse(self, text, field, formats):
        return self.load(text.split("\n") if text.strip() else None, field)

    def entered(self, value, field, formats):
        return "\n".join(value or ())

    def display(self, value, field, formats, titles=None):
        return ", ".join(name_of(reference) for reference in value or ())

    def drawer(self, field, formats):
        def draw(value, titles, address):
            return _several(self.drawn(reference, address) for reference in value)

        return draw

    def drawn(self, reference: str, address: str) -> str:
        """One file, as a link to its content."""
        return f'<a class="link file" href="{address_of(reference, address)}">{escape(name_of(reference))}</a>'


def name_of(reference: str) -> str:
    return reference.partition("/")[2]


def number_of(reference: str) -> int:
    return int(reference.partition("/")[0])


def address_of(reference: str, record: str) -> str:
    """Where a file is found, below the address of its record (or, as long as it has none, of its form's list)."""
    return str(escape(f"{record}/files/{number_of(reference)}/{quote(name_of(reference), safe='')}"))


def _several(drawn: Iterable[str]) -> str:
    return f'<span class="files">{"".join(drawn)}</span>'
