"""What a sheet changed since it was last imported, measured against what stands in the record now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .intake_targets import State
from .mapping import Load


def differences(load: Load, base: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The values that the sheet gives otherwise than last time, those written once aside."""
    once = {key for key, source in load.values.items() if source.once}
    found = {}
    for key, value in new.items():
        if key in load.rows:
            dropped = {"status", *(name for name, source in load.rows[key].values.items() if source.once)}
            if _without(value, dropped) != _without(base.get(key) or [], dropped):
                found[key] = _without(value, dropped)
        elif key not in once and value != base.get(key):
            found[key] = value
    return found


def newer(changes: Mapping[str, Any], base: Mapping[str, Any], state: State) -> tuple[dict[str, Any], list[str]]:
    """(what to write, what somebody changed here meanwhile and therefore stays)."""
    write, stays = {}, []
    for key, value in changes.items():
        now = state.values.get(key)
        if like(now, value):
            continue
        if like(now, base.get(key)):
            write[key] = value
        else:
            stays.append(key)
    return write, stays


def like(now: Any, imported: Any) -> bool:
    """Whether a value stands as it was imported; of lines, the imported columns count."""
    if not isinstance(imported, list):
        return now == imported or (now == [] and imported is None)
    lines = now or []
    return len(lines) == len(imported) and all(
        line.get(name) == value for line, given in zip(lines, imported, strict=True) for name, value in given.items()
    )


def untouched(values: Mapping[str, Any], rev: int, state: State) -> bool:
    """Whether a record still stands as it was imported."""
    return state.rev == rev and all(like(state.values.get(key), value) for key, value in values.items())


def _without(lines: list[dict[str, Any]], names: set[str]) -> list[dict[str, Any]]:
    return [{name: value for name, value in line.items() if name not in names} for line in lines]
