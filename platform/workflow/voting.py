"""Votes for a transition that needs approval: given with an opinion, and taken back while the round is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from marshmallow import ValidationError

from ..access.members import names
from ..definition.flow import Transition
from ..errors import Invalid, NotFound, Problem, Refused
from ..fields.file import REFERENCE
from ..fields.text import characters
from ..ids import storable
from ..records import attachments, copies, votes
from ..records.draft import Draft
from ..records.history import ACTS_FOR, ASKED, OPINION, SIGNED, STANDS_IN
from .approvals import Part, Round
from .change import Change
from .holding import held
from .saving import changed

LONGEST_OPINION = 2000
LONGEST_NAME = 100
MOST_COPIES = 50


@dataclass(frozen=True)
class Saying:
    """What somebody says with their vote.  signature: a name that was typed, or {"file": the upload that was drawn}.
    copies: the members who shall hear of the outcome.
    """

    opinion: Any = None
    signature: Any = None
    copies: Sequence[Any] = ()


UNSAID = Saying()
"""Of somebody who only looks at what a vote would do."""


def kept_of(change: Change, transition: Transition, saying: Saying) -> dict[str, Any]:
    """What somebody says, as the event tells it; raises Invalid."""
    if saying is UNSAID:
        return {}
    problems: list[Problem] = []
    told = {
        OPINION: _opinion(transition, saying.opinion, problems),
        SIGNED: _signature(change, transition, saying.signature, problems),
        ASKED: _copies(change, transition, saying.copies, problems),
    }
    if problems:
        raise Invalid(problems)
    return {name: said for name, said in told.items() if said}


def _opinion(transition: Transition, raw: Any, problems: list[Problem]) -> str:
    asked = transition.approval.opinion if transition.approval else "none"
    opinion = _text("opinion", raw, LONGEST_OPINION, problems)
    if opinion and asked == "none":
        problems.append(Problem("opinion", _("No opinion is asked for here.")))
    if asked == "required" and not opinion and not problems:
        problems.append(Problem("opinion", _("Say what you think of it.")))
    return opinion


def _signature(change: Change, transition: Transition, raw: Any, problems: list[Problem]) -> dict[str, str]:
    """{"name"} or {"file"}, as history keeps it."""
    asked = transition.approval is not None and transition.approval.signature
    drawn = raw.get("file") if isinstance(raw, Mapping) else None
    name = "" if drawn is not None else _text("signature", raw, LONGEST_NAME, problems)
    if (drawn or name) and not asked:
        problems.append(Problem("signature", _("No signature is asked for here.")))
    elif asked and not (drawn or name):
        problems.append(Problem("signature", _("Sign, or enter your name.")))
    elif drawn and not _uploaded(change, drawn):
        problems.append(Problem("signature", _("This is not a file that was uploaded here.")))
    return {"file": drawn} if drawn else {"name": name} if name else {}


def _uploaded(change: Change, drawn: Any) -> bool:
    """Whether it names an upload of one's own for this."""
    if not isinstance(drawn, str) or not REFERENCE.fullmatch(drawn):
        return False
    return not attachments.unclaimable(change.connection, change.form, OPINION, {drawn}, change.actor, change.locking)


def _copies(change: Change, transition: Transition, raw: Sequence[Any], problems: list[Problem]) -> list[int]:
    """Those who see the record, by id."""
    chosen = sorted({one for one in raw if type(one) is int and storable(one)})
    if len(chosen) != len(set(raw)) or len(chosen) > MOST_COPIES or (chosen and transition.approval is None):
        problems.append(Problem("copies", _("Copies go to members, to at most %(most)s.", most=MOST_COPIES)))
        return []
    if chosen:
        change.circle.meet(chosen)
    if unseeing := [one for one in chosen if not change.circle.sees(one)]:
        people = ", ".join(names(change.connection, unseeing).values()) or "…"
        problems.append(Problem("copies", _("%(people)s cannot see this record, and gets no copy.", people=people)))
    return chosen


def _text(path: str, raw: Any, most: int, problems: list[Problem]) -> str:
    try:
        text = "" if raw is None else characters(raw).strip()
    except ValidationError as error:
        problems.append(Problem(path, error.messages[0]))
        return ""
    if len(text) > most:
        problems.append(Problem(path, _("At most %(most)s characters; these are %(given)s.", most=most, given=len(text))))
    return text


class Ballot:
    """One member's vote in a round, as it is before it is counted."""

    def __init__(self, change: Change, draft: Draft, round: Round, said: Mapping[str, Any]):
        self.change = change
        self.draft = draft
        self.round = round
        self.member_id = change.actor.id
        self.given = round.given(self.member_id)
        self.decides = round.decided_by(self.member_id)
        self.round_at = draft.status_since
        standing_in = next(filter(None, (part.role_of(one) for part, whose in self.given for one in sorted(whose))), "")
        others = sorted({one for _part, whose in self.given for one in whose} - {self.member_id})
        self.notes = {**said, **{name: told for name, told in ((STANDS_IN, standing_in), (ACTS_FOR, others)) if told}}

    def sign(self) -> None:
        """Let the record own what was drawn, and keep who shall hear of the outcome."""
        connection, place = self.change.connection, (self.draft.form.app.key, self.draft.form.key, self.draft.id)
        if drawn := self.notes.get(SIGNED, {}).get("file"):
            attachments.claim(connection, self.draft.id, [drawn])
        copies.keep(connection, place, self.round_at, self.round.transition.key, self.notes.get(ASKED, ()))

    def tell(self) -> None:
        """The record stays where it is; what was asked with the vote is saved with it."""
        bump = changed(self.draft)
        self.change.saving.update([self.draft], "voted", self.round.transition.key, bump=bump, touch=bump, notes=self.notes)

    def count(self) -> None:
        """Write the vote beside the event just told; all of a round that is decided are open no longer."""
        connection = self.change.connection
        if self.given:
            votes.cast(connection, [self._row(part, one) for part, whose in self.given for one in sorted(whose)])
        if self.decides:
            here = (self.draft.form.app.key, self.draft.form.key, self.draft.id, self.round_at)
            mine = [row.id for row in votes.of_round(connection, *here) if row.transition == self.round.transition.key]
            votes.settle(connection, mine, votes.COUNTED)

    def _row(self, part: Part, whose: int) -> dict[str, Any]:
        return {
            "app_key": self.draft.form.app.key,
            "form_key": self.draft.form.key,
            "record_id": self.draft.id,
            "round_at": self.round_at,
            "transition": self.round.transition.key,
            "part": part.key,
            "member_id": whose,
            "by_id": self.member_id,
            "stands_in": part.role_of(whose),
            "at": self.change.now,
            "seq": self.draft.seq,
        }


def withdraw(change: Change, form_key: str, record_id: int, key: str) -> Draft:
    """Take back one's votes for a transition while it has not been taken."""
    draft = held(change, form_key, record_id)
    transition = draft.form.form.transition_by_key.get(key)
    if transition is None or transition.approval is None:
        raise NotFound
    found = votes.of_round(change.connection, draft.form.app.key, form_key, record_id, draft.status_since)
    mine = [row.id for row in found if (row.transition, row.by_id or row.member_id) == (key, change.actor.id)]
    if not mine:
        raise Refused(_("There is no vote of yours here that could be taken back."))
    votes.settle(change.connection, mine, votes.TAKEN_BACK)
    change.saving.update([draft], "withdrawn", key, bump=False, touch=False)
    return draft
