"""Masked values: that there is one, and at most a hint of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .compiled import CompiledForm

MASKED = "masked"


def masks_of(form: CompiledForm, values: Mapping[str, Any], modes: Mapping[str, str]) -> dict[str, Any]:
    """By key, the hint of every masked value that is there; of line items that are seen, a mapping for each line."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        if key in form.rows:
            columns = [c.key for c in form.shown_columns[key] if modes.get(f"{key}.{c.key}") == MASKED]
            if columns and modes.get(key) not in (MASKED, "hidden"):
                found[key] = [_of_line(form, key, line, columns) for line in value or ()]
        elif value is not None and modes.get(key) == MASKED:
            found[key] = mask(form, key, value)
    return found


def mask(form: CompiledForm, path: str, value: Any) -> str:
    field_type, field = form.shown[path]
    return field_type.masked(value, field)


def _of_line(form: CompiledForm, key: str, line: Mapping[str, Any], columns: list[str]) -> dict[str, str]:
    return {name: mask(form, f"{key}.{name}", line[name]) for name in columns if line.get(name) is not None}
