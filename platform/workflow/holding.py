"""The record that a command is about: held under its lock, with what its actor may write there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _

from ..access.rights import READABLE, WRITABLE, Grant
from ..definition.model import say
from ..errors import Clash, Conflict, Invalid, NotFound
from ..records.choosing import unknown_links
from ..records.compiled import CompiledForm
from ..records.draft import Draft
from ..records.values import revived
from ..records.visibility import own_modes
from .change import Change
from .entry import taken
from .merge import merge
from .messages import reader
from .validation import failed_checks, locked, missing

Modes = Mapping[str, str]


def held(change: Change, form_key: str, record_id: int, deleted: bool = False) -> Draft:
    """The record under its lock; not found where no row scope of the actor holds it."""
    form = change.compiled.form(form_key)
    if not form.actor_grants(change.actor):
        raise NotFound
    draft = change.hold(form_key, record_id, deleted)
    if draft is None or not any(draft.flags):
        raise NotFound
    return draft


def held_grants(change: Change, draft: Draft) -> list[Grant]:
    """The grants of the actor's roles whose row scope holds the record."""
    grants = draft.form.actor_grants(change.actor)
    return [grant for grant, flag in zip(grants, draft.flags, strict=True) if flag]


def lay_over(change: Change, draft: Draft, mine: Mapping[str, Any], base: Mapping[str, Any], modes: Modes) -> None:
    """Lay what a person sent over the record as it stands; what both changed is a conflict."""
    known = {key: value for key, value in base.items() if key in mine and key in draft.form.form.by_key}
    readable = {path: "edit" if mode in WRITABLE or path in draft.form.rows else mode for path, mode in modes.items()}
    clashes = merge(draft, mine, taken(draft.form, known, readable, read=revived), modes)
    if clashes:
        seen = own_modes(draft, change.person)
        raise conflict(draft, clashes=[_seen(draft.form, clash, seen) for clash in clashes])


def judge(change: Change, draft: Draft, data: Mapping[str, Any], modes: Modes, place: str = "") -> None:
    """What must hold at every save: needed fields, checks, links that exist for this actor. place: the line
    ("lines.2.") whose columns alone are asked for, and are named without it.
    """
    problems = unknown_links(change.connection, change.compiled, [draft], change.actor, change.now)[0]
    if not problems:  # else they would tell of a stranger
        needed = [problem for problem in missing(draft, modes, data) if problem.path.startswith(place)]
        problems = needed + failed_checks(draft, data, reader(draft, change.actor, modes))
    if problems:
        raise Invalid([replace(problem, path=problem.path.removeprefix(place)) for problem in problems])


def refuse_locked(draft: Draft, data: Mapping[str, Any]) -> None:
    """What is locked stays as it was, whoever edits; a transition that asks for it may change it."""
    problems = locked(draft, data)
    if problems:
        raise Invalid(problems)


def _seen(form: CompiledForm, clash: Clash, modes: Modes) -> Clash:
    """A clash about a whole line without the columns that the person does not see."""
    key, whole = clash.path.partition(".")[0], clash.path.count(".") == 1

    def line(values: Any) -> Any:
        if not whole or values is None:
            return values
        return {name: value for name, value in values.items() if name == "id" or modes.get(f"{key}.{name}") in READABLE}

    return replace(clash, base=line(clash.base), current=line(clash.current), mine=line(clash.mine))


def moved_on(change: Change, draft: Draft, rows_key: str | None = None, line: Mapping | None = None) -> Conflict:
    """The record, or the line, no longer stands where the person saw it."""
    if rows_key and line is None:
        return conflict(draft, _("Somebody was faster: this line is no longer there."))
    statuses, status = draft.form.statuses, draft.status
    if line is not None:
        statuses, status = draft.form.line_statuses[rows_key], line["status"]
    label = say(statuses.by_key[status].label, change.actor.language) if statuses else status
    return conflict(draft, _("Somebody was faster: this now stands at “%(status)s”.", status=label))


def conflict(draft: Draft, sentence: str | None = None, clashes: list[Clash] = ()) -> Conflict:
    return Conflict(sentence, clashes, {"status": draft.from_status, "rev": draft.rev})
