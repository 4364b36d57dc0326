"""What a publish works out anew stands beside what the running version reads, until it is live."""

from __future__ import annotations

from dataclasses import replace

import pytest
from formloom.platform.workflow import publication
from formloom.platform.workflow.commands import Commands
from formloom.platform.workflow.publication import drop, resume
from formloom.platform.workflow.purging import purge_app, purgeable
from formloom.platform.workflow.soundness import check
from rollup_app import Growing, rollup_app
from small_app import field, field_of, form_of
from visits import STAFF, Visits

ADMIN = replace(STAFF, id=9, admin=True)
OLD, NEW = [230, "= Horn", "Horn", 1], [345, "= London", "London", 0.5]


def times(number: int) -> dict:
    return {"rule": {"*": [{"var": "total"}, number]}}


@pytest.fixture
def running(workspace):
    """A visit with a formula, a look-up, a formula that stands on it, and a formula of its lines."""
    visits = Visits(workspace)
    document = visits.with_fields(field("city"), form="customer")
    form_of(document, "visit")["fields"] += [
        field("double", "formula", settings=times(2)),
        field("name", "lookup", settings={"via": "customer", "field": "name"}),
        field("told", "formula", settings={"rule": {"cat": ["= ", {"var": "name"}]}, "result": "text"}),
    ]
    lines = field_of(document, "visit", "lines")["fields"]
    lines.append(field("half", "formula", settings={"rule": {"/": [{"var": "hours"}, 2]}}))
    visits.publishes(document)
    visits.customer = visits.do.create("customer", {"name": "Horn", "city": "London"})
    visits.one = visits.create(customer=visits.customer.id)
    return visits


def changed(visits: Visits) -> dict:
    """Each of them says something else, or stands on what does."""
    document = visits.draft()
    field_of(document, "visit", "double")["settings"] = times(3)
    field_of(document, "visit", "name")["settings"]["field"] = "city"
    half = next(f for f in field_of(document, "visit", "lines")["fields"] if f["key"] == "half")
    half["settings"]["rule"] = {"/": [{"var": "hours"}, 4]}
    return document


def seen(visits: Visits, visit) -> list:
    values = visits.record(visit).values
    return [values["double"], values["told"], values["name"], values["lines"][0]["half"]]


def stops(visits: Visits, monkeypatch, document: dict) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(publication, "_flip", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            visits.publishes(document)


def columns(visits: Visits, key: str) -> set[str]:
    return {name for name in visits.columns("visits__visit") if name.split("__")[0] == f"f_{key}"}


def test_readers_of_the_old_version_see_its_values_until_the_flip(running, monkeypatch):
    before, flip = [], publication._flip

    def looked_at(*arguments):
        before.append(seen(running, running.one))
        before.append(seen(running, running.create(customer=running.customer.id)))
        return flip(*arguments)

    monkeypatch.setattr(publication, "_flip", looked_at)
    running.publishes(changed(running))
    assert before == [OLD, OLD]
    assert seen(running, running.one) == NEW
    assert check(running.workspace) == []


def test_a_publish_that_stops_leaves_them_whether_it_is_dropped_or_resumed(running, monkeypatch):
    for go_on, left in ((drop, OLD), (resume, NEW)):
        stops(running, monkeypatch, changed(running))
        assert seen(running, running.one) == OLD
        made = running.create(customer=running.customer.id)
        assert check(running.workspace) == []
        go_on(running.workspace, "visits")
        assert [seen(running, one) for one in (running.one, made)] == [left, left]
        assert check(running.workspace) == []


def test_another_rule_after_one_that_stopped(running, monkeypatch):
    stops(running, monkeypatch, changed(running))
    document = changed(running)
    field_of(document, "visit", "double")["settings"] = times(5)
    running.publishes(document)
    assert seen(running, running.one) == [575, *NEW[1:]]
    assert check(running.workspace) == []


def test_however_often_a_rule_changes_it_takes_two_columns_in_turn(running):
    first = running.draft()
    running.publishes(changed(running))
    late = running.create(customer=running.customer.id)
    running.do.edit("visit", running.one.id, {"about": "Coffee"}, {"about": "Tea"})
    running.publishes(first)
    assert [seen(running, one) for one in (running.one, late)] == [OLD, OLD]
    assert check(running.workspace) == []
    for number in (3, 4, 5, 6):
        document = running.draft()
        field_of(document, "visit", "double")["settings"] = times(number)
        running.publishes(document)
        assert seen(running, late)[0] == 115 * number
    assert columns(running, "double") == {"f_double", "f_double__2"}
    assert check(running.workspace) == []


def test_what_is_not_worked_out_anew_stays_where_it_is(running):
    running.publishes(changed(running))
    running.publishes(running.with_fields(field("note")))
    assert seen(running, running.one) == NEW
    assert seen(running, running.create(customer=running.customer.id)) == NEW
    assert columns(running, "total") == {"f_total"}
    assert check(running.workspace) == []


def test_the_column_that_is_left_can_be_purged(running):
    first = running.draft()
    running.publishes(changed(running))
    left = {(p.path, p.column) for p in purgeable(running.workspace, "visits", ADMIN)}
    assert left == {("double", "f_double"), ("name", "f_name"), ("told", "f_told"), ("lines.half", "f_half")}
    purge_app(running.workspace, "visits", ADMIN)
    assert seen(running, running.one) == NEW
    running.publishes(first)
    assert seen(running, running.one) == OLD
    assert check(running.workspace) == []


def test_a_copy_that_was_left_in_a_column_is_erased_too(running):
    running.publishes(changed(running))
    Commands(running.workspace, ADMIN, "visits").erase("visit", running.one.id, ["name"])
    with running.workspace.reading() as connection:
        row = connection.exec_driver_sql("SELECT f_name, f_name__2 FROM visits__visit").one()
    assert tuple(row) == (None, None)
    assert check(running.workspace) == []


def test_a_field_that_went_and_came_back_with_its_second_column(running):
    running.publishes(changed(running))
    full = running.draft()
    running.publishes(running.without_field("double"))
    assert check(running.workspace) == []
    running.publishes(full)
    assert seen(running, running.one) == NEW
    assert check(running.workspace) == []


def test_changed_sums_and_what_stands_on_them_show_at_the_flip(workspace, monkeypatch):
    world = Growing(workspace, rollup_app())
    ada = world.do("staff").create("customer", {"name": "Ada", "limit": "100"})
    closed = world.order(ada, "10")
    world.order(ada, "20")
    world.do("staff").perform("order", closed.id, "close")
    document, before, flip = rollup_app(), [], publication._flip
    del field_of(document, "customer", "open")["settings"]["where"]

    def looked_at(*arguments):
        before.append([world.sees(ada)[key] for key in ("open", "free")])
        return flip(*arguments)

    monkeypatch.setattr(publication, "_flip", looked_at)
    world.publishes(document)
    assert before == [[20, 80]]
    assert [world.sees(ada)[key] for key in ("open", "free")] == [30, 70]
    assert check(workspace) == []
