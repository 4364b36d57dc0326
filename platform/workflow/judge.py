"""Who may take a transition now, and why not: the same answer for the page and for the command."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from ..access.actor import Actor
from ..access.rights import READABLE
from ..definition.flow import Guard, Transition
from ..definition.placeholders import placeholders
from ..records.compiled import CompiledForm
from ..records.draft import Draft, Surroundings
from ..records.links import Needs, needs_of
from ..records.visibility import own_modes
from ..rules.typing import paths
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
    leaving = [t for t in form.form.flow() if status in t.sources]
    return form.statement(("guards", status), lambda: _needs(form, leaving))


def line_guard_needs(form: CompiledForm) -> Needs:
    """The same of all transitions that lines take."""
    return form.statement("line guards", lambda: _needs(form, [t for t in form.form.transitions if t.rows]))


def own_guards(form: CompiledForm, transition: Transition) -> list[Guard]:
    """The guards that read nothing but the record, whoever acts."""
    return [g for g in transition.guards if not any("." in path for path in paths(g.rule, form.scope) if path.partition(".")[0] not in form.rows)]


def _needs(form: CompiledForm, transitions: Iterable[Transition]) -> Needs:
    rules = []
    for transition in transitions:
        about = form.scope_of(transition.rows)
        for guard in transition.guards:
            rules += [(rule, *about) for rule in (guard.rule, *({"var": path} for path in placeholders(guard.message)))]
    return needs_of(form, rules)


def options(draft: Draft, data: Mapping[str, Any], around: Surroundings, rounds: Rounds) -> list[Option]:
    """Every transition out of the draft's status, in the order of the definition."""
    leaving = [t for t in draft.form.form.flow() if draft.status in t.sources]
    return [judged(draft, transition, data, around, rounds) for transition in leaving]


def line_options(
    draft: Draft, data: Mapping[str, Any], around: Surroundings, rounds: Rounds
) -> dict[tuple[str, int], list[Option]]:
    """(rows key, line id) -> every transition out of the line's status, of the line items that the actor sees."""
    found = {}
    modes = own_modes(draft, around.actor)
    for rows_key in draft.form.line_statuses:
        flow = draft.form.form.flow(rows_key)
        if not flow or modes.get(rows_key) not in READABLE:
            continue
        for line, seen in zip(draft.values[rows_key], data[rows_key], strict=True):
            leaving = [t for t in flow if line["status"] in t.sources]
            found[rows_key, line["id"]] = [judged(draft, t, seen, around, rounds, line) for t in leaving]
    return found


def judged(
    draft: Draft,
    transition: Transition,
    data: Mapping[str, Any],
    around: Surroundings,
    rounds: Rounds,
    line: Mapping | None = None,
    person: Actor | None = None,
) -> Option:
    """Whether the record, or a line of it, may take a transition now; `data` is what its guards see. They are asked
    at every vote, the deciding one too. person: who is told, if that is not who acts.
    """
    round = rounds.of(transition)
    reasons = []
    if refusal := _not_by_them(draft, transition, around, rounds, round, line):
        reasons.append(Reason(refusal, transition.who.roles))
    failed = unmet(draft, transition, data)
    if failed:
        told, ways = reader(draft, person or around.actor), {"of": transition.rows} if transition.rows else {}
        reasons += [Reason(fill(guard.message, draft.form, data, told, ways), guard.lift) for guard in failed]
    return Option(transition, not reasons, tuple(reasons), round)


def unmet(draft: Draft, transition: Transition, data: Mapping[str, Any]) -> list[Guard]:
    """The guards that do not hold."""
    form = draft.form
    scope, name = form.scope_of(transition.rows)
    return [guard for guard in transition.guards if form.rule(guard.rule, scope, name)(data) is not True]


def may_take(
    draft: Draft, transition: Transition, around: Surroundings, rounds: Rounds, line: Mapping | None = None
) -> bool:
    """Whether the actor is one of those meant: by a role that holds the record, by name, as its creator or their head."""
    actor, who = around.actor, transition.who
    grants = draft.form.actor_grants(actor)
    held = {grant.role for grant, flag in zip(grants, draft.flags, strict=True) if flag}
    named = (_named(draft, key, line) for key in who.fields)
    if held.intersection(who.roles) or actor.id in named or (who.creator and draft.created_by == actor.id):
        return True
    return who.head and rounds.circle.head == actor.id


def _named(draft: Draft, key: str, line: Mapping | None) -> Any:
    """Who stands in a field; of a transition of lines, in a column, or as "header.owner" in a field of the record."""
    if line is None:
        return draft.values.get(key)
    first, _dot, field = key.partition(".")
    return draft.values.get(field) if first == "header" and field else line.get(key)


def _not_by_them(
    draft: Draft,
    transition: Transition,
    around: Surroundings,
    rounds: Rounds,
    round: Round | None,
    line: Mapping | None,
) -> str:
    """Why this actor is not the one to take it; the engine may always."""
    if around.actor.is_system:
        return ""
    if around.actor.link:
        return _("A link takes nothing further.")
    if round is not None:
        return round.refusal(around.actor)
    if may_take(draft, transition, around, rounds, line):
        return ""
    people = named(transition.who, draft.form, around.actor.language, transition.rows)
    return _("Only %(people)s can do this.", people=people) if people else _("This happens by itself.")
