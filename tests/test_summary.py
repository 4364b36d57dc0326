"""Summaries: exact numbers, periods where the company is, lines, the first and the rest, and what is refused."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from formloom.platform.errors import Invalid, NotFound
from formloom.platform.records.results import Group, GroupRow, Measure, Summary
from formloom.platform.workflow.commands import Loaded
from small_app import field, form_of, small_app
from small_world import World

COUNT, SUM, AVERAGE = Measure(), Measure("sum", "amount"), Measure("average", "amount")


@pytest.fixture
def world(workspace):
    document = small_app() | {"zone": "Asia/Shanghai"}
    form_of(document, "visit")["fields"] += [field("amount", "number"), field("met", "moment"), field("done_by", "person")]
    made = World(workspace, document)
    made.ernst, made.zhang = made.engine.load("customer", [Loaded("saved", {"name": name}) for name in ("Ernst", "张三")])
    return made


def visits(world, *values: dict, status: str = "open") -> None:
    world.engine.load("visit", [Loaded(status, value) for value in values])


def asked(world, *groups: Group, measures=(COUNT,), roles=("staff",), **rest):
    with world.gate(*roles) as gate:
        return gate.summary(Summary("visit", groups, measures, **rest))


def rows(world, *groups: Group, **rest) -> list[tuple]:
    return [(*row.keys, *row.measures) for row in asked(world, *groups, **rest).rows]


def test_sums_are_exact_and_averages_rounded_half_up(world):
    visits(world, {"amount": "0.1"}, {"amount": "0.2"}, {"amount": None})
    assert rows(world, measures=(SUM, AVERAGE)) == [(Decimal("0.3"), Decimal("0.15"))]
    visits(world, {"amount": "0.000001"}, {"amount": "0.000002"}, status="done")
    visits(world, {"amount": "-1"}, {"amount": "-1"}, {"amount": "0"}, status="dropped")
    found = rows(world, Group("status"), measures=(AVERAGE,))
    assert found == [("done", Decimal("0.000002")), ("dropped", Decimal("-0.666667")), ("open", Decimal("0.15"))]


def test_of_nothing_a_sum_is_0_and_an_average_empty(world):
    empty = (COUNT, SUM, AVERAGE, Measure("max", "day"), Measure("count", "amount"))
    assert rows(world, measures=empty) == [(0, 0, None, None, 0)]
    assert rows(world, Group("status"), measures=empty) == []


def test_a_sum_out_of_range_is_empty_alone_and_in_the_rest(world):
    most = "9223372036854"
    visits(world, {"amount": most, "about": "a"}, {"amount": most, "about": "a"}, {"amount": 1, "about": "b"})
    assert rows(world, measures=(SUM, Measure("max", "amount"))) == [(None, Decimal(most))]
    found = asked(world, Group("about"), measures=(SUM,), order=((Group("about"), True),), limit=1, rest=True)
    assert (found.rows, found.rest) == ([GroupRow(("b",), (1,))], GroupRow((), (None,)))


DAYS = {
    "": ["2024-02-29", "2024-03-01", "2026-01-04"],
    "day": ["2024-02-29", "2024-03-01", "2026-01-04"],
    "week": ["2024-02-26", "2025-12-29"],
    "month": ["2024-02-01", "2024-03-01", "2026-01-01"],
    "quarter": ["2024-01-01", "2026-01-01"],
    "year": ["2024-01-01", "2026-01-01"],
}


def test_a_period_is_told_by_its_first_day(world):
    visits(world, *({"day": day} for day in ("2026-01-04", "2024-03-01", "2024-02-29")), {"day": None})
    for period, days in DAYS.items():
        assert [row[0] for row in rows(world, Group("day", period))] == [None, *map(date.fromisoformat, days)], period


def test_the_calendar_has_a_first_and_a_last_day(world):
    visits(world, {"day": "0001-01-01"}, {"day": "9999-12-31"})
    visits(world, {"met": "0001-01-01T00:00:00Z"}, {"met": "9999-12-31T23:00:00Z"}, status="done")
    where = {"===": [{"var": "status"}, "open"]}
    assert [row[0] for row in rows(world, Group("day", "week"), where=where)] == [date(1, 1, 1), date(9999, 12, 27)]
    where = {"===": [{"var": "status"}, "done"]}
    assert [row[0] for row in rows(world, Group("met", "day"), where=where)] == [date(1, 1, 1), date(9999, 12, 31)]


def test_a_moment_falls_on_the_day_it_has_where_the_company_is(world):
    visits(world, {"met": "2026-06-30T15:59:59Z"}, {"met": "2026-06-30T16:00:00Z"})
    assert rows(world, Group("met", "month")) == [(date(2026, 6, 1), 1), (date(2026, 7, 1), 1)]
    assert [row[0] for row in rows(world, Group("met"))] == [datetime(2026, 6, 30, 15, 59, 59), datetime(2026, 6, 30, 16)]


def test_links_and_people_come_with_what_they_are_called(world):
    visits(world, {"customer": world.zhang.id}, {"customer": world.zhang.id}, {"customer": world.ernst.id}, {})
    found = asked(world, Group("customer"), order=((COUNT, True),))
    assert [row.keys + row.measures for row in found.rows] == [(world.zhang.id, 2), (None, 1), (world.ernst.id, 1)]
    assert found.titles == {("customer", world.zhang.id): "张三", ("customer", world.ernst.id): "Ernst"}


def test_lines_are_summed_beside_their_records(world):
    lines = [{"what": "tea", "hours": 1}, {"what": "rice", "hours": "2.5"}, {"what": "tea", "hours": 3}]
    visits(world, {"about": "a", "lines": lines}, {"about": "b", "lines": lines[:1]}, {"about": "c"})
    measures = (COUNT, Measure("count", "lines"), Measure("sum", "lines.hours"), Measure("max", "lines.hours"))
    assert rows(world, Group("lines.what"), measures=measures) == [("rice", 1, 1, Decimal("2.5"), Decimal("2.5")), ("tea", 2, 3, 5, 3)]
    assert rows(world, Group("about"), measures=measures[1:3]) == [("a", 3, Decimal("6.5")), ("b", 1, 1)]
    found = asked(world, Group("lines.what"), measures=measures[:2], order=((Group("lines.what"), False),), limit=1, rest=True)
    assert found.rest == GroupRow((), (None, 3)), "a record may have lines in several of the groups beyond"


def test_the_first_in_an_order_and_the_rest(world):
    visits(world, *({"about": name, "amount": amount} for name, amount in (("a", 5), ("b", 1), ("b", 1), ("c", 3), ("d", None))))
    found = asked(world, Group("about"), measures=(SUM, COUNT, AVERAGE), order=((SUM, True),), limit=2, rest=True)
    assert [row.keys for row in found.rows] == [("a",), ("c",)]
    assert (found.rest, found.groups) == (GroupRow((), (2, 3, 1)), 4)
    assert asked(world, Group("about"), limit=10**9).rest is None
    assert [row[0] for row in rows(world, Group("about"), order=((AVERAGE, False),), measures=(AVERAGE,))] == ["d", "b", "c", "a"]


def test_filters_and_search_narrow_a_summary(world):
    visits(world, {"about": "Roof of 张三", "amount": 1}, {"about": "Roof", "amount": 2}, {"about": "Door", "amount": 4})
    assert rows(world, measures=(SUM,), search="roof") == [(3,)]
    assert rows(world, measures=(SUM,), search="张三", where={">": [{"var": "amount"}, 1]}) == [(0,)]


REFUSED = {
    "an unknown field": ((Group("nothing"),), (COUNT,)),
    "an unknown column": ((Group("lines.nothing"),), (COUNT,)),
    "columns of what has none": ((Group("about.x"),), (COUNT,)),
    "all lines at once": ((Group("lines"),), (COUNT,)),
    "a period of a text": ((Group("about", "month"),), (COUNT,)),
    "a period that there is not": ((Group("day", "decade"),), (COUNT,)),
    "too many groups": (tuple(Group("about") for _ in range(5)), (COUNT,)),
    "no measure": ((), ()),
    "too many measures": ((), (COUNT,) * 21),
    "an unknown measure": ((), (Measure("median", "amount"),)),
    "a sum of nothing": ((), (Measure("sum"),)),
    "a sum of texts": ((), (Measure("sum", "about"),)),
    "a sum of ids": ((), (Measure("sum", "id"),)),
    "an average of days": ((), (Measure("average", "day"),)),
    "a record's amount beside its lines": ((Group("lines.what"),), (SUM,)),
    "the largest text": ((), (Measure("max", "about"),)),
    "a smaller name": ((Group("'; drop table visit"),), (COUNT,)),
}


def test_what_makes_no_sense_is_refused(world):
    for case, (groups, measures) in REFUSED.items():
        with pytest.raises(Invalid):
            assert not asked(world, *groups, measures=measures), case


def test_an_order_follows_what_is_asked_for(world):
    with pytest.raises(Invalid, match="order"):
        asked(world, Group("about"), order=((SUM, True),))


def test_no_role_no_summary(world):
    with pytest.raises(NotFound):
        asked(world, roles=("stranger",))
