"""Which approvals of a form wait for a person: as arms of a query, and row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from ..platform.access.people import departments_of, held_roles
from ..platform.definition.flow import Rule, Transition, Who
from ..platform.records.arms import ballots
from ..platform.records.compiled import CompiledForm
from ..platform.records.query import Gate
from ..platform.records.results import Arm, Row
from ..platform.workflow.approvals import parts_of

USER = {"var": "user.id"}
CREATOR = {"var": "created_by"}


class Ballots:
    def __init__(self, gate: Gate, form: CompiledForm):
        self.gate = gate
        self.form = form
        self.roles = gate.actor.roles_in(form.app.key)
        self.readable = gate.readable_fields(form.key)
        self._places: dict[int | None, int | None] = {}
        self.transitions = [t for t in form.form.transitions if t.approval and not t.automatic and t.rows is None]

    @property
    def arms(self) -> Iterator[Arm]:
        """The rows on which my vote is awaited; guards are asked when it is given."""
        for transition in self.transitions:
            here: list[Any] = [{"in": [{"var": "status"}, list(transition.sources)]}]
            if transition.approval.not_self:
                here.append({"!==": [CREATOR, USER]})
            if transition.approval.kind == "in_turn":
                yield from self._in_turn(transition, here)
                continue
            for rule, creator in self._meant(transition.who):
                yield Arm({"and": [*here, rule]}, unvoted=transition.key, creator=creator)

    def votes(self, rows: Sequence[Row]) -> dict[int, list[Any]]:
        """The open votes of rows in sight, by id; and whose department each is from, where that matters."""
        if not self.transitions or not rows:
            return {}
        if any(who.head or self._unheld(who) for t in self.transitions for who in (t.who, *parts_of(t.who).values())):
            self._places = departments_of(self.gate.connection, [row.created_by for row in rows])
        return ballots(self.gate, self.form, rows)

    def waits(self, transition: Transition, row: Row, votes: Sequence[Any]) -> bool:
        """Whether a row in sight waits for my vote, as far as its votes and names tell."""
        me, approval = self.gate.actor.id, transition.approval
        given = [vote for vote in votes if vote.transition == transition.key]
        if approval.not_self and row.created_by == me:
            return False
        if approval.kind != "in_turn":
            return self._names_me(transition.who, row) and all(vote.member_id != me for vote in given)
        carried = {vote.part for vote in given}
        turn = next((who for part, who in parts_of(transition.who).items() if part not in carried), None)
        return turn is not None and self._names_me(turn, row)

    def _in_turn(self, transition: Transition, here: list[Any]) -> Iterator[Arm]:
        """One arm a part that may be mine: all before it are carried, it is not."""
        before: tuple[tuple[str, str], ...] = ()
        for part, who in parts_of(transition.who).items():
            mine = ((transition.key, part),)
            for rule, creator in self._meant(who):
                yield Arm({"and": [*here, rule]}, given=before, lacking=mine, creator=creator)
            before += mine

    def _meant(self, who: Who) -> Iterator[tuple[Rule, str]]:
        """Ways in which I may be meant: a condition on the record, a relation to its creator."""
        if self.roles.intersection(who.roles):
            yield True, ""
        for key in who.fields:
            if key in self.readable:
                yield {"===": [{"var": key}, USER]}, ""
        if who.creator:
            yield {"===": [CREATOR, USER]}, ""
        if who.head:
            yield True, "led"
        if self._unheld(who):
            yield True, "led"
            if self.gate.actor.admin:
                yield True, "unled"

    def _names_me(self, who: Who, row: Row) -> bool:
        me = self.gate.actor.id
        if self.roles.intersection(who.roles) or any(row.values.get(key) == me for key in who.fields):
            return True
        if who.creator and row.created_by == me:
            return True
        unheld = self._unheld(who)
        if not (unheld or who.head):
            return False
        place = self._places.get(row.created_by)
        unled = unheld and self.gate.actor.admin and place not in self.gate.led.headed
        return unled or self.gate.led.leads(row.created_by, place)

    def _unheld(self, who: Who) -> bool:
        """Whether only roles are named, and nobody has one."""
        return Who(roles=who.roles) == who and bool(who.roles) and not self._held.intersection(who.roles)

    @cached_property
    def _held(self) -> frozenset[str]:
        return held_roles(self.gate.connection, self.form.app.key)
