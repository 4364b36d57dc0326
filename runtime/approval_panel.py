"""Where the approvals of a record stand, for its page: who has said yes and what they said, who is awaited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from ..platform.access.members import names
from ..platform.definition.model import say
from ..platform.formats import Formats
from ..platform.records.mandates import ADDED
from ..platform.records.query import Gate
from ..platform.records.results import Event
from ..platform.records.votes import BESIDE
from ..platform.workflow.approvals import Part, Round
from ..platform.workflow.judge import Option
from .navigation import list_path

NAMED = 6  # of those awaited; the others are counted


@dataclass(frozen=True)
class Signature:
    """A name that was typed, or where the picture is that was drawn."""

    name: str
    image: str


def signature(signed: Mapping[str, str], record_path: str) -> Signature | None:
    """What an event tells of one."""
    if not signed:
        return None
    file = signed.get("file", "")
    return Signature(signed.get("name", ""), f"{record_path}/files/{file}" if file else "")


@dataclass(frozen=True)
class Said:
    """One yes.  acts_for: whose it is, where that is somebody else's."""

    name: str
    number: int
    opinion: str
    stands_in: str
    when: str
    moment: str
    iso: str
    acts_for: str = ""
    signed: Signature | None = None


@dataclass(frozen=True)
class Turn:
    """A part of an approval: "done", "now" or "ahead". label: whose turn it is, where one follows the other."""

    label: str
    place: str
    said: Sequence[Said]
    awaited: Sequence[tuple[int, str]]
    more: int
    note: str
    arranged: Sequence[str] = ()  # who handed on to whom, who was asked besides, who acts for whom


@dataclass(frozen=True)
class ApprovalPanel:
    """withdraw: where my yes is taken back, hand_on and signers: where somebody else is asked; "" where there is none."""

    key: str
    label: str
    rule: str
    turns: Sequence[Turn]
    withdraw: str
    hand_on: str
    signers: str


def approval_panels(
    gate: Gate, options: Iterable[Option], events: Iterable[Event], record: tuple[str, int], formats: Formats
) -> list[ApprovalPanel]:
    """A panel for each approval out of the present status."""
    rounds = [option.round for option in options if option.round is not None]
    ids = {one for round in rounds for part in round.parts for vote in part.votes for one in (vote.member_id, vote.by_id)}
    ids |= {one for round in rounds for one in sorted(round.awaited)[:NAMED]}
    ids |= {one for round in rounds for row in round.mandates for one in (row.member_id, row.holder_id, row.by_id)}
    ids |= {one for round in rounds for part in round.parts for pair in _substitutes(part).items() for one in pair}
    path = f"{list_path(gate.compiled.app.key, record[0])}{record[1]}"
    drawing = _Drawing(gate, formats, names(gate.connection, ids), {event.seq: event for event in events}, path)
    return [drawing.panel(round, record) for round in rounds]


class _Drawing:
    def __init__(self, gate: Gate, formats: Formats, people: Mapping[int, str], events: Mapping[int, Event], path: str):
        self.gate = gate
        self.formats = formats
        self.people = people
        self.events = events
        self.path = path

    def panel(self, round: Round, record: tuple[str, int]) -> ApprovalPanel:
        transition, (form_key, record_id) = round.transition, record
        where = {"app_key": round.form.app.key, "form_key": form_key, "record_id": record_id, "key": transition.key}
        my_turn = round.turn is not None and self.gate.actor.id in round.awaited
        return ApprovalPanel(
            key=transition.key,
            label=say(transition.label, self.formats.language),
            rule=self._rule(round),
            turns=[self._turn(round, part) for part in round.parts],
            withdraw=url_for("transitions.withdraw", **where) if round.of(self.gate.actor.id) else "",
            hand_on=url_for("signing.show", **where, way="hand-on") if my_turn else "",
            signers=url_for("signing.show", **where, way="signers") if my_turn else "",
        )

    def _rule(self, round: Round) -> str:
        people = round.named(round.parts[0], self.formats.language)
        return {
            "one": lambda: _("One yes is needed: %(people)s", people=people),
            "all": lambda: _("All must say yes: %(people)s", people=people),
            "some": lambda: _("%(count)s must say yes: %(people)s", count=round.approval.count, people=people),
            "in_turn": lambda: _("One after the other must say yes"),
        }[round.approval.kind]()

    def _turn(self, round: Round, part: Part) -> Turn:
        now = part is round.turn
        awaited = sorted(part.awaited(round.approval)) if now else []
        place = "now" if now else "done" if part.carried(round.approval) else "ahead"
        return Turn(
            label=_capital(round.meant(part, self.formats.language)) if round.approval.kind == "in_turn" else "",
            place=place,
            said=[self._said(vote) for vote in part.votes],
            awaited=[(one, self.people[one]) for one in awaited[:NAMED] if one in self.people],
            more=max(len(awaited) - NAMED, 0),
            note=self._note(round, part) if now else "",
            arranged=self._arranged(round, part, now),
        )

    def _arranged(self, round: Round, part: Part, now: bool) -> list[str]:
        """Who says yes for whom."""
        told = []
        for row in round.mandates:
            names = {name: self._name(one) for name, one in (("whose", row.member_id), ("holder", row.holder_id), ("by", row.by_id))}
            if row.part == part.key and row.kind == ADDED:
                told.append(_("%(by)s asked %(whose)s to sign too", **names))
            if row.part == part.key and row.member_id != row.holder_id:
                told.append(_("%(whose)s: handed on to %(holder)s", **names))
        away = _substitutes(part).items() if now else ()
        return told + [_("%(away)s is away; %(deputy)s acts for them", away=self._name(a), deputy=self._name(b)) for a, b in away]

    def _name(self, member_id: int) -> str:
        return self.people.get(member_id, f"#{member_id}")

    def _said(self, vote) -> Said:
        event = self.events.get(vote.seq)
        return Said(
            name=self._name(vote.by_id),
            number=vote.by_id,
            opinion=event.opinion if event else "",
            stands_in=standing_in(vote.stands_in),
            when=self.formats.relative(vote.at),
            moment=self.formats.moment(vote.at),
            iso=vote.at.isoformat(timespec="seconds") + "Z",
            signed=signature(event.signed if event else {}, self.path),
            acts_for=self._name(vote.member_id) if vote.by_id != vote.member_id else "",
        )

    def _note(self, round: Round, part: Part) -> str:
        """Why it is not those whom the definition means."""
        if not part.people:
            return _("Nobody who may see this could approve it; a role must be given to somebody.")
        if not part.stands_in:
            return ""
        meant = round.meant(part, self.formats.language)
        if part.stands_in == "head":
            return _("There is nobody (else) for “%(people)s”; the head of department stands in.", people=meant)
        return _("There is nobody (else) for “%(people)s”; an administrator stands in.", people=meant)


def _substitutes(part: Part) -> dict[int, int]:
    """Who is away and still awaited -> who acts for them."""
    return {one: deputy for one, deputy in part.deputies.items() if one not in part.voters}


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def standing_in(kind: str) -> str:
    """In whose place somebody voted, in words."""
    return {"head": _("as head of department"), "admin": _("as administrator"), BESIDE: _("as added signer")}.get(kind, "")
