"""Values of a field whose type changes: what the new type can take of the old one's, and of nothing else.

Conversion works on JSON values and on the two definitions alone, so that history can be replayed by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from marshmallow import ValidationError

from ..field_type import FieldType
from ..formats import formats_for

Shown = tuple[FieldType, Any]
"""The type and the field that tell how to read a field's values, as `CompiledForm.shown` has them."""

POINTING = frozenset(("link", "person", "rows"))
"""Kinds whose values mean something only where they point; so do files, which are lists to rules."""


def convertible(old: Shown, new: Shown) -> bool:
    """Whether any value could be taken over."""
    return not any(field_type.kind in POINTING or field_type.asks == "files" for field_type, _field in (old, new))


def convert(old: Shown, new: Shown, raw: Any) -> Any:
    """A value of the old field as one of the new, both in JSON form; None where it does not fit."""
    if raw is None or not convertible(old, new):
        return None
    for candidate in _candidates(old, raw):
        try:
            value = new[0].load(candidate, new[1])
            if value is not None:
                return new[0].dump(value, new[1])
        except (ValidationError, TypeError, ValueError, AttributeError):
            continue
    return None


def _candidates(old: Shown, raw: Any) -> Iterator[Any]:
    """As people read an option, else as it is written down, as text, and as people read it."""
    field_type, field = old
    displayed = _displayed(field_type, field, raw)
    if field_type.kind == "choice":
        yield displayed
    yield raw
    yield str(raw)
    yield displayed


def _displayed(field_type: FieldType, field: Any, raw: Any) -> str | None:
    try:
        return field_type.display(field_type.revive(raw, field), field, formats_for("en", "UTC"), {})
    except (ValidationError, TypeError, ValueError, AttributeError):
        return None
