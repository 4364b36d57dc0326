"""Publishing a field of another type: a column of its own, values taken over where they fit, nothing lost for good."""

from __future__ import annotations

from decimal import Decimal

import pytest
from formloom.platform.definition.model import Field
from formloom.platform.records.conversion import convert, convertible
from formloom.platform.registry import fields
from formloom.platform.workflow.publication import prospect_of
from formloom.platform.workflow.soundness import check
from small_app import field, field_of, form_of, text
from visits import TOTAL, Visits

TIERS = {"options": [{"key": "gold", "label": text("Gold")}, {"key": "plain", "label": text("Plain")}]}


@pytest.fixture
def running(workspace):
    visits = Visits(workspace)
    visits.publishes(visits.with_fields(field("km")))
    return visits


def with_type(visits: Visits, key: str, type: str, **rest) -> dict:
    document = visits.draft()
    form = form_of(document, "visit")
    form["fields"] = [field(key, type, **rest) if f["key"] == key else f for f in form["fields"]]
    form["views"] = []
    return document


def conversions(visits: Visits) -> dict:
    with visits.workspace.reading() as connection:
        found = prospect_of(visits.workspace, connection, "visits").conversions()
    return {c.path: (c.values, c.lost) for c in found}


def values_of(visits: Visits, records: list, key: str) -> list:
    return [visits.record(record).values[key] for record in records]


def test_values_are_taken_over_where_the_new_type_can_take_them(running):
    records = [running.create(km=km) for km in ("12", " 7.5 ", "far", None)]
    running.do.delete("visit", records[1].id)
    running.becomes(with_type(running, "km", "number"))
    assert conversions(running) == {"forms[visit].fields[km]": (3, 1)}
    running.publishes()
    running.do.restore("visit", records[1].id)
    assert values_of(running, records, "km") == [12, Decimal("7.5"), None, None]
    assert {"f_km", "f_km__2"} <= running.columns("visits__visit")
    assert check(running.workspace) == []
    running.do.edit("visit", records[0].id, {"km": "13"}, {"km": "12"})
    assert running.record(records[0]).values["km"] == 13
    assert check(running.workspace) == []


def test_back_to_the_older_type_finds_what_was_there(running):
    records = [running.create(km=km) for km in ("12", "far", "4", "")]
    running.publishes(with_type(running, "km", "number"))
    late = running.create(km="99")
    running.do.edit("visit", records[2].id, {"km": "5"}, {"km": "4"})
    running.do.edit("visit", records[0].id, {"km": None}, {"km": "12"})
    running.publishes(with_type(running, "km", "text"))
    assert values_of(running, [*records, late], "km") == [None, "far", "5", None, "99"]
    assert "f_km__3" not in running.columns("visits__visit")
    assert check(running.workspace) == []
    running.publishes(with_type(running, "km", "number"))
    assert values_of(running, [*records, late], "km") == [None, None, 5, None, 99]
    assert check(running.workspace) == []


def test_columns_of_line_items_change_their_type_too(running):
    visit = running.create(lines=[{"what": "3"}, {"what": "tea"}])
    document = running.draft()
    lines = field_of(document, "visit", "lines")
    lines["fields"][0] = field("what", "number")
    running.publishes(document)
    assert [line["what"] for line in running.record(visit).values["lines"]] == [3, None]
    assert "f_what__2" in running.columns("visits__visit__lines")
    assert check(running.workspace) == []


def test_an_option_becomes_its_words_and_words_an_option(running):
    visits = [running.create(km=km) for km in ("gold", "silver")]
    running.publishes(with_type(running, "km", "choice", settings=TIERS))
    assert values_of(running, visits, "km") == ["gold", None]
    running.do.edit("visit", visits[1].id, {"km": "plain"}, {"km": None})
    running.publishes(with_type(running, "km", "text"))
    assert values_of(running, visits, "km") == ["Gold", "Plain"]
    assert check(running.workspace) == []


def test_what_only_points_is_not_taken_over(running):
    customer = running.do.create("customer", {"name": "Ann"})
    visit = running.create(customer=customer.id)
    running.publishes(with_type(running, "customer", "number"))
    assert running.record(visit).values["customer"] is None
    assert check(running.workspace) == []


def test_a_formula_that_is_entered_from_now_on_keeps_its_results(running):
    running.publishes(running.with_fields(field("double", "formula", settings=TOTAL)))
    visit, other = running.create(), running.create()
    running.publishes(with_type(running, "double", "number"))
    assert running.record(visit).values["double"] == 230
    assert check(running.workspace) == []
    running.do.edit("visit", visit.id, {"double": "1"}, {"double": "230"})
    assert check(running.workspace) == []
    running.publishes(with_type(running, "double", "formula", settings=TOTAL))
    assert values_of(running, [visit, other], "double") == [230, 230]
    assert check(running.workspace) == []


def test_a_field_that_comes_back_with_another_type_starts_empty_and_its_old_values_wait(running):
    visit = running.create(day="2026-11-24")
    running.publishes(running.without_field("day"))
    assert check(running.workspace) == []
    running.publishes(running.with_fields(field("day")))
    assert running.record(visit).values["day"] is None
    assert check(running.workspace) == []
    running.publishes(with_type(running, "day", "date"))
    assert str(running.record(visit).values["day"]) == "2026-11-24"
    assert check(running.workspace) == []


def test_records_changed_during_the_backfill_are_taken_over_as_they_then_are(running, monkeypatch):
    from formloom.platform.workflow.backfill import Backfill

    visit, run = running.create(km="12"), Backfill.run

    def work_goes_on(backfill):
        run(backfill)
        running.do.edit("visit", visit.id, {"km": "14"}, {"km": "12"})

    monkeypatch.setattr(Backfill, "run", work_goes_on)
    running.publishes(with_type(running, "km", "number"))
    assert running.record(visit).values["km"] == 14
    assert check(running.workspace) == []


def test_lists_sort_and_filter_by_the_new_column(running):
    from formloom.platform.definition.model import Sort
    from formloom.platform.records.compiled import open_app
    from formloom.platform.records.query import Gate
    from formloom.platform.records.results import Query
    from visits import STAFF

    for km in ("9", "10", "2"):
        running.create(km=km)
    document = with_type(running, "km", "number")
    form_of(document, "visit")["views"] = [{"key": "all", "label": text("All"), "columns": ["km"], "sort": [{"field": "km"}]}]
    running.publishes(document)
    assert "ix_visits__visit_f_km__2_id" in running.indexes("visits__visit")
    with running.workspace.reading() as connection:
        gate = Gate(connection, open_app(running.workspace, connection, "visits"), STAFF)
        query = Query("visit", ("km",), {">": [{"var": "km"}, 5]}, (Sort("km"),), limit=1)
        page = gate.page(query)
        later = gate.page(Query("visit", ("km",), query.where, query.sort, after=page.next))
    assert [row.values["km"] for row in (*page.rows, *later.rows)] == [9, 10]


KINDS = {kind.name: (kind, Field("a", {}, kind.name, settings=kind.examples_good[0][0])) for kind in fields if kind.valued}
ELSEWHERE = ("file", "image", "department", "person", "link", "match", "rows")


@pytest.mark.parametrize("pointing", ELSEWHERE)
def test_what_points_is_never_converted_into_anything_nor_anything_into_it(pointing):
    there = KINDS[pointing]
    assert not any(convertible(there, other) or convertible(other, there) for other in KINDS.values())
    raws = ["7/plan.pdf", ["7/plan.pdf"], 7, "7", [7], {"id": 7}]
    for other in KINDS.values():
        assert [convert(there, other, raw) for raw in raws] == [convert(other, there, raw) for raw in raws] == [None] * len(raws)


def test_several_choices_are_no_files(running):
    assert convertible(KINDS["choices"], KINDS["text"])
    visit = running.create(km="7/plan.pdf")
    running.publishes(with_type(running, "km", "file"))
    assert running.record(visit).values["km"] is None
    assert check(running.workspace) == []
