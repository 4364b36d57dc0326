"""Who else says yes: an approval handed on to somebody, a signer asked for besides."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from marshmallow import ValidationError

from ..access.actor import Actor
from ..access.members import named
from ..errors import Invalid, NotFound, Problem, Refused
from ..fields.text import characters
from ..ids import storable
from ..records import mandates
from ..records.draft import Draft
from ..records.history import ACTS_FOR, ASKED, OPINION
from ..records.mandates import ADDED, HANDED
from .approvals import Part, Round
from .change import Change
from .commands import Commands, Saved
from .holding import held, moved_on
from .outbox import Errand
from .voting import LONGEST_OPINION

MOST_ADDED = 20  # signers of one part
TOLD = {HANDED: "handed_on", ADDED: "signer_added"}
"""By what is arranged, the event that tells of it."""


class Signing(Commands):
    """The commands of one actor whose turn it is, beside the vote itself."""

    def hand_on(self, form: str, id: int, transition: str, to: int, reason: str, key: str | None = None) -> Saved:
        """Let another member say yes in one's stead in this round."""
        body = ["hand_on", form, id, transition, to, reason]
        return self._do(key, body, lambda change: hand_on(change, form, id, transition, to, reason))

    def add_signer(self, form: str, id: int, transition: str, to: int, reason: str, key: str | None = None) -> Saved:
        """Ask for the yes of one more member in this round."""
        body = ["add_signer", form, id, transition, to, reason]
        return self._do(key, body, lambda change: add_signer(change, form, id, transition, to, reason))

    def candidates(self, form: str, id: int, transition: str, gate) -> list[Actor]:
        """Whom one could ask now, by name; raises as the commands do where it is not one's turn."""
        change = Change(gate.connection, gate.compiled, self.actor, gate.now, locking=False)
        draft, round = _turn(change, form, id, transition)
        found = named(change.connection, change.compiled.app.key, draft.form.grants)
        change.circle.meet(found)
        return [change.circle.known[one] for one in found if not _why_not(change, round, one)]

    def readers(self, form: str, id: int, gate) -> list[Actor]:
        """Those who see a record beside the actor, by name."""
        change = Change(gate.connection, gate.compiled, self.actor, gate.now, locking=False)
        draft = held(change, form, id)
        change.about(draft)
        found = [one for one in named(change.connection, change.compiled.app.key, draft.form.grants) if one != self.actor.id]
        change.circle.meet(found)
        return [change.circle.known[one] for one in found if change.circle.sees(one)]


def hand_on(change: Change, form_key: str, record_id: int, key: str, to: Any, raw: Any) -> Draft:
    draft, round = _turn(change, form_key, record_id, key)
    reason = _asked(change, round, to, raw)
    part, number = round.turn, {(row.part, row.member_id): row.id for row in round.mandates}
    whose = part.open_to(change.actor.id, round.approval)
    for one in sorted(whose):
        if (part.key, one) in number:
            mandates.pass_on(change.connection, number[part.key, one], to, change.actor.id)
        else:
            mandates.arrange(change.connection, _row(change, round, part, HANDED, one, to))
    return _told(change, draft, key, HANDED, to, reason, sorted(whose - {change.actor.id}))


def add_signer(change: Change, form_key: str, record_id: int, key: str, to: Any, raw: Any) -> Draft:
    draft, round = _turn(change, form_key, record_id, key)
    reason = _asked(change, round, to, raw)
    part = round.turn
    if len(part.added) >= MOST_ADDED:
        raise Refused(_("At most %(most)s signers can be added.", most=MOST_ADDED))
    if to in part.members or any((row.part, row.member_id) == (part.key, to) for row in round.mandates):
        raise Refused(_("They vote on this already."))
    mandates.arrange(change.connection, _row(change, round, part, ADDED, to, to))
    return _told(change, draft, key, ADDED, to, reason, [])


def _turn(change: Change, form_key: str, record_id: int, key: str) -> tuple[Draft, Round]:
    """The record and the round in which it is the actor's turn; raises where it is not."""
    draft = held(change, form_key, record_id)
    transition = draft.form.form.transition_by_key.get(key)
    if transition is None or transition.approval is None or change.actor.id is None:
        raise NotFound
    if draft.status not in transition.sources:
        raise moved_on(change, draft)
    change.about(draft)
    round = change.rounds.of(transition)
    refusal = round.refusal(change.actor)
    if refusal or round.turn is None:
        raise Refused(refusal or _("Nobody is awaited here any more."))
    return draft, round


def _asked(change: Change, round: Round, to: Any, raw: Any) -> str:
    """The reason as it is kept, of a request to somebody who may be asked; raises Invalid."""
    problems, reason = [], ""
    if type(to) is not int or not storable(to):
        problems.append(Problem("to", _("Choose somebody.")))
    else:
        change.circle.meet([to])
        problems += [Problem("to", sentence) for sentence in [_why_not(change, round, to)] if sentence]
    try:
        reason = "" if raw is None else characters(raw).strip()
        problems += [] if reason else [Problem("reason", _("Say why."))]
    except ValidationError as error:
        problems.append(Problem("reason", error.messages[0]))
    if len(reason) > LONGEST_OPINION:
        told = _("At most %(most)s characters; these are %(given)s.", most=LONGEST_OPINION, given=len(reason))
        problems.append(Problem("reason", told))
    if problems:
        raise Invalid(problems)
    return reason


def _why_not(change: Change, round: Round, to: int) -> str:
    """Why a member who is known cannot be asked; "" if they can."""
    if to == change.actor.id:
        return _("This is you; choose somebody else.")
    if not change.circle.sees(to):
        return _("They do not see this record.")
    if round.approval.not_self and to == round.created_by:
        return _("They created this; somebody else must approve it.")
    voted = {one for part in round.parts for vote in part.votes for one in (vote.member_id, vote.by_id)}
    if to in voted or any(to in part.people for part in round.parts):
        return _("They vote on this already.")
    return ""


def _row(change: Change, round: Round, part: Part, kind: str, whose: int, holder: int) -> dict[str, Any]:
    draft = change.draft
    return {
        "app_key": draft.form.app.key, "form_key": draft.form.key, "record_id": draft.id, "round_at": draft.status_since,
        "transition": round.transition.key, "part": part.key, "kind": kind, "member_id": whose, "holder_id": holder,
        "by_id": change.actor.id, "at": change.now,
    }  # fmt: skip


def _told(change: Change, draft: Draft, key: str, kind: str, to: int, reason: str, others: list[int]) -> Draft:
    """The event, and word to the one who was asked."""
    notes = {OPINION: reason, ASKED: [to]} | ({ACTS_FOR: others} if others else {})
    change.saving.update([draft], TOLD[kind], key, bump=False, touch=False, notes=notes)
    place = (draft.form.app.key, draft.form.key, draft.id)
    payload = {"member_ids": [to], "by": change.actor.id, "transition": key, "what": TOLD[kind], "seq": draft.seq}
    payload |= dict(zip(("app", "form", "record_id"), place, strict=True))
    change.errands.append(Errand("asked", ":".join(map(str, ("asked", *place, draft.seq))), payload, place))
    return draft
