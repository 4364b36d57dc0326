"""A record at a moment of its past, before the eyes of one version: what its flow would have said then."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from ..access.actor import SYSTEM, Actor
from ..definition.flow import Transition
from ..records.compiled import CompiledForm
from ..records.draft import Draft, Linked, Surroundings, rule_data
from ..records.links import needs_of
from ..rules.typing import paths
from .approvals import Rounds
from .circle import Circle, scope_needs
from .judge import may_take, unmet
from .past import Past, When, standing_under
from .timers import over


@dataclass
class Moment:
    """`actor` is whoever acted then."""

    connection: sa.Connection
    past: Past
    form: CompiledForm
    draft: Draft
    when: When
    actor: Actor

    @cached_property
    def linked(self) -> Linked:
        needs = self.form.statement("backtest needs", lambda: needs_of(self.form, _rules(self.form))) | scope_needs(self.form)
        return self.past.linked(self.draft, needs, self.when)

    @cached_property
    def data(self) -> dict[str, Any]:
        return rule_data(self.draft, self.linked, Surroundings(self.actor, self.form.app, self.when.at))

    @cached_property
    def circle(self) -> Circle:
        return Circle(self.connection, self.draft, self.linked, self.when.at)

    def allows(self, transition: Transition) -> bool:
        """Whether its guards held, as far as history tells."""
        return self.draft.status in transition.sources and not unmet(self.draft, transition, self.data)

    def may(self, transition: Transition) -> bool:
        """Whether it was up to the one who acted."""
        if self.actor.is_system:
            return True
        self.circle.gather(transition.who, admins=True)
        self.draft.flags = self.circle.flags(self.actor)
        return may_take(self.draft, transition, Surroundings(self.actor, self.form.app, self.when.at), Rounds(self.circle))

    def asked(self, transition: Transition) -> tuple:
        """How an approval is carried, and by whom."""
        approval, round = transition.approval, Rounds(self.circle).of(transition)
        return approval.kind, approval.count, [part.members for part in round.parts]

    def due(self, automatic: list[Transition]) -> Transition | None:
        """The first of these whose time had come and whose guards held, for the engine."""
        data = self.data | Surroundings(SYSTEM, self.form.app, self.when.at).data()
        waiting = [one for one in automatic if self.draft.status in one.sources and over(self.draft, one.wait, self.when.at)]
        return next((one for one in waiting if not unmet(self.draft, one, data)), None)


def asked_by(form: CompiledForm) -> frozenset[str]:
    """The fields that the flow of a form and its row scopes ask for."""

    def find() -> frozenset[str]:
        read = {path.partition(".")[0] for rule, scope, _rows in _rules(form) if isinstance(rule, dict) for path in paths(rule, scope)}
        read |= {key for transition in form.form.flow() for key in transition.who.fields}
        read |= {transition.wait.field for transition in form.form.flow() if transition.wait is not None}
        return standing_under(form, frozenset(read & form.form.by_key.keys()))

    return form.statement("backtest asks", find)


def _rules(form: CompiledForm) -> list[tuple[Any, Any, str]]:
    guards = [(guard.rule, form.scope, "") for transition in form.form.flow() for guard in transition.guards]
    return [*guards, *((grant.scope, form.scope, "") for grant in form.grants.values() if isinstance(grant.scope, dict))]
