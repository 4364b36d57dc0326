"""Personal values erased: gone from the record, its history and what was copied, and the chain still whole."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
import sqlalchemy as sa
from claims import Claims, claims_app
from formloom.platform.access.actor import SYSTEM
from formloom.platform.access.members import add_member
from formloom.platform.db import metadata
from formloom.platform.errors import Invalid, KeyReused, NotFound
from formloom.platform.jobs.worker import drain
from formloom.platform.records import attachments, history
from formloom.platform.records.compiled import open_app
from formloom.platform.workflow import intake_log, outbox
from formloom.platform.workflow.commands import Commands, Loaded
from formloom.platform.workflow.notices import of_member
from formloom.platform.workflow.outbox import now
from formloom.platform.workflow.requests import request
from formloom.platform.workflow.soundness import check, findings
from small_app import field, field_of, form_of
from visits import STAFF, Visits

SECRET = "Ludwig van Beethoven"
ADMIN = replace(STAFF, id=9, admin=True)


@pytest.fixture
def visits(workspace):
    """Visits know their customer's name as it was, and say it in a title of their own."""
    visits = Visits(workspace)
    with workspace.writing() as connection:
        add_member(connection, STAFF.name, "ann@example.com", {"visits": ("staff",)})
    document = visits.with_fields(
        field("name", "lookup", settings={"via": "customer", "field": "name"}),
        field("called", "formula", settings={"rule": {"cat": ["To ", {"var": "name"}]}, "result": "text"}),
    )
    told = {"to": {"creator": True}, "message": {"en": "{about} is done"}}
    form_of(document, "visit")["transitions"][0]["effects"] = [{"key": "tell", "type": "notify", "settings": told}]
    field_of(document, "visit", "lines")["fields"].append(field("who"))
    visits.publishes(document)
    visits.admin = Commands(workspace, ADMIN, "visits")
    return visits


def everything_told(visits) -> str:
    """All that our own tables hold, as text, but for what was built."""
    apart = {"draft", "version", "edit", "publication", "app"}
    with visits.workspace.reading() as connection:
        rows = {t.name: connection.execute(sa.select(t)).mappings().all() for t in metadata.sorted_tables if t.name not in apart}
        tables = [name for name in sa.inspect(connection).get_table_names() if name.startswith("visits__")]
        rows |= {name: connection.execute(sa.text(f"SELECT * FROM {name}")).mappings().all() for name in tables}
    return json.dumps(rows, default=str)


def test_nothing_is_left_of_it(visits):
    visit = visits.create(about=SECRET)
    visits.do.edit("visit", visit.id, {"about": SECRET + " again"}, {"about": SECRET}, key="the key")
    visits.do.edit("visit", visit.id, {"about": SECRET}, {"about": SECRET + " again"})
    Commands(visits.workspace, replace(STAFF, id=2), "visits").perform("visit", visit.id, "finish")
    assert SECRET in everything_told(visits)
    visits.admin.erase("visit", visit.id, ["about"])
    assert SECRET not in everything_told(visits)
    assert visits.record(visit).values["about"] is None
    assert check(visits.workspace) == []
    drain(visits.workspace)
    assert SECRET not in everything_told(visits)
    with visits.workspace.reading() as connection:
        assert [row.text for row in of_member(connection, 1)] == [{"en": "…", "zh": "…"}]


def test_the_story_says_so(visits):
    visit = visits.create(about=SECRET)
    visits.admin.erase("visit", visit.id, ["about"])
    erased, created = visits.story(visit)
    assert (erased.kind, erased.actor_id) == ("erased", 9)
    told = {change.path: change for change in created.changes}
    assert (told["about"].erased, told["about"].old, told["about"].new) == (True, None, None)
    assert not any(change.erased for path, change in told.items() if path != "about")


def test_columns_of_lines_also_of_lines_that_are_gone(visits):
    lines = [{"what": "Talk", "who": SECRET}, {"what": "Drive", "who": None}]
    visit = visits.do.create("visit", {"about": "Tea", "lines": lines})
    before = visits.record(visit).values["lines"]
    kept = [{key: line[key] for key in ("id", "what", "who")} for line in before]
    visits.do.edit("visit", visit.id, {"lines": [kept[1] | {"who": SECRET}]}, {"lines": kept})
    visits.admin.erase("visit", visit.id, ["lines.who"])
    assert SECRET not in everything_told(visits)
    (line,) = visits.record(visit).values["lines"]
    assert (line["what"], line["who"]) == ("Drive", None)
    assert check(visits.workspace) == []
    told = {change.path: change for change in visits.story(visit)[-1].changes}
    assert told[f"lines.{kept[0]['id']}"].new["what"] == "Talk"


def test_copies_go_along_where_asked_for(visits):
    customer = visits.do.create("customer", {"name": SECRET})
    visit, gone = visits.create(customer=customer.id), visits.create(customer=customer.id)
    visits.do.delete("visit", gone.id)
    assert visits.record(visit).values["called"] == f"To {SECRET}"
    visits.admin.erase("customer", customer.id, ["name"])
    assert visits.record(visit).values["name"] == SECRET
    visits.admin.erase("customer", customer.id, ["name"], copies=True)
    assert SECRET not in everything_told(visits)
    assert visits.record(visit).values["called"] == "To"
    assert check(visits.workspace) == []


def test_what_was_imported_is_forgotten_too(visits):
    visit = visits.create(about=SECRET)
    values = {"about": SECRET, "lines": [{"what": SECRET}]}
    entry = intake_log.Entry("visits", "7", "visit", 2, visit.id, "open", values, 1)
    with visits.workspace.writing() as connection:
        run = intake_log.start_run(connection, "visits", "some", 1, outbox.now())
        intake_log.note_created(connection, run, "visits", "some", [entry])
        item = intake_log.items(connection, "visits", "some")["visits", "7"]
        intake_log.note_step(connection, run, item.id, 3, "changed", {"about": SECRET}, {"about": "Tea"})
    visits.admin.erase("visit", visit.id, ["about", "lines.what"])
    assert SECRET not in everything_told(visits)


def test_a_request_that_held_it_is_not_answered_again(visits):
    visit = visits.do.create("visit", {"about": SECRET}, key="once")
    visits.admin.erase("visit", visit.id, ["about"])
    with pytest.raises(KeyReused):
        visits.do.create("visit", {"about": SECRET}, key="once")


def test_nor_is_one_that_loaded_it_among_others(visits):
    engine = Commands(visits.workspace, SYSTEM, "visits")
    batches = {"with": [Loaded("open", {"about": about}) for about in ("Tea", SECRET)], "without": [Loaded("open", {"about": "Tea"})]}
    saved = {key: engine.load("visit", records, key=key) for key, records in batches.items()}
    visits.admin.erase("visit", saved["with"][1].id, ["about"])
    with pytest.raises(KeyReused):
        engine.load("visit", batches["with"], key="with")
    assert engine.load("visit", batches["without"], key="without") == saved["without"]
    with visits.workspace.reading() as connection:
        digests = dict(connection.execute(sa.select(request.c.key, request.c.digest)).all())
    assert (digests["with"], bool(digests["without"])) == ("", True)


def test_only_admins_erase_and_only_what_was_entered(visits):
    visit = visits.create(about=SECRET)
    with pytest.raises(NotFound):
        visits.do.erase("visit", visit.id, ["about"])
    for paths in ([], ["nothing"], ["total"], ["lines"], ["lines.cost"], ["status"], ["about.what"]):
        with pytest.raises(Invalid):
            visits.admin.erase("visit", visit.id, paths)
    for record in (10**6, 10**30):
        with pytest.raises(NotFound):
            visits.admin.erase("visit", record, ["about"])
    with pytest.raises(NotFound):
        visits.admin.erase("nowhere", visit.id, ["about"])
    assert visits.record(visit).values["about"] == SECRET


def test_a_deleted_record_and_twice(visits):
    visit = visits.create(about=SECRET)
    visits.do.delete("visit", visit.id)
    visits.admin.erase("visit", visit.id, ["about"])
    visits.admin.erase("visit", visit.id, ["about", "about"])
    assert SECRET not in everything_told(visits)
    visits.do.restore("visit", visit.id)
    assert check(visits.workspace) == []


def test_somebody_who_hides_a_change_as_erased_is_found_out(visits):
    visit, other = visits.create(about=SECRET), visits.create(about=SECRET)
    visits.admin.erase("visit", other.id, ["about"])
    with visits.workspace.writing() as connection:
        event = history.event
        for saved, path in ((visit, "about"), (other, "lines.3")):
            here = (event.c.record_id == saved.id, event.c.form_key == "visit", event.c.kind == "created")
            row = connection.execute(sa.select(event).where(*here)).one()
            changes = row.changes | {path: {"erased": True, "old": None, "new": {}}}
            connection.execute(sa.update(event).where(event.c.id == row.id).values(changes=changes))
        found = list(findings(visits.workspace, connection))
    for saved, path in ((visit, "about"), (other, "lines.3")):
        assert any(f"visit/{saved.id}: event 1 changed at {path}" in line for line in found)


def test_it_does_not_wait_in_a_column_out_of_use(visits):
    visit = visits.do.create("visit", {"about": SECRET, "lines": [{"what": SECRET}]})
    document = visits.draft()
    form = form_of(document, "visit")
    form["fields"][0] = field("about", "number")
    form["views"] = []
    visits.publishes(document | {"forms": [f | {"title": "day"} if f["key"] == "visit" else f for f in document["forms"]]})
    visits.admin.erase("visit", visit.id, ["about", "lines.what"])
    assert SECRET not in everything_told(visits)
    document = visits.draft()
    form_of(document, "visit")["fields"][0] = field("about")
    form_of(document, "visit")["transitions"] = []
    visits.publishes(document)
    assert visits.record(visit).values["about"] is None
    assert check(visits.workspace) == []


def test_the_engine_may(visits):
    visit = visits.create(about=SECRET)
    Commands(visits.workspace, SYSTEM, "visits").erase("visit", visit.id, ["about"])
    assert visits.record(visit).values["about"] is None


def test_a_file_goes_with_its_name_and_its_content(visits):
    visits.publishes(visits.with_fields(field("scan", "file")))
    with visits.workspace.reading() as connection:
        form = open_app(visits.workspace, connection, "visits").form("visit")
    content = io.BytesIO(b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n")
    kept = attachments.keep(visits.workspace, form, "scan", "passport.pdf", content, STAFF, now(), attachments.Bounds(10_000))
    visit = visits.create(scan=[kept])
    assert "passport" in everything_told(visits)
    visits.admin.erase("visit", visit.id, ["scan"])
    assert "passport" not in everything_told(visits)
    assert attachments.purge(visits.workspace, now()) == 1
    assert [file for file in visits.workspace.files.rglob("*") if file.is_file()] == []
    assert check(visits.workspace) == []


def test_what_was_said_with_a_vote_goes_too(workspace):
    claims = Claims(workspace, claims_app(approval={"kind": "all"}))
    claim, other = claims.handed_in(), claims.handed_in()
    for one in (claim, other):
        claims.votes("cem", one, opinion=SECRET)
    Commands(workspace, SYSTEM, "claims").erase("claim", claim.id, ["#opinion"])
    assert SECRET not in str(claims.history(claim)) and SECRET in str(claims.history(other))
    assert [event.kind for event in claims.history(claim)][:2] == ["erased", "voted"]
    assert claims.awaited(claim) == {"dora", "gil"}
    assert check(workspace) == []
