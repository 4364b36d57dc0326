"""Publishing under traffic and under fire: nobody sees half a version, and what is killed leaves the old or the new one."""

from __future__ import annotations

import os

import pytest
import sqlalchemy as sa
from databases import SLUG, build_empty
from formloom.platform import db
from formloom.platform.definition import store
from formloom.platform.definition.schema import load
from formloom.platform.jobs.worker import drain
from formloom.platform.records import history
from formloom.platform.workflow.soundness import check
from processes import together
from small_app import form_of, status, transition
from visits import TOTAL, Opened, Visits

SOAK = bool(os.environ.get("FORMLOOM_SOAK"))
CHANGES = 60 if SOAK else 20
SEEDS = range(8) if SOAK else (3,)


@pytest.fixture
def durable_config(database, durable_databases, tmp_path):
    made = durable_databases.fresh(database, "empty", build_empty, tmp_path / "instance")
    yield made
    durable_databases.drop(made)


@pytest.fixture
def visits(durable_config):
    workspaces = db.Workspaces(durable_config)
    made = Visits(workspaces[SLUG])
    made.publishes()
    yield made
    workspaces.dispose()


def disobedient(visits: Opened) -> list[str]:
    """Events that do not obey the version they name: unknown fields, statuses or transitions."""
    wrong = []
    with visits.workspace.reading() as connection:
        versions = {row.id: store.frozen(connection, row.id) for row in store.versions(connection, visits.app_id)}
        apps = {number: load(frozen.document) for number, frozen in versions.items()}
        for event in connection.execute(sa.select(history.event).where(history.event.c.form_key == "visit")):
            frozen, app = versions[event.version_id], apps[event.version_id]
            form = app.form_by_key["visit"]
            flows = [app, *(apps[int(flow)] for flow in frozen.flows.get("visit", ()))]
            steps = {step for flow in flows for step in flow.steps(flow.form_by_key["visit"])}
            ways = {key for flow in flows for key in flow.form_by_key["visit"].transition_by_key}
            paths = {path.partition(".")[0] for path in event.changes}
            if not paths <= form.by_key.keys() or event.to_status not in steps or event.transition not in {None, *ways}:
                wrong.append(f"event {event.id} of version {app.key} {event.version_id}: {sorted(paths)} {event.transition}")
    return wrong


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_random_changes_go_live_under_running_commands(visits, durable_config, seed):
    numbers, *acknowledged = together(durable_config, "publishes_or_works", 4, CHANGES, seed)
    assert numbers == list(range(2, CHANGES + 2))
    rows = {}
    with visits.workspace.reading() as connection:
        for event in connection.execute(sa.select(history.event).where(history.event.c.form_key == "visit")):
            rows.setdefault(event.record_id, []).append(event)
    assert sum(map(len, acknowledged)) > CHANGES
    for command, record_id, to_status, _rev in (done for some in acknowledged for done in some):
        name = {"create": "created", "edit": "edited"}.get(command, "performed")
        assert any(e.kind == name and e.to_status == to_status for e in rows[record_id]), (command, record_id)
    assert disobedient(visits) == []
    drain(visits.workspace)  # timers set anew
    assert check(visits.workspace) == []


def test_a_kill_at_each_step_leaves_the_old_or_the_new(visits, durable_config):
    for _ in range(3):
        visits.do.perform("visit", visits.create().id, "finish")
    document = visits.draft()
    document["status_lists"][0]["statuses"] = [status("begun", "start"), status("closed", "done")]
    form = form_of(document, "visit")
    form["transitions"] = [transition("close", "begun", "closed")]
    form["access"][0]["delete"] = []
    form["fields"][2]["type"] = "text"
    form["fields"].append({"key": "double", "type": "formula", "label": {"en": "Double"}, "settings": TOTAL})
    mapping = {"visit": {"open": "begun", "done": "closed"}}
    (starts,) = together(durable_config, "killed_at_each_step", 1, document, mapping)
    assert {"open", "begun"} == set(starts)
    assert starts == sorted(starts, key=("open", "begun").index)
    assert len(starts) > 10
    assert check(visits.workspace) == []
