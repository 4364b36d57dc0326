"""What a record would be with what somebody is typing: worked out by the same rules, written nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..access.rights import READABLE
from ..definition.model import NEW
from ..errors import Invalid, NotFound, Problem
from ..records.draft import Draft
from ..records.query import shown
from ..records.visibility import modes_at
from .change import Change
from .entry import taken
from .merge import merge
from .validation import failed_checks, missing


@dataclass(frozen=True)
class Preview:
    """Readable values as they would be, modes with what show rules hide taken out, and what is wrong."""

    values: Mapping[str, Any]
    modes: Mapping[str, str]
    problems: tuple[Problem, ...]


def preview(change: Change, form_key: str, record_id: int | None, raw: Mapping[str, Any]) -> Preview:
    """Values that cannot be taken are named and left as they stood."""
    draft, modes = _start(change, form_key, record_id)
    given, problems = _taken_one_by_one(draft, raw, modes)
    merge(draft, given, {key: draft.values.get(key) for key in given}, modes)
    data = change.derive(draft, frozenset(given))
    problems += missing(draft, modes, data) + failed_checks(draft, data, change.actor.language)
    seen = _shown_modes(draft, modes, data)
    return Preview(shown(draft.form, draft.values, seen), seen, tuple(problems))


def _start(change: Change, form_key: str, record_id: int | None) -> tuple[Draft, Mapping[str, str]]:
    form = change.compiled.form(form_key)
    grants = form.actor_grants(change.actor)
    if record_id is None:
        grants = tuple(grant for grant in grants if grant.create)
        if not grants:
            raise NotFound
        draft = Draft(form, {key: [] for key in form.rows}, status=form.start_status)
        return draft, modes_at(form, grants, (True,) * len(grants), NEW)
    draft = change.hold(form_key, record_id) if grants else None
    if draft is None or not any(draft.flags):
        raise NotFound
    return draft, modes_at(form, grants, draft.flags, draft.status)


def _taken_one_by_one(draft: Draft, raw: Mapping[str, Any], modes: Mapping[str, str]) -> tuple[dict, list[Problem]]:
    given: dict[str, Any] = {}
    problems: list[Problem] = []
    for key, value in raw.items():
        try:
            given |= taken(draft.form, {key: value}, modes)
        except Invalid as error:
            problems += error.problems
    return given, problems


def _shown_modes(draft: Draft, modes: Mapping[str, str], data: Mapping[str, Any]) -> dict[str, str]:
    """The modes, with the header fields hidden that their show rule hides now."""
    found = dict(modes)
    for field in draft.form.form.fields:
        if field.show is not True and found.get(field.key) in READABLE:
            rule = draft.form.rule(field.show, draft.form.scope)
            found[field.key] = found[field.key] if rule(data) is True else "hidden"
    return found
