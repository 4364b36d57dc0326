"""Purge: on request, and once it was shown, what removed fields and forms left behind is gone for good."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
import sqlalchemy as sa
from formloom.platform.errors import NotFound
from formloom.platform.records import attachments, expand, form_history, history
from formloom.platform.records.compiled import open_app
from formloom.platform.workflow import outbox, publication
from formloom.platform.workflow.publication import resume
from formloom.platform.workflow.purging import purge_app, purgeable
from formloom.platform.workflow.soundness import check
from small_app import field, field_of, form_of
from visits import STAFF, Visits

ADMIN = replace(STAFF, id=9, admin=True)


@pytest.fixture
def running(workspace):
    visits = Visits(workspace)
    document = visits.with_fields(field("km"), field("stops", "rows", fields=[field("place"), field("why")]))
    document["forms"].append(form_of(document, "customer") | {"key": "guest", "fields": [field("name")]})
    visits.publishes(document)
    return visits


def shown(visits) -> dict:
    return {(p.form, p.path, p.column): p.count for p in purgeable(visits.workspace, "visits", ADMIN)}


def purge(visits, **rest):
    return purge_app(visits.workspace, "visits", ADMIN, **rest)


def without(visits, *keys: str, forms: tuple[str, ...] = ()) -> dict:
    document = visits.draft()
    form = form_of(document, "visit")
    form["fields"] = [f for f in form["fields"] if f["key"] not in keys]
    document["forms"] = [form for form in document["forms"] if form["key"] not in forms]
    return document


def test_what_goes_is_shown_first_and_what_is_used_stays(running):
    visit = running.create(km="12", stops=[{"place": "Ulm", "why": "tea"}, {"place": "Bonn"}])
    running.do.create("guest", {"name": "Ann"})
    assert shown(running) == {}
    document = without(running, "km", forms=("guest",))
    field_of(document, "visit", "stops")["fields"].pop()
    running.publishes(document)
    going = {("visit", "km", "f_km"): 1, ("visit", "stops.why", "f_why"): 1, ("guest", "", "*"): 1}
    assert shown(running) == going
    assert check(running.workspace) == []
    assert len(purge(running)) == 3
    assert "f_km" not in running.columns("visits__visit")
    assert running.columns("visits__visit__stops") >= {"f_place"}
    assert shown(running) == {}
    assert purge(running) == []
    assert [line["place"] for line in running.record(visit).values["stops"]] == ["Ulm", "Bonn"]
    running.create()
    assert check(running.workspace) == []


def test_line_items_go_and_their_record_stays(running):
    visit = running.create(stops=[{"place": "Ulm"}])
    running.publishes(without(running, "stops"))
    assert shown(running) == {("visit", "stops", "*"): 1}
    purge(running)
    assert len(running.record(visit).values["lines"]) == 2
    assert check(running.workspace) == []


def test_what_comes_back_after_a_purge_starts_anew(running):
    before = running.draft()
    visit, guest = running.create(km="12", stops=[{"place": "Ulm"}]), running.do.create("guest", {"name": "Ann"})
    running.publishes(without(running, "km", "stops", forms=("guest",)))
    purge(running)
    running.publishes(before)
    values = running.record(visit).values
    assert (values["km"], values["stops"]) == (None, [])
    new = running.do.create("guest", {"name": "Ben"})
    assert new.id > guest.id
    running.do.edit("visit", visit.id, {"km": "7", "stops": [{"place": "Bonn"}]}, {"km": None, "stops": []})
    assert running.record(visit).values["km"] == "7"
    assert check(running.workspace) == []


def test_the_column_of_a_former_type_goes_and_history_still_adds_up(running):
    visit, far = running.create(km="12"), running.create(km="far")
    document = running.draft()
    form_of(document, "visit")["fields"] = [field("km", "number") if f["key"] == "km" else f for f in form_of(document, "visit")["fields"]]
    running.publishes(document)
    assert shown(running) == {("visit", "km", "f_km"): 2}
    purge(running)
    assert running.record(visit).values["km"] == 12
    assert check(running.workspace) == []
    form_of(document, "visit")["fields"] = [field("km") if f["key"] == "km" else f for f in form_of(document, "visit")["fields"]]
    running.publishes(document)
    assert [running.record(one).values["km"] for one in (visit, far)] == ["12", None]
    assert check(running.workspace) == []


def test_history_keeps_the_values_or_forgets_them(running):
    visit = running.create(km="a secret", stops=[{"place": "nowhere else", "why": "because"}])
    document = without(running, "km")
    field_of(document, "visit", "stops")["fields"].pop()
    running.publishes(document)
    purge(running)
    assert "a secret" in told(running, visit)
    running.publishes(without(running, "stops"))
    assert purge(running, forgetting=True)
    assert "nowhere else" not in told(running, visit)
    assert "a secret" in told(running, visit)
    assert check(running.workspace) == []
    with running.workspace.reading() as connection:
        events = form_history.of_form(connection, "visits", "visit")
    assert [(e.kind, e.actor_id) for e in events][-2:] == [("purged", 9), ("forgotten", 9)]


def told(visits, saved) -> str:
    with visits.workspace.reading() as connection:
        rows = connection.execute(sa.text(f"SELECT changes FROM event WHERE form_key = 'visit' AND record_id = {saved.id}"))
        return str(rows.all())


def test_what_a_dropped_publish_added_goes_too(running, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(publication, "_flip", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            running.publishes(running.with_fields(field("mood")))
    assert shown(running) == {("visit", "mood", "f_mood"): 0}
    purge(running)
    with pytest.raises(NotFound, match="has stopped halfway"):
        resume(running.workspace, "visits")
    running.publishes()
    assert "f_mood" in running.columns("visits__visit")


def test_only_admins(running):
    for actor in (STAFF, replace(STAFF, roles={})):
        with pytest.raises(NotFound):
            purge_app(running.workspace, "visits", actor)
        with pytest.raises(NotFound):
            purgeable(running.workspace, "visits", actor)
    with pytest.raises(NotFound):
        purgeable(running.workspace, "nothing", ADMIN)


def test_expanding_again_finds_a_column_that_is_gone(running):
    running.publishes(without(running, "km"))
    purge(running)
    with running.workspace.reading() as connection:
        assert not expand.has_held(connection, "visits__visit", "f_km")


def test_a_form_that_goes_takes_all_with_it_that_told_of_its_records(running):
    guest = running.do.create("guest", {"name": "Annegret"})
    running.do.edit("guest", guest.id, {"name": "Annegret B."}, {"name": "Annegret"})
    running.publishes(without(running, forms=("guest",)))
    purge(running, forgetting=True)
    with running.workspace.reading() as connection:
        assert not sa.inspect(connection).has_table("visits__guest__search")
        told = [row.changes for row in connection.execute(sa.select(history.event)) if row.form_key == "guest"]
    assert told and "Annegret" not in str(told)
    assert check(running.workspace) == []


def with_file(visits, key: str, rows: str = "") -> str:
    """A file kept for a field."""
    with visits.workspace.reading() as connection:
        form = open_app(visits.workspace, connection, "visits").form("visit")
    content, path = io.BytesIO(b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"), f"{rows}.{key}" if rows else key
    return attachments.keep(visits.workspace, form, path, "plan.pdf", content, STAFF, outbox.now(), attachments.Bounds(10_000))


def owners(visits) -> list:
    with visits.workspace.reading() as connection:
        return list(connection.scalars(sa.select(attachments.attachment.c.record_id).order_by(attachments.attachment.c.id)))


def test_files_stay_where_only_the_column_of_a_former_type_goes(running):
    fields = [field("km", "file") if f["key"] == "km" else f for f in form_of(running.draft(), "visit")["fields"]]
    document = running.draft()
    form_of(document, "visit")["fields"] = fields
    running.publishes(document)
    visit = running.create(km=[with_file(running, "km")])
    assert shown(running) == {("visit", "km", "f_km"): 0}
    purge(running)
    assert owners(running) == [visit.id]
    running.publishes(without(running, "km"))
    purge(running)
    assert owners(running) == [None]
    assert attachments.purge(running.workspace, outbox.now()) == 1


def test_files_of_lines_go_with_their_column_and_with_the_lines(running):
    document = running.draft()
    field_of(document, "visit", "stops")["fields"] += [field("scan", "file"), field("photo", "file")]
    running.publishes(document)
    kept = [with_file(running, key, "stops") for key in ("scan", "photo")]
    visit = running.create(stops=[{"place": "Ulm", "scan": kept[:1], "photo": kept[1:]}])
    field_of(document, "visit", "stops")["fields"].pop()
    running.publishes(document)
    purge(running)
    assert owners(running) == [visit.id, None]
    running.publishes(without(running, "stops"))
    purge(running)
    assert owners(running) == [None, None]
    assert check(running.workspace) == []
