"""Who may take a transition now, and why not: the same answer for the page and for the command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from ..definition.flow import Guard, Transition
from ..definition.placeholders import placeholders
from ..records.compiled import CompiledForm
from ..records.draft import Draft, Surroundings
from ..records.links import Needs, needs_of
from .approvals import Round, Rounds, named
from .messages import fill, reader


@dataclass(frozen=True)
class Reason:
    """Why something cannot be done, and the keys of the roles that can lift it."""

    text: str
    lifters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Option:
    """A transition out of the present status: allowed, or not and why; where its approval stands if it needs one."""

    transition: Transition
    allowed: bool
    reasons: tuple[Reason, ...] = ()
    round: Round | None = None


def guard_needs(form: CompiledForm, status: str) -> Needs:
    """What the guards of the transitions out of a status, and their messages, read past links."""
    key = ("guards", status)
    if key not in form.statements:
        leaving = [t for t in form.form.transitions if status in t.sources]
        guards = [guard for transition in leaving for guard in transition.guards]
        rules = [(guard.rule, form.scope, "") for guard in guards]
        rules += [({"var": path}, form.scope, "") for guard in guards for path in placeholders(guard.message)]
        form.statements[key] = needs_of(form, rules)
    return form.statements[key]


def options(draft: Draft, data: Mapping[str, Any], around: Surroundings, rounds: Rounds) -> list[Option]:
    """Every transition out of the draft's status, in the order of the definition."""
    leaving = [t for t in draft.form.form.transitions if draft.status in t.sources]
    return [judged(draft, transition, data, around, rounds) for transition in leaving]


def judged(draft: Draft, transition: Transition, data: Mapping[str, Any], around: Surroundings, rounds: Rounds) -> Option:
    """`data` and the guards are of this moment: they are asked at every vote, the deciding one too."""
    round = rounds.of(transition)
    reasons = []
    if refusal := _not_by_them(draft, transition, around, rounds, round):
        reasons.append(Reason(refusal, transition.who.roles))
    told = reader(draft, around.actor)
    reasons += [Reason(fill(guard.message, draft.form, data, told), guard.lift) for guard in unmet(draft, transition, data)]
    return Option(transition, not reasons, tuple(reasons), round)


def unmet(draft: Draft, transition: Transition, data: Mapping[str, Any]) -> list[Guard]:
    """The guards that do not hold."""
    form = draft.form
    return [guard for guard in transition.guards if form.rule(guard.rule, form.scope)(data) is not True]


def may_take(draft: Draft, transition: Transition, around: Surroundings, rounds: Rounds) -> bool:
    """Whether the actor is one of those meant: by a role that holds the record, by name, as its creator or their head."""
    actor, who = around.actor, transition.who
    grants = draft.form.actor_grants(actor)
    held = {grant.role for grant, flag in zip(grants, draft.flags, strict=True) if flag}
    named = (draft.values.get(key) for key in who.fields)
    if held.intersection(who.roles) or actor.id in named or (who.creator and draft.created_by == actor.id):
        return True
    return who.head and rounds.circle.head == actor.id


def _not_by_them(
    draft: Draft, transition: Transition, around: Surroundings, rounds: Rounds, round: Round | None
) -> str:
    """Why this actor is not the one to take it; the engine may always."""
    if around.actor.is_system:
        return ""
    if round is not None:
        return round.refusal(around.actor)
    if may_take(draft, transition, around, rounds):
        return ""
    people = named(transition.who, draft.form, around.actor.language)
    return _("Only %(people)s can do this.", people=people) if people else _("This happens by itself.")
