"""Messages of a definition, with their placeholders (`{target.name}`) filled in as a person reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..definition.model import Text, say
from ..definition.placeholders import PLACEHOLDER
from ..formats import formats_for
from ..records.compiled import Compiled, CompiledForm

LANGUAGES = ("en", "zh")


def fill(text: Text, form: CompiledForm, data: Mapping[str, Any], language: str, ways: Mapping[str, Any] | None = None) -> str:
    """The message in a language; `ways` says where `line` and `target` lead (a rows key, a form)."""

    def value(match: re.Match) -> str:
        return _shown(match.group(1).split("."), form, data, language, ways or {})

    return PLACEHOLDER.sub(value, say(text, language))


def fill_all(text: Text, form: CompiledForm, data: Mapping[str, Any], ways: Mapping[str, Any] | None = None) -> dict[str, str]:
    """The message in every language."""
    return {language: fill(text, form, data, language, ways) for language in LANGUAGES}


def _shown(parts: list[str], form: CompiledForm, data: Any, language: str, ways: Mapping[str, Any]) -> str:
    prefix = ""
    if parts[0] == "target" and "target" in ways:
        form, data, parts = ways["target"], data["target"], parts[1:]
    elif parts[0] == "line" and "line" in ways:
        prefix, data, parts = f"{ways['line']}.", data["line"], parts[1:]
    return _value(form.compiled, form, prefix, parts, data, language)


def _value(compiled: Compiled, form: CompiledForm, prefix: str, parts: list[str], data: Any, language: str) -> str:
    value = data.get(parts[0]) if isinstance(data, Mapping) else None
    if prefix + parts[0] not in form.shown:
        return "" if value is None else str(value)
    field_type, field = form.shown[prefix + parts[0]]
    if field_type.name == "link" and len(parts) > 1:
        return _value(compiled, compiled.form(field.settings["form"]), "", parts[1:], value, language)
    if field_type.name == "link" and isinstance(value, Mapping):
        value = value["id"]
    return field_type.display(value, field, formats_for(language, compiled.app.zone))
