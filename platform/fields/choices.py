"""Several of named options."""

from __future__ import annotations

import re
from collections.abc import Iterable

from flask_babel import lazy_gettext as _
from markupsafe import escape

from ..field_type import DOTS, refusal
from ..registry import fields
from ..rules.types import Type
from ..structured import Listed
from .choice import TIERS, Choice, badges, labels
from .text import characters

JOINED = {"en": ", ", "zh": "、"}


@fields.register
class Choices(Choice):
    """A tuple of option keys, in the order of the options."""

    name = "choices"
    label = {"en": "Several choices", "zh": "多选"}
    icon = "list-checks"
    kind = "list"
    asks = "boxes"
    compared = "choices"
    sortable = False

    examples_good = (
        (TIERS, ["gold"]),
        (TIERS, ["gold", "plain"]),
        (TIERS, None),
    )
    examples_bad = (
        (TIERS, "gold"),
        (TIERS, ["silver"]),
        (TIERS, ["gold", None]),
        (TIERS, [["gold"]]),
        (TIERS, {"gold": True}),
        (TIERS, True),
        (TIERS, 1),
    )

    def rule_type(self, field, app):
        return Type("list", item=super().rule_type(field, app), label=field.label)

    def column(self, field, app):
        return Listed()

    def meaning(self, field):
        return self.name

    def take(self, raw, field):
        given, known = texts(raw), labels(field)
        if any(key not in known for key in given):
            raise refusal(_("This is not one of the options."))
        return tuple(key for key in known if key in given) or None

    def retake(self, raw, field):
        """Options that are no longer offered stay what they were."""
        return tuple(texts(raw)) or None

    def dump(self, value, field):
        return list(value)

    def sent(self, texts):
        return ",".join(text for text in texts if text)

    def parse(self, text, field, formats):
        return self.load([key for key in text.split(",") if key.strip()], field)

    def from_cell(self, word, field):
        """Keys or labels, with commas, semicolons or bars between them."""
        keys = {said: key for key, label in labels(field).items() for said in (key, *label.values())}
        return [keys.get(one.strip(), one.strip()) for one in re.split("[,;|，；、]", word) if one.strip()]

    def entered(self, value, field, formats):
        return ",".join(value or ())

    def display(self, value, field, formats, titles=None):
        shown = super().display
        return JOINED[formats.language].join(shown(key, field, formats) for key in value or ())

    def drawer(self, field, formats):
        drawn, between = badges(field, formats), escape(JOINED[formats.language])

        def draw(value, titles, address):
            words = [drawn.get(key) or str(escape(key)) for key in value]
            return "".join(_spaced(words, between))

        return draw

    def masked(self, value, field):
        return DOTS


def texts(raw) -> list[str]:
    """A list of texts; refused where it is anything else."""
    if not isinstance(raw, list | tuple):
        raise refusal(_("This must be a list of options."))
    return [characters(one) for one in raw]


def _spaced(words: list[str], between: str) -> Iterable[str]:
    """Words with commas between them, badges with a blank."""
    for place, word in enumerate(words):
        if place:
            yield " " if "<" in word or "<" in words[place - 1] else between
        yield word
