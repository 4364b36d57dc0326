"""How an approval stands: who has said yes, who is still awaited, and why somebody cannot.

All that counts is who is meant, and may see the record, at the moment of deciding. Where fewer are left than
are needed, the head of the creator's department stands in for them, then the administrators. A yes can be handed on,
another signer asked for, and who is away has a substitute.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from flask_babel import gettext as _

from ..access.actor import Actor
from ..access.substitutes import deputies
from ..definition.flow import Approval, Transition, Who
from ..definition.model import say
from ..records import mandates, votes
from ..records.compiled import CompiledForm
from ..records.mandates import ADDED
from .circle import Circle

HEAD, ADMIN = "head", "admin"


@dataclass(frozen=True)
class Vote:
    """by_id: who said it, for themselves or for the member whose yes it is.  seq: the event that tells of it, with
    the opinion.  stands_in: "head" or "admin", for nobody else could.
    """

    id: int
    member_id: int
    by_id: int
    at: datetime
    seq: int
    stands_in: str


@dataclass(frozen=True)
class Part:
    """One turn of an approval, or all of it. `regular` are those it means, `members` those with who stands in, `added`
    those who were asked besides. `givers`: by whose yes it is, those who can give it now.
    """

    key: str  # "role:finance", "field:owner", "creator", "head"; "" for all at once
    who: Who
    regular: frozenset[int]
    members: frozenset[int]
    stands_in: str
    votes: tuple[Vote, ...]
    added: frozenset[int] = frozenset()
    givers: Mapping[int, frozenset[int]] = field(default_factory=dict)
    deputies: Mapping[int, int] = field(default_factory=dict)  # of those who hold one, while they are away

    @property
    def voters(self) -> frozenset[int]:
        """Those whose yes was given."""
        return frozenset(vote.member_id for vote in self.votes)

    def role_of(self, member_id: int) -> str:
        """As what somebody's yes is asked for: "" of those who are meant."""
        if member_id in self.added:
            return votes.BESIDE
        return self.stands_in if member_id in self.members - self.regular else ""

    @property
    def counted(self) -> frozenset[int]:
        """Those who gave a yes of somebody who is meant: nobody counts twice."""
        return frozenset(vote.by_id for vote in self.votes if vote.member_id not in self.added)

    def carried(self, approval: Approval, more: frozenset[int] = frozenset(), by: int | None = None) -> bool:
        """Whether enough have said yes, with what one more person gives if there is one: whose yes, and who."""
        return self.added <= self.voters | more and self.enough(approval, more, by)

    def enough(self, approval: Approval, more: frozenset[int] = frozenset(), by: int | None = None) -> bool:
        """The same of those who are meant, whoever was asked besides."""
        if approval.kind == "all" and self.regular:
            return self.regular <= self.voters | more
        people = self.counted | ({by} if more - self.added else set())
        return len(people) >= (approval.count if approval.kind == "some" else 1)

    def open_to(self, member_id: int | None, approval: Approval) -> frozenset[int]:
        """Whose yes a member would give now; where no more than one counts, their own first."""
        theirs = {one for one in self.members | self.added if member_id in self.givers.get(one, ())} - self.voters
        meant, added = theirs & self.members - self.added, theirs & self.added
        if self.enough(approval):
            meant = set()
        elif not (approval.kind == "all" and self.regular):
            own = {member_id} & meant or set(sorted(meant)[:1])
            meant = set() if member_id in self.counted else own
        return frozenset(meant | added)

    @property
    def people(self) -> frozenset[int]:
        """Everybody who could ever give a yes here."""
        return frozenset(giver for one in self.members | self.added for giver in self.givers.get(one, ()))

    def awaited(self, approval: Approval) -> frozenset[int]:
        return frozenset(one for one in self.people if self.open_to(one, approval))


@dataclass(frozen=True)
class Round:
    """Where the approval of one transition stands, in the record's present stay at its status."""

    transition: Transition
    form: CompiledForm
    parts: tuple[Part, ...]
    created_by: int | None
    withheld: bool  # from the creator, who would be meant
    mandates: tuple[Any, ...] = ()

    @property
    def approval(self) -> Approval:
        return self.transition.approval

    @property
    def turn(self) -> Part | None:
        """The part that is awaited; None once all are carried."""
        return next((part for part in self.parts if not part.carried(self.approval)), None)

    @property
    def awaited(self) -> frozenset[int]:
        """Who can vote now; where the last that was awaited is meant no longer, whoever is can carry it out."""
        if self.turn is None:
            return frozenset(member for part in self.parts for member in part.people)
        return self.turn.awaited(self.approval)

    @property
    def missing(self) -> int:
        """How many more must say yes before the present part is carried."""
        turn = self.turn
        if turn is None:
            return 0
        added = len(turn.added - turn.voters)
        if self.approval.kind == "all" and turn.regular:
            return len(turn.regular - turn.voters) + added
        needed = self.approval.count if self.approval.kind == "some" else 1
        return max(needed - len(turn.counted), 0) + added

    def of(self, member_id: int | None) -> list[Vote]:
        """The open votes that a member gave."""
        return [vote for part in self.parts for vote in part.votes if vote.by_id == member_id]

    def handed(self, member_id: int | None) -> Any | None:
        """What says that a member's own yes was handed on in the present part."""
        here = (row for row in self.mandates if self.turn is not None and row.part == self.turn.key)
        return next((row for row in here if row.member_id == member_id != row.holder_id), None)

    def given(self, member_id: int) -> list[tuple[Part, frozenset[int]]]:
        """The parts that a vote now counts for, and whose yes it is there: the present one, and of those next to it
        all that are theirs too.
        """
        given: list[tuple[Part, frozenset[int]]] = []
        if self.turn is None:
            return given
        for part in self.parts[self.parts.index(self.turn) :]:
            if given and not given[-1][0].carried(self.approval, given[-1][1], member_id):
                break
            if part.carried(self.approval):
                continue
            if not (whose := part.open_to(member_id, self.approval)):
                break
            given.append((part, whose))
        return given

    def decided_by(self, member_id: int) -> bool:
        """Whether one more vote, of this member, carries the whole."""
        given = {part.key: whose for part, whose in self.given(member_id)}
        return all(part.carried(self.approval, given.get(part.key, frozenset()), member_id) for part in self.parts)

    def refusal(self, actor: Actor) -> str:
        """Why an actor cannot vote now; "" if they can."""
        if actor.id in self.awaited:
            return ""
        if actor.id == self.created_by and self.withheld:
            return _("You created this; somebody else must approve it.")
        if not self.turn or not self.turn.people:
            return _("Nobody who may see this could approve it; a role must be given to somebody.")
        if self.handed(actor.id):
            return _("You have handed this on.")
        later = self._later()
        if self.of(actor.id) and (actor.id in self.turn.counted or actor.id not in later):
            return _("You have said yes already.")
        if self.turn.enough(self.approval):
            return _("Enough have said yes; only a signer who was added is awaited.")
        people = self.named(self.turn, actor.language)
        if actor.id in later or any(actor.id in part.people for part in self.parts):
            return _("It is not your turn: first it is up to %(people)s.", people=people)
        return _("Only %(people)s can do this.", people=people)

    def named(self, part: Part, language: str) -> str:
        """In words, whom a part means, or who stands in for them."""
        standing_in = {HEAD: _("the head of department"), ADMIN: _("an administrator")}.get(part.stands_in)
        names = [] if standing_in and not part.regular else [self.meant(part, language)]
        return _(" or ").join([*names, *filter(None, [standing_in])])

    def meant(self, part: Part, language: str) -> str:
        """In words, whom a part means, be there anybody or not."""
        return named(part.who, self.form, language)

    def _later(self) -> frozenset[int]:
        later = self.parts[self.parts.index(self.turn) + 1 :] if self.turn else ()
        return frozenset(member for part in later for member in part.people)


class Rounds:
    """The approvals of a record's transitions; votes and members are looked up when first asked for."""

    def __init__(self, circle: Circle):
        self.circle = circle

    def of(self, transition: Transition) -> Round | None:
        """Where a transition's approval stands; None where it needs none."""
        approval, draft = transition.approval, self.circle.draft
        if approval is None:
            return None
        self.circle.gather(transition.who, admins=True)
        mandates = tuple(row for row in self.mandates if row.transition == transition.key)
        self.circle.meet({row.holder_id for row in mandates})
        self.circle.meet({deputy for away, deputy in self.deputies.items() if away in self.circle.known})
        whos = parts_of(transition.who) if approval.kind == "in_turn" else {"": transition.who}
        barred = {draft.created_by} if approval.not_self else set()
        parts = tuple(self._part(transition, key, who, barred) for key, who in whos.items())
        meant = self.circle.meant(transition.who)
        withheld = bool(barred & (meant | {self.deputies.get(one) for one in meant}))
        return Round(transition, draft.form, parts, draft.created_by, withheld, mandates)

    def _part(self, transition: Transition, key: str, who: Who, barred: set[int | None]) -> Part:
        circle, needed = self.circle, transition.approval.count if transition.approval.kind == "some" else 1
        regular, stands_in = circle.meant(who) - barred, ""
        members = set(regular)
        for name, people in ((HEAD, {circle.head} if circle.sees(circle.head) else set()), (ADMIN, circle.admins)):
            if len(members) < needed and people - barred - members:
                members, stands_in = members | (people - barred), name
        here = [row for row in self.mandates if (row.transition, row.part) == (transition.key, key)]
        held = {row.member_id: row.holder_id for row in here if row.holder_id not in barred and circle.sees(row.holder_id)}
        added = frozenset(row.member_id for row in here if row.kind == ADDED and row.member_id in held)
        holders = {one: held.get(one, one) for one in members | added}
        deputies = {one: self.deputies[one] for one in holders.values() if self._may_stand(one, barred)}
        givers = {one: frozenset({holder, deputies.get(holder, holder)}) for one, holder in holders.items()}
        given = self._given(transition, key)
        return Part(key, who, frozenset(regular), frozenset(members), stands_in, given, added, givers, deputies)

    def _may_stand(self, away: int, barred: set[int | None]) -> bool:
        """Whether who acts for somebody may say yes to this."""
        deputy = self.deputies.get(away)
        return deputy is not None and deputy not in barred and self.circle.sees(deputy)

    def _given(self, transition: Transition, part: str) -> tuple[Vote, ...]:
        found = [row for row in self.votes if (row.transition, row.part) == (transition.key, part)]
        return tuple(Vote(row.id, row.member_id, row.by_id or row.member_id, row.at, row.seq, row.stands_in) for row in found)

    @cached_property
    def votes(self) -> list:
        return votes.of_round(self.circle.connection, *self._place)

    @cached_property
    def mandates(self) -> list:
        return mandates.of_round(self.circle.connection, *self._place)

    @cached_property
    def deputies(self) -> Mapping[int, int]:
        """Who is away today -> who acts for them."""
        circle = self.circle
        return deputies(circle.connection, circle.form.app.day(circle.now))

    @property
    def _place(self) -> tuple[str, str, int, datetime]:
        draft = self.circle.draft
        return draft.form.app.key, draft.form.key, draft.id, draft.status_since


def parts_of(who: Who) -> dict[str, Who]:
    """Each that a `who` names by itself: roles, fields, the creator, the head."""
    parts = {f"role:{role}": Who(roles=(role,)) for role in who.roles}
    parts |= {f"field:{key}": Who(fields=(key,)) for key in who.fields}
    parts |= {"creator": Who(creator=True)} if who.creator else {}
    return parts | ({"head": Who(head=True)} if who.head else {})


def named(who: Who, form: CompiledForm, language: str, rows_key: str | None = None) -> str:
    """In words, whom a `who` means, be it of a transition of lines; "" where nobody."""
    roles = form.app.role_by_key
    fields = {key: field for key in who.fields if (field := form.form.field_from(rows_key, key)) is not None}
    names = [say(roles[key].label, language) for key in who.roles if key in roles]
    names += [say(fields[key].label, language) for key in who.fields if key in fields]
    names += [_("the creator")] if who.creator else []
    names += [_("the head of department")] if who.head else []
    return _(" or ").join(names)
