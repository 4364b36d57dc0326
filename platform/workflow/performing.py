"""Take a transition: who, guards, what is asked, effects, the status, and what then happens by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..access.actor import SYSTEM
from ..access.rights import READABLE
from ..definition.flow import Transition
from ..errors import NotFound, Refused
from ..records.compiled import CompiledForm
from ..records.derive import derivation_needs
from ..records.draft import Draft
from ..records.visibility import own_modes
from ..registry import fields
from .change import Change
from .entry import taken
from .holding import held, judge, lay_over, moved_on
from .judge import guard_needs, judged, unmet

MOST_AUTOMATIC = 10


def perform(
    change: Change,
    form_key: str,
    record_id: int,
    key: str,
    input: Mapping[str, Any],
    base: Mapping[str, Any],
    rev: int | None,
    status: str | None,
) -> Draft:
    """1. the record as it was seen;  2. who and guards;  3. what is asked;  4. effects and the status;
    5. the record saved;  6. what then happens by itself.
    """
    draft = held(change, form_key, record_id)
    transition = draft.form.form.transition_by_key.get(key)
    if transition is None:
        raise NotFound
    if not _as_seen(draft, transition, rev, status):
        raise moved_on(change, draft)
    change.about(draft)
    change.know(guard_needs(draft.form, draft.status))
    option = judged(draft, transition, change.data, change.around)
    if not option.allowed:
        raise Refused(" ".join(reason.text for reason in option.reasons), option.reasons[0].lifters)
    _ask(change, draft, transition, input, base)
    _take(change, draft, transition)
    go_on(change, draft)
    return draft


def go_on(change: Change, draft: Draft) -> None:
    """The automatic transitions that are due, by the engine, no more than ten in a row."""
    actor = change.actor
    for _turn in range(MOST_AUTOMATIC):
        due = _due(change, draft)
        if due is None:
            break
        change.act_as(SYSTEM)
        _take(change, draft, due)
    change.act_as(actor)


def asked_modes(form: CompiledForm, transition: Transition) -> dict[str, str]:
    """What a transition asks for, as modes; asked line items open all their columns that are not worked out."""
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


def _as_seen(draft: Draft, transition: Transition, rev: int | None, status: str | None) -> bool:
    return status in (None, draft.status) and rev in (None, draft.rev) and draft.status in transition.sources


def _ask(change: Change, draft: Draft, transition: Transition, input: Mapping, base: Mapping) -> None:
    """Take what the transition asks for, and nothing else; where the person does not see what stands there,
    or sends no base, it is replaced.
    """
    modes = asked_modes(draft.form, transition)
    values = taken(draft.form, input, modes)
    seen = own_modes(draft, change.actor)
    known = {key: value for key, value in dict(base).items() if seen.get(key) in READABLE}
    lay_over(change, draft, values, {key: _open(draft, key, modes) for key in values} | known, modes)
    if values:
        change.derive(draft)
    change.know(derivation_needs(draft.form))
    judge(change, draft, change.data, modes)


def _open(draft: Draft, key: str, modes: Mapping[str, str]) -> Any:
    """What stands in a field, of lines the columns that are asked for."""
    value = draft.values.get(key)
    if key not in draft.form.rows:
        return value
    return [{name: cell for name, cell in line.items() if name == "id" or f"{key}.{name}" in modes} for line in value]


def _take(change: Change, draft: Draft, transition: Transition) -> None:
    change.about(draft)
    change.carry_out(transition.effects)
    draft.status, draft.taking = transition.target, transition.key
    change.derive(draft)
    draft.taking = None
    change.saving.update([draft], "performed", transition.key)


def _due(change: Change, draft: Draft) -> Transition | None:
    """The first automatic transition whose guards hold."""
    waiting = [t for t in draft.form.form.transitions if t.automatic and draft.status in t.sources]
    if not waiting:
        return None
    change.about(draft)
    change.know(guard_needs(draft.form, draft.status))
    return next((t for t in waiting if not unmet(draft, t, change.data)), None)
