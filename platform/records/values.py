"""Values between Python and JSON, by the field that holds them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import ValidationError

from ..errors import Invalid, Problem
from ..ids import storable
from .compiled import CompiledForm

MOMENTS = ("created_at", "updated_at", "status_since")


def to_json(form: CompiledForm, path: str, value: Any) -> Any:
    """The value at a field path as history, the API and a bundle hold it."""
    if value is None:
        return None
    field_type, field = form.shown[path]
    return field_type.dump(value, field)


def from_json(form: CompiledForm, path: str, raw: Any) -> Any:
    """A raw value (JSON or typed) as the Python value at a field path; raises ValidationError."""
    field_type, field = form.shown[path]
    return field_type.load(raw, field)


def revived(form: CompiledForm, path: str, raw: Any) -> Any:
    """The Python value of what stood at a field path once, whatever today's limits are."""
    field_type, field = form.shown[path]
    return field_type.revive(raw, field)


def line_to_json(form: CompiledForm, rows_key: str, line: Mapping[str, Any]) -> dict[str, Any]:
    """The filled stored columns of a line, in JSON form."""
    filled = (c.key for c in form.stored_columns[rows_key] if line.get(c.key) is not None)
    return {key: to_json(form, f"{rows_key}.{key}", line[key]) for key in filled}


def line_told(form: CompiledForm, rows_key: str, line: Mapping[str, Any]) -> dict[str, Any]:
    """The same with the status of a line that has one of its own."""
    own = {"status": line["status"]} if rows_key in form.line_statuses else {}
    return own | line_to_json(form, rows_key, line)


def dump_key(form: CompiledForm, name: str, value: Any) -> Any:
    """A sort key's value for a cursor."""
    if name in form.form.by_key:
        return to_json(form, name, value)
    return value.isoformat() if isinstance(value, datetime) else value


def load_key(form: CompiledForm, name: str, raw: Any) -> Any:
    """A sort key's value from a cursor; a damaged one is refused."""
    from flask_babel import gettext as _

    try:
        if raw is None:
            return None
        if name in form.form.by_key:
            return revived(form, name, raw)
        if name in MOMENTS:
            return datetime.fromisoformat(raw)
        if name == "status":
            return str(raw)
        if not storable(number := int(raw)):
            raise ValueError
        return number
    except (ValidationError, ValueError, TypeError, OverflowError):
        raise Invalid([Problem("after", _("This page's address is damaged; start from the first page."))]) from None
