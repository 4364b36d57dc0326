"""Take a transition: who, guards, what is asked, effects, the status, and what then happens by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from ..access.actor import SYSTEM
from ..access.rights import READABLE
from ..definition.flow import Transition
from ..definition.model import say
from ..errors import Invalid, NotFound, Problem, Refused
from ..records.draft import Draft, Taking
from ..records.visibility import own_modes
from .asking import ask, ask_line, asked_modes
from .change import Change
from .holding import held, moved_on
from .judge import Option, guard_needs, judged, line_guard_needs, unmet
from .targets import called
from .telling import tell_copies
from .timers import Kept, over
from .validation import missing
from .voting import UNSAID, Ballot, Saying, kept_of

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
    row: int | None = None,
    saying: Saying = UNSAID,
) -> Draft:
    """1. the record (or the line `row` of it) as it was seen;  2. who and guards;  3. what is asked;  4. the vote, and
    unless it decides that is all;  5. effects and the status;  6. the record saved;  7. what then happens by itself.
    """
    draft = held(change, form_key, record_id)
    transition = draft.form.form.transition_by_key.get(key)
    if transition is None:
        raise NotFound
    line = line_meant(change, draft, transition, row)
    if not _as_seen(draft, transition, rev, status, line):
        raise moved_on(change, draft, transition.rows, line)
    if transition.rows and line is None:
        raise NotFound
    change.about(draft, (transition.rows, row) if line else None)
    option = _judged(change, draft, transition, line)
    if not option.allowed:
        raise Refused(" ".join(reason.text for reason in option.reasons), option.reasons[0].lifters)
    said = kept_of(change, transition, saying)
    (ask_line if line else ask)(change, draft, transition, input, base)
    if option.round is None or change.actor.is_system:
        take(change, draft, transition, [row])
    else:
        _vote(change, draft, Ballot(change, draft, option.round, said))
    go_on(change, draft)
    return draft


def line_meant(change: Change, draft: Draft, transition: Transition, row: int | None) -> dict[str, Any] | None:
    """The line that shall take a transition of lines; None where it is gone."""
    if (transition.rows is None) != (row is None):
        raise Invalid([Problem("row", _("Say which line.") if row is None else _("This is not done with a line."))])
    if transition.rows is None:
        return None
    if own_modes(draft, change.actor).get(transition.rows) not in READABLE or isinstance(row, bool):
        raise NotFound
    return draft.line(transition.rows, row)


def _vote(change: Change, draft: Draft, ballot: Ballot) -> None:
    ballot.sign()
    if ballot.decides:
        take(change, draft, ballot.round.transition, notes=ballot.notes)
    else:
        ballot.tell()
    ballot.count()


def advance(change: Change, form_key: str, record_id: int) -> Draft | None:
    """Let a record go on by itself, and ask again what its timers wait for; None where there is no such record."""
    draft = change.hold(form_key, record_id) if form_key in change.compiled.forms else None
    if draft is not None:
        go_on(change, draft)
        change.saving.saved.setdefault((form_key, record_id), Kept(draft))
    return draft


def go_on(change: Change, draft: Draft) -> None:
    """The automatic transitions that are due, of lines first, by the engine; no more than ten in a row."""
    actor = change.actor
    for _turn in range(MOST_AUTOMATIC):
        coming = _due_lines(change, draft) or _due(change, draft)
        if coming is None:
            break
        change.act_as(SYSTEM)
        take(change, draft, *coming)
    change.act_as(actor)
    change.settled.add((draft.form.key, draft.id))


def take(
    change: Change,
    draft: Draft,
    transition: Transition,
    lines: Sequence[int | None] = (None,),
    notes: Mapping[str, str] | None = None,
) -> None:
    """Effects and the new status, of the record or of each of these lines, saved with one event."""
    round_at, before = draft.status_since, draft.from_status
    for row in lines:
        change.about(draft, (transition.rows, row) if transition.rows else None)
        change.carry_out(transition)
        if transition.rows is None:
            draft.status = transition.leads(draft.status)
        elif change.line is not None:
            change.line["status"] = transition.leads(change.line["status"])
    change.about(draft)
    draft.taking = Taking(transition.key, transition.rows, frozenset(lines) - {None})
    change.derive(draft)
    draft.taking = None
    change.tell()
    change.saving.update([draft], "performed", transition.key, notes=notes, causes={draft.id: change.cause})
    if any(t.approval and before in t.sources for t in draft.form.form.flow()):
        tell_copies(change, draft, transition, round_at)


def perform_within(change: Change, draft: Draft, key: str, optional: bool, place: tuple[str, int] | None = None) -> bool:
    """Let a record that an effect reached, or a line of it, take a transition as the engine, in the same transaction.

    Whether it did. It is refused by its status, its guards and what it asks for; with `optional` it is left as it is.
    """
    transition = draft.form.form.transition_by_key[key]
    with change.within(draft, place):
        sentence, lifters = _why_not(change, draft, transition)
        if not sentence:
            take(change, draft, transition, [place[1] if place else None])
            change.let_advance([draft])
    if sentence and not optional:
        raise Refused(f"{called(change, draft)}: {sentence}", lifters)
    return not sentence


def _why_not(change: Change, draft: Draft, transition: Transition) -> tuple[str, tuple[str, ...]]:
    """Why a record cannot take a transition within another's, and who can lift it; "" where it can."""
    line, place = change.line, ""
    standing = line["status"] if line else draft.status
    statuses = draft.form.line_statuses.get(transition.rows) if transition.rows else draft.form.statuses
    if change.under_way(draft):
        return _("It is in the middle of something else."), ()
    if standing not in transition.sources:
        label = say(statuses.by_key[standing].label, change.person.language) if statuses else standing
        return _("It stands at “%(status)s”.", status=label), ()
    option = _judged(change, draft, transition, line)
    if not option.allowed:
        return " ".join(reason.text for reason in option.reasons), option.reasons[0].lifters
    if line:
        place = f"{transition.rows}.{draft.place(transition.rows, line['id'])}."
    needed = [p for p in missing(draft, asked_modes(draft.form, transition), change.data) if p.path.startswith(place)]
    if not needed:
        return "", ()
    rows_key, _dot, column = needed[0].path.partition(".")
    path = f"{rows_key}.{column.rpartition('.')[2]}" if column else rows_key
    return f"{say(draft.form.form.field_at(path).label, change.person.language)}: {needed[0].message}", ()


def _as_seen(draft: Draft, transition: Transition, rev: int | None, status: str | None, line: Mapping | None) -> bool:
    if rev not in (None, draft.rev):
        return False
    if transition.rows and line is None:
        return rev is not None or status is None
    place = line["status"] if line else draft.status
    return status in (None, place) and place in transition.sources


def _judged(change: Change, draft: Draft, transition: Transition, line: Mapping | None) -> Option:
    if line is None:
        change.know(guard_needs(draft.form, draft.status))
        return judged(draft, transition, change.data, change.around, change.rounds, person=change.person)
    change.know(line_guard_needs(draft.form))
    seen = _seen(change, draft, transition.rows, line["id"])
    return judged(draft, transition, seen, change.around, change.rounds, line, change.person)


def _seen(change: Change, draft: Draft, rows_key: str, line_id: int) -> Mapping[str, Any]:
    """A line as its own rules see it."""
    return change.data[rows_key][draft.place(rows_key, line_id)]


Due = tuple[Transition, list[int | None]]
"""An automatic transition whose guards hold, and the lines that take it (None: the record)."""


def _due(change: Change, draft: Draft) -> Due | None:
    """The first automatic transition of the record whose time has come, and whose guards hold."""
    leaving = [t for t in draft.form.form.flow() if t.automatic and draft.status in t.sources]
    waiting = [t for t in leaving if over(draft, t.wait, change.now)]
    if not waiting:
        return None
    change.about(draft)
    change.know(guard_needs(draft.form, draft.status))
    return next(((t, [None]) for t in waiting if not unmet(draft, t, change.data)), None)


def _due_lines(change: Change, draft: Draft) -> Due | None:
    """The first automatic transition of lines whose guards hold for any of them, and these."""
    waiting = [t for key in draft.form.line_statuses for t in draft.form.form.flow(key) if t.automatic]
    if not waiting:
        return None
    change.about(draft)
    change.know(line_guard_needs(draft.form))
    for transition in waiting:
        pairs = zip(draft.values[transition.rows], change.data[transition.rows], strict=True)
        there = [(line, seen) for line, seen in pairs if line["status"] in transition.sources]
        due = [line["id"] for line, seen in there if not unmet(draft, transition, seen)]
        if due:
            return transition, due
    return None
