"""Bringing history in: records at any status, validated, without guards or effects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from ..access.actor import Actor
from ..definition.model import SAVED
from ..errors import Conflict, Invalid, NotFound, Problem, Refused
from ..fields import serial
from ..records import write
from ..records.choosing import unknown_links
from ..records.compiled import CompiledForm
from ..records.derive import derive
from ..records.draft import Draft, rule_data
from .change import Change
from .entry import taken
from .holding import held
from .merge import merge, refuse_line_ids
from .messages import Reader
from .validation import failed_checks, missing


@dataclass(frozen=True)
class Loaded:
    """One record to bring in: its status, its values by key, when it came to be (UTC; None: now), by which member."""

    status: str
    values: Mapping[str, Any]
    at: datetime | None = None
    by: int | None = None


def load(change: Change, form_key: str, records: Sequence[Loaded]) -> list[Draft | Invalid]:
    """A batch in the change's transaction; each record is taken or refused for itself."""
    form = loadable(change, form_key)
    modes = loading_modes(form)
    outcomes: list[Draft | Invalid] = [_draft(form, record, modes) for record in records]
    drafts = [outcome for outcome in outcomes if isinstance(outcome, Draft)]
    if drafts:
        derive(change.connection, change.compiled, drafts, change.around, change.linked)
        refused = {id(draft): Invalid(wrong) for draft, wrong in _judged(change, drafts, modes) if wrong}
        outcomes = [refused.get(id(outcome), outcome) for outcome in outcomes]
    _save(change, form, outcomes, {id(o): r.at for o, r in zip(outcomes, records, strict=True)})
    return outcomes


def _judged(change: Change, drafts: list[Draft], modes: Mapping[str, str]) -> Iterator[tuple[Draft, list[Problem]]]:
    """Each draft with what must hold of history too: needed fields, checks, links that lead somewhere."""
    strangers = unknown_links(change.connection, change.compiled, drafts, change.actor, change.now, narrowed=False)
    for draft, problems, taken_numbers in zip(drafts, strangers, _taken_numbers(change, drafts), strict=True):
        data = rule_data(draft, change.linked, change.around)
        reader = Reader(change.actor.language, change.actor, modes)
        yield draft, problems or taken_numbers + missing(draft, modes, data) + failed_checks(draft, data, reader)


def _taken_numbers(change: Change, drafts: list[Draft]) -> list[list[Problem]]:
    """For each draft, the serial numbers it brings that a record or line has already, or one before it in the batch."""
    form, found = drafts[0].form, [[] for _draft in drafts]
    for path in form.form.serials:
        new = [_brought(draft, path) for draft in drafts]
        wanted = {number for numbers in new for _place, number in numbers}
        if not wanted:
            continue
        used = write.numbers_in_use(change.connection, form, path, wanted)
        for numbers, problems in zip(new, found, strict=True):
            for place, number in numbers:
                if number in used:
                    problems.append(Problem(place, _("A record with this number exists already.")))
                used.add(number)
    return found


def _brought(draft: Draft, path: str) -> list[tuple[str, str]]:
    """(path, number) of the serial numbers that a draft has and did not have before."""
    rows, _dot, key = path.rpartition(".")
    if not rows:
        told = [(path, draft.values.get(path), draft.before.get(path))]
    else:
        before = {line["id"]: line.get(key) for line in draft.before.get(rows) or ()}
        told = [(f"{rows}.{index}.{key}", line.get(key), before.get(line.get("id"))) for index, line in enumerate(draft.values.get(rows) or ())]
    return [(place, number) for place, number, was in told if number and number != was]


def amend(change: Change, form_key: str, record_id: int, changes: Mapping, base: Mapping) -> Draft:
    """Change a loaded record in whatever status it is; `base` as for an edit."""
    form = loadable(change, form_key)
    draft = held(change, form_key, record_id)
    modes = loading_modes(form)
    started = taken(form, {key: value for key, value in base.items() if key in changes}, modes)
    clashes = merge(draft, taken(form, changes, modes), started, modes)
    if clashes:
        raise Conflict(clashes=clashes)
    change.derive(draft)
    for _same, problems in _judged(change, [draft], modes):
        if problems:
            raise Invalid(problems)
    change.saving.update([draft], "loaded")
    return draft


def loadable(change: Change, form_key: str) -> CompiledForm:
    """The form, if the actor may load into it."""
    form = change.compiled.form(form_key)
    grants = form.actor_grants(change.actor)
    if not grants:
        raise NotFound
    if not any(grant.load for grant in grants):
        raise Refused(_("Your roles may not bring records in."), _loaders(form, change.actor))
    return form


def loading_modes(form: CompiledForm) -> dict[str, str]:
    """Everything entered can be brought in, and serial numbers; what is worked out cannot."""
    return {
        path: "read" if (field := form.form.field_at(path)).type != "serial" and form.shown[path][0].computed
        or field.type in ("formula", "lookup", "match", "rollup") else "edit"
        for path in form.form.paths
    }  # fmt: skip


def _draft(form: CompiledForm, record: Loaded, modes: Mapping[str, str]) -> Draft | Invalid:
    known = form.statuses.by_key if form.statuses else {SAVED: None}
    if record.status not in known or (form.statuses and known[record.status].retired):
        return Invalid([Problem("status", _("There is no status “%(status)s”.", status=record.status))])
    try:
        entries, statuses = _apart(form, record.values)
        values = taken(form, entries, modes)
        refuse_line_ids(values, form.rows)
    except Invalid as error:
        return error
    for key, stated in statuses.items():
        for line, status in zip(values.get(key) or (), stated, strict=False):
            line |= {"status": status} if status is not None else {}
    entered, given = {key: [] for key in form.rows} | values, frozenset(values)
    return Draft(form, entered, status=record.status, created_by=record.by, given=given)


def _apart(form: CompiledForm, raw: Any) -> tuple[Any, dict[str, list[str | None]]]:
    """The values without what lines say of their statuses, and these by key, line by line."""
    if not isinstance(raw, Mapping):
        return raw, {}
    values, statuses, wrong = dict(raw), {}, []
    for key, known in form.line_statuses.items():
        lines = raw.get(key)
        if not isinstance(lines, list | tuple) or not all(isinstance(line, Mapping) for line in lines):
            continue
        stated = statuses[key] = [line.get("status") for line in lines]
        values[key] = [{name: cell for name, cell in line.items() if name != "status"} for line in lines]
        for index, status in enumerate(stated):
            if status is not None and not (isinstance(status, str) and status in known.by_key):
                wrong.append(Problem(f"{key}.{index}.status", _("There is no status “%(status)s”.", status=status)))
    if wrong:
        raise Invalid(wrong)
    return values, statuses


def _save(change: Change, form: CompiledForm, outcomes: list[Any], moments: Mapping[int, datetime | None]) -> None:
    drafts = [outcome for outcome in outcomes if isinstance(outcome, Draft)]
    if not drafts:
        return
    for path, field in form.form.serials.items():
        _raise_counters(change, form, path, field, drafts, moments)
    change.saving.insert(drafts, "loaded", [moments[id(draft)] for draft in drafts])


def _raise_counters(change: Change, form: CompiledForm, path: str, field, drafts: list[Draft], moments) -> None:
    """Numbers brought in are never given out again."""
    pattern, highest = serial.parse(field.settings["pattern"]), {}
    for draft in drafts:
        day = change.compiled.app.day(moments[id(draft)] or change.now)
        for _place, text in _brought(draft, path):
            number: Any = pattern.read(text, day)
            if number is not None:
                highest[pattern.period(day)] = max(number, highest.get(pattern.period(day), 0))
    for period, number in sorted(highest.items()):
        write.raise_number(change.connection, form, path, period, number)


def _loaders(form: CompiledForm, actor: Actor) -> tuple[str, ...]:
    return tuple(grant.role for grant in form.grants.values() if grant.load)
