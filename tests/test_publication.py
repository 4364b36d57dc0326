"""Publishing: what was checked runs, tables only grow, records move where they are told to."""

from __future__ import annotations

from decimal import Decimal

import pytest
from formloom.platform.definition import store
from formloom.platform.definition.schema import load
from formloom.platform.errors import Invalid, NotFound
from formloom.platform.records import expand
from formloom.platform.workflow.soundness import check
from small_app import field, field_of, form_of, small_app
from visits import TOTAL, Visits


@pytest.fixture
def visits(workspace):
    return Visits(workspace)


@pytest.fixture
def running(visits):
    visits.publishes()
    return visits


def test_a_first_version(visits):
    with pytest.raises(NotFound):
        visits.create()
    assert visits.publishes(note="Hello") == 1
    assert visits.record(visits.create()).values["total"] == 115
    with visits.workspace.reading() as connection:
        (row,) = store.versions(connection, visits.app_id)
        assert (row.number, row.author, row.note, row.base) == (1, 7, "Hello", None)
        assert row.checksum == store.checksum(store.document(connection, row.id))


def test_nothing_new_is_no_new_version(running):
    assert running.publishes() == 1


def test_later_versions_add_and_keep(running):
    visit = running.create()
    column, lines = field("note"), field("stops", "rows", fields=[field("place")])
    document = running.with_fields(field("km", "number"), lines)
    field_of(document, "visit", "lines")["fields"].append(column)
    form_of(document, "visit")["views"][0]["sort"] = [{"field": "km"}]
    assert running.publishes(document) == 2
    assert "f_km" in running.columns("visits__visit")
    assert "f_note" in running.columns("visits__visit__lines")
    assert {"f_place", "record_id"} <= running.columns("visits__visit__stops")
    assert "ix_visits__visit_f_km_id" in running.indexes("visits__visit")
    record = running.record(visit)
    assert record.values["km"] is None
    assert record.values["stops"] == []
    running.do.edit("visit", visit.id, {"km": "12", "stops": [{"place": "Ulm"}]}, {"km": None, "stops": []})
    assert running.record(visit).values["km"] == 12
    assert check(running.workspace) == []


def test_what_cannot_run_is_not_published(running):
    document = running.with_fields(field("bad", "formula", settings={"rule": {"var": "nothing"}}))
    with pytest.raises(Invalid, match=r"forms\[visit\].fields\[bad\].settings.rule"):
        running.publishes(document)
    assert running.live_number() == 1
    assert "f_bad" not in running.columns("visits__visit")


def test_what_no_query_can_ask_is_not_published(running):
    """A row scope, a view or a link with a condition that SQL has no word for."""
    said = {"===": [{"substr": [{"reduce": [{"var": "lines"}, {"var": "current.what"}, ""]}, 0]}, "x"]}
    places = {
        "access[staff].scope": lambda form: form["access"][0].update(scope=said),
        "views[all].where": lambda form: form["views"][0].update(where=said),
    }
    for place, change in places.items():
        document = small_app()
        change(form_of(document, "visit"))
        with pytest.raises(Invalid, match="make it a formula field") as refused:
            running.publishes(document)
        assert refused.value.problems[0].path.startswith(f"forms[visit].{place}")


def test_a_field_that_goes_keeps_its_values(running):
    visit = running.create(day="2026-11-24")
    assert running.publishes(running.without_field("day")) == 2
    assert "day" not in running.record(visit).values
    assert running.publishes(running.with_fields(field("day", "date"))) == 3
    assert str(running.record(visit).values["day"]) == "2026-11-24"


def test_new_formulas_and_look_ups_know_the_records_there_are(running):
    customer = running.do.create("customer", {"name": "Around the Horn"})
    visits = [running.create(customer=customer.id) for _ in range(3)]
    running.do.delete("visit", visits[2].id)
    document = running.with_fields(
        field("double", "formula", settings=TOTAL),
        field("name", "lookup", settings={"via": "customer", "field": "name"}),
        field("called", "formula", settings={"rule": {"cat": [{"var": "name"}, "!"]}, "result": "text"}),
    )
    lines = field_of(document, "visit", "lines")
    lines["fields"].append(field("half", "formula", settings={"rule": {"/": [{"var": "hours"}, 2]}}))
    running.publishes(document)
    running.do.restore("visit", visits[2].id)
    for visit in visits:
        values = running.record(visit).values
        assert (values["double"], values["name"], values["called"]) == (230, "Around the Horn", "Around the Horn!")
        assert [line["half"] for line in values["lines"]] == [1, Decimal("0.25")]
    assert check(running.workspace) == []


def test_a_look_up_taken_before_stays_as_it_was(running):
    customer = running.do.create("customer", {"name": "Before"})
    lookup = {"via": "customer", "field": "name"}
    running.publishes(running.with_fields(field("name", "lookup", settings=lookup)))
    visit = running.create(customer=customer.id)
    running.do.edit("customer", customer.id, {"name": "After"}, {"name": "Before"})
    running.publishes(running.with_fields(field("later", "lookup", settings=lookup), field("double", "formula", settings=TOTAL)))
    values = running.record(visit).values
    assert (values["name"], values["later"]) == ("Before", "After")


def test_a_status_that_goes_needs_a_place_for_its_records(running):
    visits = [running.create() for _ in range(3)]
    running.do.perform("visit", visits[0].id, "finish")
    running.do.perform("visit", visits[1].id, "finish")
    running.do.delete("visit", visits[2].id)
    document = running.with_statuses("open", "closed")
    with pytest.raises(Invalid, match=r"statuses\[done\]: 2 records stand here"):
        running.publishes(document)
    with pytest.raises(Invalid, match="2 records stand here"):
        running.publishes(mapping={"visit": {"done": "nowhere"}})
    assert running.live_number() == 1
    assert running.publishes(mapping={"visit": {"done": "closed"}}) == 2
    assert [running.record(v).status for v in visits[:2]] == ["closed", "closed"]
    moved = running.story(visits[0])[0]
    assert (moved.kind, moved.actor_id, moved.from_status, moved.to_status) == ("moved", 7, "done", "closed")
    assert [event.kind for event in running.story(running.create())] == ["created"]
    assert check(running.workspace) == []


def test_a_form_that_gets_a_flow(running):
    customer = running.do.create("customer", {"name": "Ernst Handel"})
    document = running.draft()
    form_of(document, "customer")["status_list"] = "flow"
    form_of(document, "customer")["access"][0]["delete"] = []
    with pytest.raises(Invalid, match="1 records stand here"):
        running.publishes(document)
    running.publishes(mapping={"customer": {"saved": "open"}})
    assert running.record(customer).status == "open"


def test_a_publish_that_stopped_halfway_is_taken_up_again(running):
    visit = running.create()
    running.becomes(running.with_fields(field("km", "number"), field("stops", "rows", fields=[field("place")])))
    expand.expand(running.workspace, load(running.draft()), {})
    assert "f_km" in running.columns("visits__visit")
    assert running.live_number() == 1
    assert "km" not in running.record(visit).values
    running.create()
    assert running.publishes() == 2
    assert running.record(visit).values["km"] is None


def test_what_was_built_meanwhile_waits_for_the_next_version(running):
    running.publishes(running.with_fields(field("km", "number")))
    running.becomes(running.with_fields(field("mood")))
    assert running.live_number() == 2
    with running.workspace.reading() as connection:
        live = store.document(connection, store.live(connection, "visits").version_id)
    assert "mood" not in [f["key"] for f in form_of(live, "visit")["fields"]]
