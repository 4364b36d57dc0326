"""What a person sends, made values: every key known, writable at this step, and of its type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from marshmallow import ValidationError

from ..access.rights import WRITABLE
from ..errors import Invalid, Problem
from ..field_type import problems
from ..records.compiled import CompiledForm
from ..records.values import from_json


def taken(
    form: CompiledForm, raw: Any, modes: Mapping[str, str], rows_key: str | None = None, read: Callable = from_json
) -> dict[str, Any]:
    """Raw values by key as Python values, of the record or of a line of `rows_key`; raises Invalid that names
    every key it cannot take.
    """
    if not isinstance(raw, Mapping):
        raise Invalid([Problem("", _("Values are expected by field."))])
    wrong: list[Problem] = []
    values = {}
    for key, value in raw.items():
        mine = refused(form, str(key), value, modes) if rows_key is None else closed(form, rows_key, str(key), modes)
        if not mine or (rows_key is None and key in form.rows and modes.get(key, "hidden") != "hidden"):
            try:
                values[key] = typed(form, f"{rows_key}.{key}" if rows_key else key, value, read)
            except ValidationError as error:
                mine += problems(error, key)
        wrong += mine
    if wrong:
        raise Invalid(wrong)
    return values


def typed(form: CompiledForm, key: str, value: Any, read: Callable = from_json) -> Any:
    """One raw value; no lines are an empty list, never nothing."""
    found = read(form, key, value)
    return [] if found is None and key in form.rows else found


def refused(form: CompiledForm, key: str, value: Any, modes: Mapping[str, str]) -> list[Problem]:
    """Why a key cannot be written, if it cannot: unknown, hidden, or not open at this step."""
    mode = modes.get(key, "hidden")
    if key not in form.form.by_key or mode == "hidden":
        return [_unknown(key)]
    if key not in form.rows:
        return [] if mode in WRITABLE else [_closed(key)]
    columns = form.form.by_key[key].by_key
    lines = [line if isinstance(line, Mapping) else {} for line in (value if _listed(value) else ())]
    named = {name for line in lines for name in line if name in columns}
    shut = {name for name in named if modes.get(f"{key}.{name}") not in WRITABLE}
    hidden = {name for name in shut if modes.get(f"{key}.{name}", "hidden") == "hidden"}
    strange = [(index, name) for index, line in enumerate(lines) for name in sorted(hidden.intersection(line))]
    return [_closed(f"{key}.{name}") for name in sorted(shut - hidden)] + [
        Problem(f"{key}.{index}.{name}", _("There is no such column.")) for index, name in strange
    ]


def closed(form: CompiledForm, rows_key: str, key: str, modes: Mapping[str, str]) -> list[Problem]:
    """Why a column of a line cannot be written, if it cannot."""
    mode = modes.get(f"{rows_key}.{key}", "hidden")
    if key not in form.form.by_key[rows_key].by_key or mode == "hidden":
        return [_unknown(key)]
    return [] if mode in WRITABLE else [_closed(key)]


def _listed(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _closed(path: str) -> Problem:
    return Problem(path, _("This cannot be changed here."))


def _unknown(path: str) -> Problem:
    return Problem(path, _("There is no field “%(path)s” here.", path=path))
