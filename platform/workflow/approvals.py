"""How an approval stands: who has said yes, who is still awaited, and why somebody cannot.

All that counts is who is meant, and may see the record, at the moment of deciding. Where fewer are left than
are needed, the head of the creator's department stands in for them, then the administrators.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from ..access.actor import Actor
from ..definition.flow import Approval, Transition, Who
from ..definition.model import say
from ..records.compiled import CompiledForm
from ..records.votes import of_round
from .circle import Circle

HEAD, ADMIN = "head", "admin"


@dataclass(frozen=True)
class Vote:
    """seq: the event that tells of it, with the opinion.  stands_in: "head" or "admin", for nobody else could."""

    id: int
    member_id: int
    at: datetime
    seq: int
    stands_in: str


@dataclass(frozen=True)
class Part:
    """One turn of an approval, or all of it. `regular` are those it means, `members` those with who stands in."""

    key: str  # "role:finance", "field:owner", "creator", "head"; "" for all at once
    who: Who
    regular: frozenset[int]
    members: frozenset[int]
    stands_in: str
    votes: tuple[Vote, ...]

    @property
    def voters(self) -> frozenset[int]:
        return frozenset(vote.member_id for vote in self.votes)

    def carried(self, approval: Approval, more: int | None = None) -> bool:
        """Whether enough have said yes, with one more if there is one."""
        voters = self.voters | ({more} if more is not None else frozenset())
        if approval.kind == "all" and self.regular:
            return self.regular <= voters
        return len(voters) >= (approval.count if approval.kind == "some" else 1)


@dataclass(frozen=True)
class Round:
    """Where the approval of one transition stands, in the record's present stay at its status."""

    transition: Transition
    form: CompiledForm
    parts: tuple[Part, ...]
    created_by: int | None
    withheld: bool  # from the creator, who would be meant

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
            return frozenset(member for part in self.parts for member in part.members)
        return self.turn.members - self.turn.voters

    @property
    def missing(self) -> int:
        """How many more must say yes before the present part is carried."""
        turn = self.turn
        if turn is None:
            return 0
        if self.approval.kind == "all" and turn.regular:
            return len(turn.regular - turn.voters)
        return (self.approval.count if self.approval.kind == "some" else 1) - len(turn.voters)

    def of(self, member_id: int | None) -> list[Vote]:
        """The open votes of a member."""
        return [vote for part in self.parts for vote in part.votes if vote.member_id == member_id]

    def given(self, member_id: int) -> list[Part]:
        """The parts that a vote now counts for: the present one, and of those next to it all that are theirs too."""
        given: list[Part] = []
        if self.turn is None:
            return given
        for part in self.parts[self.parts.index(self.turn) :]:
            if member_id not in part.members or (given and not given[-1].carried(self.approval, member_id)):
                break
            if not part.carried(self.approval):
                given.append(part)
        return given

    def decided_by(self, member_id: int) -> bool:
        """Whether one more vote, of this member, carries the whole."""
        given = {part.key for part in self.given(member_id)}
        return all(part.carried(self.approval, member_id if part.key in given else None) for part in self.parts)

    def refusal(self, actor: Actor) -> str:
        """Why an actor cannot vote now; "" if they can."""
        if actor.id in self.awaited:
            return ""
        if actor.id == self.created_by and self.withheld:
            return _("You created this; somebody else must approve it.")
        if not self.turn or not self.turn.members:
            return _("Nobody who may see this could approve it; a role must be given to somebody.")
        later = self._later()
        if self.of(actor.id) and (actor.id in self.turn.voters or actor.id not in later):
            return _("You have said yes already.")
        people = self.named(self.turn, actor.language)
        if actor.id in later or any(actor.id in part.members for part in self.parts):
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
        return frozenset(member for part in later for member in part.members)


class Rounds:
    """The approvals of a record's transitions; votes and members are looked up when first asked for."""

    def __init__(self, circle: Circle):
        self.circle = circle
        self._votes: list | None = None

    def of(self, transition: Transition) -> Round | None:
        """Where a transition's approval stands; None where it needs none."""
        approval, draft = transition.approval, self.circle.draft
        if approval is None:
            return None
        self.circle.gather(transition.who, admins=True)
        whos = parts_of(transition.who) if approval.kind == "in_turn" else {"": transition.who}
        barred = {draft.created_by} if approval.not_self else set()
        parts = tuple(self._part(transition, key, who, barred) for key, who in whos.items())
        withheld = bool(barred & self.circle.meant(transition.who))
        return Round(transition, draft.form, parts, draft.created_by, withheld)

    def _part(self, transition: Transition, key: str, who: Who, barred: set[int | None]) -> Part:
        circle, needed = self.circle, transition.approval.count if transition.approval.kind == "some" else 1
        regular, stands_in = circle.meant(who) - barred, ""
        members = set(regular)
        for name, people in ((HEAD, {circle.head} if circle.sees(circle.head) else set()), (ADMIN, circle.admins)):
            if len(members) < needed and people - barred - members:
                members, stands_in = members | (people - barred), name
        return Part(key, who, frozenset(regular), frozenset(members), stands_in, self._given(transition, key))

    def _given(self, transition: Transition, part: str) -> tuple[Vote, ...]:
        found = [row for row in self.votes if (row.transition, row.part) == (transition.key, part)]
        return tuple(Vote(row.id, row.member_id, row.at, row.seq, row.stands_in) for row in found)

    @property
    def votes(self) -> list:
        if self._votes is None:
            draft, circle = self.circle.draft, self.circle
            self._votes = of_round(circle.connection, draft.form.app.key, draft.form.key, draft.id, draft.status_since)
        return self._votes


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
