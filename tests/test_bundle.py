"""A whole app as one file, and copies of apps."""

from __future__ import annotations

import json
import sys

import pytest
from click.testing import CliRunner
from formloom.platform.cli import main
from formloom.platform.definition import bundle, drafts, store
from formloom.platform.errors import Conflict, Invalid, NotFound
from formloom.platform.workflow.publication import publish
from small_app import field, form_of, small_app


@pytest.fixture
def visits(workspace):
    """The small app, published, with a draft that has gone on."""
    with workspace.writing() as connection:
        app_id = bundle.import_app(connection, small_app(), 1).id
    publish(workspace, "visits", 1)
    with workspace.writing() as connection:
        drafts.change(connection, app_id, "add_field", {"form": "visit", "field": field("place")}, 0, 1)
    return workspace


def test_an_app_leaves_and_comes_back(visits):
    with visits.reading() as connection:
        file = bundle.written(bundle.export_app(connection, "visits"))
    assert json.loads(file) == small_app()
    with visits.writing() as connection:
        row = bundle.import_app(connection, bundle.parse(file), 2, key="visits_2")
        assert store.draft(connection, row.id).document == small_app() | {"key": "visits_2"}
    assert publish(visits, "visits_2", 2) == 1
    assert [row.key for row in apps(visits)] == ["visits", "visits_2"]


def apps(workspace):
    with workspace.reading() as connection:
        return store.apps(connection)


def test_the_draft_leaves_when_asked_for(visits):
    with visits.reading() as connection:
        document = bundle.export_app(connection, "visits", draft=True)
        assert "place" in [f["key"] for f in form_of(document, "visit")["fields"]]
        with pytest.raises(NotFound):
            bundle.export_app(connection, "nothing")


def test_a_clone_remembers_what_it_was_copied_from(visits):
    with visits.writing() as connection:
        row = bundle.clone(connection, "visits", "calls", 2)
        assert drafts.base(connection, "calls") == small_app()
    assert row.key == "calls"
    assert row.live_version is None


def test_two_apps_never_have_one_key(visits):
    with pytest.raises(Conflict), visits.writing() as connection:
        bundle.import_app(connection, small_app(), 1)
    assert len(apps(visits)) == 1


@pytest.mark.parametrize("key", ["Visits", "a b", "", "x" * 21])
def test_a_key_that_cannot_be(workspace, key):
    document = small_app() | {"key": key}
    with pytest.raises(Invalid, match="key"), workspace.writing() as connection:
        bundle.import_app(connection, document, 1)


@pytest.mark.databases("sqlite")
def test_what_is_no_bundle(workspace):
    deep = "[" * (sys.getrecursionlimit() * 100)
    for text in ("", "{", "\ufeff{}", b"\xff\xfe\x00", "NaN", "[]", '{"key": "x"}', deep):
        with pytest.raises(Invalid), workspace.writing() as connection:
            bundle.import_app(connection, bundle.parse(text), 1)
    assert apps(workspace) == []


@pytest.mark.databases("sqlite")
def test_an_app_goes_by_file_from_one_command_to_the_other(order_config, monkeypatch, tmp_path):
    monkeypatch.setenv("FORMLOOM_INSTANCE", str(order_config.instance))
    monkeypatch.setenv("DATABASE_URL", "")
    run, file = CliRunner(), tmp_path / "orders.json"
    assert run.invoke(main, ["export", "demo", "orders", "--to", str(file)]).exit_code == 0
    assert run.invoke(main, ["import-app", "demo", str(file), "--key", "other"]).output == "other is running\n"
    again = run.invoke(main, ["import-app", "demo", str(file), "--key", "other"])
    assert again.exit_code == 1
    assert "There is an app with this key already." in again.output
