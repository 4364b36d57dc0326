"""What a command changed of a record, as its history tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..records.compiled import CompiledForm
from ..records.derive import UNTOLD
from ..records.draft import Draft
from ..records.values import line_told, to_json

Placed = tuple[int, Mapping[str, Any]]
"""A line and its place among the others."""


def differences(draft: Draft) -> dict[str, tuple[Any, Any]]:
    """path -> (old, new) in JSON form of everything entered, copied or numbered; the rest is worked out again."""
    found = {}
    for field in draft.form.stored_fields:
        old, new = draft.before.get(field.key), draft.values.get(field.key)
        if field.type not in UNTOLD and old != new:
            found[field.key] = (to_json(draft.form, field.key, old), to_json(draft.form, field.key, new))
    for key in draft.form.rows:
        found |= line_differences(draft, key)
    return found


def line_differences(draft: Draft, key: str) -> dict[str, tuple[Any, Any]]:
    """Added and removed lines whole, changed ones by column; lines that stand as they did cost nothing."""
    before = {line["id"]: (place, line) for place, line in enumerate(draft.before.get(key) or [])}
    after = {line["id"]: (place, line) for place, line in enumerate(draft.values.get(key) or [])}
    found: dict[str, tuple[Any, Any]] = {}
    for line_id in sorted(before.keys() | after.keys()):
        if line_id in before and same(draft.form, key, before[line_id], after.get(line_id)):
            continue
        old = _told_line(draft.form, key, *before[line_id]) if line_id in before else None
        new = _told_line(draft.form, key, *after[line_id]) if line_id in after else None
        if old is None or new is None:
            found[f"{key}.{line_id}"] = (old, new)
            continue
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                found[f"{key}.{line_id}.{name}"] = (old.get(name), new.get(name))
    return found


def same(form: CompiledForm, key: str, one: Placed, other: Placed | None) -> bool:
    """Whether a line stands where it stood, as it stood."""
    if other is None or one[0] != other[0] or one[1].get("status") != other[1].get("status"):
        return False
    return all(one[1].get(column.key) == other[1].get(column.key) for column in form.stored_columns[key])


def _told_line(form: CompiledForm, key: str, place: int, line: Mapping[str, Any]) -> dict[str, Any]:
    derived = {column.key for column in form.stored_columns[key] if column.type in UNTOLD}
    told = {name: value for name, value in line_told(form, key, line).items() if name not in derived}
    return {"#": place + 1} | told
