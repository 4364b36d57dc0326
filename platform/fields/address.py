"""A postal address, as one value of five parts."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from marshmallow import Schema, ValidationError

from ..field_type import FieldType, refusal
from ..registry import fields
from ..rules.types import Type
from ..structured import Parts, part
from .text import characters

LABELS = {
    "country": {"en": "Country", "zh": "国家"},
    "region": {"en": "Region", "zh": "省份"},
    "city": {"en": "City", "zh": "城市"},
    "postcode": {"en": "Postcode", "zh": "邮编"},
    "street": {"en": "Street and number", "zh": "街道门牌"},
}
ORDER = {
    "en": ("street", "postcode", "city", "region", "country"),
    "zh": ("country", "region", "city", "street", "postcode"),
}
LONGEST = 200
BERLIN = {"country": "Germany", "city": "Berlin", "postcode": "10115", "street": "Invalidenstraße 116"}


@fields.register
class Address(FieldType):
    """A dict of the parts that are filled; rules name them: `address.city`."""

    name = "address"
    label = {"en": "Address", "zh": "地址"}
    icon = "map-pin"
    kind = "record"
    columnar = False
    sortable = False
    searchable = True
    asks = "parts"
    parts = tuple(LABELS)
    compared = "address"
    wide = True

    class Options(Schema):
        """An address has no settings."""

    examples_good = (
        ({}, BERLIN),
        ({}, {"country": "中国", "region": "广东省", "city": "深圳市", "street": "科技园路1号"}),
        ({}, {"city": "Berlin"}),
        ({}, None),
    )
    examples_bad = (
        ({}, "Berlin"),
        ({}, {"town": "Berlin"}),
        ({}, {"city": 7}),
        ({}, {"city": "two\nlines"}),
        ({}, {"street": "x" * 201}),
        ({}, ["Berlin"]),
        ({}, True),
    )

    def rule_type(self, field, app):
        members = {key: Type("text", label=label) for key, label in LABELS.items()}
        return Type("record", fields=members, label=field.label)

    def column(self, field, app):
        return Parts(self.parts)

    def part(self, column, key):
        return part(column, self.parts, key)

    def meaning(self, field):
        return self.name

    def take(self, raw, field):
        """The filled parts; every wrong one is named."""
        if not isinstance(raw, dict):
            raise refusal(_("This must be an address with its parts."))
        taken, wrong = {}, {}
        for key, text in raw.items():
            try:
                taken[str(key)] = self.text(key, text)
            except ValidationError as error:
                wrong[str(key)] = error.messages
        if wrong:
            raise ValidationError(wrong)
        return {key: taken[key] for key in self.parts if taken.get(key)} or None

    def text(self, key, raw) -> str:
        """One part, on one line."""
        if key not in LABELS:
            raise refusal(_("An address has no such part."))
        text = "" if raw is None else characters(raw).strip()
        if "\n" in text or "\r" in text:
            raise refusal(_("This must stand on one line."))
        if len(text) > LONGEST:
            raise refusal(_("At most %(most)s characters; these are %(given)s.", most=LONGEST, given=len(text)))
        return text

    def parse(self, text, field, formats):
        """One part a line, in their order."""
        if not text.strip():
            return None
        texts = text.split("\n")
        if len(texts) != len(self.parts):
            raise refusal(_("This must be an address with its parts."))
        return self.load(dict(zip(self.parts, texts, strict=True)), field)

    def from_cell(self, word, field):
        """What stands in one cell is no more than a line of it."""
        return {"street": " ".join(word.split())}

    def entered(self, value, field, formats):
        return "\n".join(value.get(key, "") for key in self.parts) if value else ""

    def choices(self, field, language):
        """The parts in the order in which a language writes them, with their labels."""
        return [(key, LABELS[key][language]) for key in ORDER[language]]

    def display(self, value, field, formats, titles=None):
        if not value:
            return ""
        if formats.language == "zh":
            return " ".join(filter(None, ("".join(value.get(key, "") for key in ORDER["zh"][:4]), value.get("postcode"))))
        city = " ".join(filter(None, (value.get("postcode"), value.get("city"))))
        return ", ".join(filter(None, (value.get("street"), city, value.get("region"), value.get("country"))))



