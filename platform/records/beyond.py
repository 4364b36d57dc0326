"""Past the links of a record: what its form's own rules read there, as far as the actor always sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from .. import quick
from ..ids import one_of, storable
from .compiled import CompiledForm
from .derive import derivation_needs
from .draft import Linked
from .links import keys_at
from .results import Titles
from .tables import column_name
from .titles import BESIDE, read_titles
from .visibility import Sight, displayable, viewer


def seen_past(gate, form: CompiledForm) -> dict[str, tuple[str, ...]]:
    """Link path -> the fields of its target that the form's rules read and this actor always sees."""
    found = {}
    for path, (field_type, field) in form.shown.items():
        keys = keys_at(form, path, derivation_needs(form)) if field_type.name == "link" else ()
        if keys:
            sight = Sight(gate.compiled.form(field.settings["form"]), gate.actor, gate.dialect)
            found[path] = tuple(k for k in sorted(keys) if displayable(sight.form, k) and sight.visible(k) is True)
    return found


def linked_values(gate, form: CompiledForm, values: Mapping[str, Any], seen: Mapping[str, tuple[str, ...]]) -> Linked:
    """(form key, id) -> those fields, of all that these values link to: one statement for each linked form."""
    ids: dict[str, set[int]] = {}
    keys: dict[str, set[str]] = {}
    for path, names in seen.items():
        target = form.shown[path][1].settings["form"]
        keys.setdefault(target, set()).update(names)
        ids.setdefault(target, set()).update(_ids_at(values, path))
    found: Linked = {}
    for target, wanted in ids.items():
        if wanted and keys[target]:
            found |= _read(gate, gate.compiled.form(target), tuple(sorted(keys[target])), sorted(wanted))
    return found


def titles_in_sight(gate, form: CompiledForm, values: Mapping[str, Any], known: Titles) -> Titles:
    """The titles of what somebody has just chosen, as far as they may choose it; `known` is left out."""
    found: dict[tuple[str, int], str] = {}
    for path, (field_type, field) in form.shown.items():
        target = field_type.points_to(field)
        if target is None:
            continue
        wanted = [number for number in _ids_at(values, path) if (target, number) not in known and (target, number) not in found]
        if wanted:
            found |= read_titles(gate, {target: _in_sight(gate, target, wanted)})
    return found


def named_in_sight(gate, wanted: Mapping[str, set[int]]) -> Titles:
    """What records are called whose scope holds them and whose title this actor always sees, by (form, id)."""
    found: dict[tuple[str, int], str] = {}
    for target, ids in wanted.items():
        form = gate.compiled.forms.get(target)
        title = form.form.title if form is not None else ""
        if title and displayable(form, title) and Sight(form, gate.actor, gate.dialect).visible(title) is True:
            found |= read_titles(gate, {target: _in_sight(gate, target, sorted(ids))})
    return found


def _in_sight(gate, target: str, wanted: list[int]) -> set[int]:
    if target in BESIDE:
        return set(wanted)
    return {record_id for _form, record_id in _read(gate, gate.compiled.form(target), (), sorted(set(wanted)))}


def _read(gate, form: CompiledForm, names: tuple[str, ...], ids: list[int]) -> Linked:
    sight = Sight(form, gate.actor, gate.dialect)
    if not sight.grants:
        return {}
    key = ("beyond", viewer(form, gate.actor), names)
    if key not in form.statements:
        columns = [sight.raw(name).label(column_name(name)) for name in names]
        form.statements[key] = sa.select(form.table.c.id, *columns).where(one_of(form.table.c.id), sight.in_scope)
    found = quick.rows(gate.connection, form.statements[key], gate.parameters | {"ids": ids})
    return {(form.key, row.id): {name: getattr(row, column_name(name)) for name in names} for row in found}


def _ids_at(values: Mapping[str, Any], path: str) -> list[int]:
    """Of what somebody typed, which no record may have."""
    key, _dot, column = path.partition(".")
    found = [line.get(column) for line in values.get(key) or []] if column else [values.get(key)]
    return [number for number in found if number is not None and storable(number)]
