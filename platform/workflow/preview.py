"""What a record would be with what somebody is typing: worked out by the same rules, written nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..access.rights import READABLE
from ..errors import Invalid, NotFound, Problem
from ..records.choosing import unknown_links
from ..records.draft import Draft, blank
from ..records.seen import shown
from ..records.visibility import own_modes
from .change import Change
from .entry import taken
from .holding import held
from .merge import merge
from .messages import reader
from .validation import failed_checks, missing


@dataclass(frozen=True)
class Preview:
    """Readable values as they would be, modes with what show rules hide taken out, what is locked, and what is wrong."""

    values: Mapping[str, Any]
    modes: Mapping[str, str]
    locked: tuple[str, ...]
    problems: tuple[Problem, ...]


def preview(change: Change, form_key: str, record_id: int | None, raw: Mapping[str, Any]) -> Preview:
    """Values that cannot be taken are named and left as they stood; nothing is looked up past a stranger's link."""
    draft = _start(change, form_key, record_id)
    modes = own_modes(draft, change.actor)
    problems = _take_one_by_one(draft, raw, modes) + _leave_strangers(change, draft)
    data = change.derive(draft)
    problems += missing(draft, modes, data) + failed_checks(draft, data, reader(draft, change.actor))
    seen = _shown_modes(draft, modes, data)
    return Preview(shown(draft.form, draft.values, seen), seen, _locked(draft, data), tuple(problems))


def _start(change: Change, form_key: str, record_id: int | None) -> Draft:
    form = change.compiled.form(form_key)
    draft = blank(form, form.actor_grants(change.actor)) if record_id is None else held(change, form_key, record_id)
    if not any(draft.flags):
        raise NotFound
    return draft


def _take_one_by_one(draft: Draft, raw: Mapping[str, Any], modes: Mapping[str, str]) -> list[Problem]:
    problems: list[Problem] = []
    for key, value in raw.items():
        try:
            given = taken(draft.form, {key: value}, modes)
            merge(draft, given, {key: draft.values.get(key)}, modes)
        except Invalid as error:
            problems += error.problems
    draft.given = frozenset(raw)
    return problems


def _leave_strangers(change: Change, draft: Draft) -> list[Problem]:
    """Empty the links that lead where this actor may not choose."""
    problems = unknown_links(change.connection, change.compiled, [draft], change.actor, change.now, holding=False)[0]
    for problem in problems:
        key, _dot, place = problem.path.partition(".")
        index, _dot, column = place.partition(".")
        values, name = (draft.values[key][int(index)], column) if column else (draft.values, key)
        values[name] = None
    return problems


def _locked(draft: Draft, data: Mapping[str, Any]) -> tuple[str, ...]:
    """The header fields that are locked now."""
    form = draft.form
    return tuple(path for path in form.lockable if "." not in path and form.rule(form.form.by_key[path].lock, form.scope)(data) is True)


def _shown_modes(draft: Draft, modes: Mapping[str, str], data: Mapping[str, Any]) -> dict[str, str]:
    """The modes, with the header fields hidden that their show rule hides now."""
    found = dict(modes)
    for field in draft.form.form.fields:
        if field.show is not True and found.get(field.key) in READABLE:
            rule = draft.form.rule(field.show, draft.form.scope)
            found[field.key] = found[field.key] if rule(data) is True else "hidden"
    return found
