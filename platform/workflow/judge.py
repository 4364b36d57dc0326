"""Who may take a transition now, and why not: the same answer for the page and for the command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from ..definition.flow import Guard, Transition
from ..definition.model import say
from ..definition.placeholders import placeholders
from ..records.compiled import CompiledForm
from ..records.draft import Draft, Surroundings
from ..records.links import Needs, needs_of
from .messages import fill, reader


@dataclass(frozen=True)
class Reason:
    """Why something cannot be done, and the keys of the roles that can lift it."""

    text: str
    lifters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Option:
    """A transition out of the present status: allowed, or not and why."""

    transition: Transition
    allowed: bool
    reasons: tuple[Reason, ...] = ()


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


def options(draft: Draft, data: Mapping[str, Any], around: Surroundings) -> list[Option]:
    """Every transition out of the draft's status, in the order of the definition."""
    leaving = [t for t in draft.form.form.transitions if draft.status in t.sources]
    return [judged(draft, transition, data, around) for transition in leaving]


def judged(draft: Draft, transition: Transition, data: Mapping[str, Any], around: Surroundings) -> Option:
    reasons = []
    if not may_take(draft, transition, around):
        reasons.append(Reason(_who(draft.form, transition, around.actor.language), transition.who.roles))
    told = reader(draft, around.actor)
    reasons += [Reason(fill(guard.message, draft.form, data, told), guard.lift) for guard in unmet(draft, transition, data)]
    return Option(transition, not reasons, tuple(reasons))


def unmet(draft: Draft, transition: Transition, data: Mapping[str, Any]) -> list[Guard]:
    """The guards that do not hold."""
    form = draft.form
    return [guard for guard in transition.guards if form.rule(guard.rule, form.scope)(data) is not True]


def may_take(draft: Draft, transition: Transition, around: Surroundings) -> bool:
    """Whether the actor is one of those meant: by a role that holds the record, by name, as its creator."""
    actor, who = around.actor, transition.who
    if actor.is_system:
        return True
    grants = draft.form.actor_grants(actor)
    held = {grant.role for grant, flag in zip(grants, draft.flags, strict=True) if flag}
    named = (draft.values.get(key) for key in who.fields)
    return bool(held.intersection(who.roles)) or actor.id in named or (who.creator and draft.created_by == actor.id)


def _who(form: CompiledForm, transition: Transition, language: str) -> str:
    names = [say(form.app.role_by_key[key].label, language) for key in transition.who.roles]
    names += [say(form.form.by_key[key].label, language) for key in transition.who.fields]
    names += [_("the creator")] if transition.who.creator else []
    if not names:
        return _("This happens by itself.")
    return _("Only %(people)s can do this.", people=_(" or ").join(names))
