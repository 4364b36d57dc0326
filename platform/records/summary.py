"""Summaries: rows, or their lines, in groups, with counts, sums, averages and extremes.

A field that shows in some steps only counts as empty where it is hidden, as a key and in a measure alike.
Sums are exact; an average is rounded half up to six places. What is beyond the limit is summed up in SQL too,
so that a summary costs one statement however many groups there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from .. import exact
from ..errors import Invalid, Problem
from ..exact_sql import quotient, total, whole
from ..periods import PERIODS, day_of
from .arms import text_of, texts_of
from .keyset import in_order
from .pages import predicate_of, searching
from .results import Group, GroupRow, Measure, Summarised, Summary, Titles
from .sources import Source, source_of
from .titles import PERSON, linked_form, read_titles
from .visibility import Sight, viewer

MOST_GROUPS = 1_000
MOST_KEYS, MOST_MEASURES = 4, 20
PEOPLE = ("created_by", "updated_by")
GROUPED = ("text", "number", "flag", "date", "moment", "choice", "person", "link")
MEASURED = {"count": GROUPED, "sum": ("number",), "average": ("number",)}
MEASURED |= dict.fromkeys(("min", "max"), ("number", "date", "moment"))


PART = {"count": "n", "sum": "t", "min": "m", "max": "m"}


def summarise(gate, sight: Sight, summary: Summary) -> Summarised:
    form = sight.form
    _check(summary)
    limit = max(1, min(summary.limit, MOST_GROUPS))
    shape = (summary.groups, summary.measures, text_of(summary.where), searching(summary), texts_of(summary.arms))
    shape += (summary.order, limit, summary.rest)
    statement = form.asked(("summary", viewer(form, sight.actor), *shape), lambda: _statement(sight, summary, limit))
    found = gate.ask(form, statement, summary)
    told = sorted((row for row in found if not row.rest), key=lambda row: row.place)
    names = [f"g{index}" for index in range(len(summary.groups))]
    groups = [GroupRow(tuple(getattr(row, name) for name in names), _measured(row, summary)) for row in told]
    rest = next((GroupRow((), _measured(row, summary)) for row in found if row.rest), None)
    return Summarised(groups, rest, told[0].groups if told else 0, _titles(gate, form, summary, groups))


def _check(summary: Summary) -> None:
    if len(summary.groups) > MOST_KEYS:
        raise Invalid([Problem("groups", _("At most %(most)s fields can make the groups.", most=MOST_KEYS))])
    if not 0 < len(summary.measures) <= MOST_MEASURES:
        raise Invalid([Problem("measures", _("Between 1 and %(most)s measures can be asked for.", most=MOST_MEASURES))])
    for measure in summary.measures:
        if measure.kind not in MEASURED or (not measure.field and measure.kind != "count"):
            raise Invalid([Problem("measures", _("There is no measure “%(name)s” here.", name=measure.kind))])
    for wanted, _falls in summary.order:
        if wanted not in (*summary.groups, *summary.measures):
            raise Invalid([Problem("order", _("The order can follow only what is grouped by or measured."))])


def _statement(sight: Sight, summary: Summary, limit: int) -> sa.Select:
    source = source_of(sight, summary)
    keys = [_key(source, group).label(f"g{i}") for i, group in enumerate(summary.groups)]
    values = [_value(source, measure).label(f"v{i}") for i, measure in enumerate(summary.measures)]
    rows = sa.select(*keys, *values).select_from(source.rows).where(predicate_of(sight, summary), *sight.narrowed)
    rows = rows.subquery("found")
    names = [key.name for key in keys]
    parts = [part for i, measure in enumerate(summary.measures) for part in _parts(measure, rows.c[f"v{i}"], i, source)]
    grouped = sa.select(*(rows.c[name] for name in names), *parts).group_by(*(rows.c[name] for name in names)).subquery("grouped")
    place = sa.func.row_number(type_=sa.Integer).over(order_by=_order(summary, grouped)) if names else sa.literal(1)
    placed = sa.select(grouped, place.label("place")).cte("placed")
    told = _told(placed, limit)
    return sa.union_all(told, _rest(summary, source, placed, limit)) if summary.rest and names else told


def _key(source: Source, group: Group) -> sa.ColumnElement:
    kind, column = source.kind(group.field), source.column(group.field)
    if kind not in GROUPED:
        raise Invalid([Problem(group.field, _("“%(path)s” can't make groups.", path=group.field))])
    if not group.period:
        return column
    if group.period not in PERIODS or kind not in ("date", "moment"):
        raise Invalid([Problem(group.field, _("“%(path)s” has no “%(period)s”.", path=group.field, period=group.period))])
    day = day_of(column, sa.literal(source.sight.form.app.zone)) if kind == "moment" else column
    return sa.type_coerce(PERIODS[group.period](day), sa.Date())


def _value(source: Source, measure: Measure) -> sa.ColumnElement:
    """What a measure is about, in one row."""
    if measure.kind == "count" and (counted := source.counted(measure.field)) is not None:
        return counted
    if source.kind(measure.field) not in MEASURED[measure.kind]:
        raise Invalid([Problem(measure.field, _("“%(path)s” can't be measured so.", path=measure.field))])
    return source.value(measure.field)


def _parts(measure: Measure, value: sa.ColumnElement, index: int, source: Source) -> list[sa.ColumnElement]:
    """Columns of a group from which a measure is worked out, of the group and of many together."""
    if measure.kind == "count":
        return [sa.func.count(sa.distinct(value) if source.several(measure) else value).label(f"n{index}")]
    if measure.kind in ("min", "max"):
        return [getattr(sa.func, measure.kind)(value).label(f"m{index}")]
    return [total(value).label(f"t{index}"), sa.func.count(value).label(f"n{index}")]


def _order(summary: Summary, grouped: sa.Subquery) -> list[sa.ColumnElement]:
    order = [in_order(_ordering(summary, wanted, grouped), falls) for wanted, falls in summary.order]
    return order + [in_order(grouped.c[f"g{i}"], False) for i in range(len(summary.groups))]


def _ordering(summary: Summary, wanted: Group | Measure, grouped: sa.Subquery) -> sa.ColumnElement:
    if isinstance(wanted, Group):
        return grouped.c[f"g{summary.groups.index(wanted)}"]
    index = summary.measures.index(wanted)
    if wanted.kind == "average":
        return quotient(grouped.c[f"t{index}"], whole(grouped.c[f"n{index}"]))
    return grouped.c[PART[wanted.kind] + str(index)]


def _told(placed: sa.CTE, limit: int) -> sa.Select:
    count = sa.select(sa.func.count()).select_from(placed).scalar_subquery()
    return sa.select(placed, sa.false().label("rest"), count.label("groups")).where(placed.c.place <= limit)


def _rest(summary: Summary, source: Source, placed: sa.CTE, limit: int) -> sa.Select:
    """All groups beyond the limit as one."""
    columns = [_together(summary, source, column) for column in placed.c]
    beyond = sa.select(*columns, sa.true(), sa.func.count())
    return beyond.where(placed.c.place > limit).having(sa.func.count() > 0)


def _together(summary: Summary, source: Source, column: sa.ColumnElement) -> sa.ColumnElement:
    """A part of a measure over many groups; empty for a key, and for what groups can't tell together."""
    part, index = column.name[0], column.name[1:]
    if part == "t":  # a total that is out of range makes the whole so
        return sa.case((sa.func.count(column) == sa.func.count(), total(column)))
    if part == "m":
        return getattr(sa.func, summary.measures[int(index)].kind)(column)
    if part == "n" and not source.several(summary.measures[int(index)]):
        return sa.cast(sa.func.sum(column), sa.BigInteger)
    return sa.cast(sa.null(), column.type)


def _measured(row, summary: Summary) -> tuple[Any, ...]:
    return tuple(_one(row, measure, index) for index, measure in enumerate(summary.measures))


def _one(row, measure: Measure, index: int) -> Any:
    if measure.kind == "count":
        return getattr(row, f"n{index}")
    if measure.kind in ("min", "max"):
        return getattr(row, f"m{index}")
    found, number = getattr(row, f"t{index}"), getattr(row, f"n{index}")
    return found if measure.kind == "sum" else exact.divide(found, Decimal(number))


def _titles(gate, form, summary: Summary, groups: Sequence[GroupRow]) -> Titles:
    """What the keys that are links or people are called."""
    wanted: dict[str, set[int]] = {}
    for index, group in enumerate(summary.groups):
        target = PERSON if group.field in PEOPLE else linked_form(form, group.field)
        if target:
            wanted.setdefault(target, set()).update(row.keys[index] for row in groups if row.keys[index] is not None)
    return read_titles(gate, wanted)
