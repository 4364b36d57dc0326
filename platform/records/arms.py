"""Arms of a query as SQL: what waits for somebody by its open votes and by who created it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from ..access.members import member
from ..definition.flow import Rule
from ..errors import Invalid, Problem
from ..ids import one_of
from .compiled import CompiledForm
from .filtering import filter_predicate
from .results import Arm, Query, Row, Summary
from .visibility import USER_ID, Sight
from .votes import of_records, vote, voted


def arm_predicate(sight: Sight, arm: Arm) -> sa.ColumnElement[bool]:
    form, table = sight.form, sight.table
    parts = [filter_predicate(sight, arm.where)]
    if arm.unvoted:
        mine = [vote.c.member_id == USER_ID] + ([vote.c.transition == arm.unvoted] if arm.unvoted != "*" else [])
        parts.append(~voted(form.app.key, form.key, table, *mine))
    for pairs, there in ((arm.given, True), (arm.lacking, False)):
        for transition, part in pairs:
            found = voted(form.app.key, form.key, table, vote.c.transition == transition, vote.c.part == part)
            parts.append(found if there else ~found)
    if arm.creator:
        parts.append(_creator(table, arm.creator))
    if arm.moved:
        parts.append(table.c.status_since > table.c.created_at)
    return sa.and_(*parts)


def _creator(table: sa.FromClause, relation: str) -> sa.ColumnElement[bool]:
    creator = table.c.created_by
    if relation == "unled":
        return creator.not_in(_people_of("headed"))
    under = sa.and_(sa.not_(one_of(creator, "heads")), creator.in_(_people_of("led_departments")))
    return sa.or_(one_of(creator, "led_people"), under)


def _people_of(departments: str) -> sa.Select:
    return sa.select(member.c.id).where(one_of(member.c.department_id, departments))


def led_parameters(gate, query: Query | Summary) -> dict[str, Any]:
    """What the arms of a query bind, looked up only where one asks who leads whom."""
    if not any(arm.creator for arm in query.arms):
        return {}
    led = gate.led
    found = {"led_departments": led.departments, "led_people": led.people, "heads": led.heads, "headed": led.headed}
    return {name: sorted(ids) or [0] for name, ids in found.items()}


def ballots(gate, form: CompiledForm, rows: Sequence[Row]) -> dict[int, list[sa.Row]]:
    """The open votes of rows that the gate has answered, by id, each in the row's present round."""
    since = {row.id: row.status_since for row in rows}
    found = defaultdict(list)
    for row in of_records(gate.connection, form.app.key, form.key, list(since)):
        if row.round_at == since[row.record_id]:
            found[row.record_id].append(row)
    return found


def texts_of(arms: tuple[Arm, ...]) -> tuple:
    """Arms, told apart by what they say."""
    return tuple((text_of(arm.where), arm.unvoted, arm.given, arm.lacking, arm.creator, arm.moved) for arm in arms)


def text_of(rule: Rule) -> str:
    """A rule, told apart by what it says."""
    try:
        return json.dumps(rule, sort_keys=True, ensure_ascii=False)
    except RecursionError:
        raise Invalid([Problem("where", _("This is nested too deeply."))]) from None
