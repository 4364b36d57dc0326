"""Arms of a query as SQL: what waits for somebody by its open votes and by who created it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from ..access.members import member
from ..definition.flow import Rule
from ..errors import Invalid, Problem
from ..ids import one_of
from . import mandates
from .compiled import CompiledForm
from .filtering import filter_predicate
from .results import Arm, Query, Row, Summary
from .visibility import USER_ID, Sight
from .votes import BESIDE, of_records, vote, voted, voters

COUNTS = vote.c.stands_in != BESIDE
"""That a vote is one of those who are meant, or who stand in for them."""


def arm_predicate(sight: Sight, arm: Arm) -> sa.ColumnElement[bool]:
    form, table = sight.form, sight.table
    here, whose = (form.app.key, form.key, table), _whose(arm)
    parts = [filter_predicate(sight, arm.where)]
    if arm.person:
        parts.append(sight.column(arm.person) == whose)
    if arm.apart:
        parts.append(table.c.created_by != whose)
    if arm.unvoted and arm.mandates != "added":
        parts.append(~voted(*here, *_mine(arm, whose)))
    if arm.mandates == "own":
        parts.append(~mandates.handed_on(*here, _transition(arm), arm.part, whose))
    if arm.mandates in ("handed", "added"):
        parts.append(mandates.awaited(*here, arm.unvoted, arm.part, whose, arm.mandates))
    if arm.fewer:
        parts.append(voters(*here, vote.c.transition == arm.unvoted, COUNTS) < arm.fewer)
    for pairs, there in ((arm.given, True), (arm.lacking, False)):
        for transition, part in pairs:
            found = voted(*here, vote.c.transition == transition, vote.c.part == part, COUNTS)
            parts.append(sa.and_(found, ~mandates.asked_beside(*here, transition, part)) if there else ~found)
    if arm.creator:
        parts.append(_creator(table, arm))
    if arm.moved:
        parts.append(table.c.status_since > table.c.created_at)
    return sa.and_(*parts)


def _transition(arm: Arm) -> str | None:
    """The transition whose mandates count; None for any."""
    found = arm.unvoted or arm.lacking[0][0]
    return None if found == "*" else found


def _whose(arm: Arm) -> sa.ColumnElement[int]:
    """The one who is asked: the actor, or somebody for whom they act."""
    return USER_ID if arm.stead is None else sa.bindparam(f"stead_{arm.stead}", type_=sa.Integer)


def _mine(arm: Arm, whose: sa.ColumnElement[int]) -> list[sa.ColumnElement[bool]]:
    """That a vote is the one that is asked for, or makes it needless."""
    theirs, by_me = vote.c.member_id == whose, sa.or_(vote.c.by_id == USER_ID, vote.c.member_id == USER_ID)
    if arm.unvoted == "*":
        return [by_me]
    if arm.mandates == "handed":
        theirs = sa.false()
    return [sa.or_(theirs, by_me) if arm.once else theirs, vote.c.transition == arm.unvoted, COUNTS]


def _creator(table: sa.FromClause, arm: Arm) -> sa.ColumnElement[bool]:
    creator, mark = table.c.created_by, _mark(arm)
    if arm.creator == "unled":
        return creator.not_in(_people_of(f"headed{mark}"))
    under = sa.and_(sa.not_(one_of(creator, f"heads{mark}")), creator.in_(_people_of(f"led_departments{mark}")))
    return sa.or_(one_of(creator, f"led_people{mark}"), under)


def _mark(arm: Arm) -> str:
    return "" if arm.stead is None else f"_{arm.stead}"


def _people_of(departments: str) -> sa.Select:
    return sa.select(member.c.id).where(one_of(member.c.department_id, departments))


def arm_parameters(gate, query: Query | Summary) -> dict[str, Any]:
    """What the arms of a query bind; who leads whom is looked up only where one asks."""
    bound = {f"stead_{arm.stead}": gate.acts_for[arm.stead].id for arm in query.arms if arm.stead is not None}
    for mark, arm in {_mark(arm): arm for arm in query.arms if arm.creator}.items():
        led = gate.led if arm.stead is None else gate.led_in_stead(arm.stead)
        found = {"led_departments": led.departments, "led_people": led.people, "heads": led.heads, "headed": led.headed}
        bound |= {f"{name}{mark}": sorted(ids) or [0] for name, ids in found.items()}
    return bound


def ballots(gate, form: CompiledForm, rows: Sequence[Row]) -> dict[int, tuple[list[sa.Row], list[sa.Row]]]:
    """The open votes and the mandates of rows that the gate has answered, by id, each in the row's present round."""
    since = {row.id: row.status_since for row in rows}
    found: dict[int, tuple[list[sa.Row], list[sa.Row]]] = defaultdict(lambda: ([], []))
    for place, kept in enumerate((of_records, mandates.of_records)):
        for row in kept(gate.connection, form.app.key, form.key, list(since)):
            if row.round_at == since[row.record_id]:
                found[row.record_id][place].append(row)
    return found


def texts_of(arms: tuple[Arm, ...]) -> tuple:
    """Arms, told apart by what they say."""
    return tuple((text_of(arm.where), replace(arm, where=True)) for arm in arms)


def text_of(rule: Rule) -> str:
    """A rule, told apart by what it says."""
    try:
        return json.dumps(rule, sort_keys=True, ensure_ascii=False)
    except RecursionError:
        raise Invalid([Problem("where", _("This is nested too deeply."))]) from None
