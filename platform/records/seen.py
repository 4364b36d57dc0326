"""What of rows and records an actor's modes let through: values, or masks of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from ..access.rights import READABLE, WRITABLE
from .compiled import CompiledForm
from .masks import MASKED, masks_of
from .results import Row
from .tables import column_name
from .visibility import BUILT_IN, Sight

OWN_OF_LINES = ("id", "status")  # shown with the line items that they are part of


def seen_rows(names: tuple[str, ...], found, sight: Sight) -> list[Row]:
    """Database rows as the actor sees them; what shows is looked up once for each status and set of scopes."""
    seen: dict[Any, tuple] = {}
    labels = [(name, column_name(name)) for name in names]
    rows = []
    for row in found:
        fields = row._mapping
        key = (row.status, flags_of(row, sight))
        if key not in seen:
            modes = sight.modes(*key)
            hidden = frozenset(name for name in names if modes[name] not in READABLE)
            masked = frozenset(name for name in hidden if modes[name] == MASKED)
            writable = frozenset(name for name in names if modes[name] in WRITABLE)
            seen[key] = ([pair for pair in labels if pair[0] not in hidden], dict.fromkeys(hidden), hidden, masked, writable)
        shown_labels, empty, hidden, masked, writable = seen[key]
        values = empty | {name: fields[label] for name, label in shown_labels}
        masks = _masks(sight.form, fields, masked) if masked else {}
        rows.append(
            Row(
                row.id, row.status, row.rev, row.created_at, row.updated_at, row.status_since, values, hidden, masked,
                row.created_by, row.flow_id, masks, writable,
            )  # fmt: skip
        )
    return rows


def shown(form: CompiledForm, values: Mapping[str, Any], modes: Mapping[str, str]) -> dict[str, Any]:
    """The values that the modes let through; in line items, column by column."""
    kept = {}
    for key, value in values.items():
        if modes.get(key, "hidden") not in READABLE:
            continue
        if key in form.rows:
            columns = [*OWN_OF_LINES, *(c.key for c in form.shown_columns[key] if modes.get(f"{key}.{c.key}") in READABLE)]
            value = [{name: line[name] for name in columns if name in line} for line in value]
        kept[key] = value
    return kept


def own_columns(sight: Sight) -> list[sa.ColumnElement]:
    """What every record has, and which scopes hold it."""
    table = sight.form.table
    return [*(table.c[name] for name in BUILT_IN), table.c.rev, table.c.flow_id, *sight.flags]


def flags_of(row, sight: Sight) -> tuple[bool, ...]:
    """Which of the actor's scopes hold a row that was read with `sight.flags`."""
    return tuple(bool(getattr(row, f"s{index}")) for index in range(len(sight.grants)))


def _masks(form: CompiledForm, fields: Mapping[str, Any], masked: frozenset[str]) -> Mapping[str, str]:
    return masks_of(form, {name: fields[column_name(name)] for name in masked}, dict.fromkeys(masked, MASKED))
