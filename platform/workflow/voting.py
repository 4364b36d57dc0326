"""Votes for a transition that needs approval: given with an opinion, and taken back while the round is open."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from marshmallow import ValidationError

from ..definition.flow import Transition
from ..errors import Invalid, NotFound, Problem, Refused
from ..fields.text import characters
from ..records import votes
from ..records.draft import Draft
from ..records.history import ACTS_FOR, OPINION, STANDS_IN
from .approvals import Part, Round
from .change import Change
from .holding import held
from .saving import changed

LONGEST_OPINION = 2000
UNSAID = object()
"""The opinion of somebody who only looks at what a vote would do."""


def opinion_on(transition: Transition, raw: Any) -> str:
    """What somebody says with their vote, as it may be kept; raises Invalid."""
    if raw is UNSAID:
        return ""
    asked = transition.approval.opinion if transition.approval else "none"
    try:
        opinion = "" if raw is None else characters(raw).strip()
    except ValidationError as error:
        raise Invalid([Problem("opinion", error.messages[0])]) from None
    if opinion and asked == "none":
        raise Invalid([Problem("opinion", _("No opinion is asked for here."))])
    if asked == "required" and not opinion:
        raise Invalid([Problem("opinion", _("Say what you think of it."))])
    if len(opinion) > LONGEST_OPINION:
        told = _("At most %(most)s characters; these are %(given)s.", most=LONGEST_OPINION, given=len(opinion))
        raise Invalid([Problem("opinion", told)])
    return opinion


class Ballot:
    """One member's vote in a round, as it is before it is counted."""

    def __init__(self, change: Change, draft: Draft, round: Round, opinion: str):
        self.change = change
        self.draft = draft
        self.round = round
        self.member_id = change.actor.id
        self.given = round.given(self.member_id)
        self.decides = round.decided_by(self.member_id)
        self.round_at = draft.status_since
        standing_in = next((part.stands_in for part, whose in self.given if whose & part.members - part.regular), "")
        others = sorted({one for _part, whose in self.given for one in whose} - {self.member_id})
        told = ((OPINION, opinion), (STANDS_IN, standing_in), (ACTS_FOR, others))
        self.notes = {name: said for name, said in told if said}

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
            "stands_in": part.stands_in if whose in part.members - part.regular else "",
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
