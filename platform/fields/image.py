"""Pictures: files that may be shown where they stand."""

from __future__ import annotations

from markupsafe import escape

from ..registry import fields
from .file import Counted, File, address_of, name_of


@fields.register
class Image(File):
    name = "image"
    label = {"en": "Pictures", "zh": "图片"}
    icon = "image"

    class Options(Counted):
        """Only pictures that browsers show without danger."""

    examples_good = (({}, ["7/front.png"]), ({"max": 2}, ["7/front.png", "8/照片.jpg"]), ({}, None))
    examples_bad = (({}, "7/front.png"), ({}, ["front.png"]), ({"max": 1}, ["7/a.png", "8/b.png"]), ({}, [7]))

    def kinds(self, field):
        return ("picture",)

    def drawn(self, reference, address):
        at, name = address_of(reference, address), escape(name_of(reference))
        return f'<a class="picture" href="{at}"><img src="{at}?show=1" alt="{name}" loading="lazy"></a>'
