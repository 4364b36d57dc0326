"""Which approvals of a form wait for a person: as arms of a query, and row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ..platform.access.actor import Actor
from ..platform.access.people import departments_of, held_roles
from ..platform.definition.flow import Transition, Who
from ..platform.records.arms import ballots
from ..platform.records.compiled import CompiledForm
from ..platform.records.mandates import ADDED
from ..platform.records.query import Gate
from ..platform.records.results import Arm, Row
from ..platform.records.votes import BESIDE
from ..platform.workflow.approvals import parts_of

USER = {"var": "user.id"}
CREATOR = {"var": "created_by"}


@dataclass(frozen=True)
class Asked:
    """Whose vote is asked for: mine (stead is None), or that of one for whom I act, by number."""

    actor: Actor
    stead: int | None
    app_key: str

    @property
    def id(self) -> int:
        return self.actor.id

    @property
    def roles(self) -> frozenset[str]:
        return self.actor.roles_in(self.app_key)


class Ballots:
    def __init__(self, gate: Gate, form: CompiledForm):
        self.gate = gate
        self.form = form
        self.readable = gate.readable_fields(form.key)
        self._places: dict[int | None, int | None] = {}
        self.transitions = [t for t in form.form.transitions if t.approval and not t.automatic and t.rows is None]

    @cached_property
    def asked(self) -> list[Asked]:
        """Me, and those for whom I act while they are away."""
        me = Asked(self.gate.actor, None, self.form.app.key)
        return [me, *(Asked(one, number, self.form.app.key) for number, one in enumerate(self.gate.acts_for))]

    @property
    def mandated(self) -> bool:
        """Whether I ever handed on here, or was asked."""
        return any(self.gate.mandated(self.form.key, transition.key) for transition in self.transitions)

    @property
    def arms(self) -> Iterator[Arm]:
        """The rows on which my vote is awaited; guards are asked when it is given."""
        for transition in self.transitions:
            here: list[Any] = [{"in": [{"var": "status"}, list(transition.sources)]}]
            if transition.approval.not_self:
                here.append({"!==": [CREATOR, USER]})
            for asked in self.asked:
                yield from self._of(transition, here, asked)

    def _of(self, transition: Transition, here: list[Any], asked: Asked) -> Iterator[Arm]:
        """The rows on which a vote of mine is awaited as that one."""
        approval = transition.approval
        plain = Arm({"and": here}, stead=asked.stead, apart=approval.not_self and asked.stead is not None, once=approval.kind != "all")
        if approval.kind == "in_turn":
            before: tuple[tuple[str, str], ...] = ()
            for part, who in parts_of(transition.who).items():
                theirs = ((transition.key, part),)
                yield from self._of_part(transition, replace(plain, given=before, lacking=theirs, part=part), who, asked)
                before += theirs
            return
        lacking = ((transition.key, ""),) if approval.kind == "one" else ()
        fewer = approval.count if approval.kind == "some" else 0
        yield from self._of_part(transition, replace(plain, unvoted=transition.key, lacking=lacking, fewer=fewer), transition.who, asked)

    def _of_part(self, transition: Transition, plain: Arm, who: Who, asked: Asked) -> Iterator[Arm]:
        """The same of a part: as one of those meant, as one who holds another's vote, or was asked besides."""
        mandated = self.gate.mandated(self.form.key, transition.key)
        if mandated:
            held = replace(plain, unvoted=transition.key, apart=False)
            yield replace(held, mandates="handed")
            yield replace(held, mandates="added", lacking=(), fewer=0)
        for meant in self._meant(who, asked):
            yield replace(plain, mandates="own" if mandated else "", **meant)

    def _meant(self, who: Who, asked: Asked) -> Iterator[dict[str, str]]:
        """Ways in which somebody may be meant: named by a field, a relation to the record's creator."""
        if asked.roles.intersection(who.roles):
            yield {}
        for key in who.fields:
            if key in self.readable:
                yield {"person": key}
        if who.creator:
            yield {"person": "created_by"}
        if who.head:
            yield {"creator": "led"}
        if self._unheld(who):
            yield {"creator": "led"}
            if asked.actor.admin:
                yield {"creator": "unled"}

    def votes(self, rows: Sequence[Row]) -> dict[int, tuple[list[Any], list[Any]]]:
        """The open votes and mandates of rows in sight, by id; and whose department each is from, where that matters."""
        if not self.transitions or not rows:
            return {}
        if any(who.head or self._unheld(who) for t in self.transitions for who in (t.who, *parts_of(t.who).values())):
            self._places = departments_of(self.gate.connection, [row.created_by for row in rows])
        return ballots(self.gate, self.form, rows)

    def waits(self, transition: Transition, row: Row, stands: tuple[Sequence[Any], Sequence[Any]]) -> list[Asked]:
        """As whom my vote is awaited on a row in sight, as far as its votes, mandates and names tell."""
        me, approval = self.gate.actor.id, transition.approval
        given, held = ([one for one in kept if one.transition == transition.key] for kept in stands)
        if approval.not_self and row.created_by == me:
            return []
        said = {(vote.part, vote.member_id) for vote in given}
        part, who = self._turn(transition, given, held)
        here = [one for one in held if one.part == part and (part, one.member_id) not in said]
        beside = {one.holder_id for one in here if one.kind == ADDED}
        if who is None:
            return []
        if self._enough(transition, part, given):
            return [asked for asked in self.asked if asked.id in beside]
        handed = {one.holder_id for one in here if one.kind != ADDED}
        apart = {row.created_by} if approval.not_self else set()
        apart |= {one.member_id for one in held if one.part == part and one.holder_id != one.member_id}
        apart |= {member_id for place, member_id in said if place == part}
        counts = approval.kind == "all" or me not in _people(part, given)
        meant = {asked.id for asked in self.asked if asked.id not in apart and self._names(asked, who, row)}
        return [asked for asked in self.asked if asked.id in beside or (counts and asked.id in handed | meant)]

    def _turn(self, transition: Transition, given: Sequence[Any], held: Sequence[Any]) -> tuple[str, Who | None]:
        """The part that is awaited, and whom it means."""
        if transition.approval.kind != "in_turn":
            return "", transition.who
        said = {(vote.part, vote.member_id) for vote in given}
        carried = {vote.part for vote in given if vote.stands_in != BESIDE}
        carried -= {one.part for one in held if one.kind == ADDED and (one.part, one.member_id) not in said}
        return next(((part, who) for part, who in parts_of(transition.who).items() if part not in carried), ("", None))

    def _enough(self, transition: Transition, part: str, given: Sequence[Any]) -> bool:
        """Whether only signers who were added are still awaited."""
        approval = transition.approval
        if approval.kind == "all":
            return False
        return len(_people(part, given)) >= (approval.count if approval.kind == "some" else 1)

    def _names(self, asked: Asked, who: Who, row: Row) -> bool:
        if asked.roles.intersection(who.roles) or any(row.values.get(key) == asked.id for key in who.fields):
            return True
        if who.creator and row.created_by == asked.id:
            return True
        unheld = self._unheld(who)
        if not (unheld or who.head):
            return False
        led = self.gate.led if asked.stead is None else self.gate.led_in_stead(asked.stead)
        place = self._places.get(row.created_by)
        unled = unheld and asked.actor.admin and place not in led.headed
        return unled or led.leads(row.created_by, place)

    def _unheld(self, who: Who) -> bool:
        """Whether only roles are named, and nobody has one."""
        return Who(roles=who.roles) == who and bool(who.roles) and not self._held.intersection(who.roles)

    @cached_property
    def _held(self) -> frozenset[str]:
        return held_roles(self.gate.connection, self.form.app.key)


def _people(part: str, given: Sequence[Any]) -> set[int]:
    """Those who gave a vote of somebody who is meant."""
    return {vote.by_id or vote.member_id for vote in given if vote.part == part and vote.stands_in != BESIDE}
