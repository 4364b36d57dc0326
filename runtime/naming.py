"""How a record is called on a page: its title and what stands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..platform.formats import Formats
from ..platform.records.compiled import CompiledForm
from ..platform.records.query import Gate
from ..platform.records.results import Titles


def said(form: CompiledForm, key: str, values: Mapping[str, Any], formats: Formats, titles: Titles) -> str:
    """The value of a header field as text; "" where it is empty, not shown or not there."""
    value = values.get(key)
    if value is None:
        return ""
    field_type, shown = form.shown[key]
    return field_type.display(value, shown, formats, titles)


def naming_fields(gate: Gate, form_key: str) -> tuple[str, ...]:
    """Title and subtitle, as far as the person may read them."""
    form, readable = gate.compiled.form(form_key).form, gate.readable_fields(form_key)
    return tuple(key for key in dict.fromkeys((form.title, form.subtitle)) if key in readable)


def title_of(form: CompiledForm, row, formats: Formats, titles: Titles) -> str:
    """A row's title, its number where it has none."""
    return said(form, form.form.title, row.values, formats, titles) or f"#{row.id}"


def subtitle_of(form: CompiledForm, row, formats: Formats, titles: Titles) -> str:
    return said(form, form.form.subtitle, row.values, formats, titles)
