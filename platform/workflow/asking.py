"""What a transition asks for: which fields and columns, and what a person enters there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..access.rights import READABLE
from ..definition.flow import Transition
from ..errors import Clash
from ..records.compiled import CompiledForm
from ..records.derive import derivation_needs
from ..records.draft import Draft
from ..records.values import revived
from ..records.visibility import own_modes
from ..registry import fields
from .change import Change
from .entry import taken
from .holding import conflict, judge, lay_over


def asked_modes(form: CompiledForm, transition: Transition) -> dict[str, str]:
    """What a transition asks for, as modes; asked line items open all their columns that are not worked out. A
    transition of lines asks for columns.
    """
    if transition.rows:
        asked = {f"{transition.rows}.{ask.field}": "required" if ask.required else "edit" for ask in transition.ask}
        return {transition.rows: "read", **asked}
    modes: dict[str, str] = {}
    for ask in transition.ask:
        modes[ask.field] = "required" if ask.required else "edit"
        key, dot, _column = ask.field.partition(".")
        if dot:
            modes.setdefault(key, "read")
        elif key in form.rows:
            columns = (c for c in form.form.by_key[key].fields if c.type in fields and not fields[c.type].computed)
            modes |= {f"{key}.{c.key}": "edit" for c in columns}
    return modes


def ask(change: Change, draft: Draft, transition: Transition, input: Mapping, base: Mapping) -> None:
    """Take what the transition asks for, and nothing else; where the person does not see what stands there,
    or sends no base, it is replaced.
    """
    modes = asked_modes(draft.form, transition)
    seen = own_modes(draft, change.actor)
    closed = {path: "read" for path, mode in seen.items() if "." in path and mode in READABLE}
    values = taken(draft.form, input, {**closed, **modes})
    known = {key: _started(draft, key, value, seen, modes) for key, value in dict(base).items() if seen.get(key) in READABLE}
    lay_over(change, draft, values, {key: _open(draft, key, modes) for key in values} | known, modes)
    if values:
        change.derive(draft)
    change.know(derivation_needs(draft.form))
    judge(change, draft, change.data, modes)


def ask_line(change: Change, draft: Draft, transition: Transition, input: Mapping, base: Mapping) -> None:
    """The same of the line that the change is about, whose columns are asked for."""
    modes = asked_modes(draft.form, transition)
    rows_key, line = transition.rows, change.line
    values = taken(draft.form, input, modes, rows_key)
    seen = own_modes(draft, change.actor)
    known = {key: base[key] for key in values if key in dict(base) and seen.get(f"{rows_key}.{key}") in READABLE}
    place = f"{rows_key}.{draft.place(rows_key, line['id'])}."
    started = taken(draft.form, known, modes, rows_key, revived)
    clashes = [
        Clash(place + key, value, line.get(key), values[key])
        for key, value in started.items()
        if line.get(key) not in (value, values[key])
    ]
    if clashes:
        raise conflict(draft, clashes=clashes)
    line.update(values)
    if values:
        change.derive(draft)
    change.know(derivation_needs(draft.form))
    judge(change, draft, change.data, modes, place)


def _started(draft: Draft, key: str, sent: Any, seen: Mapping[str, str], modes: Mapping[str, str]) -> Any:
    """What the person started from; of asked columns that they do not see, whatever stands there."""
    if key not in draft.form.rows or not isinstance(sent, list):
        return sent
    columns = (column.key for column in draft.form.form.by_key[key].fields)
    unseen = [c for c in columns if f"{key}.{c}" in modes and seen.get(f"{key}.{c}") not in READABLE]
    stands = {line["id"]: line for line in draft.values.get(key) or []}
    return [
        {name: cell for name, cell in line.items() if name not in unseen}
        | {name: stands[line["id"]].get(name) for name in unseen if line.get("id") in stands}
        if isinstance(line, Mapping)
        else line
        for line in sent
    ]


def _open(draft: Draft, key: str, modes: Mapping[str, str]) -> Any:
    """What stands in a field, of lines the columns that are asked for."""
    value = draft.values.get(key)
    if key not in draft.form.rows:
        return value
    return [{name: cell for name, cell in line.items() if name == "id" or f"{key}.{name}" in modes} for line in value]
