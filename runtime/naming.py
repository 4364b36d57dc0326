"""How a record is called on a page: its title and what stands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from ..platform.formats import Formats
from ..platform.records.compiled import CompiledForm
from ..platform.records.query import Gate
from ..platform.records.results import Titles

NAMING = 2  # columns that name a line


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


def line_said(form: CompiledForm, rows: str, line: Mapping[str, Any], index: int, formats: Formats, titles: Titles) -> str:
    """A line by its number and the first things that stand in it."""
    told = []
    for column in form.form.by_key[rows].fields:
        field_type, shown = form.shown[f"{rows}.{column.key}"]
        if line.get(column.key) is not None:
            told.append(field_type.display(line[column.key], shown, formats, titles))
    return ": ".join(filter(None, (_("Line %(number)s", number=index + 1), ", ".join(told[:NAMING]))))
